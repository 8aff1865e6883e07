"""What a path of the configuration stands for: a file, the files of a folder, or of a pattern."""

from __future__ import annotations

import os
from pathlib import Path

ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt")
_WILD = frozenset("*?[")


def matching(path: Path) -> list[Path] | None:
    """The files a folder or a pattern stands for now, in the order of their names.

    None when the path names one file. Of a folder: its own files with one of ENDINGS, also behind
    `.gz`. Of a pattern (`*`, `?`, `[…]`, `**` for folders of any depth): all files that match. Names
    that begin with a point are left out, unless a pattern names the point. Raises
    FileNotFoundError when the folder of a pattern is not there, and OSError when it cannot be read.
    """
    if path.is_dir():
        names = [name for name in os.listdir(path) if _is_posts(name)]
        return [path / name for name in sorted(names) if (path / name).is_file()]
    if path.exists() or not _WILD.intersection(str(path)):
        return None
    folder, pattern = _split(path)
    if not folder.is_dir():
        raise FileNotFoundError(2, f"no such folder: {folder}")
    os.scandir(folder).close()  # glob takes a folder it may not read for an empty one
    dotted = any(part.startswith(".") for part in pattern)
    return [
        found
        for found in sorted(folder.glob("/".join(pattern)))
        if (dotted or not _hidden(found, folder)) and found.is_file()
    ]


def _split(path: Path) -> tuple[Path, list[str]]:
    """The folder before the first wildcard, and the pattern below it.

    A folder whose own name has a bracket in it is a folder as long as it is there.
    """
    folder, parts = Path(path.anchor), list(path.parts[1:])
    while parts and ((folder / parts[0]).is_dir() or not _WILD.intersection(parts[0])):
        folder /= parts.pop(0)
    return folder, parts


def _hidden(found: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in found.relative_to(folder).parts)


def _is_posts(name: str) -> bool:
    return not name.startswith(".") and name.lower().removesuffix(".gz").endswith(ENDINGS)
