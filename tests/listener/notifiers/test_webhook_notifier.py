"""What our webhooks say on the wire, and what they make of answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from listener.notifiers import Fate, Message
from listener.notifiers.webhook import WebhookNotifier
from sources.http.fetch import Limits
from sources.testing.hung import HungServer
from sources.testing.web import Answer, FakeWeb
from sources.webhook.standard import Keys, verify

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
MESSAGE = Message("listener_7", NOON, "spike", "Spike", "text", [{"key": "spike:7"}])


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb({"/hook": Answer(b"ok")}) as web:
        yield web


def notifier(web: FakeWeb, secret: str = SECRET, private: bool = True) -> WebhookNotifier:
    url = web.url("/hook", "hooks.example.org")
    return WebhookNotifier(
        url,
        secret,
        now=lambda: NOON,
        allow_private=private,
        resolve=lambda _host, _port: ["127.0.0.1"],
    )


def test_it_is_signed_as_standard_webhooks_are(web: FakeWeb) -> None:
    assert notifier(web).send(MESSAGE).fate is Fate.SENT
    [asked] = web.asked
    assert verify(asked.headers, asked.body, Keys.read([SECRET]), NOON).id == "listener_7"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {
        "type": "alarm.spike",
        "timestamp": "2026-11-20T12:00:00+00:00",
        "data": {"subject": "Spike", "text": "text", "alarms": [{"key": "spike:7"}]},
    }


def test_without_a_key_it_has_an_id_and_a_time_still(web: FakeWeb) -> None:
    assert notifier(web, "").send(MESSAGE).fate is Fate.SENT
    headers = web.asked[0].headers
    assert headers["webhook-id"] == "listener_7"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert "webhook-signature" not in headers


def test_addresses_of_our_own_network_are_refused_for_good(web: FakeWeb) -> None:
    sent = notifier(web, private=False).send(MESSAGE)
    assert sent.fate is Fate.REFUSED
    assert "allow_private" in sent.answer
    assert web.asked == []


def test_gone_means_never_again(web: FakeWeb) -> None:
    web.routes["/hook"] = Answer(status=410)
    assert notifier(web).send(MESSAGE).fate is Fate.REFUSED


def test_who_asks_for_patience_gets_it(web: FakeWeb) -> None:
    web.routes["/hook"] = Answer(status=429, headers={"retry-after": "600"})
    sent = notifier(web).send(MESSAGE)
    assert (sent.fate, sent.retry_at) == (Fate.NOT_SENT, NOON + timedelta(minutes=10))


def test_a_redirect_is_not_followed(web: FakeWeb) -> None:
    web.routes["/hook"] = Answer(status=302, headers={"location": "/elsewhere"})
    assert notifier(web).send(MESSAGE).fate is Fate.IN_DOUBT
    assert len(web.asked) == 1


def test_an_answer_that_never_ends_leaves_it_in_doubt() -> None:
    with HungServer(b"HTTP/1.1 200 OK\r\nx-endless: ") as hung:
        quick = Limits(seconds=0.3, step_seconds=0.2)
        slow = WebhookNotifier(
            hung.url("/hook"), now=lambda: NOON, allow_private=True, limits=quick
        )
        assert slow.send(MESSAGE).fate is Fate.IN_DOUBT


def test_a_name_that_leads_nowhere_is_not_sent(web: FakeWeb) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    lost = WebhookNotifier("https://hooks.example.org/x", now=lambda: NOON, resolve=nowhere)
    assert lost.send(MESSAGE).fate is Fate.NOT_SENT
