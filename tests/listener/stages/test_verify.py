"""What was deleted at the platform goes here too; what cannot be told stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.cli.cycle import as_plain, looked_up
from listener.plugins import Offer, Plugins, SourceType
from listener.stages.cycle import Cycle, Listening
from listener.stages.verify import REQUESTS_A_RUN
from listener.store.rows import QueueQuery
from sources.errors import RateLimited, SourceError
from sources.mention import Author, Mention, Thread
from sources.protocols import Batch, Check, Verification
from sources.settings import SourceSettings
from sources.testing.clock import Clock

CONFIG = """
brands: [{name: Acme}]
sources: [{name: forum, type: forum, url: "https://forum.example"%s}]
retention: {verify: [1h, 24h]}
"""


class ForumSettings(SourceSettings):
    """A forum."""

    url: str = ""


@dataclass
class Forum:
    """A forum whose posts can be looked up; all are there unless `became` says otherwise."""

    new: list[Mention] = field(default_factory=list)
    became: dict[str, Verification | Mention] = field(default_factory=dict)
    trouble: Exception | None = None
    asked: list[list[str]] = field(default_factory=list)
    ids_a_request: int = 1
    name: str = "forum"
    kind: str = "forum"

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        batch, self.new = Batch(self.new), []
        yield batch

    def check(self) -> Check:
        return Check(True, "well")

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        self.asked.append(list(ids))
        if self.trouble is not None:
            raise self.trouble
        return {id: self.became.get(id, Verification.PRESENT) for id in ids}


class House:
    """One source, its store and its cycles."""

    def __init__(self, app: App, forum: Forum, clock: Clock) -> None:
        self.app, self.forum, self.clock = app, forum, clock
        self.listening = Listening(app.store, app.config, app.plugins, clock)

    def says(self, *ids: str, text: str = "Acme is broken, I want my money back!") -> None:
        thread = Thread("root", "parent")
        self.forum.new = [
            Mention(
                "forum", id, f"{text} ({id})", self.clock(), Author(id, f"@{id}"), thread=thread
            )
            for id in ids
        ]

    def cycle(self, **later: float) -> Cycle:
        self.clock.moment += timedelta(**later)
        return self.listening.cycle()

    def text(self, id: str) -> str:
        found = self.app.store.mention("forum", id)
        assert found is not None
        return found.mention.text


@pytest.fixture
def budget() -> str:
    return ""


@pytest.fixture
def house(
    tmp_path: Path, noon: datetime, budget: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    clock, forum = Clock(noon), Forum()
    kind = SourceType("forum", "", ForumSettings, lambda settings, services: forum)
    plugins = Plugins({"forum": Offer(kind, "test")}, ())
    monkeypatch.setattr("listener.app.load_plugins", lambda: plugins)
    (tmp_path / "config.yaml").write_text(CONFIG % budget, encoding="utf-8")
    with open_app(tmp_path / "config.yaml", now=clock) as app:
        house = House(app, forum, clock)
        with house.listening:
            yield house


def test_a_deleted_post_is_erased_and_its_case_closed(house: House) -> None:
    house.says("a", "b")
    assert house.cycle().verified == ()
    assert len(house.app.store.queue(QueueQuery(at=house.clock()))) == 2
    house.forum.became["a"] = Verification.DELETED
    (done,) = house.cycle(hours=1).verified
    assert (done.source, done.asked, done.deleted, done.unknown) == ("forum", 2, 1, 0)
    assert house.text("a") == ""
    assert [case.author for case in house.app.store.queue(QueueQuery(at=house.clock()))] == ["@b"]
    assert house.cycle(minutes=5).verified == (), "nothing is asked twice at one age"
    (last,) = house.cycle(hours=23).verified
    assert last.asked == 1
    assert house.cycle(days=30).verified == ()
    assert house.forum.asked == [["a", "b"], ["b"]]


def test_what_cannot_be_told_stays(house: House) -> None:
    house.says("a", "b")
    house.cycle()
    house.forum.became["a"] = Verification.UNKNOWN
    (done,) = house.cycle(hours=1).verified
    assert (done.deleted, done.unknown) == (0, 1)
    assert house.text("a")


def test_changed_words_are_an_edit_and_the_rest_stays_as_first_seen(house: House) -> None:
    house.says("a")
    house.cycle()
    was = house.app.store.mention("forum", "a")
    assert was is not None
    house.forum.became["a"] = Mention("forum", "a", "Acme has solved it", house.clock())
    cycle = house.cycle(hours=1)
    assert [(one.edited, one.unknown) for one in cycle.verified] == [(1, 0)]
    assert cycle.triaged == 1
    now = house.app.store.mention("forum", "a")
    assert now is not None
    assert now.mention == replace(was.mention, text="Acme has solved it")
    assert [one.edited for one in house.cycle(hours=23).verified] == [0]


def test_trouble_changes_nothing_and_is_asked_again_after_a_pause(house: House) -> None:
    house.says("a")
    house.cycle()
    house.forum.trouble = SourceError("no look-ups today")
    cycle = house.cycle(hours=1)
    (failed,) = cycle.verified
    assert (failed.asked, str(failed.error)) == (0, "no look-ups today")
    assert not cycle.failed, "listening goes on"
    assert "no look-ups today" in looked_up(failed)
    house.forum.trouble = ZeroDivisionError("oh")
    assert house.cycle(seconds=61).verified == (), "the pause of five minutes"
    (again,) = house.cycle(hours=1).verified
    assert "own code" in str(again.error)
    house.forum.trouble = None
    (well,) = house.cycle(hours=3).verified
    assert (well.asked, well.error) == (1, None)
    assert as_plain(house.cycle())["verified"] == []


def test_what_the_platform_asks_for_holds_for_its_host(house: House) -> None:
    house.says("a")
    house.cycle()
    until = house.clock.moment + timedelta(hours=4)
    house.forum.trouble = RateLimited("slow down", until)
    house.cycle(hours=1)
    assert dict(house.cycle(hours=1).waiting) == {"forum": until}


def test_a_run_asks_little_at_a_time(house: House) -> None:
    house.says(*map(str, range(35)))
    house.cycle()
    (first,) = house.cycle(hours=1).verified
    assert (first.asked, first.requests) == (REQUESTS_A_RUN, REQUESTS_A_RUN)
    house.forum.ids_a_request = 20
    (second,) = house.cycle(minutes=5).verified
    assert (second.asked, second.requests) == (25, 2)
    assert [len(ids) for ids in house.forum.asked] == [10, 20, 5]
    asked = [id for ids in house.forum.asked for id in ids]
    assert sorted(asked, key=int) == [str(number) for number in range(35)]


@pytest.mark.parametrize("budget", [", budget: {posts_per_day: 20}"])
def test_a_quarter_of_a_budget_is_for_looking_up(house: House) -> None:
    house.says(*map(str, range(10)))
    house.cycle()
    (first,) = house.cycle(hours=1).verified
    assert first.asked == 5
    assert house.cycle(hours=1).verified == ()
    house.says(*map(str, range(10, 20)))
    cycle = house.cycle(hours=1)
    assert cycle.collections[0].stopped, "ten and five and ten are more than twenty"


def test_killed_before_it_is_written_it_asks_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.says("a")
    house.cycle()
    house.forum.became["a"] = Verification.DELETED
    with monkeypatch.context() as killed:
        killed.setattr("listener.store.sqlite.verifying.erase", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.cycle(hours=1)
    assert house.text("a")
    (done,) = house.cycle(minutes=5).verified
    assert done.deleted == 1
    assert house.forum.asked == [["a"], ["a"]]


def test_without_ages_nobody_is_asked(house: House) -> None:
    off = house.app.config.model_copy(
        update={"retention": house.app.config.retention.model_copy(update={"verify": ()})}
    )
    house.says("a")
    with Listening(house.app.store, off, house.app.plugins, house.clock) as listening:
        listening.cycle()
        house.clock.moment += timedelta(days=30)
        assert listening.cycle().verified == ()
    assert house.forum.asked == []
