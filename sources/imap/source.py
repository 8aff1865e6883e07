"""Mentions from a mailbox: complaints that customers sent by e-mail."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from sources.errors import Blocked, CredentialsRejected, Gone, SourceError
from sources.http.address import Resolve, system_resolve
from sources.http.fetch import Limits, utc_now
from sources.imap.mail import KIND, read_mail
from sources.imap.mailbox import LIMITS, Letter, Mailbox, opened
from sources.protocols import Batch, Check, Health

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    from sources.imap.settings import ImapSettings
    from sources.mention import Mention

FORMAT = 1
LETTERS_A_BATCH = 50
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder has been read: its numbering, the last number, the latest arrival."""

    validity: int = 0
    uid: int = 0
    newest: str = ""

    @classmethod
    def read(cls, cursor: str | None) -> Place:
        """Read a cursor; one that makes no sense is the beginning."""
        try:
            data = json.loads(cursor or "")
            if data["format"] != FORMAT:
                return cls()
            if data["newest"]:
                datetime.fromisoformat(data["newest"])
            return cls(int(data["validity"]), int(data["uid"]), str(data["newest"]))
        except (ValueError, TypeError, KeyError):
            return cls()

    def write(self) -> str:
        """Write the cursor: compact JSON."""
        data = {"format": FORMAT, "validity": self.validity, "uid": self.uid, "newest": self.newest}
        return json.dumps(data, separators=(",", ":"))

    def behind(self, letters: Sequence[Letter], uid: int) -> Place:
        """Return the place behind some letters, of which `uid` is the last number asked for."""
        dates = [letter.arrived.isoformat() for letter in letters if letter.arrived]
        return replace(self, uid=max(uid, self.uid), newest=max([self.newest, *dates]))


class ImapSource:
    """Reads one folder by IMAP, oldest first, and changes nothing in it.

    The cursor is the folder's UIDVALIDITY and the last UID, so nothing is skipped; when the server
    numbers anew, messages since the day before the latest one come again under the same ids. At
    most 1 MiB of a message is fetched. `now` is the clock, `tls` judges certificates, `resolve`
    looks names up, `limits` caps the time of every command.
    """

    kind = KIND

    def __init__(
        self,
        settings: ImapSettings,
        now: Callable[[], datetime] = utc_now,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolve,
        limits: Limits = LIMITS,
    ) -> None:
        """Nothing is dialled before `collect` or `check`."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._tls = tls
        self._resolve = resolve
        self._limits = limits

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what has come since `cursor`, fifty messages a batch.

        Raises CredentialsRejected for the log-in, Gone for the folder, Transient for the network.
        """
        place = Place.read(cursor)
        with opened(self._settings, self._tls, self._resolve, self._limits) as mailbox:
            note = ""
            if place.validity != mailbox.validity:
                note = "the server has numbered its messages anew" if place.validity else ""
                place = replace(place, validity=mailbox.validity, uid=0)
            uids = self._new(mailbox, place)
            if not uids:
                yield Batch(cursor=place.write(), health=Health.QUIET, note=note)
            for start in range(0, len(uids), LETTERS_A_BATCH):
                wanted = uids[start : start + LETTERS_A_BATCH]
                letters = mailbox.letters(wanted)
                place = place.behind(letters, wanted[-1])
                batch = self._batch(letters, note)
                yield replace(
                    batch, cursor=place.write(), done=start + len(wanted), total=len(uids)
                )

    def check(self) -> Check:
        """Log in, open the folder, and say which setting to mend."""
        try:
            with opened(self._settings, self._tls, self._resolve, self._limits) as mailbox:
                count = len(mailbox.search("ALL"))
        except SourceError as error:
            setting = "host"
            if isinstance(error, Blocked):
                setting = error.to_mend("host")
            elif isinstance(error, CredentialsRejected):
                setting = "password"
            elif isinstance(error, Gone):
                setting = "folder"
            return Check(False, str(error), setting)
        return Check(True, f"{self._settings.folder!r} holds {count:,} messages")

    def reply_link(self, mention: Mention) -> str:
        """Return a `mailto:` address that answers the message; empty without a sender."""
        if not mention.author.handle:
            return ""
        subject = quote(f"Re: {mention.title}", safe="")
        return f"mailto:{quote(mention.author.handle, safe='@')}?subject={subject}"

    def _new(self, mailbox: Mailbox, place: Place) -> list[int]:
        """Find what is behind the place; without one, what has come since some day."""
        if place.uid:
            # The last message is in every range that ends with *, whatever its number.
            return [uid for uid in mailbox.search("UID", f"{place.uid + 1}:*") if uid > place.uid]
        since = self._now() - self._settings.history
        if place.newest:
            since = min(since, datetime.fromisoformat(place.newest)) - timedelta(days=1)
        return mailbox.search("SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}")

    def _batch(self, letters: Sequence[Letter], note: str) -> Batch:
        now = self._now()
        mentions: dict[str, Mention] = {}
        rejected = []
        for letter in letters:
            mention = read_mail(letter.raw, letter.arrived or now, now)
            if mention is None:
                rejected.append(f"message {letter.uid} holds nothing that can be read")
            else:
                mentions[mention.external_id] = mention
        health = Health.HEALTHY if mentions else Health.QUIET
        return Batch(tuple(mentions.values()), health=health, note=note, rejected=rejected)
