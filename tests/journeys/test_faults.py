"""The real program meets a full disk and a file that it may not write: it says so, and goes on later."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

POSTS = 500
Dump = dict[str, list[tuple[object, ...]]]
SMALL, LARGE = 1_500_000, 200_000_000  # bytes
TROUBLES = (
    "my card payment was declined abroad",
    "the app crashes when I open my statement",
    "I have been on hold for {n} minutes and nobody answers",
    "my transfer of {n} pounds never arrived",
    "how do I change the PIN of card {n}?",
)


class Disk:
    """A folder on a disk of its own, whose size and mode can be changed while it is in use.

    Where nothing can be mounted, a limit on the size of files stands for a full disk, and a file's
    own mode for a disk that was mounted read-only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.mounted = self._mount("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none")
        self.limit = None if self.mounted else SMALL
        self.config = folder.parent / f"{folder.name}.yaml"
        self.config.write_text(
            f"store: sqlite:///{folder}/listener.db\nbrands: [{{name: Northgate}}]\n", "utf-8"
        )

    def _mount(self, *words: str) -> bool:
        command = [*words, str(self.folder)]
        try:
            return subprocess.run(command, capture_output=True).returncode == 0
        except OSError:
            return False

    def grow(self) -> None:
        self.limit = None
        if self.mounted:
            assert self._mount("mount", "-o", f"remount,rw,size={LARGE}")

    def writable(self, may: bool) -> bool:
        """Let the store be written, or not; False when this machine cannot keep us from it."""
        if self.mounted:
            return self._mount("mount", "-o", "remount,rw" if may else "remount,ro")
        for file in (self.folder, *self.folder.iterdir()):
            file.chmod((0o700 if file.is_dir() else 0o600) if may else 0o500)
        return os.geteuid() != 0

    def close(self) -> None:
        if self.mounted:
            assert self._mount("umount")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        limit = self.limit

        def limited() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.run(
            [sys.executable, "-m", "listener", "--config", str(self.config), *words],
            capture_output=True,
            text=True,
            preexec_fn=limited,
        )


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts in our own words, old enough that the passing of seconds changes no priority."""
    dice = random.Random(11)
    path = tmp_path_factory.mktemp("posts") / "posts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(POSTS):
            text = f"Northgate: {dice.choice(TROUBLES)}".format(n=dice.randrange(2, 90))
            day, hour = dice.randrange(1, 29), dice.randrange(24)
            row = {
                "id": str(number),
                "text": text,
                "author": f"person{dice.randrange(300)}",
                "created_at": f"2017-11-{day:02}T{hour:02}:15:00Z",
            }
            file.write(json.dumps(row) + "\n")
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    made.close()


@pytest.fixture(scope="module")
def expected(
    posts: Path, tmp_path_factory: pytest.TempPathFactory, dump: Callable[[Path], Dump]
) -> Dump:
    """What the store knows after an import that nothing has disturbed."""
    calm = Disk(tmp_path_factory.mktemp("calm") / "disk")
    calm.grow()
    done = calm.run("import", str(posts))
    assert done.returncode == 0, done.stderr
    found = dump(calm.folder / "listener.db")
    calm.close()
    return found


def test_a_full_disk_is_named_and_nothing_is_lost_or_half_done(
    disk: Disk, posts: Path, expected: Dump, dump: Callable[[Path], Dump]
) -> None:
    full = disk.run("import", str(posts))
    assert full.returncode == 1
    assert "disk" in full.stderr
    assert "Traceback" not in full.stderr
    looked = disk.run("queue", "list", "--json")
    assert looked.returncode == 0, looked.stderr
    disk.grow()
    done = disk.run("import", str(posts))
    assert done.returncode == 0, done.stderr
    ended = dump(disk.folder / "listener.db")
    assert {name for name in expected if ended[name] != expected[name]} == set()


def test_a_store_that_cannot_be_written_is_named(
    disk: Disk, posts: Path, dump: Callable[[Path], Dump]
) -> None:
    disk.grow()
    half = posts.with_name("half.jsonl")
    half.write_text("".join(posts.read_text("utf-8").splitlines(keepends=True)[:300]), "utf-8")
    assert disk.run("import", str(half)).returncode == 0
    if not disk.writable(False):
        pytest.skip("nothing keeps this user from writing: no mount, and no other user's file")
    refused = disk.run("import", str(posts))
    assert refused.returncode == 1
    assert "written" in refused.stderr or "opened" in refused.stderr
    assert "ls -ld" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert disk.writable(True)
    done = disk.run("import", str(posts))
    assert done.returncode == 0, done.stderr
    ended = dump(disk.folder / "listener.db")
    assert len(ended["mentions"]) == len(ended["verdicts"]) == POSTS
    assert ended["pending"] == []
