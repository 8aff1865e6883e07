"""One run at a time: a lock that cannot be left behind."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from listener.errors import StoreBusy, StoreError

_LOOK_AGAIN = 0.1  # seconds


class FileLock:
    """An exclusive lock on a file, for a `with` block.

    The kernel holds it for the open file and gives it back when the process ends, also on kill -9;
    the file itself stays and only says who has it. Not inherited by programs that are started.
    """

    def __init__(self, path: Path, wait: float = 0.0) -> None:
        """Name the file and how many seconds to wait for whoever holds it."""
        self.path = path
        self._wait = wait
        self._file = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises StoreBusy naming who holds it, StoreError otherwise."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{self.path} can't be opened: {error.strerror}", f"ls -ld {self.path.parent}"
            ) from error
        try:
            self._take(file)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        return self

    def _take(self, file: int) -> None:
        deadline = time.monotonic() + self._wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise StoreBusy(*_held(self.path, file)) from error
                time.sleep(min(_LOOK_AGAIN, left))
            else:
                break
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        file, self._file = self._file, -1
        os.ftruncate(file, 0)
        os.close(file)


def _held(path: Path, file: int) -> tuple[str, str]:
    pid = os.pread(file, 32, 0).decode(errors="replace").strip()
    who = f"process {pid}" if pid.isdecimal() else "another process"
    return (
        f"{who} is at work on this store (it holds {path})",
        f"wait for it to end, or look at it: ps -p {pid}" if pid.isdecimal() else "",
    )
