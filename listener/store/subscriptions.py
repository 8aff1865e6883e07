"""Subscriptions to the hubs of feeds (WebSub), with the secrets that sign what they push.

They lie with the accounts, apart from the data: who knows a secret and its callback can push words
that nobody wrote.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from listener.store.address import private_place
from listener.store.private_file import open_private
from listener.store.sqlite.moments import moment, stamp, storable
from sources.closing import Closing
from sources.feeds.websub import Offer

_COLUMNS = (
    "token, source, hub, topic, found_at, callback, private, secret, state, since, ask_at,"
    " waiting_since, expires_at, failures, note, pushes, ignored, pushed_at"
)

_LEAVE = (
    "UPDATE subscriptions SET state = 'leaving', since = ?, ask_at = ?, failures = 0"
    " WHERE source = ? AND state <> 'leaving'"
)


class State(StrEnum):
    """How a subscription is: `asked` for, `active`, `denied` by the hub, or being ended by us."""

    ASKED = "asked"
    ACTIVE = "active"
    DENIED = "denied"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of a source. Not for showing: its addresses and its secret are confidential.

    `token` is the end of the `callback`, known to the hub alone. `ask_at` is when the hub is asked
    next, `waiting_since` when it was asked last and has not settled it; `expires_at` ends the lease.
    `private` says that the hub may be outside the public internet. `pushes` were taken in, `ignored`
    were not signed with the secret.
    """

    token: str = field(repr=False)
    source: str
    offer: Offer
    callback: str = field(repr=False)
    private: bool
    secret: str = field(repr=False)
    state: State
    since: datetime
    ask_at: datetime
    waiting_since: datetime | None
    expires_at: datetime | None
    failures: int
    note: str
    pushes: int
    ignored: int
    pushed_at: datetime | None


