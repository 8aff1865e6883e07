"""Whether a post says enough to be grouped by what it says.

"Thanks!", "@bank done, check your DMs" or "please help me" name no problem, nor do "tried that, still not
working" and "iPhone 7, latest version": grouped by likeness they would be the largest issues of every
brand and hide the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.stopwords import COURTESY, NEGATIONS, STOPWORDS, THANKS

NOT_TELLING = STOPWORDS | COURTESY | NEGATIONS
# Told to a helpdesk that asks: whether it works by now, and on what.
_GOING_ON = """
    work works working worked happen happens happening happened continue continues fixed same either
    neither both via anyway option options step steps suggestion suggested restart restarted restarting
    reinstall reinstalled reinstalling uninstall uninstalled update updated latest new old long time
    times first last next hour hours minute minutes month months year years morning
"""
_DEVICES = """
    iphone iphones ipad ipod ios android samsung galaxy note pixel nexus htc lg sony xperia huawei
    oneplus moto motorola nokia lumia windows win mac macbook macos osx imac linux ubuntu sierra laptop
    desktop computer pc phone mobile tablet device devices model os version app application plus pro
"""
_SAYS_NOTHING = NOT_TELLING.union(_GOING_ON.split(), _DEVICES.split())


def says_enough(words: Sequence[str]) -> bool:
    """True when enough different (lower-case) words are left to say what the post is about.

    One is enough, and two in a post that gives thanks; grammar, negations, courtesy, how it is going,
    devices, versions, numbers and single letters do not count.
    """
    needed = 1 if THANKS.isdisjoint(words) else 2
    first = ""
    for word in words:
        if word in _SAYS_NOTHING or len(word) < 2 or word[0].isdigit() or word == first:
            continue
        if needed == 1 or first:
            return True
        first = word
    return False
