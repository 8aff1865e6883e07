"""What people say of the judge's verdicts: wrong in this, or right. The next verdicts learn from it."""

from __future__ import annotations

from collections.abc import Sequence

from listener.config import Config
from listener.desk.moves import Moves
from listener.desk.words import actor_name, remark
from listener.errors import Conflict, DeskError, NotFound
from listener.pricing import Pricing
from listener.store.corrections import Correction
from listener.store.rows import HistoryRow, MentionRow, NewCase
from triage.audit import sampled
from triage.cases import opens_case
from triage.correction import LABEL, NO, YES, check, corrected, value_of
from triage.severity import SEVERE
from triage.verdict import Lane


class CorrectionDesk:
    """Corrections of single mentions, and answers to the audit sample of what was muted.

    A corrected mention's case follows at once, its priority with it; the judge's later verdicts on it
    follow too. Every correction is a move that can be taken back.
    """

    def __init__(self, moves: Moves, config: Config) -> None:
        """`config` says what is promised, and which brands there are."""
        self._moves = moves
        self._config = config
        self._pricing = Pricing(config)

    def correct(
        self,
        mention: int,
        actor: str,
        fields: Sequence[tuple[str, str]],
        *,
        brand: str = "",
        note: str = "",
    ) -> HistoryRow:
        """Say what is wrong with the verdict on a mention; see `triage.correction` for the fields.

        `brand` is needed when it was judged for several, or for none. Saying what was decided already
        is kept, too: it confirms. Raises NotFound, and DeskError for values that there are not.
        """
        return self._keep(mention, actor, fields, brand, note)

    def correct_case(
        self, case: int, actor: str, fields: Sequence[tuple[str, str]], *, note: str = ""
    ) -> HistoryRow:
        """The same for the mention that opened a case."""
        row = self._moves.case(case)
        return self._keep(row.mention, actor, fields, row.brand, note)

    def label(
        self, mention: int, actor: str, name: str, *, has: bool, brand: str = ""
    ) -> HistoryRow:
        """Say whether a mention has a label of the team's own.

        Answers for mentions of the audit sample, of which one is offered at a time, are measured
        with and never learnt from.
        """
        return self._answer(mention, actor, f"{LABEL}{name}", brand, yes=has)

    def complains(self, mention: int, actor: str, *, yes: bool, brand: str = "") -> HistoryRow:
        """Answer whether an offered mention is a complaint; of the audit sample as `label` does."""
        return self._answer(mention, actor, "complaint", brand, yes=yes)

    def _answer(self, mention: int, actor: str, field: str, brand: str, *, yes: bool) -> HistoryRow:
        row = self._reading(mention, brand)
        audit = sampled(row.mention.kind, row.mention.external_id)
        return self._keep(mention, actor, [(field, YES if yes else NO)], brand, "", audit=audit)

    def muted_rightly(self, mention: int, actor: str, *, brand: str = "") -> HistoryRow:
        """Answer for a mention of the audit sample: nobody needed to see it."""
        row = self._muted(mention, brand)
        field = ("relevant", NO) if _unheard(row) else ("lane", Lane.MUTED.value)
        return self._keep(mention, actor, [field], row.brand, "", audit=True)

    def muted_wrongly(
        self, mention: int, actor: str, *, brand: str = "", lane: str = ""
    ) -> HistoryRow:
        """Answer for one: somebody should have seen it, in this lane, or as the judge would say."""
        row = self._muted(mention, brand)
        assert row.verdict is not None
        fields = [("relevant", YES)] if _unheard(row) else []
        about = row.brand or self._config.brand(brand).name
        if lane or not fields:
            likeliest = max(
                (one for one in row.verdict.lanes if one[0] != Lane.MUTED.value),
                key=lambda one: one[1],
                default=(Lane.OTHER.value, 0.0),
            )
            fields.append(("lane", lane or likeliest[0]))
        return self._keep(mention, actor, fields, about, "", audit=True)

    def reprice(self, case: int | None) -> None:
        """Compute a case's priority now, after its facts have changed."""
        if case is None:
            return
        now = self._moves.now()
        with self._moves.store.triage() as scope:
            scope.price(self._pricing.price(scope.case_facts([case]), now), now)

    def _keep(
        self,
        mention: int,
        actor: str,
        fields: Sequence[tuple[str, str]],
        brand: str,
        note: str,
        *,
        audit: bool = False,
    ) -> HistoryRow:
        who, why = actor_name(actor), remark(note)
        if not fields:
            raise DeskError("what is wrong with it?", "listener queue correct --help")
        for field, value in fields:
            try:
                check(field, value)
            except ValueError as error:
                raise DeskError(str(error), "listener queue correct --help") from None
        row = self._reading(mention, brand)
        about = row.brand
        if not about and ("relevant", YES) in fields:
            about = self._config.brand(brand).name
        done = self._moves.store.correct(
            Correction(
                mention=mention,
                brand=about,
                fields=tuple(fields),
                actor=who,
                at=self._moves.now(),
                note=why,
                audit=audit,
                case=self._case(row, fields),
            )
        )
        self.reprice(done.case)
        return done

    def _case(self, row: MentionRow, fields: Sequence[tuple[str, str]]) -> NewCase | None:
        """The case that the corrected verdict would open, or what is promised for the one there is."""
        assert row.verdict is not None
        now = corrected(row.verdict, fields)
        if not opens_case(now.lane) or not row.brand:
            return None
        opened = row.mention.created_at
        began = self._moves.store.listened_since(row.source)
        since = max(opened, began or opened)
        severe = now.severity_band in SEVERE
        due = self._config.queue.due_at(now.lane.value, severe, since)
        return NewCase(0, now.lane.value, opened, due, since if since > opened else None)

    def _muted(self, mention: int, brand: str) -> MentionRow:
        row = self._reading(mention, brand)
        assert row.verdict is not None
        if row.verdict.lane is not Lane.MUTED:
            raise Conflict(
                f"mention {mention} is not muted: it is {row.verdict.lane.value}",
                f"listener queue correct mention:{mention} --lane LANE",
            )
        if not sampled(row.mention.kind, row.mention.external_id):
            raise DeskError(
                f"mention {mention} is not in the audit sample; its answers must not be chosen",
                f"listener queue correct mention:{mention} --lane LANE",
            )
        return row

    def _reading(self, mention: int, brand: str) -> MentionRow:
        """The mention with its verdict for the brand, for the only one, or for none."""
        found = [row for row in self._moves.store.readings(mention) if row.verdict is not None]
        if not found:
            raise NotFound(f"there is no judged mention {mention}", "listener queue list --json")
        mine = [row for row in found if row.brand == brand] if brand else found
        if brand and not mine:
            mine = [row for row in found if not row.brand]
        if len(mine) == 1:
            return mine[0]
        names = ", ".join(row.brand for row in found)
        raise DeskError(f"mention {mention} was judged for: {names}", "the same with --brand NAME")


def _unheard(row: MentionRow) -> bool:
    """Whether a mention is muted as being about no brand at all."""
    return not row.brand or (row.verdict is not None and value_of(row.verdict, "relevant") == NO)
