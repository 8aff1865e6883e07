"""A folder of a mail server, opened for reading only, through imaplib; its errors made ours."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import CredentialsRejected, Gone, SourceError, Transient, Unreadable
from sources.http.address import Resolve, checked_addresses
from sources.http.cutoff import Cutoff
from sources.http.fetch import Limits
from sources.moments import moment
from sources.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sources.imap.settings import ImapSettings

MOST_BYTES = 1 << 20  # of one message; words come first, attachments behind them
# A page is up to fifty megabytes, so a slow line gets its time; a line that drips does not.
LIMITS = Limits(seconds=240.0, step_seconds=20.0)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as the server keeps it: its number in the folder, arrival and bytes."""

    uid: int
    arrived: datetime | None
    raw: bytes


class Mailbox:
    """An open folder. `validity` is the numbering its UIDs belong to; another one voids them."""

    def __init__(self, connection: imaplib.IMAP4, validity: int, cutoff: Cutoff) -> None:
        """Take a connection that has its folder open, and what ends it when a command hangs."""
        self._connection = connection
        self._cutoff = cutoff
        self.validity = validity

    def search(self, *words: str) -> list[int]:
        """Return the UIDs that a search finds, in order."""
        with self._cutoff:
            found = _ok(self._connection.uid("SEARCH", *words), "SEARCH")
        return sorted({int(word) for line in found for word in line.split() if word.isdigit()})

    def letters(self, uids: Sequence[int]) -> list[Letter]:
        """Fetch messages by UID, the first megabyte of each, without marking them as read.

        Messages that have gone meanwhile are missing.
        """
        wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
        numbers = ",".join(map(str, uids))
        with self._cutoff:
            answer = self._connection.uid("FETCH", numbers, wanted)
        if answer[0] != "OK":
            raise Transient("the mail server does not hand out its messages")
        found = []
        for at, part in enumerate(answer[1]):
            if not isinstance(part, tuple):
                continue
            behind = answer[1][at + 1] if at + 1 < len(answer[1]) else b""
            told = part[0] + b" " + (behind if isinstance(behind, bytes) else b"")
            uid, arrived = _UID.search(told), _ARRIVED.search(told)
            if uid:
                date = moment(_written(arrived[1])) if arrived else None
                found.append(Letter(int(uid[1]), date, part[1]))
        return sorted(found, key=lambda letter: letter.uid)


@contextmanager
def opened(
    settings: ImapSettings, tls: ssl.SSLContext | None, resolve: Resolve, limits: Limits = LIMITS
) -> Iterator[Mailbox]:
    """Dial, log in and open the folder; log out at the end.

    Everything up to the open folder, and every command after it, is cut off when it is not over
    within the seconds of `limits`.

    Raises Blocked for addresses outside the public internet, CredentialsRejected, Gone for a folder
    that is not there, Transient for networks and Unreadable for servers that speak no IMAP.
    """
    where = f"{settings.host}:{settings.port}"
    private = settings.allow_private
    checked_addresses(settings.host, settings.port, resolve, allow_private=private)
    connection: imaplib.IMAP4 | None = None
    cutoff = Cutoff(limits.seconds)
    try:
        with cutoff:
            connection = _dialled(settings, tls, cutoff, limits.step_seconds)
            _log_in(connection, settings, where)
            validity = _open(connection, settings.folder, where)
        yield Mailbox(connection, validity, cutoff)
    except (imaplib.IMAP4.error, OSError) as error:
        if cutoff.passed:
            late = f"no complete answer within {limits.seconds:g} seconds"
            raise Transient(f"{where}: {late}") from error
        raise _in_our_words(error, where) from error
    finally:
        if connection is not None:
            with cutoff:
                _leave(connection)


def _in_our_words(error: Exception, where: str) -> SourceError:
    said = clean_line(str(error), 100)
    if isinstance(error, imaplib.IMAP4.abort):
        return Transient(f"{where} broke off: {said}")
    if isinstance(error, imaplib.IMAP4.error):
        return Unreadable(f"{where} speaks no proper IMAP: {said}")
    if isinstance(error, ssl.SSLError):
        return Transient(f"{where}: no safe connection: {said}")
    return Transient(f"{where}: {said}")


def _dialled(
    settings: ImapSettings, tls: ssl.SSLContext | None, cutoff: Cutoff, step: float
) -> imaplib.IMAP4:
    """Connect, and let the cutoff know before the server has said a word."""

    class Plain(imaplib.IMAP4):
        def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
            super().open(host, port, timeout)
            cutoff.watch(self.sock)

    class Safe(imaplib.IMAP4_SSL):
        def open(
            self, host: str = "", port: int | None = 993, timeout: float | None = None
        ) -> None:
            super().open(host, port, timeout)
            cutoff.watch(self.sock)

    where = f"{settings.host}:{settings.port}"
    context = tls or ssl.create_default_context()
    if settings.security == "tls":
        return Safe(settings.host, settings.port, ssl_context=context, timeout=step)
    connection = Plain(settings.host, settings.port, timeout=step)
    if settings.security == "starttls":
        try:
            if "STARTTLS" not in connection.capabilities:
                raise Unreadable(f"{where} does not offer STARTTLS; check security and port")
            connection.starttls(context)
            cutoff.watch(connection.sock)
        except BaseException:
            connection.shutdown()
            raise
    return connection


def _log_in(connection: imaplib.IMAP4, settings: ImapSettings, where: str) -> None:
    try:
        connection.login(settings.username, settings.password.get_secret_value())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        # What the server says may repeat what was sent.
        raise CredentialsRejected(
            f"{where} refuses the account; check username and password"
        ) from None
    except UnicodeEncodeError:
        raise CredentialsRejected(f"{where}: username and password must be ASCII") from None


def _open(connection: imaplib.IMAP4, folder: str, where: str) -> int:
    """Open the folder for reading only and return its UIDVALIDITY."""
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, _ = connection.select(quoted, readonly=True)
    if state != "OK":
        raise Gone(f"{where} has no folder {folder!r}; check folder")
    told = connection.response("UIDVALIDITY")[1]
    number = told[0] if told else None
    if not isinstance(number, bytes) or not number.isdigit():
        raise Unreadable(f"{where} does not say how it numbers the messages of {folder!r}")
    return int(number)


def _leave(connection: imaplib.IMAP4) -> None:
    try:
        connection.logout()
    except (imaplib.IMAP4.error, OSError):
        connection.shutdown()  # it has hung up already


def _ok(answer: tuple[str, list[bytes | None]], command: str) -> list[bytes]:
    state, lines = answer
    if state != "OK":
        raise Transient(f"the mail server refuses {command}")
    return [line for line in lines if line]


def _written(date: bytes) -> str:
    """Write ` 1-Nov-2026 10:00:00 +0000` as RFC 5322 does."""
    return date.decode("ascii", "replace").strip().replace("-", " ", 2)
