"""One run at a time: the lock names who holds it, and dies with them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from listener.errors import StoreBusy, StoreError
from listener.store import run_lock


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/listener.db"


def test_the_second_is_told_who_is_first(tmp_path: Path) -> None:
    with run_lock(url(tmp_path)):
        with (
            pytest.raises(StoreBusy, match=f"process {os.getpid()} is at work") as caught,
            run_lock(url(tmp_path)),
        ):
            pass
        assert caught.value.exit_code == 75
        assert str(os.getpid()) in caught.value.hint
    with run_lock(url(tmp_path)):
        pass


def test_it_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    with run_lock(url(tmp_path)), pytest.raises(StoreBusy), run_lock(url(tmp_path), wait=0.15):
        pass


def test_the_kernel_gives_it_back_after_kill_9(tmp_path: Path) -> None:
    code = f"""
        import time
        from listener.store import run_lock
        with run_lock({url(tmp_path)!r}):
            print("held", flush=True)
            time.sleep(60)
        """
    held = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    with pytest.raises(StoreBusy, match=f"process {held.pid} "), run_lock(url(tmp_path)):
        pass
    held.kill()
    held.wait()
    held.stdout.close()
    with run_lock(url(tmp_path)):
        pass


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(url(tmp_path)):
        raise ZeroDivisionError
    with run_lock(url(tmp_path)):
        pass


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"), run_lock(url(tmp_path / "no")):
        pass
