"""Runs commands of the real program in children of its own, and kills some of them.

A program of its own with one thread, because only such a process forks safely, and because a child
that finds everything loaded begins its work in milliseconds. Reads one JSON order a line from stdin
(`argv`, `after`: seconds until SIGKILL or null, `out`: where the child's output goes, and `at` when
the child is to kill itself: behind so many statements told to PostgreSQL) and answers each with one
JSON line (`killed`, `code`, `lasted`, `told`: how many statements that were). An order to make a
`seat` is answered by another of its kind, which has nothing to load and serves the two pipes of that
name.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import tempfile
import threading
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from listener.cli import cli, main

OVER_POSTGRES = (
    "psycopg",
    "procrastinate",
    "listener.fleet.worker",
    "listener.store.postgres.store",
)


def load() -> None:
    """Load what every command will need, by running the program in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text("brands: [{name: Nobody}]\n", encoding="utf-8")
        posts = Path(folder) / "posts.jsonl"
        posts.write_text('{"id": "1", "text": "Nobody answers the hotline"}\n', encoding="utf-8")
        table = str(Path(folder) / "table")
        for words in (
            ["import", str(posts)],
            ["run", "--once"],
            ["queue", "show", "1"],
            ["queue", "claim", "1"],
            ["export", "issues", "--out", table],
        ):
            with (
                Path(folder, "said").open("w") as said,
                redirect_stdout(said),
                redirect_stderr(said),
            ):
                cli(["--config", str(config), *words], standalone_mode=False)
    for name in OVER_POSTGRES:
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise SystemExit("a thread is left: this process must not fork")


def count_statements(at: int, told: int) -> None:
    """Write a byte into the pipe `told` for every statement, and be killed behind one of them."""
    import psycopg

    left = at
    execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

    def done() -> None:
        nonlocal left
        left -= 1
        os.write(told, b".")
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def executing(conn: Any, *words: Any, **more: Any) -> Any:
        result = execute(conn, *words, **more)
        done()
        return result

    def copying(cursor: Any, *words: Any, **more: Any) -> Any:
        done()
        return copy(cursor, *words, **more)

    psycopg.Connection.execute = executing  # type: ignore[method-assign]
    psycopg.Cursor.copy = copying  # type: ignore[method-assign]


def child(argv: list[str], out: str) -> int:
    """Be the program, with its output in a file."""
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    sys.argv = ["listener", *argv]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def run(argv: list[str], after: float | None, out: str, at: int | None = None) -> dict[str, object]:
    """One command in a child, killed after so many seconds or statements."""
    began = time.monotonic()
    heard, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            if at is not None:
                count_statements(at, told)
            code = child(argv, out)
        finally:
            sys.stdout.flush()
            os._exit(code)
    ended = os.pidfd_open(pid)
    try:
        killed = not select.select([ended], [], [], after)[0]
    finally:
        os.close(ended)
    if killed:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    lasted = time.monotonic() - began
    os.close(told)
    with os.fdopen(heard, "rb") as statements:
        count = len(statements.read())
    code = os.waitstatus_to_exitcode(status)
    killed |= code == -signal.SIGKILL
    return {"killed": killed, "code": code, "lasted": lasted, "told": count}


def take(seat: str) -> None:
    """Serve the pipes `seat`.orders and `seat`.answers from a process of our kind."""
    if os.fork():
        return
    for stream, pipe, how in ((0, "orders", os.O_RDONLY), (1, "answers", os.O_WRONLY)):
        os.dup2(os.open(f"{seat}.{pipe}", how), stream)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    os.chdir(Path(seat).parent)
    serve()
    os._exit(0)


def serve() -> None:
    """Answer orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        if "seat" in order:
            take(order["seat"])
            continue
        answer = run(order["argv"], order["after"], order["out"], order.get("at"))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    load()
    serve()
