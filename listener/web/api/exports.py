"""`/api/v1/exports/{table}`: whole tables as files, with the columns of docs/exports.md."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, BinaryIO, Literal, cast

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from listener.exports import TABLES, Wanted, export
from listener.exports.wanted import own_handles
from listener.store.rows import Span
from listener.web.actor import Analyst
from listener.web.api.cursors import Word
from listener.web.api.noun import READING, noun
from listener.web.borrowed import OpenStore, OurParts
from listener.web.refusals import Unfit

router = noun("exports")
IN_MEMORY = 8 << 20  # bytes; larger ones pass through a temporary file
BLOCK = 1 << 16
Table = Literal["mentions", "issues", "cases", "loop", "evangelists", "ideas", "belonging"]
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
CONTENT = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in TYPES.values()}


@router.get(
    "/exports/{table}",
    response_class=StreamingResponse,
    responses={**READING, 200: {"description": "The file.", "content": CONTENT}},
)
def export_table(
    table: Table,
    actor: Analyst,
    store: OpenStore,
    parts: OurParts,
    form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    brand: Word = "",
) -> StreamingResponse:
    """A table as CSV (cells that a spreadsheet could take for a formula are guarded) or JSON lines."""
    if since is not None and until is not None and since >= until:
        raise Unfit("since must be before until", "since")
    # Written before it is sent: a slow reader must not hold the store.
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed when it was sent
    try:
        explain = parts.belonging.brief(store)
        wanted = Wanted(Span(since, until, brand), own_handles(parts.config), explain)
        export(store, TABLES[table], wanted, form, cast(BinaryIO, file))
    except BaseException:
        file.close()
        raise
    name = f'attachment; filename="{table}.{form}"'
    return StreamingResponse(
        _blocks(file), media_type=TYPES[form], headers={"content-disposition": name}
    )


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(BLOCK):
            yield block
