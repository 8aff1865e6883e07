"""Words that matter for titles alone: fillers that name nothing, and words that name a trouble."""

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
FILLERS = frozenset(_FILLERS.split())
TROUBLES = frozenset(_TROUBLES.split())
