"""How a process of ours is set up before the first batch: the garbage collector, and BLAS."""

from __future__ import annotations

import gc
import os


def tune() -> None:
    """Set this process up for batches; call it before numpy is loaded. Harmless to repeat.

    Our matrices are small: a second BLAS thread burns a core waiting for the next one. And batches
    make and drop many small values that hold no cycles: looking for cycles every 700 of them, among
    models that stay, takes a seventh of the time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(50_000, 50, 100)
