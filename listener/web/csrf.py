"""Only our own pages may change anything in a visitor's name: told by what browsers say of a request.

Every browser of today sends `Sec-Fetch-Site`, which no page can forge; for others `Origin` must be
ours. Programs that send a token instead of a cookie are not asked: no other page has their token.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from listener.web.refusals import Forged

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGNED = ("/hooks/", "/websub/")  # deliveries are signed, and sent by programs


class SameOrigin:
    """Raises Forged, which the failures turn into an answer, before anything else sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may be meant."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            if not scope["path"].startswith(SIGNED) and "authorization" not in headers:
                check(headers)
        await self._app(scope, receive, send)


def check(headers: Headers) -> None:
    """Raise Forged unless a request comes from our own pages."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forged("this was asked for by another site's page, so nothing was done")
        return
    origin = headers.get("origin", "")
    if not origin:
        raise Forged(
            "the request does not say which page it comes from, so nothing was done",
            "a program sends its token: Authorization: Bearer lst_…",
        )
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        host = ""
    if not host or host != headers.get("host"):
        raise Forged(f"this was asked for by a page of {origin[:200]!r}, so nothing was done")
