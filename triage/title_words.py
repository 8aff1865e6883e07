"""Words that matter for titles alone: fillers, words that name a trouble, and whose doing it was."""

from __future__ import annotations

# Telling by the numbers, empty to a reader: when, how often, how somebody feels about it.
_FILLERS = """
actually sadly unfortunately either neither anyway anyways obviously literally basically seriously
honestly definitely probably possibly apparently clearly simply completely totally currently
recently previously originally usually normally finally eventually suddenly constantly sometimes
anytime whenever wherever whatever however especially exactly maybe perhaps instead though besides
happen happens happened happening experience experienced experiencing encounter encountered clue
idea solve solved suggest suggested notice noticed seem seemed appear appears afraid curious bad
month months year years minute minutes hour hours second seconds moment times today tonight
via what's who's here's where's how's isn't ain't lately long longer far near soon later early
first last next previous new old whole different several certain various multiple couple many few
tho ffs btw imo smh wondering please
two three four five six seven eight nine ten reason reasons explain explained supposed regarding nor
plus add added stuff kind type sort part place side end start full actual real true right wrong
"""

# A title that holds one says what is wrong, and not only where.
_TROUBLES = """
not no never can't cant cannot won't wont don't dont doesn't doesnt didn't didnt isn't isnt wasn't
couldn't wouldn't without unable nobody
stop stops stopped stopping keeps crash crashes crashed crashing freeze freezes frozen fail fails
failed failing error errors broken broke breaks bug bugs glitch glitchy lag lags lagging slow
missing lost lose loses losing gone disappear disappears disappeared deleted removed vanished
stolen hacked hack blocked locked banned suspended declined decline refused rejected denied
charged charge overcharged twice double refund refunded cancel cancelled canceled cancellation
late delayed delay pending stuck expired invalid incorrect unavailable unplayable useless
skip skips skipping pause pauses paused logged logout disconnect disconnects disconnected
kicked forced change changed reset forgot forgotten update updated upgrade
verkeerd kaputt fehler problema fehlt perdu cassé rotto
"""
# What somebody did, thought or says of themselves: said first, it names no trouble.
_DOINGS = """
paid pay bought tried written wrote write changed change updated update upgraded reset cancelled cancel
canceled deleted uninstalled reinstalled restarted asked ask hate hated love loved thought think feel
understand know read blame bring didn't didnt don't dont entered ordered requested refund
"""
_PERSONS = """
i i'm im i've ive i'd i'll we we're we've we'll you you're you've you'll u he he's she she's they they're
they've who people customers
"""
# In the way between who does it and what is done.
_BETWEEN = """
have has had been be am is are was were do did does can could will would should might may must just also
still already even always really only now then never not gotta finally recently again
"""
# A title points at nothing outside itself, and tells no story.
_POINTING = """
me us him them this that these those it it's its that's there's but because cos cuz so if when while until
till than then as
"""
FILLERS = frozenset(_FILLERS.split())
TROUBLES = frozenset(_TROUBLES.split())
DOINGS = frozenset(_DOINGS.split())
PERSONS = frozenset(_PERSONS.split())
BETWEEN = frozenset(_BETWEEN.split())
POINTING = PERSONS.union(_POINTING.split())
OWNERS = frozenset(("my", "our", "your", "ur", "his", "her", "their", "'s"))
PARTICLES = frozenset(("up", "out", "off"))
