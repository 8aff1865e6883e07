"""How learning stands for a brand: what was said, what is in use, what contradicts itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from listener.learning.examples import answers
from listener.learning.labels import names
from listener.learning.setting import setting_of
from listener.learning.teaching import Teaching
from listener.store.protocol import Store
from triage.contradictions import contradictions
from triage.correction import LABEL
from triage.guard import Figure
from triage.judge import version_of
from triage.learning import Example


@dataclass(frozen=True, slots=True)
class InUse:
    """What is in use: its id, since when, by whom, from how many corrections, how well it did.

    `problem` says why it is not used although it should be, or that the judge has changed since.
    """

    version: str
    at: datetime
    actor: str
    corrections: int
    figures: tuple[Figure, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a brand: posts corrected by field, answers to the audit sample, own labels (yes, no).

    `new` counts corrections since what is in use was learnt; `conflicts` those of the same post or
    its copies, `contradictions` those of posts that say nearly the same.
    """

    brand: str
    fields: Mapping[str, int]
    audit: int
    labels: Mapping[str, tuple[int, int]]
    in_use: InUse | None
    kept: int
    new: int
    conflicts: int
    contradictions: tuple[tuple[Example, ...], ...]


def standing(store: Store, teaching: Teaching) -> Standing:
    """How learning stands; reads and writes nothing else."""
    said = answers(store, teaching.brand)
    row, _, why_not = teaching.in_use()
    in_use = None
    if row is not None:
        in_use = InUse(row.version, row.at, row.actor, 0, (), why_not)
        if not why_not:
            setting = setting_of(row.setting)
            problem = (
                ""
                if setting.judge == version_of(teaching.context)
                else f"learnt beside {setting.judge}"
            )
            in_use = InUse(
                row.version, row.at, row.actor, setting.corrections, setting.figures, problem
            )
    return Standing(
        brand=teaching.brand,
        fields=dict(
            sorted(
                Counter(
                    one.field for one in said.learnt_from if not one.field.startswith(LABEL)
                ).items()
            )
        ),
        audit=len(said.audit),
        labels=names(said),
        in_use=in_use,
        kept=len(store.calibrations(teaching.brand)),
        new=said.said - (in_use.corrections if in_use is not None else 0),
        conflicts=len(store.conflicts(teaching.brand)),
        contradictions=tuple(contradictions(said.learnt_from)),
    )
