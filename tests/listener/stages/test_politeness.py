"""One host is not asked too often, whoever asks; the others are not held up by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from listener.stages.politeness import Politeness, taking_turns
from sources.mastodon.settings import MastodonSettings
from sources.rss.settings import RssSettings
from sources.settings import SourceSettings

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def feed(name: str, url: str, base_url: str = "") -> RssSettings:
    return RssSettings(name=name, url=url, base_url=base_url)


def servers(name: str, *instances: str) -> MastodonSettings:
    return MastodonSettings(name=name, instances=instances, hashtags=("acme",))


def test_sources_of_one_host_take_turns_with_the_others() -> None:
    busy = [feed(f"busy{n}", "https://busy.example/feed") for n in range(3)]
    calm = [feed("calm", "https://calm.example/feed")]
    free = [SourceSettings(name=f"free{n}", type="x") for n in range(2)]
    names = [one.name for one in taking_turns([*busy, *calm, *free])]
    assert names == ["busy0", "calm", "free0", "free1", "busy1", "busy2"]


def test_who_asks_several_hosts_takes_its_turn_at_the_busiest() -> None:
    sources = [
        servers("one", "a.example"),
        servers("other", "b.example"),
        servers("both", "a.example", "b.example"),
        servers("third", "c.example"),
    ]
    names = [one.name for one in taking_turns(sources)]
    assert names == ["one", "other", "third", "both"]


def test_a_minutes_worth_goes_at_once_and_the_rest_at_an_even_rate() -> None:
    polite = Politeness(30)
    for _ in range(30):
        assert polite.free_at("busy.example", AT) == AT
        polite.spend("busy.example", 1, AT)
    assert polite.free_at("busy.example", AT) == AT + timedelta(seconds=2)
    assert polite.free_at("calm.example", AT) == AT
    assert polite.free_at("busy.example", AT + timedelta(seconds=2)) == AT + timedelta(seconds=2)


def test_a_long_run_is_paid_off_within_a_minute() -> None:
    polite = Politeness(30)
    polite.spend("busy.example", 10_000, AT)
    assert MINUTE <= polite.free_at("busy.example", AT) - AT <= MINUTE + timedelta(seconds=2)


def test_what_one_source_was_told_holds_for_all_of_its_host() -> None:
    polite = Politeness()
    polite.rest("busy.example", AT + timedelta(hours=1))
    assert polite.free_at("busy.example", AT) == AT + timedelta(hours=1)
    assert polite.free_at("busy.example", AT + timedelta(hours=2)) == AT + timedelta(hours=2)


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.floats(0, 300), st.integers(0, 5)), max_size=80),
)
def test_no_minute_sees_more_than_twice_the_share(
    share: int, asks: list[tuple[float, int]]
) -> None:
    polite = Politeness(share)
    spent: list[tuple[datetime, int]] = []
    for seconds, pages in sorted(asks):
        at = AT + timedelta(seconds=seconds)
        if polite.free_at("h", at) <= at:
            polite.spend("h", pages, at)
            spent.append((at, max(pages, 1)))
    for start, _ in spent:
        within = [pages for at, pages in spent if start <= at < start + MINUTE]
        # What was saved up, what came in meanwhile, and one run that overdrew.
        assert sum(within) <= 2 * share + 5


@given(st.lists(st.sampled_from(["https://a.example", "https://b.example", ""]), max_size=30))
def test_turns_lose_nobody(urls: list[str]) -> None:
    sources = [
        feed(str(n), url) if url else SourceSettings(name=str(n), type="x")
        for n, url in enumerate(urls)
    ]
    assert sorted(one.name for one in taking_turns(sources)) == sorted(one.name for one in sources)