class Subscriptions(Closing):
    """The subscriptions in the file of accounts. For one thread at a time, any number of instances.

    Every verb changes only what it names, so that the answer of a hub that comes in while it is
    being asked is never overwritten.
    """

    def __init__(self, place: Path | str) -> None:
        """Open or create the file, or the schema at a PostgreSQL address. Raises StoreError and StoreNewer."""
        self._db = open_private(place)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def add(
        self, source: str, offer: Offer, base: str, at: datetime, *, private: bool = False
    ) -> None:
        """Begin a subscription that is asked for at once; its callback lies under the address `base`.

        One the source has already is left first (see `leave`).
        """
        token = secrets.token_urlsafe(24)
        with self._db.writing() as conn:
            conn.execute(_LEAVE, (stamp(at), stamp(at), source))
            conn.execute(
                "INSERT INTO subscriptions (token, source, hub, topic, found_at, callback, private,"
                " secret, state, since, ask_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'asked', ?, ?)",
                (
                    token,
                    source,
                    offer.hub,
                    offer.topic,
                    offer.found_at,
                    base + token,
                    private,
                    secrets.token_urlsafe(32),
                    stamp(at),
                    stamp(at),
                ),
            )

    def current(self, source: str) -> Subscription | None:
        """The subscription of a source that is not being ended."""
        return next(iter(self._select("source = ? AND state <> 'leaving'", source)), None)

    def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback ends so; None for a stranger's guess."""
        return next(iter(self._select("token = ?", storable(token))), None)

    def all(self) -> list[Subscription]:
        """All of them, by source, those that are being ended last."""
        return self._select("1 = ?", 1)

    def due(self, at: datetime) -> list[Subscription]:
        """Those whose hub is to be asked by now, who has waited longest first."""
        return sorted(self._select("ask_at <= ?", stamp(at)), key=lambda one: one.ask_at)

    def asking(self, token: str, at: datetime, again_at: datetime) -> None:
        """The hub is about to be asked; it is asked again at `again_at` unless it settles it."""
        self._write(
            "waiting_since = ?, ask_at = ?, failures = failures + 1 WHERE token = ?",
            (stamp(at), stamp(again_at), token),
        )

    def refused(self, token: str, note: str, again_at: datetime) -> None:
        """The hub did not take the request; without effect when it has settled it all the same."""
        self._write(
            "note = ?, ask_at = ? WHERE token = ? AND waiting_since IS NOT NULL",
            (storable(note), stamp(again_at), token),
        )

    def postpone(self, hub: str, until: datetime) -> None:
        """Ask this hub for nobody before then."""
        self._write("ask_at = max(ask_at, ?) WHERE hub = ?", (stamp(until), hub))

    def verified(self, token: str, at: datetime, expires_at: datetime, renew_at: datetime) -> None:
        """The hub serves it until `expires_at`."""
        self._write(
            "state = 'active', since = CASE state WHEN 'active' THEN since ELSE ? END,"
            " waiting_since = NULL, failures = 0, note = '', expires_at = ?, ask_at = ?"
            " WHERE token = ? AND state <> 'leaving'",
            (stamp(at), stamp(expires_at), stamp(renew_at), token),
        )

    def denied(self, token: str, note: str, at: datetime, again_at: datetime) -> None:
        """The hub does not serve it, or no longer."""
        self._write(
            "state = 'denied', since = ?, waiting_since = NULL, note = ?, ask_at = ?"
            " WHERE token = ? AND state <> 'leaving'",
            (stamp(at), storable(note), stamp(again_at), token),
        )

    def move(self, token: str, base: str, at: datetime) -> None:
        """Our address has changed: ask for pushes to the new one at once."""
        self._write("callback = ? || token, ask_at = ? WHERE token = ?", (base, stamp(at), token))

    def leave(self, source: str, at: datetime) -> None:
        """End the subscription of a source: the hub is asked to stop, and `drop` forgets it."""
        with self._db.writing() as conn:
            conn.execute(_LEAVE, (stamp(at), stamp(at), source))

    def drop(self, token: str) -> None:
        """Forget it."""
        with self._db.writing() as conn:
            conn.execute("DELETE FROM subscriptions WHERE token = ?", (token,))

    def pushed(self, token: str, at: datetime, note: str = "") -> None:
        """Something signed came in; `note` says what was wrong with it.

        While the hub does not serve it, why it does not is the more important note.
        """
        self._write(
            "pushes = pushes + 1, pushed_at = ?,"
            " note = CASE state WHEN 'active' THEN ? ELSE note END WHERE token = ?",
            (stamp(at), storable(note), token),
        )

    def ignored(self, token: str) -> None:
        """Something came in that the secret had not signed."""
        self._write("ignored = ignored + 1 WHERE token = ?", (token,))

    def _write(self, change: str, values: Sequence[object]) -> None:
        with self._db.writing() as conn:
            conn.execute(f"UPDATE subscriptions SET {change}", values)

    def _select(self, where: str, value: object) -> list[Subscription]:
        with self._db.reading() as conn:
            found = conn.execute(
                f"SELECT {_COLUMNS} FROM subscriptions WHERE {where}"
                " ORDER BY state = 'leaving', source",
                (value,),
            ).fetchall()
        return [_read(row) for row in found]


def open_subscriptions(url: str) -> Subscriptions:
    """Open or create the subscriptions beside the store at this address."""
    return Subscriptions(private_place(url))


def _read(row: tuple[Any, ...]) -> Subscription:
    return Subscription(
        token=row[0],
        source=row[1],
        offer=Offer(*row[2:5]),
        callback=row[5],
        private=bool(row[6]),
        secret=row[7],
        state=State(row[8]),
        since=moment(row[9]),
        ask_at=moment(row[10]),
        waiting_since=moment(row[11]),
        expires_at=moment(row[12]),
        failures=row[13],
        note=row[14],
        pushes=row[15],
        ignored=row[16],
        pushed_at=moment(row[17]),
    )
