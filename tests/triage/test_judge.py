"""The judge through its public seam: lanes, reasons, bands, and no text that breaks it."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.head_delta import HeadChange, HeadDelta, changed, vectors
from triage.heads import packaged
from triage.judge import VERSION, Judge
from triage.protocols import BrandContext, Scorer
from triage.verdict import Band, Lane, Verdict

JUDGE = Judge(BrandContext(name="Acme Bank", handles=("@acmebank",)))


def judged(text: str) -> Verdict:
    (verdict,) = JUDGE.judge([text])
    return verdict


LANES = [
    ("On hold for two hours and nobody answers", Lane.COMPLAINT),
    ("My card payment was declined, why?", Lane.COMPLAINT),
    ("@acmebank your app keeps crashing, worst bank ever", Lane.COMPLAINT),
    ("You charged me twice and I want a refund", Lane.COMPLAINT),
    ("My promo code for the discount does not work", Lane.COMPLAINT),
    ("The sofa was supposed to arrive on Tuesday. Might somebody let me know?", Lane.COMPLAINT),
    ("We have yet to receive the tickets we booked in March", Lane.COMPLAINT),
    ("I ordered the large one but the box contains the small one, have a look?", Lane.COMPLAINT),
    ("When will the new phone arrive in stores?", Lane.QUESTION),
    ("How do I order a large one?", Lane.QUESTION),
    ("How do I change my PIN?", Lane.QUESTION),
    ("Do you have a branch in Leeds?", Lane.QUESTION),
    ("You should add a dark mode to the app", Lane.IDEA),
    ("It would be great to export statements as CSV", Lane.IDEA),
    ("Great service today, thank you!", Lane.PRAISE),
    ("I love your new app", Lane.PRAISE),
    ("I am at the bank", Lane.OTHER),
    ("", Lane.OTHER),
    ("RT @paper: Acme Bank opens a branch", Lane.MUTED),
    ("Enter to win a phone! Follow us and retweet https://example.org/win", Lane.MUTED),
    ("We're hiring! Join our team https://example.org/jobs", Lane.MUTED),
    ("this is my new mixtape, subscribe to my channel and like it guys", Lane.MUTED),
    ("@acmebank this is the one https://example.org/track", Lane.OTHER),
    ("Breaking: Acme Bank announces record profit https://example.org/n", Lane.MUTED),
]


@pytest.mark.parametrize(("text", "lane"), LANES)
def test_lanes(text: str, lane: Lane) -> None:
    verdict = judged(text)
    assert verdict.lane is lane
    assert bool(verdict.muted_by) == (lane is Lane.MUTED)


def test_it_is_a_scorer() -> None:
    scorer: Scorer = JUDGE
    assert scorer.version == VERSION == judged("hello").version


def test_one_verdict_per_text_in_order_and_none_depends_on_the_others() -> None:
    texts = [text for text, _ in LANES]
    assert JUDGE.judge(texts) == [judged(text) for text in texts]
    assert JUDGE.judge([]) == []


def test_the_reasons_quote_the_words() -> None:
    verdict = judged("On hold for two hours. I will tell the ombudsman!")
    said = [(reason.about, reason.text) for reason in verdict.reasons]
    assert ("lane", "was kept on hold: “On hold”") in said
    assert ("vigilante", "likely: left the official channel: “On hold”") in said
    assert ("vigilante", "likely: goes public: “ombudsman”") in said
    assert any(about == "severity" for about, _ in said)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("Called three times, on hold for hours. Boycott them!", Band.LIKELY),
        ("I emailed you and got no reply, going to the press", Band.LIKELY),
        ("Nobody answers my emails, still waiting after 3 weeks", Band.POSSIBLE),
        ("Your app is broken, I'm reporting this to the FCA", Band.POSSIBLE),
        ("My card was declined", Band.NO),
        ("Thank you for the quick reply, I'll tell everyone!", Band.NO),
        ("How do I reach the ombudsman?", Band.NO),
    ],
)
def test_the_vigilante_band(text: str, band: Band) -> None:
    verdict = judged(text)
    assert verdict.vigilante is band
    assert bool(verdict.vigilante_reasons) == (band is not Band.NO)


def test_worse_reads_as_worse() -> None:
    mild = judged("The app is a little slow today")
    bad = judged("Charged twice, nobody answers, still waiting for my refund after 3 weeks!!")
    assert bad.severity > mild.severity
    assert bad.severity_band in {"high", "critical"}


def test_danger_is_severe_by_policy_and_says_so() -> None:
    verdict = judged("Your broken charger caught fire")
    assert verdict.severity_band in {"high", "critical"}
    assert any("by policy" in reason.text for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Kortet har inte fungerat på tre dagar och ingen hjälper mig.", "sv"),
        ("Karta nie działa od trzech dni i nikt mi nie pomaga.", "pl"),
    ],
)
def test_a_language_without_a_reading_has_no_sentiment(text: str, lang: str) -> None:
    verdict = judged(text)
    assert (verdict.lang, verdict.sentiment.label) == (lang, "unknown")
    assert verdict.sentiment.leaning == 0


@pytest.mark.parametrize(
    ("text", "lang", "label"),
    [
        ("Was für ein schrecklicher Service, nie wieder!", "de", "negative"),
        ("Qué horror, pésimo servicio, nunca más", "es", "negative"),
        ("Merci beaucoup, super service, j'adore", "fr", "positive"),
        ("Adoro questo gruppo, grazie mille!", "it", "positive"),
    ],
)
def test_seven_languages_have_a_mood(text: str, lang: str, label: str) -> None:
    verdict = judged(text)
    assert (verdict.lang, verdict.sentiment.label) == (lang, label)


def test_a_bad_mood_in_another_language_raises_the_chance_of_a_complaint() -> None:
    bad = judged("Was für ein schrecklicher Service, nie wieder!")
    good = judged("Vielen Dank, super gemacht, ich liebe euch")
    assert bad.complaint_p > good.complaint_p + 0.1


def test_a_word_of_another_language_is_not_read_as_english() -> None:
    assert judged("Die Bahn fährt heute nach Köln").complaint is Band.NO


def test_a_report_in_a_tracker_is_told_by_its_kind() -> None:
    bug = (
        "Crash when opening settings\n\n### Steps to reproduce\n1. Open settings\n2. Click save\n\n"
        "### Expected behavior\nNo crash\n\n### Actual behavior\nTypeError: undefined is not a "
        "function at main.js:12:4\n\nVersion 1.82.0, Windows 11"
    )
    wish = (
        "Feature request: support for dark theme in the notebook\n\nIs your feature request related "
        "to a problem? Please describe.\nIt would be nice to add an option for a dark theme.\n\n"
        "Describe the solution you'd like\nAdd a new setting `notebook.theme`"
    )
    assert [judged(text).lane for text in (bug, wish)] == [Lane.COMPLAINT, Lane.IDEA]


def test_heads_with_corrections_change_the_verdict_and_its_version() -> None:
    seen = vectors(packaged(), [["I", "am", "at", "the", "bank"]], [{}])[0]
    lift = HeadChange("complaint", 0.0, seen.indices, (5 * seen.values).astype(np.float32))
    model = changed(packaged(), HeadDelta(packaged().version, (lift,)))
    taught = Judge(BrandContext(name="Acme Bank"), heads=model)
    before, (after,) = judged("I am at the bank"), taught.judge(["I am at the bank"])
    assert after.complaint_p > before.complaint_p + 0.3
    assert after.version == taught.version == f"{VERSION} {model.version}"


def test_the_brands_words_move_nothing() -> None:
    assert Judge(BrandContext(name="Best Love")).judge(["best love"])[0].sentiment.words == ()


HOSTILE = [
    "\x00" * 10,
    "\ud800 lone \udfff",
    "\u202egnihton si siht\u202c",
    "e\u0301" * 500,
    "https://" * 100,
    "@" * 500,
    "\u200b" * 500,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_judged(text: str) -> None:
    verdict = judged(text)
    assert verdict.reasons
    assert all(text[s.start : s.end] == s.text for s in verdict.signals)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_at_all_is_judged(text: str) -> None:
    verdict = judged(text)
    assert 0 <= verdict.complaint_p <= 1
    assert 0 <= verdict.severity <= 4
    assert all(0 <= p <= 1 for _, p in verdict.lanes)


FLOODS = {
    "love": "love a " * 4000,
    "emoji": "😂" * 5000,
    "more emoji": "😡" * 40_000,
    "million": "terrible service " * 60_000,
    "one word": "a" * 1_000_000,
    "negations": "no bad " * 5700,
    "phrases": "why is not no one on hold " * 1500,
    "distinct": " ".join([f"w{i}x" for i in range(6000)]),
    "marks": "?!." * 13_000,
}


@pytest.mark.parametrize("name", FLOODS)
def test_no_post_holds_up_the_others(name: str) -> None:
    judged("warm up")
    start = time.process_time()
    judged(FLOODS[name])
    # benchmarks/judging.py prints what it costs: under 50 ms. Here only a blow-up shows.
    assert time.process_time() - start < 2


def test_what_was_not_read_is_said() -> None:
    reasons = {reason.text for reason in judged("terrible " * 111_112).reasons}
    assert "only the first 40,000 of 1,000,008 characters read" in reasons
    assert "signals looked for in the first 1,000 words" in reasons


def test_a_model_that_has_learnt_a_language_reads_its_mood() -> None:
    brand, text = BrandContext(languages=("nl",)), "De bezorging is al drie weken te laat."
    (plain,) = Judge(brand).judge([text])
    taught = replace(packaged(), moods=(*packaged().moods, "nl"))
    (read,) = Judge(brand, heads=taught).judge([text])
    assert (plain.lang, read.lang) == ("nl", "nl")
    assert plain.sentiment.label == "unknown"
    assert read.sentiment.label in {"negative", "neutral", "positive"}
