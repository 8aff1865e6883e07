"""Feeds that are pushed by their hub, from the subscription to the queue, over loopback."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

import listener.web.websub
from listener.app import App, open_app
from listener.cli import cli
from listener.stages.cycle import Listening
from listener.store import accounts_path
from listener.store.address import store_path
from listener.store.rows import QueueQuery
from listener.store.sqlite import SqliteStore
from listener.store.subscriptions import State, Subscription, open_subscriptions
from listener.subscribed import Subscribed, subscribed
from listener.web.server import Server
from sources.testing.clock import Clock
from sources.testing.hub import CHALLENGE, FakeHub
from sources.testing.web import Answer, FakeWeb, conditional
from sources.webhook.source import LARGEST_BODY

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLIC = "https://listen.example/here"


WORDS = {
    1: "On hold for three hours and nobody answers the phone. Terrible!",
    2: "My refund was promised in May, and the money is still not there. I am furious.",
    3: "The app crashes whenever I log in, since the last update. Useless.",
}


def item(number: int, text: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>{number}</guid><title>Acme {number}</title>"
        f"<link>/p/{number}</link><pubDate>Fri, 20 Nov 2026 11:{number:02}:00 GMT</pubDate>"
        f"<description>{text or WORDS[number]}</description></item>"
    )


class World:
    """A blog with a hub, and us: our server, and cycles over one store."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.clock = Clock(START)
        self.web = stack.enter_context(FakeWeb())
        self.hub = FakeHub(self.web, self.reach)
        self.items = [item(1)]
        self.write()
        self.path = folder / "config.yaml"
        self.configure()
        self.server = stack.enter_context(Server(self.app.config, self.clock))

    def reach(self, callback: str) -> str:
        assert callback.startswith(f"{PUBLIC}/")
        return callback.replace(f"{PUBLIC}/", self.server.address)

    def configure(self, websub: str = "true", public: str = PUBLIC) -> None:
        self.path.write_text(
            f"brands: [{{name: Acme}}]\nweb: {{port: 0, public_url: '{public}'}}\n"
            f"sources: [{{name: blog, type: rss, url: '{self.web.url('/feed')}',"
            f" allow_private: true, websub: {websub}}}]\n",
            encoding="utf-8",
        )

    def feed(self, *items: str, hub: bool = True) -> bytes:
        links = f"<a:link rel='hub' href='{self.hub.url}'/>" if hub else ""
        return (
            "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>B</title>"
            f"{links}<a:link rel='self' href='{self.web.url('/topic')}'/>{''.join(items)}"
            "</channel></rss>"
        ).encode()

    def write(self, *, hub: bool = True) -> None:
        """Publish what there is, with an ETag of its own."""
        body = self.feed(*reversed(self.items), hub=hub)
        self.web.routes["/feed"] = conditional(body, f'"{len(self.items)}-{hub}"')

    @property
    def app(self) -> App:
        with open_app(self.path, now=self.clock) as app:
            return app

    def cycle(self, *names: str, after: timedelta = timedelta()) -> int:
        """Run one cycle in a process of its own; returns how many posts were new to it."""
        self.clock.moment += after
        with (
            open_app(self.path, now=self.clock) as app,
            Listening(app.store, app.config, app.plugins, app.now) as listening,
        ):
            cycle = listening.cycle(names, force=bool(names))
        assert not cycle.failed
        return sum(one.counted.new for one in cycle.collections)

    def subscribe(self) -> None:
        self.cycle()
        assert self.hub.verify().text == CHALLENGE

    def titles(self) -> list[str]:
        with open_app(self.path, now=self.clock) as app:
            found = app.store.queue(QueueQuery(limit=50, at=self.clock.moment))
        return sorted(one.title for one in found)

    @property
    def row(self) -> Subscription:
        with open_subscriptions(self.app.config.store) as kept:
            (one,) = kept.all()
        return one

    @property
    def shown(self) -> Subscribed:
        return subscribed(self.app.config, self.clock.moment)["blog"]

    def stored(self) -> list[str]:
        with open_app(self.path, now=self.clock) as app:
            return sorted(one.mention.title for one in app.store.pending(50))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def test_from_the_subscription_to_the_queue(world: World) -> None:
    world.cycle()
    (request,) = world.hub.requests
    assert (request.mode, request.topic) == ("subscribe", world.web.url("/topic"))
    assert request.callback.startswith(f"{PUBLIC}/websub/")
    assert len(request.secret) >= 32
    assert not world.shown.active

    answer = world.hub.verify()
    assert (answer.status_code, answer.text) == (200, CHALLENGE)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert world.shown.active
    assert world.shown.until == START + timedelta(days=10)

    world.items.append(item(2))
    assert world.hub.push(world.feed(item(2))).status_code == 202
    assert (world.shown.pushes, world.shown.pushed_at) == (1, START)
    world.cycle("blog", after=timedelta(minutes=1))  # the feed itself does not have it yet
    assert world.titles() == ["Acme 1", "Acme 2"]

    world.write()
    assert world.cycle("blog", after=timedelta(minutes=15)) == 0
    assert world.hub.push(world.feed(item(2))).status_code == 202  # sent again, by whoever
    assert world.cycle("blog", after=timedelta(minutes=15)) == 0
    assert world.titles() == ["Acme 1", "Acme 2"]
    assert len(world.hub.requests) == 1


