from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.protocols import Health, Tombstone
from sources.testing.contract import Run, check_contract, check_mentions, collect
from sources.webhook.settings import WebhookSettings
from sources.webhook.source import LARGEST_BODY, Received, WebhookSource, receive
from sources.webhook.standard import Keys, Refused, sign, verify

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
SECRET = "whsec_" + base64.b64encode(b"first key of twenty-four").decode()
OTHER = "whsec_" + base64.b64encode(b"another key of thirty-two bytes!").decode()
KEYS = Keys.read([SECRET])


def deliver(
    payload: object, delivery_id: str = "msg_1", keys: Keys = KEYS, now: datetime = NOON
) -> Received:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return receive(sign(delivery_id, NOON, body, KEYS), body, keys, now)


# --- signatures ----------------------------------------------------------------------------------


def test_the_example_of_the_specification_holds() -> None:
    keys = Keys.read(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    body = b'{"test": 2432232314}'
    headers = {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    sent = datetime.fromtimestamp(1614265330, UTC)
    delivery = verify(headers, body, keys, sent + timedelta(minutes=4))
    assert (delivery.id, delivery.sent_at, delivery.body) == (
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        sent,
        body,
    )
    assert sign(delivery.id, sent, body, keys) == {
        name.lower(): value for name, value in headers.items()
    }


def test_keys_are_changed_without_losing_a_delivery() -> None:
    both = Keys.read([OTHER, SECRET])
    old = sign("msg_1", NOON, b"{}", KEYS)
    assert verify(old, b"{}", both, NOON)
    signed_twice = sign("msg_1", NOON, b"{}", both)
    assert signed_twice["webhook-signature"].count("v1,") == 2
    assert verify(signed_twice, b"{}", KEYS, NOON)
    assert verify(
        {**old, "webhook-signature": f"v1a,xx v1,?? {old['webhook-signature']}"}, b"{}", KEYS, NOON
    )
    with pytest.raises(Refused) as caught:
        verify(old, b"{}", Keys.read([OTHER]), NOON)
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(days=900), False),
    ],
)
def test_a_recording_cannot_be_played_later(late: timedelta, taken: bool) -> None:
    headers = sign("msg_1", NOON, b"{}", KEYS)
    if taken:
        assert verify(headers, b"{}", KEYS, NOON + late)
    else:
        with pytest.raises(Refused, match="too"):
            verify(headers, b"{}", KEYS, NOON + late)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"webhook-id": ""}, 400),
        ({"webhook-timestamp": ""}, 400),
        ({"webhook-signature": ""}, 400),
        ({"webhook-id": "msg 1"}, 400),
        ({"webhook-id": "x" * 300}, 400),
        ({"webhook-id": "msg_2"}, 401),
        ({"webhook-timestamp": "1e9"}, 400),
        ({"webhook-timestamp": "-5"}, 400),
        ({"webhook-timestamp": "\u0661\u0662"}, 400),
        ({"webhook-timestamp": "99999999999"}, 401),
        ({"webhook-timestamp": "9" * 5_000}, 400),
        ({"webhook-signature": "v1,"}, 401),
        ({"webhook-signature": "v1,\u00fc"}, 401),
        ({"webhook-signature": "v2,AAAA"}, 401),
        ({"webhook-signature": "v1," + "A" * 100_000}, 401),
        ({"webhook-signature": "v1,AAAA " * 100_000}, 401),
    ],
)
def test_what_is_not_whole_is_refused(change: dict[str, str], status: int) -> None:
    headers = {**sign("msg_1", NOON, b"{}", KEYS), **change}
    with pytest.raises(Refused) as caught:
        verify(headers, b"{}", KEYS, NOON)
    assert caught.value.status == status


@given(body=st.binary(max_size=200), at=st.integers(0, 199), bit=st.integers(0, 7))
def test_no_changed_bit_passes(body: bytes, at: int, bit: int) -> None:
    headers = sign("msg_1", NOON, body, KEYS)
    assert verify(headers, body, KEYS, NOON).body == body
    changed = bytearray(body or b"\0")
    changed[at % len(changed)] ^= 1 << bit
    with pytest.raises(Refused):
        verify(headers, bytes(changed), KEYS, NOON)


