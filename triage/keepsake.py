"""Arrays as bytes and back: how grouping's memory is put by. Data alone, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray


def packed(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Named arrays as bytes; the same arrays give the same bytes."""
    file = BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpacked(data: bytes) -> dict[str, NDArray[np.generic]]:
    """The arrays that `packed` took. Raises ValueError for anything else."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (BadZipFile, OSError, EOFError, AttributeError, KeyError) as error:
        raise ValueError(f"not a file of arrays: {error}") from error
