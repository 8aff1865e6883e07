"""The queue's settings: promises, hours, points, leases, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from listener.config.hours import HoursConfig
from listener.config.mistakes import did_you_mean
from sources.duration import Duration

if TYPE_CHECKING:
    from triage.priority import Policy

HOUR = timedelta(hours=1)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _policy_signals(points: Mapping[str, int]) -> Mapping[str, int]:
    from triage.priority import SIGNAL_POINTS

    for name, value in points.items():
        said = ""
        if name not in SIGNAL_POINTS:
            said = f"not a policy signal{did_you_mean(name, SIGNAL_POINTS)}"
        elif not -100 <= value <= 100:
            said = "points lie between -100 and 100"
        if said:
            raise PydanticCustomError("points", "{said}", {"said": said, "key": name})
    return points


class PromiseConfig(_Section):
    """How soon a person gets an answer, by what they want; without a time nothing is promised."""

    severe: Duration | None = Field(
        default=timedelta(hours=1), description="For severe complaints (severity high or critical)."
    )
    complaint: Duration | None = Field(
        default=timedelta(hours=4), description="For other complaints."
    )
    question: Duration | None = Field(default=timedelta(hours=8), description="For questions.")
    idea: Duration | None = Field(default=None, description="For ideas.")
    praise: Duration | None = Field(default=None, description="For praise.")
    other: Duration | None = Field(default=None, description="For everything else.")


def _points(default: int, description: str) -> int:
    value: int = Field(default=default, ge=-100, le=100, description=description)
    return value


class WeightsConfig(_Section):
    """What a case's priority is made of, in points; `listener queue replay` tries other ones."""

    complaint: int = _points(20, "For a complaint.")
    question: int = _points(10, "For a question.")
    idea: int = _points(4, "For an idea.")
    severity: float = Field(
        default=10, ge=0, le=100, description="For every step of severity, 0 to 4."
    )
    vigilante: int = _points(15, "For a likely vigilante.")
    vigilante_possible: int = _points(6, "For a possible one.")
    reach: float = Field(
        default=3,
        ge=0,
        le=100,
        description="From 1,000 followers on, and again for ten times more.",
    )
    repeated: float = Field(
        default=3, ge=0, le=100, description="For every doubling of the posts a person has written."
    )
    issue: int = _points(3, "For every level of people with the same issue (2, 5, 10, 20, …).")
    ageing: float = Field(
        default=4, ge=0, le=100, description="For every doubling of the time a case waits."
    )
    ageing_over: Duration = Field(
        default=4 * HOUR, description="The waiting time that counts as the first doubling."
    )
    a_day: float = Field(
        default=2,
        ge=0.1,
        le=100,
        description="For every day of waiting, without end: nobody waits for ever.",
    )
    due_soon: int = _points(6, "Half an hour before the promised time.")
    overdue: int = _points(14, "From the promised time on.")
    long_overdue: int = _points(20, "A day after it.")


class QueueConfig(_Section):
    """How the queue is worked."""

    promise: PromiseConfig = Field(
        default=PromiseConfig(), description="How soon people get answers."
    )
    hours: HoursConfig | None = Field(
        default=None,
        description="Your working hours; promises count only these. Always, without it.",
    )
    points: Annotated[Mapping[str, int], AfterValidator(_policy_signals)] = Field(
        default_factory=dict,
        description="Points of policy signals, such as {safety: 30}; see `listener queue show`.",
    )
    weights: WeightsConfig = Field(
        default=WeightsConfig(), description="Points of everything else in a priority."
    )
    lease: Duration = Field(
        default=timedelta(minutes=20),
        description="How long a claimed case stays with its agent without any move.",
    )

    def policy(self) -> Policy:
        """The points of a priority: the house's own, with those set here in their place."""
        from triage.priority import SIGNAL_POINTS, Policy
        from triage.verdict import Lane

        set_ = self.weights
        return Policy(
            lanes={
                Lane.COMPLAINT: set_.complaint,
                Lane.QUESTION: set_.question,
                Lane.IDEA: set_.idea,
            },
            signals={**SIGNAL_POINTS, **self.points},
            severity=set_.severity,
            vigilante_likely=set_.vigilante,
            vigilante_possible=set_.vigilante_possible,
            reach=set_.reach,
            repeated=set_.repeated,
            issue_level=set_.issue,
            ageing=set_.ageing,
            ageing_hours=set_.ageing_over / HOUR,
            a_day=set_.a_day,
            due_soon=set_.due_soon,
            overdue=set_.overdue,
            long_overdue=set_.long_overdue,
        )

    def due_at(self, lane: str, severe: bool, since: datetime) -> datetime | None:
        """When the answer to a case is promised, in UTC; None when nothing is promised."""
        kind = "severe" if severe and lane == "complaint" else lane
        span: timedelta | None = vars(self.promise).get(kind)
        if span is None:
            return None
        return self.hours.after(since, span) if self.hours else since + span

    def resumed(self, due_at: datetime | None, paused: datetime, at: datetime) -> datetime | None:
        """When an answer is due after it was not our turn from one moment to another.

        What was left of the promise, in working time, is left still; what was late is as late.
        """
        if due_at is None or due_at <= paused or self.hours is None:
            return None if due_at is None else due_at + (at - paused)
        return self.hours.after(at, self.hours.between(paused, due_at))
