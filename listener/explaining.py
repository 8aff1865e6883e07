"""Why a post was judged as it was: asked for when somebody wants to know, by the brand's own judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.stages.brand import BrandRoom
from triage.judge import Judge

if TYPE_CHECKING:
    from listener.config.model import Config
    from listener.store.rows import CaseFile
    from triage.explanation import Explained


def explained_case(config: Config, file: CaseFile) -> Explained | None:
    """The parts of the verdict on a case's first post.

    None when there is nothing to explain: no verdict, a text its author has deleted, a brand that
    is configured no more, or a verdict of an older judge, whose parts nobody knows. Where
    corrections moved the verdict, these are the parts of what they moved: its version is the
    judge's own then.
    """
    first = next((row for row in file.mentions if row.id == file.case.mention), None)
    brand = next((one for one in config.brands if one.name == file.case.brand), None)
    if first is None or first.verdict is None or first.deleted_at is not None or brand is None:
        return None
    judge = Judge(BrandRoom(brand).context)
    if first.verdict.version.split("+")[0] != judge.version:
        return None
    return judge.explain(first.mention.full_text, first.verdict.lang)
