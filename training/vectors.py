"""The vectors of a set of texts, made once and kept in a folder, since an encoder is slow."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from triage.protocols import Embedder

PAGE = 2_000


def vectors_of(embedder: Embedder, texts: Sequence[str], kept: Path | None) -> list[bytes]:
    """One vector a text, in order; read from the folder `kept` where they lie there already.

    A page of texts is a file, named by the model and the texts, so a run that was stopped goes on
    where it was.
    """
    if kept is None:
        return embedder.embed(texts)
    kept.mkdir(parents=True, exist_ok=True)
    found: list[bytes] = []
    for start in range(0, len(texts), PAGE):
        page = texts[start : start + PAGE]
        said = sha256("\x1e".join(page).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        file = kept / f"{embedder.model}-{said}.npy"
        if file.exists():
            rows = np.load(file, allow_pickle=False)
        else:
            rows = np.frombuffer(b"".join(embedder.embed(page)), np.int8)
            rows = rows.reshape(len(page), embedder.dimensions)
            partial = file.with_suffix(".partial.npy")
            np.save(partial, rows)
            partial.rename(file)
        found += [row.tobytes() for row in rows]
    return found
