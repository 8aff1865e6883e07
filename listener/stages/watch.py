"""Watch: look for spikes, growth and issues that are back, and write down whom to tell.

One pass over the counters by issue and hour. All it remembers is in the store: run twice or killed
anywhere it raises the same alarms, each once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog

from listener.config import Config
from listener.stages.targets import Targets
from listener.stages.trouble import Troubles
from listener.stages.urgent import urgent
from listener.store.alarms import Activity, AlarmRow, NewAlarm, PhaseMove, Watched
from listener.store.protocol import Store
from triage.issues import FALSE_A_WEEK, Decision, Life, Trend, life_of, phase_of, trend
from triage.spikes import FEWEST, HOURS_KEPT, WINDOW, Finding, Look, look

log = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
LATE = 24  # hours: windows up to a day old are looked at again when posts come late
HOLD = timedelta(days=1)  # without a spike before an issue can have another
DAYS = 14
MOST_REMEMBERED = 10_000
_SPAN = HOURS_KEPT + LATE


class Watch:
    """Looks for one process. `look` is cheap while nothing has changed within the hour."""

    def __init__(self, store: Store, config: Config, now: Callable[[], datetime]) -> None:
        """Nothing is looked at yet."""
        self._store = store
        self._config = config
        self._now = now
        self._targets = Targets(config.notify)
        self._troubles = Troubles(store, config, self._targets)
        self._brands = [brand.name for brand in config.brands]
        self._told: set[str] = set()
        self._looked: datetime | None = None
        self._judged: dict[int, tuple[object, ...]] = {}

    def look(self) -> list[AlarmRow]:
        """Bring the counters up to date, look, and write what was found; returns the new alarms."""
        at = self._now()
        alarms = [
            *self._troubles.look(at),
            *urgent(self._store, self._brands, at, self._targets),
        ]
        changed = self._count()
        hour = at.replace(minute=0, second=0, microsecond=0)
        phases: list[PhaseMove] = []
        holding: list[str] = []
        if changed or hour != self._looked:
            for found in self._issues(at, hour):
                alarms += found.alarms
                phases += found.phases
                holding += found.holding
            self._looked = hour
        # What lasts is found again with every look; the store refuses it, but need not be asked.
        alarms = [one for one in alarms if one.key not in self._told]
        if not (alarms or phases or holding):
            return []
        raised = self._store.watched(Watched(at, alarms, phases, holding))
        self._told = {one.key for one in alarms} | (
            self._told if len(self._told) < MOST_REMEMBERED else set()
        )
        for alarm in raised:
            if alarm.case is None:  # cases are in the queue; a thousand of them are no news
                tell = log.info if alarm.over else log.warning
                tell("alarm", what=alarm.what, brand=alarm.brand, issue=alarm.issue, key=alarm.key)
        return raised

    def _count(self) -> bool:
        changed = False
        while self._store.count_hours():
            changed = True
        return changed

    def _issues(self, at: datetime, hour: datetime) -> Iterator[Watched]:
        heard = self._store.heard_since()
        if heard is None:
            return
        start = hour - (_SPAN - 1) * HOUR
        known = max(0, int((heard - start) / HOUR))  # hours before anything was listened to
        judged: dict[int, tuple[object, ...]] = {}
        for issue in self._store.active(start, hour - LATE * HOUR):
            state = (hour, issue.state, issue.phase, issue.hours)
            judged[issue.issue] = state
            if self._judged.get(issue.issue) != state:
                yield self._of(issue, at, hour, known)
        self._judged = judged

    def _of(self, issue: Activity, at: datetime, hour: datetime, known: int) -> Watched:
        hours = [0] * _SPAN
        for one in issue.hours:
            place = _SPAN - 1 - int((hour - one.start) / HOUR)
            if 0 <= place < _SPAN:
                hours[place] = one.people
        alarms: list[NewAlarm] = []
        holding: list[str] = []
        spike = self._spike(issue, hours[known:], hour)
        if spike is not None:
            end, found = spike
            if issue.alarm_until is not None and end - issue.alarm_until < HOLD:
                holding.append(issue.alarm)
            else:
                key = f"spike:{issue.issue}:{end:%Y-%m-%dT%H}"
                alarms.append(self._alarm(key, "spike", issue, found.reasons, at, found.per_week))
        life = life_of(issue.state, issue.fixed_at, issue.phase)
        if life is Life.BACK and issue.fixed_at is not None:
            key = f"back:{issue.issue}:{issue.fixed_at:%Y-%m-%dT%H:%M:%S}"
            if not any(one.key == key for one in self._store.alarms("back", issue.issue, 1)):
                alarms.append(self._alarm(key, "back", issue, self._came_back(issue), at))
        phases, growing = self._phase(issue, hours, at, hour)
        if growing is not None:
            key = f"growing:{issue.issue}:{at:%Y-%m-%d}"
            alarms.append(self._alarm(key, "growing", issue, growing.alarm, at, FALSE_A_WEEK))
        return Watched(at, alarms, phases, holding)

    def _spike(
        self, issue: Activity, hours: list[int], hour: datetime
    ) -> tuple[datetime, Look] | None:
        """The latest window of the last day that is a spike, with when it ends."""
        for back in range(min(LATE, len(hours) - WINDOW + 1)):
            end = hour + HOUR - back * HOUR
            if issue.alarm_until is not None and end <= issue.alarm_until:
                return None
            seen = hours[: len(hours) - back]
            most = sum(seen[-WINDOW:])
            if most < FEWEST or look(seen, most).finding is not Finding.SPIKE:
                continue
            # The counters of three hours count a person up to three times: ask for the people.
            found = look(seen, self._store.crowd(issue.issue, end - WINDOW * HOUR, end))
            if found.finding is Finding.SPIKE:
                return end, found
        return None

    def _phase(
        self, issue: Activity, hours: list[int], at: datetime, hour: datetime
    ) -> tuple[list[PhaseMove], Decision | None]:
        """The change of phase, if any, and the decision when the issue begins to grow."""
        days = [sum(hours[end - 24 : end]) for end in range(_SPAN - 24 * (DAYS - 1), _SPAN + 1, 24)]
        age = at - issue.first_seen
        found = trend(days, age)
        decision = phase_of(issue.phase, age, found)
        begins = decision.phase is Life.GROWING and issue.phase != Life.GROWING
        if begins:
            decision = phase_of(issue.phase, age, self._by_people(issue, found, hour + HOUR))
            begins = decision.phase is Life.GROWING
        if decision.phase == issue.phase:
            return [], None
        # The first look is no change, and what one person said grows old without a word.
        worth = issue.phase and issue.people > 1
        reasons = decision.reasons if worth or begins else ()
        open_ = issue.state == "open"
        move = PhaseMove(issue.issue, issue.phase, decision.phase.value, reasons)
        return [move], decision if begins and open_ else None

    def _by_people(self, issue: Activity, found: Trend, end: datetime) -> Trend:
        """The same trend in distinct people, whose hours count each of them many times."""
        middle = end - timedelta(days=found.days)
        now = self._store.crowd(issue.issue, middle, end)
        before = self._store.crowd(issue.issue, middle - timedelta(days=found.days), middle)
        return Trend(found.days, now, before, found.sure)

    def _came_back(self, issue: Activity) -> tuple[str, ...]:
        """Why an issue is back: what was written down when it was opened again."""
        for row in self._store.history(limit=500):
            if (row.entity, row.entity_id, row.action) == ("issue", issue.issue, "reopen"):
                return (row.note,)
        return ("the same complaint came again after the fix",)

    def _alarm(
        self,
        key: str,
        what: str,
        issue: Activity,
        reasons: tuple[str, ...],
        at: datetime,
        per_week: float | None = None,
    ) -> NewAlarm:
        return NewAlarm(
            key=key,
            what=what,
            brand=issue.brand,
            reasons=reasons,
            issue=issue.issue,
            per_week=per_week,
            targets=self._targets.of(what, issue.brand, at),
        )
