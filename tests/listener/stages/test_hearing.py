"""Which brands a mention is about: those that listen to its source and whose query is true of it."""

from __future__ import annotations

from datetime import UTC, datetime

from listener.config import BrandConfig
from listener.stages.brand import Hearing, rooms
from sources.mention import Mention
from sources.settings import SourceSettings

BRANDS = (
    BrandConfig(name="Zenith", query="zenith OR bank"),
    BrandConfig(name="Acme", query='"acme bank" NOT jobs'),
    BrandConfig(name="Open"),
    BrandConfig(name="English", query="lang:en"),
)
SOURCES = (
    SourceSettings(name="news", type="rss"),
    SourceSettings(name="blogs", type="rss", brands=("Acme", "Zenith")),
)


def heard(text: str, source: str) -> list[tuple[str, str]]:
    mention = Mention("rss", "1", text, datetime(2026, 11, 20, tzinfo=UTC))
    return list(Hearing(rooms(BRANDS), SOURCES).brands(mention, source))


def test_every_brand_hears_a_source_that_names_none_or_is_not_configured() -> None:
    for source in ("news", "gone"):
        assert heard("My Acme Bank card", source) == [
            ("Zenith", "found “Bank” (text 8–12)"),
            ("Acme", "found “Acme Bank” (text 3–12)"),
            ("Open", ""),
        ]
        assert heard("Acme Bank jobs at dawn", source)[1:] == [("Open", "")]


def test_only_the_brands_of_a_source_hear_it_in_their_order() -> None:
    assert [name for name, _ in heard("zenith, then acme bank", "blogs")] == ["Acme", "Zenith"]
    assert heard("nothing of theirs", "blogs") == []
