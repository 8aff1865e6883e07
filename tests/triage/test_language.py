"""Telling languages apart: right on plain sentences, silent where there is too little to tell."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.language import UNKNOWN, USUAL, LanguageIdentifier

IDENTIFIER = LanguageIdentifier()

SENTENCES = {
    "en": "My card was declined at the supermarket and nobody can tell me why.",
    "de": "Meine Karte wurde im Supermarkt abgelehnt und niemand kann mir sagen, warum.",
    "es": "Mi tarjeta fue rechazada en el supermercado y nadie sabe decirme por qué.",
    "fr": "Ma carte a été refusée au supermarché et personne ne peut me dire pourquoi.",
    "it": "La mia carta è stata rifiutata al supermercato e nessuno sa dirmi perché.",
    "pt": "Meu cartão foi recusado no supermercado e ninguém sabe me dizer por quê.",
    "nl": "Mijn kaart werd geweigerd in de supermarkt en niemand kan mij vertellen waarom.",
    "ru": "Мою карту отклонили в супермаркете, и никто не может сказать почему.",
    "ja": "スーパーでカードが拒否されましたが、誰も理由を教えてくれません。",
}


@pytest.mark.parametrize(("lang", "text"), SENTENCES.items())
def test_plain_sentences(lang: str, text: str) -> None:
    assert IDENTIFIER.identify(text) == lang


@pytest.mark.parametrize(
    "text", ["", "   ", "😡😡😡", "12345", "@acme", "https://example.org/a", "?!", "ok"]
)
def test_too_little_to_tell_is_unknown(text: str) -> None:
    assert IDENTIFIER.identify(text) == UNKNOWN


def test_links_and_handles_do_not_decide() -> None:
    text = (
        "@das_ist_ein_name https://beispiel.de/das/ist/nicht/der/text Why is my card still blocked?"
    )
    assert IDENTIFIER.identify(text) == "en"


def test_two_languages_restrict_the_choice_to_them_and_english() -> None:
    narrow = LanguageIdentifier(["es", "de-AT"])
    assert narrow.identify(SENTENCES["de"]) == "de"
    assert narrow.identify(SENTENCES["en"]) == "en"
    assert narrow.identify(SENTENCES["fr"]) in {"es", "de", "en", UNKNOWN}


def test_a_single_language_does_not_swallow_the_others() -> None:
    assert LanguageIdentifier(["en"]).identify(SENTENCES["de"]) == "de"


def test_languages_the_model_does_not_know_are_left_out() -> None:
    assert LanguageIdentifier(["tlh", "en"]).identify(SENTENCES["en"]) == "en"


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert IDENTIFIER.identify(text) in {*USUAL, UNKNOWN}


@pytest.mark.parametrize(
    "text", ["a\ud800b c\udfff def", "\x00" * 50, "x" * 1_000_000, "@" * 1_000_000]
)
def test_hostile_texts_cost_little(text: str) -> None:
    start = time.process_time()
    IDENTIFIER.identify(text)
    assert time.process_time() - start < 5  # quadratic would take hours; the model may be loaded