def test_what_is_pushed_is_committed_when_it_is_answered(world: World) -> None:
    world.subscribe()
    for method in ("sha1", "sha256", "sha384", "sha512"):
        text = f"signed with {method}"
        assert world.hub.push(world.feed(item(2, text)), method=method).status_code == 202
        assert world.stored() == ["Acme 2"]
    with open_app(world.path, now=world.clock) as app:
        (one,) = app.store.pending(50)
        assert one.mention.text == "signed with sha512"
        assert (one.source, one.mention.kind) == ("blog", "rss")
        assert one.mention.url == world.web.url("/p/2")
        run = app.store.runs("blog", 1)[0]
        assert (run.outcome, run.counted.edited, run.note) == ("ok", 1, "pushed by 127.0.0.1")


def test_a_push_says_nothing_of_how_the_source_is_and_moves_no_cursor(world: World) -> None:
    world.subscribe()
    world.web.routes["/feed"] = Answer(status=500)
    with (
        open_app(world.path, now=world.clock) as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        assert listening.cycle(("blog",), force=True).failed
        before = app.store.health("blog"), app.store.cursor("blog")
        assert world.hub.push(world.feed(item(2))).status_code == 202
        assert (app.store.health("blog"), app.store.cursor("blog")) == before
    # An entry between the two was never pushed: the next visit brings it.
    world.items += [item(3), item(2)]
    world.write()
    assert world.cycle("blog") == 1
    assert world.titles() == ["Acme 1", "Acme 2", "Acme 3"]


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "md5=0", "x"])
def test_a_push_that_is_not_signed_is_answered_and_ignored(world: World, signature: str) -> None:
    world.subscribe()
    assert world.hub.push(world.feed(item(2)), signature=signature).status_code == 202
    assert world.stored() == []
    assert (world.shown.pushes, world.shown.ignored) == (0, 1)
    assert "1 delivery was not signed" in world.shown.about


def test_a_stranger_is_told_nothing(world: World) -> None:
    world.subscribe()
    address = f"{world.server.address}websub/"
    for token in ("", "x", "a/b", "%00", "\u202e", world.row.token + "x"):
        ours = f"{address}{token}"
        query = f"?hub.mode=subscribe&hub.topic={world.row.offer.topic}&hub.challenge=1"
        for answer in (
            httpx2.get(ours + query, trust_env=False, timeout=60),
            httpx2.post(ours, content=b"x", trust_env=False, timeout=60),
        ):
            assert answer.status_code in (404, 405)
            assert world.row.secret not in answer.text


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "https://other.example/"},
        {"topic": ""},
        {"mode": "unsubscribe"},  # nobody but us may end it
        {"mode": "publish"},
        {"challenge": ""},
        {"challenge": "x" * 1_001},
        {"challenge": "a\nb"},
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(world: World, changed: dict[str, str]) -> None:
    world.subscribe()
    answer = world.hub.verify(**changed)
    assert answer.status_code == 404
    assert CHALLENGE not in answer.text
    assert world.row.state is State.ACTIVE


def test_a_challenge_is_text_whatever_it_looks_like(world: World) -> None:
    world.cycle()
    hostile = "<script>alert(document.cookie)</script>"
    answer = world.hub.verify(challenge=hostile)
    assert answer.text == hostile
    assert answer.headers["content-type"].startswith("text/plain")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_what_is_no_feed_is_taken_and_noted(world: World) -> None:
    world.subscribe()
    for body in (b"", b"<html>log in</html>", b"\x00" * 1_000, b"<rss><channel><item>"):
        assert world.hub.push(body).status_code == 202
    assert world.stored() == []
    assert "could not be read" in world.shown.about
    assert world.shown.active


