"""An import killed with SIGKILL at random moments ends like one that nobody disturbed."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

POSTS = 2_000
Dump = dict[str, list[tuple[object, ...]]]
OPENINGS = (
    "@northgate",
    "Hey Northgate,",
    "Dear @northgate",
    "So",
    "Honestly,",
    "@northgate again:",
)
TROUBLES = (
    "my card payment was declined abroad",
    "the app crashes when I open my statement",
    "I have been on hold for {n} minutes and nobody answers",
    "my transfer of {n} pounds never arrived",
    "you charged me the fee of {n} twice",
    "the cash machine kept my card at branch {n}",
    "how do I change the PIN of card {n}?",
    "it would be great if statements could be sorted by month",
    "thank you, the help at branch {n} was wonderful",
    "I will switch to another bank after {n} years",
)
ENDINGS = (
    "",
    "Please help!",
    "Third time this week.",
    "Anyone else?",
    "Refund me.",
    "#fail",
    "Why?",
)


def write_posts(path: Path) -> None:
    """Posts in our own words, old enough that the passing of seconds changes no priority."""
    dice = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        for number in range(POSTS):
            text = " ".join(
                (dice.choice(OPENINGS), dice.choice(TROUBLES), dice.choice(ENDINGS))
            ).format(n=dice.randrange(2, 90))
            row = {
                "id": str(number if number % 50 else max(0, number - 7)),  # some ids come twice
                "text": text.strip(),
                "author": f"person{dice.randrange(900)}",
                "created_at": f"2017-11-{dice.randrange(1, 29):02}T{dice.randrange(24):02}:15:00Z",
            }
            file.write(json.dumps(row) + "\n")


def command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "listener", "--config", str(folder / "config.yaml"), "import"]


def lay_out(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.yaml").write_text(
        "store: sqlite:///listener.db\nbrands:\n  - name: Northgate\n", encoding="utf-8"
    )
    return folder


def test_killed_imports_end_like_an_undisturbed_one(
    tmp_path: Path, request: pytest.FixtureRequest, dump: Callable[[Path], Dump]
) -> None:
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--kill-seed")
    posts = Path(request.config.getoption("--kill-file") or tmp_path / "posts.jsonl")
    if not posts.exists():
        write_posts(posts)
    calm = lay_out(tmp_path / "calm")
    began = time.monotonic()
    subprocess.run([*command(calm), str(posts)], check=True, capture_output=True)
    lasted = time.monotonic() - began
    expected = dump(calm / "listener.db")
    assert all(len(expected[name]) > 100 for name in ("mentions", "cases", "memberships"))
    assert len(expected["issues"]) > 20

    dice = random.Random(seed)
    landed = 0
    for number in range(kills):
        folder = lay_out(tmp_path / f"killed{number}")
        landed += kill(
            subprocess.Popen([*command(folder), str(posts)], stderr=subprocess.DEVNULL),
            after=dice.uniform(0.2, 1.0) * lasted,
        )
        done = subprocess.run([*command(folder), str(posts)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        ended = dump(folder / "listener.db")
        differing = {name: rows for name, rows in ended.items() if rows != expected[name]}
        assert differing == {}, f"kill {number} of seed {seed}"
        shutil.rmtree(folder)
    print(f"{landed} kills of {kills} landed before the end, seed {seed}")
    assert landed > 0


def kill(run: subprocess.Popen[bytes], after: float) -> bool:
    """End a process with SIGKILL after so many seconds; False when it was done before."""
    try:
        run.wait(timeout=after)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
        return True
    return False
