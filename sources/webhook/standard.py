"""Signatures of Standard Webhooks: who sent this, when, and has nobody touched it on the way.

The scheme is https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, in Base64,
as `v1,…`, several of them separated by spaces while a key is being changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sources.moments import EPOCH

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64  # bytes, as the specification says
MOST_SIGNATURES = 20
TOLERANCE = timedelta(minutes=5)
_ID = re.compile(r"[!-~]{1,256}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)


class Refused(Exception):
    """A delivery that is not taken in; the message says why and holds no secret.

    `status` is the HTTP status to answer with: 400 for what is no delivery, 401 for what cannot be
    trusted, 413 for what is too large.
    """

    def __init__(self, message: str, status: int) -> None:
        """Keep the status beside the words."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys a sender may sign with: more than one while an old one is still in use."""

    raw: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def read(cls, secrets: Sequence[str]) -> Keys:
        """Read secrets such as `whsec_MfKQ9r…`; ValueError says what is wrong, without the secret."""
        if not secrets:
            raise ValueError("no key: expected at least one secret such as whsec_…")
        return cls(tuple(_key(secret) for secret in secrets))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery that is what its sender sent; `id` is the same whenever it is sent again."""

    id: str
    sent_at: datetime
    body: bytes = field(repr=False)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Keys,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Delivery:
    """Check id, time and signature of a delivery; `body` is what came, byte for byte.

    Names of headers are taken in any case. A delivery older or newer than `tolerance` against `now`
    is refused, so that a recording cannot be played again later; within it the id tells repeats.
    Raises Refused. Signatures are compared in constant time, every one with every key.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    delivery_id, timestamp, signatures = (
        given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    for name, value in (("id", delivery_id), ("timestamp", timestamp), ("signature", signatures)):
        if not value:
            raise Refused(f"the header webhook-{name} is missing", 400)
    if not _ID.fullmatch(delivery_id):
        raise Refused("the header webhook-id is no id", 400)
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refused("the header webhook-timestamp is not in seconds since 1970", 400)
    sent_at = EPOCH + timedelta(seconds=int(timestamp))
    if abs(now.astimezone(UTC) - sent_at) > tolerance:
        older = "old" if sent_at < now else "far ahead"
        raise Refused(f"the delivery is too {older}: sent at {sent_at:%Y-%m-%d %H:%M:%S} UTC", 401)
    content = f"{delivery_id}.{timestamp}.".encode() + body
    expected = [hmac.new(key, content, hashlib.sha256).digest() for key in keys.raw]
    matches = [
        hmac.compare_digest(claimed, own) for claimed in _claimed(signatures) for own in expected
    ]
    if not any(matches):
        raise Refused("no signature matches: is the key the sender's?", 401)
    return Delivery(delivery_id, sent_at, body)


def sign(delivery_id: str, sent_at: datetime, body: bytes, keys: Keys) -> dict[str, str]:
    """Return the three headers a sender adds: for tests, and for what we send ourselves."""
    timestamp = int(sent_at.timestamp())
    content = f"{delivery_id}.{timestamp}.".encode() + body
    signatures = [
        base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode("ascii")
        for key in keys.raw
    ]
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    written = secret.strip().removeprefix(PREFIX)
    try:
        key = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a key is not Base64; expected {PREFIX} and Base64 behind it") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(
            f"a key has {len(key)} bytes; expected {SHORTEST_KEY} to {LONGEST_KEY}, such as: "
            f'echo "{PREFIX}$(openssl rand -base64 32)"'
        )
    return key


def _claimed(signatures: str) -> list[bytes]:
    """Return the signatures of version 1; others are for other receivers."""
    claimed = []
    for signature in signatures.split(" ")[:MOST_SIGNATURES]:
        version, _, written = signature.partition(",")
        if version != "v1" or len(written) > 100:
            continue
        try:
            claimed.append(base64.b64decode(written, validate=True))
        except (binascii.Error, ValueError):
            continue
    return claimed
