"""How a process of ours is set up before the first batch, and how it gives memory back."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress


def tune() -> None:
    """Set this process up for batches; call it before numpy is loaded. Harmless to repeat.

    Our matrices are small: a second BLAS thread burns a core waiting for the next one. And batches
    make and drop many small values that hold no cycles: looking for cycles every 700 of them, among
    models that stay, takes a seventh of the time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(50_000, 50, 100)


def give_back() -> None:
    """Give memory that nothing holds any more back to the system, where its C library can (glibc).

    Without being asked it keeps what was freed, hundreds of megabytes behind the models.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
