"""Every notifier: sends once, never raises, and says "not sent" only when that is certain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from socket import socket

import pytest

from listener.notifiers import Fate, Message, Notifier
from listener.notifiers.apprise import AppriseNotifier
from listener.notifiers.webhook import WebhookNotifier
from sources.http.fetch import Limits
from sources.testing.hung import HungServer
from sources.testing.web import Answer, FakeWeb

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATIENT, QUICK = 20.0, 0.2  # seconds
MESSAGE = Message(
    "listener_7",
    NOON,
    "spike",
    "Spike: Card payment declined abroad (Acme)",
    "9 people in 3 hours\n  <b>listener</b> issues show 7 \ud800",
    [{"key": "spike:7", "issue": 7}],
)
Make = Callable[[int, float], Notifier]


def webhook(port: int, patience: float) -> Notifier:
    url = f"http://127.0.0.1:{port}/hook?token=canary"
    limits = Limits(seconds=patience, step_seconds=patience)
    return WebhookNotifier(url, now=lambda: NOON, allow_private=True, limits=limits)


def apprise(port: int, patience: float) -> Notifier:
    waits = f"rto={patience}&cto={patience}"
    return AppriseNotifier(f"json://127.0.0.1:{port}/hook?{waits}&-token=canary")


installed = pytest.mark.skipif(find_spec("apprise") is None, reason="the extra [notify]")
NOTIFIERS = [
    pytest.param(webhook, id="webhook"),
    pytest.param(apprise, id="apprise", marks=installed),
]


@pytest.fixture(params=NOTIFIERS)
def make(request: pytest.FixtureRequest) -> Make:
    """Another notifier joins the suite by a line above."""
    found: Make = request.param
    return found


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb({"/hook": Answer(b"ok")}) as web:
        yield web


def test_what_is_taken_has_arrived_once(web: FakeWeb, make: Make) -> None:
    sent = make(web.port, PATIENT).send(MESSAGE)
    assert sent.fate is Fate.SENT
    [asked] = web.asked
    assert asked.method == "POST"
    said = json.dumps(json.loads(asked.body))
    assert "Card payment declined abroad" in said
    assert "9 people in 3 hours" in said


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_what_is_refused_by_an_answer_was_not_sent(web: FakeWeb, make: Make, status: int) -> None:
    web.routes["/hook"] = Answer(status=status)
    sent = make(web.port, PATIENT).send(MESSAGE)
    assert sent.fate is Fate.NOT_SENT
    assert str(status) in sent.answer
    assert len(web.asked) == 1, "trying again is not a notifier's business"


def test_nobody_there_is_no_arrival(make: Make) -> None:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    assert make(port, PATIENT).send(MESSAGE).fate in (Fate.NOT_SENT, Fate.IN_DOUBT)


def test_a_silent_server_leaves_it_in_doubt(make: Make) -> None:
    with HungServer() as hung:
        assert make(hung.port, QUICK).send(MESSAGE).fate is Fate.IN_DOUBT


def test_no_answer_shows_the_address(web: FakeWeb, make: Make) -> None:
    for status in (200, 403, 500):
        web.routes["/hook"] = Answer(status=status, body=b"canary")
        assert "canary" not in make(web.port, PATIENT).send(MESSAGE).answer
