"""`/api/v1/corrections`: what people said of the judge's verdicts, and the sample to be reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import dropwhile, islice

from fastapi.responses import Response

from listener.store.corrections import CorrectionRow
from listener.store.rows import MentionRow
from listener.web.actor import Viewer
from listener.web.api.cursors import Cursor, Limit, Word, next_cursor, place
from listener.web.api.noun import READING, noun
from listener.web.api.shapes import answer_page, page_of
from listener.web.borrowed import OpenStore

router = noun("corrections")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Corrections of the same words that cannot all be right."""

    corrections: tuple[CorrectionRow, ...]


@router.get("/corrections", response_model=page_of(CorrectionRow), responses=READING)
def list_corrections(
    actor: Viewer,
    store: OpenStore,
    brand: Word = "",
    undone: bool = False,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Corrections that hold, in the order they were made; with `undone` those taken back, too."""
    (last,) = place(cursor, 1) or (0,)
    rest = dropwhile(lambda row: row.id <= last, store.corrections(brand, undone=undone))
    found = list(islice(rest, limit))
    return answer_page(found, next_cursor(len(found) == limit, found[-1].id if found else 0))


@router.get("/corrections/conflicts", response_model=page_of(Contradiction), responses=READING)
def conflicts(actor: Viewer, store: OpenStore, brand: Word = "", limit: Limit = 50) -> Response:
    """Corrections that contradict each other, the latest first."""
    return answer_page([Contradiction(one) for one in store.conflicts(brand, limit)], None)


@router.get("/corrections/sample", response_model=page_of(MentionRow), responses=READING)
def sample(actor: Viewer, store: OpenStore, brand: Word = "", limit: Limit = 50) -> Response:
    """Muted mentions of the audit sample that nobody has answered for, the latest first."""
    return answer_page(store.audit_sample(brand, limit), None)