def test_too_large_a_push_is_refused(world: World) -> None:
    world.subscribe()
    assert world.hub.push(b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert world.shown.pushes == 0


def test_a_locked_store_asks_the_hub_for_patience(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.subscribe()
    path = store_path(world.app.config.store)
    monkeypatch.setattr(
        listener.web.websub, "open_store", lambda _: SqliteStore(path, patience=0.02)
    )
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = world.hub.push(world.feed(item(2)))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert world.hub.push(world.feed(item(2))).status_code == 202
    assert world.stored() == ["Acme 2"]


def test_the_budget_of_a_day_holds_for_pushes_too(world: World) -> None:
    text = world.path.read_text("utf-8")
    world.path.write_text(text.replace("websub:", "budget: {posts_per_day: 1}, websub:"))
    with Server(world.app.config, world.clock) as world.server:
        world.subscribe()
        assert world.hub.push(world.feed(item(2))).status_code == 202
        assert world.stored() == []


# --- the life of a subscription ------------------------------------------------------------------


def test_a_hub_may_ask_back_before_it_answers(world: World) -> None:
    world.hub.at_once = True
    world.hub.answer = Answer(status=500)  # and say whatever it likes after that
    world.cycle()
    assert world.hub.verified == [200]
    assert (world.row.state, world.row.failures, world.row.note) == (State.ACTIVE, 0, "")


def test_a_lease_is_renewed_before_it_ends(world: World) -> None:
    world.hub.lease = 9 * 86_400
    world.subscribe()
    before = world.row
    world.cycle(after=timedelta(days=5))
    assert len(world.hub.requests) == 1
    world.cycle(after=timedelta(days=1))
    first, second = world.hub.requests
    assert first == second
    assert world.shown.active
    world.hub.verify()
    assert world.row.expires_at == world.clock.moment + timedelta(days=9)
    assert (world.row.secret, world.row.token) == (before.secret, before.token)


def test_a_lease_that_has_run_out_is_asked_for_again(world: World) -> None:
    world.subscribe()
    world.clock.moment += timedelta(days=30)
    assert "has run out" in world.shown.about
    assert world.hub.push(world.feed(item(2))).status_code == 202  # signed all the same
    world.cycle()
    assert len(world.hub.requests) == 2
    world.hub.verify()
    assert world.shown.active


@pytest.mark.parametrize("status", [400, 404, 500, 503, 307])
def test_a_hub_in_trouble_never_stops_the_source(world: World, status: int) -> None:
    world.hub.answer = Answer(b"no such topic", status=status)
    assert world.cycle() == 1
    assert str(status) in world.shown.about
    for minutes in (9, 2, 21, 41):
        world.cycle(after=timedelta(minutes=minutes))
    assert len(world.hub.requests) == 4
    world.cycle(after=timedelta(hours=12))
    assert world.titles() == ["Acme 1"]
    world.hub.answer = Answer(status=202)
    world.cycle(after=timedelta(hours=13))
    assert world.hub.verify().status_code == 200
    assert (world.shown.active, world.row.note) == (True, "")


def test_a_hub_that_never_asks_back_is_asked_again(world: World) -> None:
    world.cycle()
    assert "asked for pushes at 2026-11-20 12:00 UTC" in world.shown.about
    world.cycle(after=timedelta(minutes=11))
    assert len(world.hub.requests) == 2
    assert "never asked back: can it reach web.public_url?" in world.shown.about


def test_a_denial_is_kept_for_a_day(world: World) -> None:
    world.subscribe()
    assert world.hub.deny("private\nfeed").status_code == 200
    assert "denies the subscription: private feed" in world.shown.about
    assert not world.shown.active
    world.cycle(after=timedelta(hours=23))
    assert len(world.hub.requests) == 1
    world.cycle(after=timedelta(hours=2))
    assert len(world.hub.requests) == 2
    world.hub.verify()
    assert world.shown.active


def test_a_source_that_wants_no_pushes_any_more_is_unsubscribed(world: World) -> None:
    world.subscribe()
    world.configure(websub="false")
    world.cycle(after=timedelta(minutes=1))
    assert [one.mode for one in world.hub.requests] == ["subscribe", "unsubscribe"]
    assert world.hub.push(world.feed(item(2))).status_code == 410
    assert world.hub.deny("x").status_code == 404
    assert world.hub.verify(mode="subscribe").status_code == 404
    assert world.hub.verify().text == CHALLENGE
    with open_subscriptions(world.app.config.store) as kept:
        assert kept.all() == []


def test_a_hub_that_does_not_care_is_forgotten_after_a_day(world: World) -> None:
    world.subscribe()
    world.configure(websub="false")
    for hours in (1, 12, 13):
        world.cycle(after=timedelta(hours=hours))
    with open_subscriptions(world.app.config.store) as kept:
        assert kept.all() == []


def test_another_public_address_is_told_to_the_hub(world: World) -> None:
    world.subscribe()
    world.configure(public="https://other.example")
    world.cycle(after=timedelta(minutes=1))
    assert world.hub.requests[-1].callback == f"https://other.example/websub/{world.row.token}"


def test_a_feed_that_changes_its_hub_is_followed_after_a_day(world: World) -> None:
    world.subscribe()
    before = world.row.token
    other = FakeHub(world.web, world.reach, "/other")
    world.hub, first = other, world.hub
    world.write()
    world.cycle("blog", after=timedelta(hours=23))
    assert (other.requests, world.row.token) == ([], before)
    world.items.append(item(2))
    world.write()
    world.cycle("blog", after=timedelta(hours=2))
    assert [one.mode for one in other.requests] == ["subscribe"]
    assert first.requests[-1].mode == "unsubscribe"
    assert first.verify().status_code == 200
    assert world.row.token != before


def test_a_feed_without_a_hub_is_only_asked(world: World) -> None:
    world.write(hub=False)
    world.cycle()
    world.cycle("blog", after=timedelta(minutes=15))
    assert world.hub.requests == []
    # The second visit was conditional: that there is no hub is known.
    assert [bool(asked.headers.get("if-none-match")) for asked in world.web.asked] == [False, True]
    assert subscribed(world.app.config, world.clock.moment) == {}


def test_a_feed_that_was_read_before_is_looked_at_again_for_its_hub(world: World) -> None:
    world.configure(websub="false")
    world.cycle()
    world.configure(websub="true")
    world.cycle("blog", after=timedelta(minutes=15))  # unchanged, and yet not asked so
    assert len(world.hub.requests) == 1


# --- what people see ------------------------------------------------------------------------------


def test_the_commands_say_how_a_source_is_pushed(world: World) -> None:
    def told(*arguments: str) -> str:
        command = ["--config", str(world.path), "sources", *arguments]
        done = CliRunner().invoke(cli, command, env={"COLUMNS": "250"}, catch_exceptions=False)
        return done.stdout

    world.clock.moment = datetime.now(UTC)  # commands look at the real clock
    world.hub.answer = Answer(b"no such topic", status=404)
    world.cycle()
    for arguments in (("list",), ("coverage",), ("check",)):
        assert "refuses (404): no such topic" in told(*arguments)
    world.hub.verify()
    until = (
        f"pushed by 127.0.0.1 until {world.clock.moment + timedelta(days=10):%Y-%m-%d %H:%M} UTC"
    )
    assert until in told("coverage")
    assert until in told("check")
    (listed,) = json.loads(told("list", "--json"))
    (covered,) = json.loads(told("coverage", "--json"))
    assert listed["push"] == covered["push"]
    assert (listed["push"]["active"], listed["push"]["about"]) == (True, until)
    shown = told("coverage", "--json") + told("check", "--json")
    assert world.row.token not in shown
    assert world.row.secret not in shown


def test_without_a_public_address_there_is_no_such_page(world: World) -> None:
    world.subscribe()
    world.configure(websub="false", public="")
    with Server(world.app.config, world.clock) as world.server:
        assert world.hub.push(world.feed(item(2))).status_code == 404
        assert world.hub.verify().status_code == 404
    world.cycle(after=timedelta(days=9))
    assert len(world.hub.requests) == 1
    assert subscribed(world.app.config, world.clock.moment) == {}


# --- what nobody may see -------------------------------------------------------------------------


def test_secret_and_callback_are_in_no_store_log_or_page(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.hub.answer = Answer(status=400)
    world.cycle()
    request = world.hub.requests[-1]
    # A hub that says back what it was told.
    world.hub.answer = Answer(f"no: {request.callback} {request.secret}".encode(), status=400)
    world.cycle(after=timedelta(minutes=30))
    world.hub.verify()
    world.hub.push(world.feed(item(2)))
    world.hub.push(b"nothing")
    world.hub.push(world.feed(item(3)), signature="sha256=0")
    health = httpx2.get(world.server.address, trust_env=False, timeout=60).text
    row = world.row
    captured = capsys.readouterr()
    told = captured.out + captured.err + health + repr(row) + repr(world.shown)
    store = store_path(world.app.config.store)
    told += "".join(
        path.read_bytes().decode("latin-1") for path in store.parent.glob(f"{store.name}*")
    )
    for private in (row.token, row.secret):
        assert private not in told
    accounts = accounts_path(world.app.config.store)
    assert accounts.stat().st_mode & 0o077 == 0
