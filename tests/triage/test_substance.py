"""What says enough to be grouped by it, and what only answers a helpdesk."""

from __future__ import annotations

import pytest

from triage.labels import plain
from triage.substance import says_enough
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
