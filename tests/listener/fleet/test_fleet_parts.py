"""Who shares a writer, and readings that come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Config
from listener.fleet.spelling import Stamps, read_back, spelled
from listener.fleet.writers import writers
from listener.stages.readers import Readers
from triage.protocols import BrandContext


def config(*sources: tuple[str, tuple[str, ...]]) -> Config:
    from sources.settings import SourceSettings

    listed = [
        SourceSettings(name=f"{type}{n}", type=type, brands=brands)
        for n, (type, brands) in enumerate(sources)
    ]
    brands = [{"name": name} for name in ("A", "B", "C")]
    return Config.model_validate({"brands": brands}).model_copy(update={"sources": listed})


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        ((), ["A", "B", "C"]),
        ((("rss", ()),), ["A+B+C"]),
        ((("rss", ("A",)), ("x", ("B",)), ("reddit", ("C",))), ["A", "B", "C"]),
        ((("rss", ("A",)), ("rss", ("C",))), ["A+C", "B"]),
        ((("rss", ("A", "B")), ("x", ("B", "C"))), ["A+B+C"]),
    ],
)
def test_every_brand_has_one_writer(
    sources: tuple[tuple[str, tuple[str, ...]], ...], names: list[str]
) -> None:
    made = writers(config(*sources))
    assert [one.name for one in made] == names
    assert sorted(brand for one in made for brand in one.share.brands) == ["A", "B", "C"]
    assert [one.share.rest for one in made] == [True] + [False] * (len(made) - 1)
    heard = [source for one in made for source in one.share.sources]
    assert sorted(heard) == sorted(f"{type}{n}" for n, (type, _) in enumerate(sources))


READERS = Readers({"Acme": BrandContext("Acme", ("@acme",), ("en", "de"))})


@given(st.text(max_size=300))
def test_a_verdict_comes_back_as_it_was(text: str) -> None:
    sayable = text.encode("utf-8", "ignore").decode()
    [(verdict, _)] = READERS.read("Acme", [f"@acme my card was declined, {sayable} nobody answers"])
    assert read_back(spelled(verdict)) == verdict
    assert repr(read_back(spelled(verdict))) == repr(verdict)  # a whole number stays one


@pytest.mark.parametrize("spelling", [b"", b"[]", b"{}", b"[1,2,3]", b"\x80"])
def test_what_is_no_verdict_is_refused(spelling: bytes) -> None:
    with pytest.raises(ValueError, match="no verdict"):
        read_back(spelling)


def test_a_stamp_tells_text_brand_languages_and_learning_apart() -> None:
    brands = {
        "A": BrandContext("A"),
        "B": BrandContext("B"),
        "German": BrandContext("A", languages=("de",)),
        "Quality": BrandContext("A", quality=True),
    }
    plain, learnt = Stamps(brands, {}), Stamps(brands, {"A": "1+learnt"})
    found = [plain.of("A", "one"), plain.of("A", "two"), plain.of("B", "one")]
    found += [plain.of("German", "one"), learnt.of("A", "one"), plain.of("A", "\ud800")]
    found += [plain.of("Quality", "one")]
    assert len(set(found)) == len(found)
    assert plain.of("A", "one") == Stamps(brands, {}).of("A", "one")
    assert learnt.of("B", "one") == plain.of("B", "one")
