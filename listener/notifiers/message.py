"""What is said to the people who want to be told: one message of one or many alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from listener.store.alarms import DeliveryRow
from sources.text import clean_line

MOST_SHOWN = 20
LONGEST_TITLE = 120
HEADLINES: Mapping[str, str] = {
    "spike": "Spike",
    "growing": "Growing",
    "back": "Back after the fix",
    "vigilante": "Likely vigilante",
    "promise": "Promise broken",
    "queue": "Queue beyond promise",
    "blind": "Source blind",
    "disk": "Disk low",
    "outbox": "Messages stuck",
    "digest": "Digest",
    "test": "Test",
}
OVER: Mapping[str, str] = {
    "queue": "Queue within promise again",
    "blind": "Source sees again",
    "disk": "Disk has room again",
    "outbox": "Messages go out again",
}
# Titles are cut from posts: nothing in them may call a channel or hide a link.
_HARMLESS = str.maketrans({"@": "＠", "<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "*": "·"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `id` is the same whenever it is sent again, `alarms` the same as data."""

    id: str
    at: datetime
    what: str
    subject: str
    text: str
    alarms: Sequence[Mapping[str, object]]

    def __post_init__(self) -> None:
        """Replace what no wire can carry: lone surrogates become question marks."""
        for name in ("subject", "text"):
            sound = getattr(self, name).encode("utf-8", "replace").decode()
            object.__setattr__(self, name, sound)


def compose(deliveries: Sequence[DeliveryRow], at: datetime, address: str = "") -> Message:
    """One message of all deliveries to one target; `address` is where the web pages are reached."""
    alarms = [one.alarm for one in deliveries]
    kinds = {alarm.what for alarm in alarms}
    lines: list[str] = []
    for one in deliveries[:MOST_SHOWN]:
        lines += [_headline(one), *(f"  {reason}" for reason in one.alarm.reasons)]
        lines += [f"  {where}" for where in _where(one, address)]
    if len(deliveries) > MOST_SHOWN:
        lines.append(f"and {len(deliveries) - MOST_SHOWN:,} more: listener notify list")
    subject = _headline(deliveries[0])
    if len(deliveries) > 1:
        subject = f"{len(deliveries):,} alarms, first: {subject}"
    ids = ",".join(str(one.id) for one in sorted(deliveries, key=lambda one: one.id))
    return Message(
        id=f"listener_{sha256(ids.encode()).hexdigest()[:24] if ',' in ids else ids}",
        at=at,
        what=kinds.pop() if len(kinds) == 1 else "several",
        subject=subject,
        text="\n".join(lines),
        alarms=[_plain(one, address) for one in deliveries],
    )


def trial(target: str, at: datetime) -> Message:
    """The message of `listener notify test`."""
    said = f"This is a test of the notify entry {target!r}: alarms will arrive here."
    return Message(f"listener_test_{at:%Y%m%d%H%M%S}", at, "test", "Test", said, [])


def harmless(title: str) -> str:
    """A title on one line that calls nobody, formats nothing and hides no link."""
    return re.sub(r"://", ":/ /", clean_line(title, LONGEST_TITLE)).translate(_HARMLESS)


def _headline(one: DeliveryRow) -> str:
    alarm = one.alarm
    headline = (OVER if alarm.over else HEADLINES).get(alarm.what, alarm.what)
    named = harmless(alarm.title) or (f"case {alarm.case}" if alarm.case else "")
    brand = f" ({alarm.brand})" if alarm.brand else ""
    return f"{headline}: {named}{brand}" if named else f"{headline}{brand}"


def _where(one: DeliveryRow, address: str) -> list[str]:
    alarm = one.alarm
    if alarm.case is not None:
        place, command = f"/cases/{alarm.case}", f"listener queue show {alarm.case}"
    elif alarm.issue is not None:
        place, command = f"/issues/{alarm.issue}", f"listener issues show {alarm.issue}"
    else:
        return []
    return [f"{address}{place}" if address else command]


def _plain(one: DeliveryRow, address: str) -> dict[str, object]:
    alarm = one.alarm
    return {
        "key": alarm.key,
        "what": alarm.what,
        "over": alarm.over,
        "brand": alarm.brand,
        "issue": alarm.issue,
        "case": alarm.case,
        "title": harmless(alarm.title),
        "reasons": list(alarm.reasons),
        "false_alarms_per_week": alarm.per_week,
        "at": alarm.at.isoformat(),
        "look": next(iter(_where(one, address)), ""),
    }
