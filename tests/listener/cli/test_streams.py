"""The command in a terminal as it may be: another encoding, a full disk, closed streams."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

LISTENER = shlex.join([sys.executable, "-m", "listener"])
FULL = Path("/dev/full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text('brands: [{name: "Käse ▲"}]\n', encoding="utf-8")
    return tmp_path


def typed(folder: Path, words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Type it into a shell, in a folder of its own."""
    here = str(Path(__file__).parents[3])
    known = {**os.environ, "PYTHONPATH": here, **environment}
    return subprocess.run(
        ["sh", "-c", f"{LISTENER} {words}"], cwd=folder, env=known, capture_output=True, timeout=60
    )


def test_a_narrow_encoding_costs_marks_and_nothing_else(folder: Path) -> None:
    done = typed(folder, "queue list", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"K?se ?  no cases yet" in done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
@pytest.mark.parametrize("command", ["queue list", "queue list --json", "export mentions"])
def test_a_full_disk_behind_stdout_is_one_sentence(folder: Path, command: str) -> None:
    done = typed(folder, f"{command} > {FULL}")
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "Error: the output could not be written: No space left on device\nTry:   df -h" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&-"])
def test_streams_that_were_closed_before_are_empty_or_swallow(folder: Path, closed: str) -> None:
    done = typed(folder, f"score - {closed} < /dev/null" if "<" not in closed else "score - <&-")
    assert (done.returncode, done.stderr) == (0, b"")
