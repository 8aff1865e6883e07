"""What says enough to be grouped by it, and what only answers a helpdesk."""

from __future__ import annotations

import pytest

from triage.labels import plain
from triage.substance import answer_says_enough, says_enough
from triage.titles import telling_words


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "@bank ok done, check your DMs",
        "tried that, still not working",
        "Nope, it's still happening",
        "iPhone 7 Plus, iOS 11.0.3, version 8.4.22.515",
        "Samsung Galaxy, latest Android version",
        "restarted and reinstalled the app, same",
    ],
)
def test_answers_name_no_problem(text: str) -> None:
    assert not says_enough(telling_words(plain(text)))


@pytest.mark.parametrize(
    "text",
    [
        "the app crashes on my iPhone",
        "card declined",
        "shuffle does not work",
        "refund me",
        "your website is down again",
    ],
)
def test_problems_do(text: str) -> None:
    assert says_enough(telling_words(plain(text)))


@pytest.mark.parametrize(
    "text",
    [
        "iPhone 6s Plus, iOS 10.3.2, and the most recently updated version of Acme",
        "deleted Acme and reinstalled, cleared the cache, still happening",
        "logged out and in again on Chrome and Firefox, no error message",
        "the playlist",
        "thanks, the playlist works",
        "Acme acme ACME v8 8.4.24armv7",
        "",
    ],
)
def test_what_a_helpdesk_asks_for_names_no_problem(text: str) -> None:
    assert not answer_says_enough(telling_words(plain(text)), frozenset(("acme",)))


@pytest.mark.parametrize(
    "text",
    [
        "my playlist has vanished",
        "thanks, but my playlist and the album vanished again",
        "reinstalled the app on Android and shuffle repeats one song",
    ],
)
def test_an_answer_that_names_the_thing_is_grouped(text: str) -> None:
    assert answer_says_enough(telling_words(plain(text)))