@pytest.mark.parametrize(
    "secrets", [[], [""], ["whsec_"], ["whsec_c2hvcnQ="], ["whsec_sesame?"], ["whsec_" + "A" * 400]]
)
def test_a_bad_key_is_named_without_being_shown(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        Keys.read(secrets)
    assert "sesame" not in str(caught.value)
    assert "twenty" not in repr(KEYS)


# --- payloads ------------------------------------------------------------------------------------


def test_reads_one_mention() -> None:
    row = {
        "id": 7,
        "text": "My card\u202e was blocked \U0001f621",
        "author": {"id": "u1", "handle": "@rosa"},
        "url": "javascript:alert(1)",
        "created_at": "2026-11-20T10:00:00Z",
        "stars": 1,
    }
    received = deliver({"type": "mention.created", "timestamp": "…", "data": row})
    (mention,) = received.batch.mentions
    assert received.delivery_id == "msg_1"
    assert mention.key == ("webhook", "7")
    assert mention.text == "My card was blocked \U0001f621"
    assert mention.url == ""
    assert (mention.author.handle, mention.metrics) == ("@rosa", {"stars": 1})
    check_mentions(Run(None, [received.batch]))


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "a", "text": "words"},
        [{"id": "a", "text": "words"}],
        {"data": [{"id": "a", "text": "words"}]},
        {"type": "x", "data": {"mentions": [{"id": "a", "text": "words"}]}},
        {"mentions": [{"id": "a", "text": "words"}]},
    ],
)
def test_reads_all_usual_shapes(payload: object) -> None:
    (mention,) = deliver(payload).batch.mentions
    assert mention.key == ("webhook", "a")


def test_a_repeat_has_the_same_keys_with_and_without_ids() -> None:
    payload = [
        {"text": "same"},
        {"text": "same", "ID": ""},
        {"id": "z", "text": "named", "kind": "Trustpilot"},
    ]
    first = deliver(payload)
    body = json.dumps(payload).encode()
    again = receive(sign("msg_1", NOON + timedelta(minutes=9), body, KEYS), body, KEYS, LATER)
    keys = [mention.key for mention in first.batch.mentions]
    assert keys == [("webhook", "msg_1.1"), ("webhook", "msg_1.2"), ("trustpilot", "z")]
    assert [mention.key for mention in again.batch.mentions] == keys
    other = deliver(payload, "msg_2").batch.mentions
    assert next(mention.key for mention in other) == ("webhook", "msg_2.1")


def test_reads_what_is_gone() -> None:
    received = deliver(
        {"type": "mention.deleted", "data": [{"id": 7}, {"id": "z", "kind": "Trustpilot"}]}
    )
    assert received.batch.tombstones == (Tombstone("webhook", "7"), Tombstone("trustpilot", "z"))
    assert deliver({"type": "mention.deleted", "data": {"mentions": ["7"]}}).batch.tombstones


def test_bad_rows_are_named_and_the_rest_is_taken_in() -> None:
    batch = deliver([{"id": 1}, 7, {"id": 2, "text": "words"}]).batch
    assert [mention.external_id for mention in batch.mentions] == ["2"]
    assert batch.health is Health.DEGRADED
    assert len(batch.rejected) == 2


def test_a_mention_without_a_date_has_that_of_its_delivery() -> None:
    batch = deliver([{"id": 1, "text": "words"}], now=NOON + timedelta(minutes=2)).batch
    assert batch.mentions[0].created_at == NOON
    assert batch.note == ""


def test_nothing_new_is_fine() -> None:
    assert deliver([]).batch.mentions == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"text", 400),
        (b"7", 400),
        (b'{"id": 1}', 400),
        (b"[" * 100_000, 400),
        (json.dumps([{"text": "x"}] * 5_001).encode(), 413),
        (b" " * (LARGEST_BODY + 1), 413),
        ('{"text": "\udcff"}'.encode("utf-8", "surrogateescape"), 400),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(Refused) as caught:
        deliver(body)
    assert caught.value.status == status


def test_nothing_is_read_before_the_signature_holds() -> None:
    with pytest.raises(Refused) as caught:
        deliver(b"not json", keys=Keys.read([OTHER]))
    assert caught.value.status == 401


# --- the source ----------------------------------------------------------------------------------


def a_source(*secrets: str) -> WebhookSource:
    settings = WebhookSettings.model_validate({"name": "hook", "secrets": secrets or [SECRET]})
    return WebhookSource(settings, lambda: NOON)


def test_keeps_the_contract() -> None:
    assert check_contract(a_source).mentions == []
    assert collect(a_source()).batches[0].health is Health.QUIET


def test_receives_with_the_configured_keys() -> None:
    body = b'{"id": 1, "text": "words"}'
    received = a_source(OTHER, SECRET).receive(sign("msg_1", NOON, body, KEYS), body)
    assert received.batch.mentions[0].external_id == "1"


def test_check_names_the_setting() -> None:
    assert a_source().check().message == "1 key to check deliveries with"
    check = a_source("whsec_sesame?").check()
    assert (check.ok, check.setting) == (False, "secrets")
    assert "sesame" not in check.message
    with pytest.raises(pydantic.ValidationError):
        WebhookSettings.model_validate({"name": "hook", "secrets": []})
