"""A WebSub hub on 127.0.0.1 that does as it is told: verifies, pushes, denies, refuses, lies."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import httpx2

from sources.testing.web import Answer, Asked, FakeWeb

CHALLENGE = "7d4f1f1e-a-challenge"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Request:
    """What a subscriber has asked for."""

    mode: str
    topic: str
    callback: str
    secret: str = field(default="", repr=False)


@dataclass(slots=True)
class FakeHub:
    """Takes requests at `path` of `web` and remembers them in `requests`, the latest last.

    `reach` turns a callback into the address at which it can be reached here. `answer` is what
    requests are answered with; `at_once` asks back before that, as some hubs do. `lease` is what it
    says of the lease, in seconds (or whatever a hub may say).
    """

    web: FakeWeb
    reach: Callable[[str], str] = lambda callback: callback
    path: str = "/hub"
    answer: Answer = field(default_factory=lambda: Answer(status=202))
    at_once: bool = False
    lease: object = 10 * DAY
    requests: list[Request] = field(default_factory=list)
    verified: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web.routes[self.path] = self._take

    @property
    def url(self) -> str:
        """Where it is asked."""
        return self.web.url(self.path)

    def _take(self, asked: Asked) -> Answer:
        form = dict(parse_qsl(asked.body.decode("ascii"), strict_parsing=True))
        names = ("hub.mode", "hub.topic", "hub.callback", "hub.secret")
        self.requests.append(Request(*(form.get(name, "") for name in names)))
        if self.at_once:
            self.verified.append(self.verify().status_code)
        return self.answer

    def verify(self, **changed: str) -> httpx2.Response:
        """Ask back for the latest request; `changed` are other fields, without their `hub.`."""
        last = self.requests[-1]
        fields = {"mode": last.mode, "topic": last.topic, "challenge": CHALLENGE}
        fields["lease_seconds"] = str(self.lease)
        return self.ask({**fields, **changed})

    def deny(self, reason: str) -> httpx2.Response:
        """Say that the latest request, or what it began, is not served."""
        return self.ask({"mode": "denied", "topic": self.requests[-1].topic, "reason": reason})

    def ask(self, fields: dict[str, str]) -> httpx2.Response:
        """Ask the latest callback whatever one likes."""
        query = urlencode({f"hub.{name}": value for name, value in fields.items()})
        address = f"{self.reach(self.requests[-1].callback)}?{query}"
        return httpx2.get(address, trust_env=False, timeout=20)

    def push(
        self,
        body: bytes,
        *,
        method: str = "sha256",
        signature: str | None = None,
        content_type: str = "application/rss+xml",
    ) -> httpx2.Response:
        """Push to the latest callback, signed with its secret or with `signature` as it is."""
        last = self.requests[-1]
        if signature is None:
            signature = f"{method}={sign(body, last.secret, method)}"
        headers = {"content-type": content_type}
        if signature:
            headers["x-hub-signature"] = signature
        address = self.reach(last.callback)
        return httpx2.post(address, content=body, headers=headers, trust_env=False, timeout=20)


def sign(body: bytes, secret: str, method: str = "sha256") -> str:
    """Sign as hubs do."""
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
