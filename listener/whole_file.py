"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from listener.errors import ListenerError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write to a temporary neighbour of `path`, which takes its name when the block ends well.

    An earlier file of that name stays until then, and stays for good when the block raises. The
    content is on disk before the name is. Raises ListenerError when the folder can't be written.
    """
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise ListenerError(
            f"cannot write {path}: {error.strerror}", "--out with another folder"
        ) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            # What the person's umask would have given a file of theirs; mkstemp is stricter.
            part.chmod(_usual_mode(path))
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ListenerError(
            f"cannot write {path}: {error.strerror}; it was left as it was",
            "--out with another disk",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _usual_mode(path: Path) -> int:
    """The mode of the file to be replaced, or that of a new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
