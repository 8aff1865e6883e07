"""How the subscriptions of feeds are, in words fit for anybody: no address, no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from listener.store import has_private
from listener.store.subscriptions import State, Subscription, open_subscriptions
from sources.http.link import host_of

if TYPE_CHECKING:
    from listener.config import Config


@dataclass(frozen=True, slots=True)
class Subscribed:
    """How a source is pushed. `hub` is a host; `until` the end of the lease; `about` one sentence.

    `pushes` were taken in, `ignored` were not signed with our secret.
    """

    hub: str
    active: bool
    about: str
    until: datetime | None
    pushes: int
    pushed_at: datetime | None
    ignored: int


def subscribed(config: Config, now: datetime) -> Mapping[str, Subscribed]:
    """The subscriptions of the configured sources, by source; none without `web.public_url`.

    Changes nothing that is not there. Raises StoreError.
    """
    if not config.web.public_url or not has_private(config.store):
        return {}
    with open_subscriptions(config.store) as kept:
        found = kept.all()
    names = {own.name for own in config.sources}
    return {
        one.source: _shown(one, now)
        for one in found
        if one.source in names and one.state is not State.LEAVING
    }


def _shown(one: Subscription, now: datetime) -> Subscribed:
    active = one.state is State.ACTIVE and one.expires_at is not None and one.expires_at > now
    hub = host_of(one.offer.hub)
    return Subscribed(
        hub=hub,
        active=active,
        about=_about(one, hub, active),
        until=one.expires_at if active else None,
        pushes=one.pushes,
        pushed_at=one.pushed_at,
        ignored=one.ignored,
    )


def _about(one: Subscription, hub: str, active: bool) -> str:
    if active:
        assert one.expires_at is not None
        about = f"pushed by {hub} until {one.expires_at:%Y-%m-%d %H:%M} UTC"
    elif one.state is State.DENIED:
        about = "not pushed"
    elif one.state is State.ACTIVE:
        about = f"not pushed: the lease of {hub} has run out"
    elif one.waiting_since is None:
        about = f"{hub} is about to be asked for pushes"
    else:
        about = f"{hub} was asked for pushes at {one.waiting_since:%Y-%m-%d %H:%M} UTC"
        if one.failures > 1 and not one.note:
            about += " and never asked back: can it reach web.public_url?"
    told = [about]
    if one.note:
        told.append(one.note)
    if one.ignored:
        many = "delivery was" if one.ignored == 1 else "deliveries were"
        told.append(f"{one.ignored:,} {many} not signed by it and left out")
    return "; ".join(told)
