"""What another query would change: which stored mentions enter a brand, and which leave it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.stages.own_handles import OwnHandles
from triage.query import Document, Query
from triage.query_filter import BrandFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from listener.config import BrandConfig, Config
    from listener.store.protocol import Store
    from listener.store.rows import MentionRow, Span
    from sources.mention import Mention
    from triage.query import Hit

EVERYTHING = "*"  # what a brand without a query takes in
STEP = 1_000


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that the change moves: what the query that wants it found, and why in words."""

    source: str
    mention: Mention
    hits: tuple[Hit, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class QueryChange:
    """What a new query does to the stored mentions of a brand's sources.

    Of `seen` mentions `stays` match both queries, `entering` only the new one and `leaving` only
    the old one; the examples are the latest of them, latest first. `bound` mentions were taken in
    for the brand, or written by its own accounts, and stay whatever its query says; they are among
    none of the others.
    """

    brand: str
    before: str
    after: str
    seen: int
    bound: int
    stays: int
    entering: int
    leaving: int
    entering_examples: tuple[Example, ...]
    leaving_examples: tuple[Example, ...]


def query_change(
    store: Store,
    config: Config,
    brand: BrandConfig,
    query: Query,
    span: Span,
    examples: int,
    progress: Callable[[int], None],
) -> QueryChange:
    """Compare the brand's query with a new one over the stored mentions of a span.

    Reads the store once, page by page, and writes nothing. Erased mentions count nowhere.
    """
    before = Query.parse(brand.query or EVERYTHING)
    both = BrandFilter({"before": before, "after": query})
    own = OwnHandles(brand.handles)
    entering: deque[Example] = deque(maxlen=examples)
    leaving: deque[Example] = deque(maxlen=examples)
    seen = bound = stays = enters = leaves = 0
    for row in _mentions(store, config, brand.name, span):
        if row.bound == brand.name or own.wrote(row.mention):
            bound += 1
            continue
        seen += 1
        if seen % STEP == 0:
            progress(seen)
        document = Document.of(row.mention, row.source)
        found = dict(both.matches(document))
        old, new = found.get("before"), found.get("after")
        if old and new:
            stays += 1
        elif new:
            enters += 1
            why_not = before.why_not(document)
            entering.appendleft(Example(row.source, row.mention, new.hits, why_not, new.explain()))
        elif old:
            leaves += 1
            why_not = query.why_not(document)
            leaving.appendleft(Example(row.source, row.mention, old.hits, old.explain(), why_not))
    return QueryChange(
        brand.name,
        brand.query,
        str(query),
        seen,
        bound,
        stays,
        enters,
        leaves,
        tuple(entering),
        tuple(leaving),
    )


def _mentions(store: Store, config: Config, brand: str, span: Span) -> Iterator[MentionRow]:
    """Each mention once that the brand's query decides about, or that is bound to the brand."""
    deaf = {own.name for own in config.sources if own.brands and brand not in own.brands}
    names = {own.name for own in config.brands}
    last = 0
    for row in store.mentions(span):
        if row.id == last:
            continue  # judged for another brand too
        last = row.id
        if row.deleted_at is not None:
            continue
        # As in triage: a binding to a brand that is no longer configured does not count.
        if (row.bound == brand) if row.bound in names else (row.source not in deaf):
            yield row
