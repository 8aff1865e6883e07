"""How well the finished model reads sentiment, on posts it was not trained on."""

from __future__ import annotations

import numpy as np

from training.heads import fit
from training.heads.matrix import FEATURES, MOST_WORDS, features
from training.heads.sentiment import CHOICES, gold_of
from training.heads.sets import Row, Sets
from triage.heads import FLAT, HeadModel, TrainedHeads

LANGUAGES = ["arabic", "french", "german", "hindi", "italian", "portuguese", "spanish"]


def sentiment_figures(model: HeadModel, sets: Sets) -> list[tuple[str, str, str]]:
    """What, on which data, how well."""
    heads = TrainedHeads(model)
    figures = []
    for what, name in (
        ("TweetEval dev", "sentiment/tweeteval_dev"),
        ("airline tweets, never trained on", "topics/airline_given"),
    ):
        lines = list(sets.read(name))
        figures.append(("sentiment", f"{what}, {len(lines):,}", _english(heads, lines)))
    lines = list(sets.read("sentiment/umsab_dev"))
    figures.append(("sentiment, 8 languages", f"UMSAB dev, {len(lines):,}", _any(heads, lines)))
    for code, lines in sets.languages(held=True).items():
        texts = [str(line["text"]) for line in lines]
        said = _said(heads, "any_sentiment", texts, [{}] * len(texts), gold_of(lines))
        figures.append((f"sentiment, {code}", f"a fifth of its lines, {len(lines):,}", said))
    return figures


def _english(heads: TrainedHeads, lines: list[Row]) -> str:
    texts = [str(line["text"]) for line in lines]
    found = [dict(zip(FEATURES, row.tolist(), strict=True)) for row in features(texts)]
    gold = gold_of(lines)
    return f"{_said(heads, 'sentiment', texts, found, gold)}; {_vader(found, gold)}"


def _vader(found: list[dict[str, float]], gold: np.ndarray) -> str:
    """vaderSentiment's own reading at its usual limits."""
    score = np.array([one["vader_reading"] for one in found])
    said = np.where(score >= FLAT, 2, np.where(score <= -FLAT, 0, 1))
    return (
        f"vaderSentiment {fit.macro_recall(gold, said):.3f}, {(said[gold == 0] == 0).mean():.3f} at "
        f"{(gold[said == 0] == 0).mean():.3f}, {fit.auc(gold == 0, -score):.3f}"
    )


def _said(
    heads: TrainedHeads,
    head: str,
    texts: list[str],
    found: list[dict[str, float]],
    gold: np.ndarray,
) -> str:
    p = chances(heads, head, texts, found)
    said = p.argmax(1)
    negative = said == 0
    recall = (said[gold == 0] == 0).mean()
    precision = (gold[negative] == 0).mean()
    return (
        f"macro recall {fit.macro_recall(gold, said):.3f}, negative recall {recall:.3f} "
        f"at precision {precision:.3f}, AUC negative {fit.auc(gold == 0, p[:, 0] - p[:, 2]):.3f}"
    )


def _any(heads: TrainedHeads, lines: list[Row]) -> str:
    texts, gold = [str(line["text"]) for line in lines], gold_of(lines)
    vader = features(texts)[:, FEATURES.index("vader_reading")] <= -FLAT
    said = chances(heads, "any_sentiment", texts, [{}] * len(texts)).argmax(1)
    lang = np.array([str(line["lang"]) for line in lines])
    each = [
        f"{one} {fit.macro_recall(gold[lang == one], said[lang == one]):.2f}/"
        f"{(said[(lang == one) & (gold == 0)] == 0).mean():.2f}"
        for one in LANGUAGES
    ]
    other = (lang != "english") & (gold == 0)
    rest = lang != "english"
    return (
        f"macro recall {fit.macro_recall(gold[rest], said[rest]):.3f}, negative recall "
        f"{(said[other] == 0).mean():.3f} (vaderSentiment {vader[other].mean():.3f}) without "
        "English; by language (macro/negative): " + ", ".join(each)
    )


def chances(
    heads: TrainedHeads, head: str, texts: list[str], found: list[dict[str, float]]
) -> np.ndarray:
    """The probability of each choice (columns) for each text."""
    names = [f"{head}/{choice}" for choice in CHOICES]
    posts = [text.split(maxsplit=MOST_WORDS)[:MOST_WORDS] for text in texts]
    rows = []
    for start in range(0, len(posts), 256):
        some = slice(start, start + 256)
        rows += [[one[name] for name in names] for one in heads.read(posts[some], found[some])]
    return np.array(rows)
