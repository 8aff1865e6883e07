"""stdin, stdout and stderr as the system gives them: any encoding, closed, on a full disk."""

from __future__ import annotations

import io
import os
import sys


def settle_streams() -> None:
    """Let what stdout's encoding cannot say become `?`: a mark is no reason to say nothing.

    A stream that was closed before we began is empty, or swallows what it gets.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Open as long as the process: nobody else would close it later.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def last_words() -> None:
    """Print what still waits to be printed, or drop it: Python would fail on it when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def refusal(error: OSError) -> str:
    """What the system refused, in one line: the file it is about, where it names one."""
    about = f"{error.filename}: " if error.filename else "the output could not be written: "
    return f"{about}{error.strerror or error}"
