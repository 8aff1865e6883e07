"""Watch: storms are seen, one person is none, and every alarm is raised once, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.stages.cycle import Listening
from listener.store.alarms import AlarmRow
from sources.mention import utc

CONFIG = """
brands: [{name: Northgate, query: northgate}]
sources: [{name: posts, type: files, paths: ["posts.jsonl"]}]
notify:
  - {when: [spike, back, growing], url: "https://127.0.0.1/x", name: desk, every: 1d}
  - {when: [blind, vigilante, promise, digest], url: "https://127.0.0.1/y", name: ops, every: 1d}
"""
START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WORDS = (
    "my card payment was declined abroad by northgate",
    "northgate declined my card payment abroad again",
    "card payment declined abroad, northgate why",
    "why was my card payment abroad declined northgate",
)


class World:
    def __init__(self, folder: Path) -> None:
        self.at = START
        self.file = folder / "posts.jsonl"
        self.config = folder / "config.yaml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.file.touch()
        self.posts = 0

    def clock(self) -> datetime:
        return self.at

    def post(self, author: str, at: datetime, text: str = "") -> None:
        self.posts += 1
        row = {
            "id": f"p{self.posts}",
            "text": text or WORDS[self.posts % len(WORDS)],
            "created_at": utc(at),
            "author": author,
        }
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")

    def storm(self, people: int, at: datetime) -> None:
        for n in range(people):
            self.post(f"person-{self.posts}", at + n * timedelta(minutes=1))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def app(world: World) -> Iterator[App]:
    with open_app(world.config, now=world.clock) as opened:
        yield opened


def cycle(app: App) -> list[AlarmRow]:
    """A cycle of a process that has just been started; all alarms so far."""
    with Listening(app.store, app.config, app.plugins, app.now) as listening:
        listening.cycle(force=True)
    return app.store.alarms()


@pytest.fixture
def week(app: App, world: World) -> datetime:
    """A week was listened to, and one person said it once; now it is a week later."""
    cycle(app)
    world.post("first", START + HOUR)
    world.at = START + 2 * HOUR
    cycle(app)
    world.at = START + 7 * DAY
    assert spikes(app) == []
    return world.at


def spikes(app: App) -> list[AlarmRow]:
    return [one for one in cycle(app) if one.what == "spike"]


def test_a_storm_is_seen_in_its_first_hour(app: App, world: World, week: datetime) -> None:
    world.storm(8, week + timedelta(minutes=5))
    world.at = week + timedelta(minutes=20)
    [alarm] = spikes(app)
    assert (alarm.what, alarm.brand) == ("spike", "Northgate")
    assert alarm.reasons[0] == "8 people in 3 hours, 0.0 usual at this time"
    assert alarm.per_week is not None
    assert alarm.per_week < 0.5
    [delivery] = [one for one in app.store.deliveries() if one.target == "desk"]
    assert delivery.state == "waiting"
    assert delivery.not_before == datetime(2026, 11, 10, tzinfo=UTC), "gathered until midnight"


def test_it_is_told_once_however_long_it_lasts(app: App, world: World, week: datetime) -> None:
    for hour in range(6):
        world.storm(8, week + hour * HOUR)
        world.at = week + hour * HOUR + timedelta(minutes=30)
        [alarm] = spikes(app)
    assert alarm.until == world.at
    assert alarm.at == week + timedelta(minutes=30)


def test_another_storm_days_later_is_another_alarm(app: App, world: World, week: datetime) -> None:
    world.storm(8, week)
    world.at = week + timedelta(minutes=30)
    assert len(spikes(app)) == 1
    world.at = week + 3 * DAY
    world.storm(30, world.at - 10 * HOUR)
    assert len(spikes(app)) == 2, "seen late, and still told"


def test_one_person_is_no_storm(app: App, world: World, week: datetime) -> None:
    for n in range(40):
        world.post("loud", week + n * timedelta(minutes=1), f"{WORDS[n % 4]} {n}")
    world.at = week + HOUR
    assert spikes(app) == []


def test_people_who_post_in_every_hour_count_once(app: App, world: World, week: datetime) -> None:
    """Two people in each of three hours are six by the hour, and two."""
    for hour in range(3):
        for person in ("ann", "bob"):
            world.post(person, week + hour * HOUR, f"{WORDS[hour]} {person} {hour}")
    world.at = week + 3 * HOUR - timedelta(minutes=1)
    assert spikes(app) == []


def test_days_that_nobody_listened_to_are_no_silence(app: App, world: World) -> None:
    cycle(app)
    world.at = START + DAY
    world.storm(20, world.at)
    world.at += HOUR
    assert spikes(app) == [], "one day is too few to tell"


def test_old_posts_taken_in_today_are_no_storm(app: App, world: World, week: datetime) -> None:
    world.storm(30, week - 3 * DAY)
    assert spikes(app) == []


def test_a_fixed_issue_that_comes_back_is_told_once(app: App, world: World) -> None:
    world.storm(6, START - 2 * HOUR)
    cycle(app)
    [issue] = app.store.issues()[:1]
    app.desk.issues.fix(issue.id, "bo", "a new card terminal")
    world.at = START + DAY
    world.post("late", world.at - HOUR)
    told = [one for one in cycle(app) if one.what == "back"]
    assert [(one.issue, one.what) for one in told] == [(issue.id, "back")]
    assert "after the fix" in told[0].reasons[0]
    assert app.store.issue(issue.id).life == "back"  # type: ignore[union-attr]
    world.at += HOUR
    assert [one for one in cycle(app) if one.what == "back"] == told


def test_issues_grow_old_with_a_row_in_the_history(app: App, world: World) -> None:
    world.storm(6, START - 2 * HOUR)
    cycle(app)
    [issue] = app.store.issues()[:1]
    assert issue.life == "new"
    world.at = START + 4 * DAY
    cycle(app)
    assert app.store.issue(issue.id).life == "known"  # type: ignore[union-attr]
    [row] = [one for one in app.store.history() if one.action == "known"]
    assert (row.actor, row.entity, row.entity_id) == ("listener", "issue", issue.id)


def test_growth_is_told(app: App, world: World) -> None:
    cycle(app)
    for day, people in enumerate((3, 3, 4, 3, 14, 16, 15, 18)):
        world.storm(people, START + day * DAY + HOUR)
        world.at = START + day * DAY + 2 * HOUR
        alarms = cycle(app)
    [grown] = [one for one in alarms if one.what == "growing"]
    assert grown.reasons[0] == "30 people in 2 days, 7 in the 2 days before"
    assert "false alarms a week" in grown.reasons[-1]
    assert grown.per_week is not None
    assert 0 < grown.per_week < 0.5
    assert app.store.issue(grown.issue or 0).life == "growing"  # type: ignore[union-attr]


def test_what_operators_want_to_know(app: App, world: World) -> None:
    world.post(
        "ann",
        START - HOUR,
        "I have called northgate five times, on hold for hours, nobody answers. Going to the "
        "ombudsman and the press, join me everyone!",
    )
    cycle(app)
    world.at = START + DAY - 2 * HOUR
    world.file.unlink()
    kinds = {one.what for one in cycle(app)}
    assert {"blind", "vigilante", "promise", "digest"} <= kinds
    before = app.store.alarms()
    assert cycle(app) == before, "each once, also after a restart"
    assert {one.target for one in app.store.deliveries()} == {"ops"}
