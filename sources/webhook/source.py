"""Mentions that other programs send to us, signed after the Standard Webhooks scheme.

Nothing here opens a socket: the program's own web server hands over headers and body, stores what
comes back in one transaction, and answers 202 only then. A sender that hears nothing sends again,
under the same id, which changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sources.http.fetch import utc_now
from sources.http.link import safe_link
from sources.mention import Mention
from sources.protocols import Batch, Check, Health, Tombstone
from sources.rows import NAMES, BadRow, Rows, identifier, plain_name
from sources.text import clean_line
from sources.webhook.standard import Delivery, Keys, Refused, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from sources.webhook.settings import WebhookSettings

KIND = "webhook"
LARGEST_BODY = 5 << 20
MOST_ROWS = 5_000
MOST_REJECTED_NAMED = 100
DELETED = "mention.deleted"
EXPECTED = 'expected {"type": "mention.created", "data": {"id": …, "text": …}}'


@dataclass(frozen=True, slots=True)
class Received:
    """What one delivery brought: commit `batch`, then answer 202.

    `delivery_id` is the sender's own and the same on every repeat; so are the keys of the mentions,
    whether the sender names ids or not, so that storing a repeat changes nothing.
    """

    delivery_id: str
    sent_at: datetime
    batch: Batch


def receive(headers: Mapping[str, str], body: bytes, keys: Keys, now: datetime) -> Received:
    """Check a delivery and read it: the one function behind the route.

    `now` is the moment it came in (aware). The body is JSON: one mention or a list of them, bare or
    under `data`, by the names an import takes (`docs/sources.md`); with the type `mention.deleted`
    the ids of mentions that are gone. Rows that cannot be read are named, the others taken in.
    Raises Refused, with the status to answer, when nothing of it can be taken in.
    """
    if len(body) > LARGEST_BODY:
        raise Refused(f"the body is larger than {LARGEST_BODY:,} bytes", 413)
    delivery = verify(headers, body, keys, now)
    event, rows = _rows(body)
    batch = _gone(rows) if event == DELETED else _said(delivery, rows, now)
    if rows and not batch.mentions and not batch.tombstones:
        raise Refused(f"nothing of it can be read: {batch.rejected[0]}; {EXPECTED}", 400)
    return Received(delivery.id, delivery.sent_at, batch)


class WebhookSource:
    """The place in the configuration of what is sent to us; nothing is ever fetched.

    `collect` says only that nobody has to be asked: what comes in is counted by the route.
    """

    kind = KIND

    def __init__(self, settings: WebhookSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Keys are read when they are needed."""
        self.name = settings.name
        self._settings = settings
        self._now = now

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield one quiet batch: mentions come by themselves."""
        yield Batch(health=Health.QUIET)

    def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """Check a delivery with the configured keys and read it. Raises Refused."""
        return receive(headers, body, self.keys(), self._now())

    def check(self) -> Check:
        """Say whether the keys can be keys; whether the sender has them shows with a delivery."""
        try:
            count = len(self.keys().raw)
        except ValueError as error:
            return Check(False, str(error), "secrets")
        return Check(True, f"{count} {'key' if count == 1 else 'keys'} to check deliveries with")

    def keys(self) -> Keys:
        """Return the configured keys. Raises ValueError, without the secret, when one is none."""
        return Keys.read([secret.get_secret_value() for secret in self._settings.secrets])


def _rows(body: bytes) -> tuple[str, Sequence[object]]:
    """Return the type of an event, "" without one, and its rows."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(f"the body is not JSON; {EXPECTED}", 400) from None
    event = ""
    if isinstance(found, dict) and isinstance(found.get("type"), str):
        event = found["type"] if "data" in found else ""
    if isinstance(found, dict):
        found = found.get("data", found)
    if isinstance(found, dict):
        found = found.get("mentions", [found])
    if not isinstance(found, list):
        raise Refused(f"the body is {type(found).__name__}; {EXPECTED}", 400)
    if len(found) > MOST_ROWS:
        raise Refused(f"{len(found):,} mentions at once; expected {MOST_ROWS:,} at most", 413)
    return event, found


def _said(delivery: Delivery, rows: Sequence[object], now: datetime) -> Batch:
    """Read rows as mentions; one without an id gets that of the delivery and its place."""
    reader = Rows(now, min(delivery.sent_at, now))
    mentions: dict[tuple[str, str], Mention] = {}
    rejected = []
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            rejected.append(f"row {place} is {type(row).__name__}, expected an object")
            continue
        try:
            mention = reader.read(_named(row, delivery, place), place)
        except BadRow as error:
            rejected.append(f"row {place}: {error}")
            continue
        if mention is not None:
            mention = replace(
                mention,
                title=clean_line(mention.title),
                external_id=clean_line(mention.external_id) or f"{delivery.id}.{place}",
                url=safe_link(mention.url),
            )
            mentions[mention.key] = mention
    return _batch(list(mentions.values()), (), rejected, "; ".join(reader.remarks.take()))


def _named(row: Mapping[str, object], delivery: Delivery, place: int) -> Mapping[str, object]:
    """Add what a row lacks: a kind, the date of the delivery, an id that a repeat has too."""
    named = {str(name): value for name, value in row.items()}
    known = {plain_name(name) for name in named}
    if known.isdisjoint(NAMES["kind"]):
        named["kind"] = KIND
    if known.isdisjoint(NAMES["created_at"]):
        named["created_at"] = delivery.sent_at.isoformat()
    if not any(identifier(value) for name, value in named.items() if _is_id(name)):
        # Not left to a hash with the date in it: a repeat is sent, and dated, again.
        named = {name: value for name, value in named.items() if not _is_id(name)}
        named["id"] = f"{delivery.id}.{place}"
    return named


def _is_id(name: str) -> bool:
    return plain_name(name) in NAMES["id"]


def _gone(rows: Sequence[object]) -> Batch:
    """Read rows as ids of what is gone: objects with `id` and perhaps `kind`, or bare ids."""
    gone: dict[tuple[str, str], Tombstone] = {}
    rejected = []
    for place, row in enumerate(rows, 1):
        named = row if isinstance(row, dict) else {"id": row}
        kind = named.get("kind")
        name = clean_line(identifier(named.get("id")))
        kind = clean_line(kind.casefold(), 64) if isinstance(kind, str) and kind.strip() else KIND
        if name:
            gone[kind, name] = Tombstone(kind, name)
        else:
            rejected.append(f"row {place} has no id")
    return _batch([], tuple(gone.values()), rejected, "")


def _batch(
    mentions: Sequence[Mention], gone: Sequence[Tombstone], rejected: list[str], remarks: str
) -> Batch:
    count = len(rejected)
    if count > MOST_REJECTED_NAMED:
        rejected[MOST_REJECTED_NAMED:] = [f"and {count - MOST_REJECTED_NAMED} more"]
    wrong = f"{count} of the rows could not be read" if count else ""
    return Batch(
        mentions=mentions,
        tombstones=gone,
        rejected=rejected,
        health=Health.DEGRADED if count else Health.HEALTHY,
        note="; ".join(part for part in (wrong, remarks) if part),
    )
