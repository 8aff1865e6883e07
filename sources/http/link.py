"""Links as they may be stored, followed and shown: http or https, a real host, no secrets."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

LONGEST_LINK = 2_000
DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?", re.ASCII)
_NEVER_IN_A_URL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_KEPT = "/:?#[]@!$&'()*+,;=%~-._"


def safe_link(url: str, base: str = "") -> str:
    """Return `url` as an absolute http or https address, or "" when it is anything else.

    Relative links are resolved against `base`. The host comes out in lower case and in its ASCII
    form, so that what is shown is what would be visited; user names and passwords are dropped.
    Never raises; `javascript:`, `data:`, backslash tricks and links over 2,000 characters give "".
    """
    url = url.strip()
    if not url or len(url) > LONGEST_LINK or "\\" in url:
        return ""
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        host = _ascii_host(parts)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not host:
        return ""
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path, query, fragment = (
        quote(part, safe=_KEPT, errors="replace")
        for part in (parts.path, parts.query, parts.fragment)
    )
    link = urlunsplit((parts.scheme, host, path, query, fragment))
    return link if len(link) <= LONGEST_LINK else ""


def host_of(url: str) -> str:
    """Return the host of an http or https address in lower-case ASCII, "" for anything else."""
    try:
        parts = urlsplit(url.strip())
        return _ascii_host(parts) if parts.scheme in DEFAULT_PORTS else ""
    except ValueError:
        return ""


def shown(url: str) -> str:
    """Write an address for logs and errors: no user name, no password, no query values.

    The words of a query are often keys (`?token=…`), so only its presence is shown.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
        host = parts.hostname or ""
    except ValueError:
        return "(not an address)"
    if ":" in host:
        host = f"[{host}]"
    start = f"{parts.scheme}://" if parts.scheme else ""
    text = f"{start}{host}{port}{parts.path}{'?…' if parts.query else ''}"
    text = _NEVER_IN_A_URL.sub("", text)
    return text if len(text) <= 200 else text[:199] + "…"


def has_secret_place(url: str) -> bool:
    """Say whether an address could carry a secret (user name, password or query)."""
    parts = urlsplit(url)
    return bool(parts.query or parts.username or parts.password)


def _ascii_host(parts: SplitResult) -> str:
    """Return the host in lower-case ASCII, "" when it has none; ValueError when impossible."""
    host = parts.hostname or ""
    if len(host) > 253:
        return ""
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    return host if _HOST_NAME.fullmatch(host) else ""
