"""Vectors of another model are made anew: page by page, killable anywhere, nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from listener.stages.progress import Progress, silent
from listener.store.protocol import Store
from triage.embedding import StaticEmbedder
from triage.encoder import PostEncoder
from triage.protocols import Embedder
from triage.space import ENCODER, Space

PAGE = 1_000
PAGE_OF_ENCODER = 100  # some two seconds


def migrate(
    store: Store,
    spaces: Mapping[str, Space],
    progress: Progress = silent,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Give every brand's placed mentions a vector of the model it is grouped by; how many were made.

    Issues, their ids, links and all that people decided stay: posts are where they were, only what
    they are compared by is new. What grouping remembers is learnt anew with the next batch. Every
    page is a transaction; what is left is found again by the next call. Then vectors of models that
    no brand uses go. Raises EncoderMissingError.
    """
    total = sum(store.count_foreign_vectors(brand, one.model) for brand, one in spaces.items())
    done = 0
    for brand, space in spaces.items():
        last, page_size = 0, PAGE_OF_ENCODER if space is ENCODER else PAGE
        embedder: Embedder | None = None
        while page := store.foreign_vectors(brand, space.model, page_size, last):
            if stop():
                return done
            embedder = embedder or embedder_of(space)
            vectors = embedder.embed([text for _, text in page])
            made = [(mention, vector) for (mention, _), vector in zip(page, vectors, strict=True)]
            store.renew_vectors(made, space.model)
            last = page[-1][0]
            done += len(page)
            progress("vectors", done, total)
    used, last = {space.model for space in spaces.values()}, 0
    while not stop() and (last := store.drop_vectors(used, PAGE, last)):
        continue
    return done


def embedder_of(space: Space) -> Embedder:
    """What makes the vectors of a space; raises EncoderMissingError."""
    return PostEncoder() if space is ENCODER else StaticEmbedder()
