"""Messages as signed webhooks, by the guarded fetcher, as Standard Webhooks describe them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpcore2
import httpx2
import orjson

from listener.notifiers.message import Message
from listener.notifiers.protocol import Fate, Sent
from sources.errors import Blocked, SourceError
from sources.http.address import Resolve, checked_addresses, system_resolve
from sources.http.fetch import Fetcher, Limits, Response
from sources.http.patience import patience_until
from sources.webhook.standard import Keys, sign

LIMITS = Limits(wire_bytes=1 << 20, plain_bytes=1 << 20, seconds=15.0, step_seconds=10.0)
_ERRORS = frozenset(range(400, 600))
_NEVER_REACHED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
)


class WebhookNotifier:
    """Posts JSON: `{"type", "timestamp", "data": {"subject", "text", "alarms"}}`.

    The headers `webhook-id`, `webhook-timestamp` and, with a key, `webhook-signature` are those of
    https://www.standardwebhooks.com. Any 2xx is an arrival; 410 says never again.
    """

    kind = "webhook"

    def __init__(
        self,
        url: str,
        secret: str = "",
        *,
        now: Callable[[], datetime],
        allow_private: bool = False,
        limits: Limits = LIMITS,
        resolve: Resolve = system_resolve,
    ) -> None:
        """Open nothing yet."""
        self._url = url
        self._keys = Keys.read([secret]) if secret else None
        self._now = now
        self._allow_private = allow_private
        self._limits = limits
        self._resolve = resolve

    def send(self, message: Message) -> Sent:
        """Send a message once."""
        body = orjson.dumps(
            {
                "type": f"alarm.{message.what}",
                "timestamp": message.at.isoformat(),
                "data": {
                    "subject": message.subject,
                    "text": message.text,
                    "alarms": list(message.alarms),
                },
            }
        )
        now = self._now()
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._keys is not None:
            headers = sign(message.id, now, body, self._keys)
        try:
            addresses = self._addresses()
        except Blocked as error:
            return Sent(Fate.REFUSED, str(error))
        except (SourceError, ValueError) as error:
            return Sent(Fate.NOT_SENT, str(error))
        try:
            with Fetcher(
                allow_private=self._allow_private,
                limits=self._limits,
                now=self._now,
                resolve=lambda _host, _port: addresses,
            ) as fetcher:
                return self._judged(fetcher.post(self._url, body, headers=headers, accept=_ERRORS))
        except SourceError as error:
            never = isinstance(error.__cause__, _NEVER_REACHED)
            return Sent(Fate.NOT_SENT if never else Fate.IN_DOUBT, str(error))

    def _addresses(self) -> list[str]:
        """The checked addresses; what goes wrong here has certainly sent nothing."""
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
        return checked_addresses(host, port, self._resolve, allow_private=self._allow_private)

    def _judged(self, answer: Response) -> Sent:
        said = f"answered {answer.status}"
        if 200 <= answer.status < 300:
            return Sent(Fate.SENT, said)
        if answer.status == 410:
            return Sent(Fate.REFUSED, f"{said}: the receiver wants no more of these")
        return Sent(Fate.NOT_SENT, said, patience_until(answer.headers, self._now()))
