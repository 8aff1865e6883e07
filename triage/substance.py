"""Whether a post says enough to be grouped by what it says.

"Thanks!", "@bank done, check your DMs" or "please help me" name no problem: grouped by likeness they
would be the largest issues of every brand and hide the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.stopwords import COURTESY, NEGATIONS, STOPWORDS, THANKS

NOT_TELLING = STOPWORDS | COURTESY | NEGATIONS


def says_enough(words: Sequence[str]) -> bool:
    """True when enough different (lower-case) words are left to say what the post is about.

    One is enough, and two in a post that gives thanks; grammar, negations, courtesy, numbers and
    single letters do not count.
    """
    telling = {
        word for word in words if len(word) > 1 and word not in NOT_TELLING and not word.isdigit()
    }
    return len(telling) >= (1 if THANKS.isdisjoint(words) else 2)
