"""A folder of a mail server, opened for reading only, through imaplib; its errors made ours."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import CredentialsRejected, Gone, Transient, Unreadable
from sources.http.address import Resolve, checked_addresses
from sources.moments import moment
from sources.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sources.imap.settings import ImapSettings

MOST_BYTES = 1 << 20  # of one message; words come first, attachments behind them
STEP_SECONDS = 20.0
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

    def __init__(self, connection: imaplib.IMAP4, validity: int) -> None:
        """Take a connection that has its folder open."""
        self._connection = connection
        self.validity = validity

    def search(self, *words: str) -> list[int]:
        """Return the UIDs that a search finds, in order."""
        found = _ok(self._connection.uid("SEARCH", *words), "SEARCH")
        return sorted({int(word) for line in found for word in line.split() if word.isdigit()})

    def letters(self, uids: Sequence[int]) -> list[Letter]:
        """Fetch messages by UID, the first megabyte of each, without marking them as read.

        Messages that have gone meanwhile are missing.
        """
        wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
        numbers = ",".join(map(str, uids))
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
    settings: ImapSettings, tls: ssl.SSLContext | None, resolve: Resolve
) -> Iterator[Mailbox]:
    """Dial, log in and open the folder; log out at the end.

    Raises Blocked for addresses outside the public internet, CredentialsRejected, Gone for a folder
    that is not there, Transient for networks and Unreadable for servers that speak no IMAP.
    """
    where = f"{settings.host}:{settings.port}"
    private = settings.allow_private
    checked_addresses(settings.host, settings.port, resolve, allow_private=private)
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _dialled(settings, tls, where)
        _log_in(connection, settings, where)
        yield Mailbox(connection, _open(connection, settings.folder, where))
    except imaplib.IMAP4.abort as error:
        raise Transient(f"{where} broke off: {clean_line(str(error), 100)}") from error
    except imaplib.IMAP4.error as error:
        raise Unreadable(f"{where} speaks no proper IMAP: {clean_line(str(error), 100)}") from error
    except ssl.SSLError as error:
        raise Transient(f"{where}: no safe connection: {clean_line(str(error), 100)}") from error
    except OSError as error:
        raise Transient(f"{where}: {clean_line(str(error), 100)}") from error
    finally:
        if connection is not None:
            _leave(connection)


def _dialled(settings: ImapSettings, tls: ssl.SSLContext | None, where: str) -> imaplib.IMAP4:
    context = tls or ssl.create_default_context()
    if settings.security == "tls":
        return imaplib.IMAP4_SSL(
            settings.host, settings.port, ssl_context=context, timeout=STEP_SECONDS
        )
    connection = imaplib.IMAP4(settings.host, settings.port, timeout=STEP_SECONDS)
    if settings.security == "starttls":
        try:
            if "STARTTLS" not in connection.capabilities:
                raise Unreadable(f"{where} does not offer STARTTLS; check security and port")
            connection.starttls(context)
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
