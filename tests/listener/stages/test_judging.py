"""Helpers change who judges, never what is judged."""

from __future__ import annotations

import errno
import os
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest

from listener.stages.judging import MOST_AHEAD, SHARE, WORTH_HELP, Judging
from triage.protocols import BrandContext

BRANDS = {"Acme": BrandContext("Acme"), "Other": BrandContext("Other")}
TEXTS = [f"My card {number} was declined and nobody answers!" for number in range(SHARE + 20)]


def helped() -> Judging:
    """Judging whose one helper is up."""
    judging = Judging(BRANDS, helpers=1)
    judging.announce("Acme", [f"filler {number}" for number in range(WORTH_HELP)])
    assert judging._helpers is not None
    judging._helpers.ready.result(timeout=60)
    return judging


def test_a_helper_reads_what_this_process_would_read() -> None:
    expected = Judging(BRANDS, helpers=0).read("Acme", TEXTS)
    judging = helped()
    try:
        judging.announce("Acme", TEXTS)
        assert judging.read("Acme", [*TEXTS, TEXTS[0], "not announced"])[:-2] == expected
        assert not any(("Acme", text) in judging._ahead for text in TEXTS)
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
        assert judging._helpers is not None
        (process,) = judging._helpers._pool._processes.values()
        judging.announce("Acme", TEXTS)
        os.kill(process.pid, signal.SIGKILL)
        assert judging.read("Acme", TEXTS) == expected
        assert judging._helpers is None
        judging.announce("Acme", TEXTS)
        assert judging.read("Acme", TEXTS) == expected
    finally:
        judging.close()


def test_a_helper_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    expected = Judging(BRANDS, helpers=0).read("Acme", TEXTS)
    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)
    judging = helped()
    try:
        judging.announce("Acme", TEXTS)
        assert judging.read("Acme", TEXTS) == expected
        assert judging._helpers is None
    finally:
        judging.close()


def test_what_no_helper_has_begun_is_read_here() -> None:
    """Texts announced before any helper is up are asked for at once: nobody waits for a helper."""
    expected = Judging(BRANDS, helpers=0).read("Acme", TEXTS)
    judging = Judging(BRANDS, helpers=1)
    try:
        judging.announce("Acme", TEXTS + [f"filler {number}" for number in range(WORTH_HELP)])
        assert judging.read("Acme", TEXTS) == expected
        assert judging.read("Acme", ["filler 7"]) == Judging(BRANDS, helpers=0).read(
            "Acme", ["filler 7"]
        )
    finally:
        judging.close()


def test_texts_that_are_never_asked_for_do_not_pile_up() -> None:
    judging = Judging(BRANDS, helpers=1)
    try:
        for page in range(4):
            judging.announce("Acme", [f"{page}: {number}" for number in range(MOST_AHEAD // 3)])
        assert len(judging._ahead) <= MOST_AHEAD
    finally:
        judging.close()


def test_a_text_that_comes_again_stays_with_its_first_share() -> None:
    judging = Judging(BRANDS, helpers=1)
    try:
        judging.announce("Acme", [f"filler {number}" for number in range(WORTH_HELP)])
        first = judging._ahead["Acme", "filler 3"]
        judging.announce("Acme", ["filler 3", "thanks", "thanks"])
        assert judging._ahead["Acme", "filler 3"] == first
        assert judging._ahead["Acme", "thanks"].texts == ["thanks"]
    finally:
        judging.close()


def test_a_text_said_again_later_does_not_have_the_later_share_read_now() -> None:
    judging = Judging(BRANDS, helpers=1)
    try:
        judging.announce("Acme", [f"filler {number}" for number in range(WORTH_HELP - SHARE)])
        judging.announce("Acme", ["thanks", *TEXTS])  # the first share of a later page
        later = judging._ahead["Acme", TEXTS[0]]
        expected = Judging(BRANDS, helpers=0).read("Acme", ["thanks", "thanks"])
        assert judging.read("Acme", ["thanks", "thanks"]) == expected
        assert later.readings is None
        assert judging._ahead["Acme", TEXTS[0]] is later
    finally:
        judging.close()


def test_few_texts_start_no_helper() -> None:
    judging = Judging(BRANDS, helpers=1)
    judging.announce("Acme", TEXTS)
    assert judging._helpers is None
    assert len(judging.read("Acme", TEXTS[:3])) == 3
