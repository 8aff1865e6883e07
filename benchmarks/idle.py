"""What `listener up` takes while nothing comes: memory and processor time, of all its processes.

`python -m benchmarks idle` starts the program on the sample brand, lets it judge the 600 posts, and
looks again when it has rested: about five minutes, nearly all of them waiting.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from listener.daemon import DELIVERED, REST

CONFIG = """
store: sqlite:///listener.db
brands: [{name: Northgate Bank, languages: [en]}]
sources: [{name: sample, type: sample}]
web: {port: 0}
"""
SETTLING = 20.0  # seconds until all is judged and the first cases are shown
MEASURED = 60.0
MOST_MEGABYTES, MOST_OF_A_CORE = 150, 0.01


def processes(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text("ascii").split():
            yield from processes(int(child))


def megabytes(pid: int) -> float:
    """Resident memory of a process and all below it."""
    pages = sum(
        int(Path(f"/proc/{one}/statm").read_text("ascii").split()[1]) for one in processes(pid)
    )
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def seconds(pid: int) -> float:
    """Processor time that a process and all below it have used."""
    ticks = 0
    for one in processes(pid):
        fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print what it takes at rest; ends with an error when that is more than promised."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.yaml").write_text(CONFIG, encoding="utf-8")
        with subprocess.Popen(
            [sys.executable, "-m", "listener", "up"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        ) as program:
            try:
                time.sleep(SETTLING)
                print(f"after judging 600 posts: {megabytes(program.pid):.0f} MB")
                time.sleep(REST.total_seconds() + 2 * DELIVERED.total_seconds())
                memory, used = megabytes(program.pid), seconds(program.pid)
                time.sleep(MEASURED)
                share = (seconds(program.pid) - used) / MEASURED
                memory = max(memory, megabytes(program.pid))
                print(f"at rest: {memory:.0f} MB, {share:.2%} of a core")
            finally:
                program.send_signal(signal.SIGTERM)
    if memory >= MOST_MEGABYTES or share >= MOST_OF_A_CORE:
        sys.exit(f"more than {MOST_MEGABYTES} MB or {MOST_OF_A_CORE:.0%} of a core")


if __name__ == "__main__":
    main()
