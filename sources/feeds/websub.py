"""WebSub as its subscriber sees it: what a feed offers, what a hub is asked, and whom to believe.

After https://www.w3.org/TR/websub/. Values in, values out: nothing here reaches out or remembers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sources.http.link import safe_link
from sources.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sources.feeds.entry import Feed

LEASE = timedelta(days=10)  # what we ask for; the hub decides
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=1), timedelta(days=30)
LONGEST_CHALLENGE = 1_000
LONGEST_HEADER = 8_000
SIGNATURES = ("sha1", "sha256", "sha384", "sha512")

_LINK = re.compile(
    r"<([^<>]*+)>((?:\s*+;\s*+[^\s=;,\"<>]++(?:\s*+=\s*+(?:\"[^\"]*+\"|[^\s;,\"]*+))?+)*+)"
)
_PARAMETER = re.compile(r";\s*+([^\s=;,\"]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|([^\s;,\"]*+)))?+")


class Mode(StrEnum):
    """What a request between subscriber and hub is about."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Offer:
    """Who pushes a feed: its hub, and the address by which hubs know it (the topic).

    `found_at` is where the feed was found: relative links of what is pushed are resolved against it.
    An address may hold a key, so only the host of the hub is for people. Without a hub: none pushes it.
    """

    hub: str = field(default="", repr=False)
    topic: str = field(default="", repr=False)
    found_at: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Intent:
    """A hub's question whether a subscription is meant, or its word that it will not serve one.

    `lease` is kept between a minute and 30 days, whatever the hub says; `reason` is one clean line.
    """

    mode: Mode
    topic: str = field(repr=False)
    challenge: str = field(default="", repr=False)
    lease: timedelta = LEASE
    reason: str = ""


def offered(headers: Mapping[str, str], feed: Feed, found_at: str) -> Offer:
    """Return what an answer offers: by its `Link` headers first, else by the links of the feed.

    `headers` have names in lower case. Without a link to itself a feed offers nothing: its address
    in the configuration may hold a key, which is not for a stranger's hub. Of several hubs the first
    counts. Never raises.
    """
    hub = topic = ""
    for target, relations in _links(headers.get("link", "")[:LONGEST_HEADER]):
        link = safe_link(target, found_at)
        hub = hub or (link if "hub" in relations else "")
        topic = topic or (link if "self" in relations else "")
    hub = hub or feed.hub
    topic = topic or feed.own_link
    return Offer(hub, topic, found_at) if hub and topic else Offer(found_at=found_at)


def trusted_hub(hub: str, *, allow_private: bool = False) -> str:
    """Return the address to ask a hub at: always https, because it is told the secret of its pushes.

    Many feeds still name http:// for hubs that have long spoken https. "" when there is no https to
    hope for (http on a port of its own); with `allow_private` http stays http.
    """
    parts = urlsplit(hub)
    if parts.scheme == "https" or allow_private:
        return hub
    return "" if parts.port else urlunsplit(("https", *parts[1:]))


def request_form(mode: Mode, topic: str, callback: str, secret: str) -> bytes:
    """Return the body of a request to a hub."""
    form = {"hub.mode": mode.value, "hub.topic": topic, "hub.callback": callback}
    if mode is Mode.SUBSCRIBE:
        form["hub.secret"] = secret
        form["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
    form["hub.verify"] = "async"  # hubs of PubSubHubbub 0.3 want it, later ones ignore it
    return urlencode(form).encode("ascii")


def read_intent(query: str) -> Intent | None:
    """Read what a hub asks in the query of its GET; None for anything that is none.

    A field given twice, an unknown mode, a challenge that is missing, longer than 1,000 characters
    or not printable ASCII: none of it is echoed.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=30)
        given = dict(pairs)
        mode = Mode(given.get("hub.mode", ""))
    except ValueError:
        return None
    topic, challenge = given.get("hub.topic", ""), given.get("hub.challenge", "")
    sound = 0 < len(challenge) <= LONGEST_CHALLENGE
    sound = sound and challenge.isascii() and challenge.isprintable()
    if len(given) < len(pairs) or not topic or not (sound or mode is Mode.DENIED):
        return None
    reason = clean_line(given.get("hub.reason", "")[:1_000], 200)
    return Intent(mode, topic, challenge, _lease(given.get("hub.lease_seconds", "")), reason)


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether `X-Hub-Signature` (`method=hex`) was made of this body by who knows the secret.

    Compared in constant time; SHA-1, SHA-256, SHA-384 and SHA-512 count, and nothing else does.
    """
    method, _, written = header.strip().partition("=")
    if method.lower() not in SIGNATURES:
        return False
    own = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(own.encode(), written.lower().encode(errors="replace"))


def _lease(seconds: str) -> timedelta:
    if not (seconds.isascii() and seconds.isdecimal()):
        return LEASE  # hubs have to say, and some do not
    given = timedelta(seconds=int(seconds[:10]))
    return min(max(given, SHORTEST_LEASE), LONGEST_LEASE)


def _links(header: str) -> Iterator[tuple[str, set[str]]]:
    """Yield target and relations of each link (RFC 8288); those of another page (`anchor`) are none."""
    for link in _LINK.finditer(header):
        given: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(link[2]):
            given.setdefault(name.lower(), quoted or bare)
        if "anchor" not in given:
            yield link[1], set(given.get("rel", "").lower().split())
