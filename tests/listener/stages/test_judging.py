"""Helpers change who judges, never what is judged."""

from __future__ import annotations

import os
import signal

from listener.stages.judging import SHARE, WORTH_HELP, Judging
from triage.protocols import BrandContext

BRANDS = {"Acme": BrandContext("Acme"), "Other": BrandContext("Other")}
TEXTS = [f"My card {number} was declined and nobody answers!" for number in range(SHARE + 20)]


def helped() -> Judging:
    """Judging whose one helper is up."""
    judging = Judging(BRANDS, helpers=1)
    judging.announce("Acme", [f"filler {number}" for number in range(WORTH_HELP)])
    assert judging._ready is not None
    judging._ready.result(timeout=60)
    return judging


def test_a_helper_reads_what_this_process_would_read() -> None:
    expected = Judging(BRANDS, helpers=0).read("Acme", TEXTS)
    judging = helped()
    try:
        judging.announce("Acme", TEXTS)
        assert judging._ahead
        assert judging.read("Acme", [*TEXTS, TEXTS[0], "not announced"])[:-2] == expected
        assert not judging._ahead
    finally:
        judging.close()


def test_what_was_announced_for_one_brand_is_not_taken_for_another() -> None:
    judging = helped()
    try:
        judging.announce("Acme", ["Acme is terrible"])
        other = Judging(BRANDS, helpers=0).read("Other", ["Acme is terrible"])
        assert judging.read("Other", ["Acme is terrible"]) == other
    finally:
        judging.close()


def test_a_helper_that_dies_costs_nothing_but_time() -> None:
    expected = Judging(BRANDS, helpers=0).read("Acme", TEXTS)
    judging = helped()
    try:
        assert judging._pool is not None
        (process,) = judging._pool._processes.values()
        judging.announce("Acme", TEXTS)
        os.kill(process.pid, signal.SIGKILL)
        assert judging.read("Acme", TEXTS) == expected
        judging.announce("Acme", TEXTS)
        assert judging.read("Acme", TEXTS) == expected
    finally:
        judging.close()


def test_few_texts_start_no_helper() -> None:
    judging = Judging(BRANDS, helpers=1)
    judging.announce("Acme", TEXTS)
    assert judging._pool is None
    assert len(judging.read("Acme", TEXTS[:3])) == 3
