"""Whether a post says enough to be grouped by what it says.

"Thanks!", "@bank done, check your DMs" or "please help me" name no problem, nor do "tried that, still not
working" and "iPhone 7, latest version": grouped by likeness they would be the largest issues of every
brand and hide the real ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from triage.stopwords import COURTESY, NEGATIONS, STOPWORDS, THANKS
from triage.title_words import FILLERS

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
# Told when asked what was tried and what is seen: of a post that answers, no subject.
_ANSWERS = """
    delete deleted deleting redownload redownloaded redownloading install installed installing reset
    resetting reboot rebooted rebooting clear cleared clearing cache cookies log logged logging login
    logout sign signed incognito troubleshoot troubleshooting settings switch switched toggle toggled
    connected connection wifi network lte data run runs running chrome firefox safari browser browsers
    explorer edge opera chromebook current currently recent recently newest versions updates updating
    build software system operating oreo nougat sierra yosemite capitan error errors code screenshot
    screenshots persist persists occur occurs occurred start started starting began noticed sometimes
    randomly random often two report reported confirm exact believe remember least nearly helps
    uninstalling persisted occurring effect avail luck fine normal ver date v
    tweet tweets tweeted thread dm's touch received receive
"""
_SAYS_NOTHING = NOT_TELLING.union(_GOING_ON.split(), _DEVICES.split())
_NO_SUBJECT = _SAYS_NOTHING.union(_ANSWERS.split(), FILLERS)
_ASKED_FOR = frozenset(_DEVICES.split()).union(_ANSWERS.split())


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


def answer_says_enough(words: Sequence[str], brand: Collection[str] = ()) -> bool:
    """True when a post that answers another one says what it is about by itself.

    Two different words that name something are enough; three when it gives thanks or tells what a
    helpdesk asks for: the device, what was tried, what is seen. Those do not count, nor do words of
    the brand, fillers, and what has a digit in it.
    """
    asked = not (THANKS.isdisjoint(words) and _ASKED_FOR.isdisjoint(words))
    needed = 3 if asked else 2
    telling: set[str] = set()
    for word in words:
        if len(word) < 2 or word in _NO_SUBJECT or word in brand or not word.isalpha():
            continue
        telling.add(word)
        if len(telling) == needed:
            return True
    return False
