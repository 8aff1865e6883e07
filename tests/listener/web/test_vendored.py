"""What others wrote is what they wrote: every vendored file has the sum that its table says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import listener.web

FOLDERS = (Path(listener.web.__file__).parent / "static" / "vendor", Path(__file__).parent / "axe")
LINE = re.compile(r"^\| (\S+) \| .* \| .*\((\S+)\) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_is_listed_with_its_sum_and_its_licence(folder: Path) -> None:
    listed = {name: (licence, sum) for name, licence, sum in LINE.findall(read(folder))}
    there = {file.name for file in folder.iterdir() if file.suffix in (".js", ".css")}
    assert set(listed) == there
    for name, (licence, sum) in listed.items():
        assert (folder / licence).is_file()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sum, name


def read(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")
