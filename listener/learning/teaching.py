"""Learning what a brand's corrections teach, and putting it to use unless it makes things worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from listener.config import Config
from listener.desk.words import actor_name, remark
from listener.errors import Conflict, DeskError
from listener.learning.examples import Answers, answers
from listener.learning.setting import Setting, readable
from listener.stages.progress import Progress, silent
from listener.store.calibrations import CalibrationRow, NewCalibration
from listener.store.protocol import Store
from listener.store.rows import HistoryRow
from triage.guard import Figure, Guard, refusal
from triage.judge import Judge
from triage.learning import learn
from triage.learnt import Learnt, Meanings
from triage.learnt_judge import JudgedOnce


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a brand's corrections teach, with how well it does on what it was not taught with.

    `refused` says why it should not be used, "" when nothing speaks against it; `replaces` is the
    id of what was in use when it was learnt.
    """

    brand: str
    learnt: Learnt
    answers: Answers
    figures: tuple[Figure, ...]
    refused: str
    replaces: int
    known: bool

    @property
    def said(self) -> str:
        """One line for the history."""
        told = [
            f"{one.field} ({one.sample}): {one.before} → {one.after} of {one.asked} right"
            for one in self.figures
        ]
        return "; ".join([f"learnt from {len(self.answers.learnt_from)} corrections", *told])


class Teaching:
    """Learns for one brand. Belongs to one thread, like its store."""

    def __init__(
        self, store: Store, config: Config, brand: str, now: Callable[[], datetime]
    ) -> None:
        """`brand` is a configured name."""
        from listener.stages.brand import BrandRoom

        self._store = store
        self._now = now
        self.brand = brand
        self.context = BrandRoom(next(one for one in config.brands if one.name == brand)).context

    @cached_property
    def judge(self) -> Judge:
        """The brand's judge, without anything learnt."""
        return Judge(self.context)

    @cached_property
    def meanings(self) -> Meanings:
        """The meanings of words, loaded once."""
        return Meanings()

    def in_use(self) -> tuple[CalibrationRow | None, Learnt | None, str]:
        """What is used now; and why it cannot be used although it should, if so."""
        id = self._store.calibrated().get(self.brand, 0)
        row = self._store.calibration(id) if id else None
        if row is None:
            return None, None, ""
        _, learnt, why_not = readable(row.setting)
        return row, learnt, why_not

    def learn(self, progress: Progress = silent) -> Lesson:
        """What all corrections that hold teach. Raises DeskError when there are none."""
        row, now, _ = self.in_use()
        said = answers(self._store, self.brand)
        if not said.learnt_from:
            raise DeskError(
                f"nobody has corrected anything about {self.brand} yet",
                "listener queue correct --help",
            )
        judge = JudgedOnce(self.judge)
        learnt = learn(said.learnt_from, judge, self.meanings)
        figures = Guard(judge, self.meanings, self.context.severe).figures(
            said.learnt_from,
            said.audit,
            now,
            learnt,
            lambda done, total: progress("measuring", done, total),
        )
        return Lesson(
            brand=self.brand,
            learnt=learnt,
            answers=said,
            figures=tuple(figures),
            refused=refusal(figures),
            replaces=0 if row is None else row.id,
            known=row is not None and row.version == learnt.id,
        )

    def apply(
        self, lesson: Lesson, actor: str, *, force: bool = False, note: str = ""
    ) -> HistoryRow:
        """Use what was learnt for every verdict from now on: one transaction, and a history row.

        Raises DeskError when it is refused and not forced, or in use already; Conflict when somebody
        else has applied or undone meanwhile.
        """
        who, why = actor_name(actor), remark(note)
        if lesson.known:
            raise DeskError(
                f"what the corrections of {self.brand} teach is in use already",
                f"listener learn status --brand {self.brand!r}",
            )
        if lesson.refused and not force:
            raise DeskError(f"not applied, it would make things worse: {lesson.refused}", FORCE)
        parts = [lesson.said]
        if lesson.refused:
            parts.append(f"forced, although it makes things worse: {lesson.refused}")
        setting = Setting(
            learnt=lesson.learnt.to_bytes(),
            judge=self.judge.version,
            corrections=lesson.answers.said,
            figures=lesson.figures,
        )
        done = self._store.calibrate(
            NewCalibration(
                brand=self.brand,
                version=lesson.learnt.id,
                setting=setting.text(),
                actor=who,
                at=self._now(),
                replaces=lesson.replaces,
                note="; ".join(parts) + (f" ({why})" if why else ""),
            )
        )
        if done is None:
            raise Conflict(
                f"somebody else changed meanwhile what {self.brand} uses", "listener learn status"
            )
        return done

    def undo(self, actor: str) -> HistoryRow:
        """Take back what is in use; what was used before is used again, to the last bit."""
        row, _, _ = self.in_use()
        if row is None:
            raise DeskError(
                f"nothing that was learnt is in use for {self.brand}", "listener learn status"
            )
        done = self._store.undo(row.history, actor_name(actor), self._now())
        if done is None:
            raise Conflict(
                f"somebody else changed meanwhile what {self.brand} uses", "listener learn status"
            )
        return done


FORCE = "look at it with listener learn preview, or use it all the same with --force"
