from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.appstore.settings import AppStoreSettings
from sources.appstore.source import AppStoreSource
from sources.errors import RateLimited, SourceError, Transient, Unreadable
from sources.protocols import Gap, Health, Responder
from sources.testing.appstore import FakeAppStore, Review
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[FakeAppStore]:
    with FakeAppStore() as server:
        yield server


def a_source(store: FakeAppStore, noon: datetime, *countries: str) -> AppStoreSource:
    settings = AppStoreSettings.model_validate(
        {
            "name": "app",
            "app": 310633997,
            "countries": countries or ["us"],
            "base_url": store.address,
            "allow_private": True,
        }
    )
    return AppStoreSource(settings, lambda: noon)


def a_review(number: int, **more: object) -> Review:
    at = START + timedelta(seconds=number)
    return Review(number, f"words {number}", at, **more)  # type: ignore[arg-type]


def numbers(run: Run) -> list[int]:
    return [int(mention.external_id) for mention in run.mentions]


def gaps(run: Run) -> list[Gap]:
    return [batch.gap for batch in run.batches if batch.gap]


def test_keeps_the_contract(store: FakeAppStore, noon: datetime) -> None:
    store.reviews = [a_review(number) for number in range(1, 130)]
    store.reviews += [a_review(number, country="gb") for number in range(200, 203)]
    whole = check_contract(lambda: a_source(store, noon, "us", "gb"))
    assert sorted(numbers(whole)) == [*range(1, 130), *range(200, 203)]
    assert gaps(whole) == []


def test_an_empty_feed_is_unknown_not_none(store: FakeAppStore, noon: datetime) -> None:
    whole = check_contract(lambda: a_source(store, noon))
    assert {batch.health for batch in whole.batches} == {Health.DEGRADED}
    assert "cannot be told apart" in whole.batches[0].note
    assert not a_source(store, noon).check().ok


def test_a_feed_that_falls_silent_loses_nothing(store: FakeAppStore, noon: datetime) -> None:
    store.reviews = [a_review(1)]
    cursor = collect(a_source(store, noon)).cursor
    store.reviews.append(a_review(2))
    store.silent.add("us")
    run = collect(a_source(store, noon), cursor)
    assert run.batches[0].health is Health.DEGRADED
    store.silent.clear()
    assert numbers(collect(a_source(store, noon), run.cursor)) == [2]


@pytest.mark.parametrize("shows_the_app", [True, False])
def test_reads_what_was_written(store: FakeAppStore, noon: datetime, shows_the_app: bool) -> None:
    store.shows_the_app = shows_the_app
    store.reviews = [
        Review(5, "Can't log in\u202e \U0001f621\n\u0645\u0631\u062d\u0628\u0627", START, stars=2)
    ]
    (mention,) = collect(a_source(store, noon)).mentions
    assert mention.full_text == (
        "Broken\n\nCan't log in \U0001f621\n\u0645\u0631\u062d\u0628\u0627"
    )
    assert mention.metrics == {"stars": 2, "likes": 2}
    assert (mention.author.id, mention.author.name) == ("95", "rosa1990")
    assert mention.created_at == START
    source = a_source(store, noon)
    assert isinstance(source, Responder)
    assert source.reply_link(mention) == "https://appstoreconnect.apple.com/apps/310633997"


def test_a_burst_beyond_the_depth_is_a_gap(store: FakeAppStore, noon: datetime) -> None:
    store.reviews = [a_review(1)]
    cursor = collect(a_source(store, noon)).cursor
    store.reviews += [a_review(number) for number in range(100, 720)]
    run = collect(a_source(store, noon), cursor)
    assert sorted(numbers(run)) == list(range(220, 720))
    (gap,) = gaps(run)
    assert gap.start == START + timedelta(seconds=1)
    assert gap.end is not None
    assert START + timedelta(seconds=220) <= gap.end <= START + timedelta(seconds=223)
    assert run.batches[-1].health is Health.DEGRADED


def test_edited_words_and_stars_come_again(store: FakeAppStore, noon: datetime) -> None:
    store.reviews = [a_review(1), a_review(2), a_review(3)]
    cursor = collect(a_source(store, noon)).cursor
    store.reviews[0].text = "other words"
    store.reviews[1].stars = 5
    run = collect(a_source(store, noon), cursor)
    assert [(mention.text, mention.metrics["stars"]) for mention in run.mentions] == [
        ("words 2", 5),
        ("other words", 1),
    ]


def test_one_country_that_fails_does_not_hold_up_the_others(
    store: FakeAppStore, noon: datetime
) -> None:
    store.reviews = [a_review(1), a_review(2, country="de")]
    store.trouble["us"] = Answer(b"<html>no such store</html>")
    batches = a_source(store, noon, "us", "de").collect(None)
    assert [mention.external_id for mention in next(batches).mentions] == ["2"]
    with pytest.raises(Unreadable, match="/us/rss"):
        list(batches)
    assert a_source(store, noon, "de", "us").check().setting == "countries"
    assert a_source(store, noon, "us", "de").check().setting == "app"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"<html>"), Unreadable),
        (Answer(b"{}"), Unreadable),
        (Answer(b'{"feed": {"entry": [{"im:rat'), Transient),
        (Answer(b'{"feed": {}}', length=99), Transient),
        (Answer(b"", status=500), Transient),
        (Answer(b"", status=400), Unreadable),
        (Answer(b"", status=429, headers={"Retry-After": "60"}), RateLimited),
    ],
)
def test_trouble_is_never_silence(
    store: FakeAppStore, noon: datetime, answer: Answer, error: type[SourceError]
) -> None:
    store.trouble["us"] = answer
    with pytest.raises(error):
        collect(a_source(store, noon))
    assert not a_source(store, noon).check().ok


def test_a_review_without_id_or_date_is_named(store: FakeAppStore, noon: datetime) -> None:
    entry = '{"im:rating": {"label": "1"}, "title": {"label": "x"}}'
    store.trouble["us"] = Answer(f'{{"feed": {{"entry": [{entry}, 7]}}}}'.encode())
    (batch, *_) = collect(a_source(store, noon)).batches
    assert batch.health is Health.DEGRADED
    assert batch.rejected == ["us: review 1 of page 1 has no id or date"]


def test_check_counts_reviews(store: FakeAppStore, noon: datetime) -> None:
    store.reviews = [a_review(1), a_review(2)]
    check = a_source(store, noon, "us", "gb").check()
    assert (check.ok, check.message) == (True, "reviews on the first page: us 2, gb 0")


@pytest.mark.parametrize(
    ("given", "app"), [("310633997", "310633997"), ("id310633997", "310633997"), (42, "42")]
)
def test_an_app_is_named_as_people_name_it(given: object, app: str) -> None:
    settings = AppStoreSettings.model_validate({"name": "x", "app": given, "countries": ["GB"]})
    assert (settings.app, settings.countries) == (app, ("gb",))


@pytest.mark.parametrize(
    "wrong", [{"app": "acme"}, {"countries": []}, {"countries": ["usa"]}, {"base_url": "x"}]
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        AppStoreSettings.model_validate({"name": "x", "app": "310633997", **wrong})
