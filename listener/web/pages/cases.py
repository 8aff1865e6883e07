"""`/cases/…`: the moves of one case. Each is one method of the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from listener.errors import DeskError
from listener.web.actor import Agent, Lead
from listener.web.moving import Field, Mover, Text
from listener.web.pages.queue import CaseId
from listener.web.sleeping import until as sleeping_until
from listener.web.sleeping import wakes_on

router = APIRouter(include_in_schema=False)

Moving = Annotated[Mover, Depends()]
ReplyId = Annotated[int, Form(ge=1, le=2**63 - 1)]


@router.post("/cases/{case}/claim")
def claim(actor: Agent, case: CaseId, by: Moving) -> Response:
    """Take it; of several at once exactly one wins."""
    return by.make(case, lambda: by.desk.cases.claim(case, actor.name), careful=False)


@router.post("/cases/{case}/release")
def release(actor: Agent, case: CaseId, by: Moving) -> Response:
    """Give it back to everybody."""
    return by.make(case, lambda: by.desk.cases.release(case, actor.name))


@router.post("/cases/{case}/assign")
def assign(actor: Agent, case: CaseId, by: Moving, to: Field = "") -> Response:
    """Make it somebody's task."""
    return by.make(case, lambda: by.desk.cases.assign(case, actor.name, to))


@router.post("/cases/{case}/reply")
def reply(actor: Agent, case: CaseId, by: Moving, text: Text = "", then: Field = "") -> Response:
    """Keep a draft; a lead may approve it in the same move."""
    make = by.make(case, lambda: by.desk.replies.draft(case, actor.name, text), kept=text)
    if then != "approve" or make.status_code != 303:
        return make
    return by.make(case, lambda: by.desk.replies.approve(case, actor.name), careful=False)


@router.post("/cases/{case}/note")
def note(actor: Agent, case: CaseId, by: Moving, text: Text = "") -> Response:
    """Keep a note for colleagues."""
    return by.make(
        case,
        lambda: by.desk.replies.note(case, actor.name, text),
        careful=False,
        kept=text,
        tab="note",
    )


@router.post("/cases/{case}/approve")
def approve(actor: Lead, case: CaseId, by: Moving, reply: ReplyId) -> Response:
    """Let a draft go out."""
    return by.make(case, lambda: by.desk.replies.approve(case, actor.name, reply))


@router.post("/cases/{case}/sent")
def sent(actor: Agent, case: CaseId, by: Moving, reply: ReplyId) -> Response:
    """Record that a person has posted an answer; the case then waits for the customer."""
    return by.make(case, lambda: by.desk.replies.sent(case, actor.name, reply))


@router.post("/cases/{case}/snooze")
def snooze(actor: Agent, case: CaseId, by: Moving, until: Field = "", at: Field = "") -> Response:
    """Put it out of sight until a time, until they answer, or until it gets worse."""
    return by.make(
        case,
        lambda: by.desk.cases.snooze(
            case,
            actor.name,
            sleeping_until(until, at, by.parts.config, by.parts.now()),
            wakes_on=wakes_on(until),
        ),
        ends=True,
    )


@router.post("/cases/{case}/resolve")
def resolve(actor: Agent, case: CaseId, by: Moving, outcome: Text = "") -> Response:
    """End it well; the next case opens."""
    return by.make(case, lambda: by.desk.cases.resolve(case, actor.name, outcome), ends=True)


@router.post("/cases/{case}/dismiss")
def dismiss(actor: Agent, case: CaseId, by: Moving, reason: Text = "", why: Text = "") -> Response:
    """End it without an answer; the reason is required."""
    return by.make(case, lambda: by.desk.cases.dismiss(case, actor.name, reason or why), ends=True)


@router.post("/cases/{case}/reopen")
def reopen(actor: Agent, case: CaseId, by: Moving) -> Response:
    """Put it back into the queue."""
    return by.make(case, lambda: by.desk.cases.reopen(case, actor.name))


@router.post("/cases/{case}/priority")
def priority(actor: Agent, case: CaseId, by: Moving, points: Field = "") -> Response:
    """Set its priority by hand; without points it follows from its parts again."""
    if not points.strip():
        return by.make(case, lambda: by.desk.cases.unprioritise(case, actor.name))
    return by.make(case, lambda: by.desk.cases.prioritise(case, actor.name, _whole(points)))


@router.post("/cases/{case}/label")
def label(actor: Agent, case: CaseId, by: Moving, label: Field = "") -> Response:
    """Put a label on it; several are separated by commas."""
    names = [one for one in label.split(",") if one.strip()]
    return by.make(case, lambda: by.desk.labels.add(case, actor.name, names)[-1], careful=False)


@router.post("/cases/{case}/unlabel")
def unlabel(actor: Agent, case: CaseId, by: Moving, label: Field = "") -> Response:
    """Take a label off it."""
    return by.make(case, lambda: by.desk.labels.remove(case, actor.name, [label])[0], careful=False)


@router.post("/cases/{case}/correct")
def correct(
    actor: Agent,
    case: CaseId,
    by: Moving,
    lane: Field = "",
    severity: Field = "",
    reading: Field = "",
) -> Response:
    """Say what the judge got wrong; the next verdicts learn from it."""
    field, _, value = reading.partition("=")
    said = [("lane", lane), ("severity", severity), (field, value)]
    fields = [(name, chosen) for name, chosen in said if name and chosen]
    return by.make(case, lambda: by.desk.corrections.correct_case(case, actor.name, fields))


def _whole(text: str) -> int:
    try:
        return int(text) if len(text) < 12 else 10**9
    except ValueError:
        raise DeskError(f"a priority is a whole number, not {text!r}") from None
