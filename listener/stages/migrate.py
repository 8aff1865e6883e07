"""Vectors of another model are made anew: page by page, killable anywhere, nothing else changes."""

from __future__ import annotations

from collections.abc import Callable

from listener.stages.progress import Progress, silent
from listener.store.protocol import Store
from triage.embedding import StaticEmbedder

PAGE = 1_000


def migrate(
    store: Store, progress: Progress = silent, stop: Callable[[], bool] = lambda: False
) -> int:
    """Give every mention a vector of today's model; returns how many were made.

    Issues, their ids, links and all that people decided stay: posts are where they were, only what
    they are compared by is new. What grouping remembers is learnt anew with the next batch. Every
    page is a transaction; what is left is found again by the next call.
    """
    embedder = StaticEmbedder()
    total = store.count_foreign_vectors(embedder.model)
    done = 0
    while not stop():
        page = store.foreign_vectors(embedder.model, PAGE)
        if not page:
            break
        vectors = embedder.embed([text for _, text in page])
        store.renew_vectors(
            [(mention, vector) for (mention, _), vector in zip(page, vectors, strict=True)],
            embedder.model,
        )
        done += len(page)
        progress("vectors", done, total)
    return done
