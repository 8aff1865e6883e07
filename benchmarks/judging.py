"""Judging alone: posts a CPU-second, where the time goes, and vaderSentiment in the same run.

`python -m benchmarks judging` mixes the sample's sentences to posts of about 80 and 364 characters
(a support tweet, a forum post). Each round judges with a new judge, which has every word to learn,
as a daemon does that just started; the rounds of both sides alternate and the best of each counts.
What `listener score` does in all, JSON lines in and out, is measured beside it.
"""

from __future__ import annotations

import gc
import io
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import orjson
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listener.lines import read_lines
from listener.scoring import scored
from triage.evidence import EvidenceReader
from triage.judge import AT_ONCE, Judge
from triage.language import LanguageIdentifier
from triage.opinion import OpinionReader
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.signals import SignalFinder

POSTS = 3_000
ROUNDS = 5
LENGTHS = (80, 364)


def posts(length: int, count: int = POSTS, seed: int = 7) -> list[str]:
    """Posts of so many characters on average, each of whole sentences.

    A sentence is drawn for each post, and more are added as long as the post and all before it
    together are shorter than they should be: single sentences vary, their mean does not.
    """
    dice = random.Random(seed)
    sample = Path(__file__).parents[1] / "samples" / "banking77.jsonl"
    sentences = [json.loads(line)["text"] for line in sample.read_text("utf-8").splitlines()]
    half = sum(map(len, sentences)) / len(sentences) / 2
    mixed: list[str] = []
    owed = -half
    for _ in range(count):
        owed += length
        text = dice.choice(sentences)
        while len(text) < min(owed, length):
            text += " " + dice.choice(sentences)
        owed -= len(text)
        mixed.append(text)
    return mixed


def seconds(work: Callable[[], object]) -> float:
    """The CPU time of this thread that some work takes."""
    gc.collect()
    start = time.thread_time()
    work()
    return time.thread_time() - start


def judging(texts: list[str]) -> float:
    """The time a new judge takes; its language model is loaded before."""
    judge = Judge()
    judge.judge(["Wort"])
    return seconds(lambda: judge.judge(texts))


def stages(texts: list[str]) -> dict[str, float]:
    """The time each reader takes by itself, every one new."""
    languages, sentiment = LanguageIdentifier(), SentimentReader(BrandContext())
    signals, evidence, heads = SignalFinder(), EvidenceReader(), OpinionReader()
    languages.identify("Wort")
    words = [text.split() for text in texts]
    heard = sentiment.read("")
    found = [evidence.read(some, heard, ()) for some in words]

    def ask() -> None:
        for start in range(0, len(texts), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            size = len(texts[some])
            heads.read(words[some], ["en"] * size, [heard] * size, found[some])

    return {
        "language": seconds(
            lambda: [languages.identify(t, w) for t, w in zip(texts, words, strict=True)]
        ),
        "sentiment": seconds(lambda: [sentiment.read(text) for text in texts]),
        "signals": seconds(lambda: [signals.find(t, w) for t, w in zip(texts, words, strict=True)]),
        "evidence": seconds(lambda: [evidence.read(w, heard, ()) for w in words]),
        "heads": seconds(ask),
    }


def scoring(texts: list[str]) -> float:
    """The time that all of `listener score` takes, from JSON lines to JSON lines."""
    judge = Judge()
    judge.judge(["Wort"])
    file = io.BytesIO(b"".join([orjson.dumps({"text": text}) + b"\n" for text in texts]))
    return seconds(lambda: [out for _, out in scored(read_lines(file), judge)])


def measure(texts: list[str], analyser: SentimentIntensityAnalyzer) -> str:
    """Speed, ratio and shares for posts of one length, in one line."""
    ours, theirs, parts, files = [], [], [], []
    for _ in range(ROUNDS):
        ours.append(judging(texts))
        theirs.append(seconds(lambda: [analyser.polarity_scores(text) for text in texts]))
        parts.append(stages(texts))
        files.append(scoring(texts))
    best = min(ours)
    share = {name: min(part[name] for part in parts) / best for name in parts[0]}
    share["the rest"] = 1 - sum(share.values())
    return (
        f"{sum(map(len, texts)) / len(texts):4.0f} characters: "
        f"{len(texts) / best:7,.0f} posts per CPU-second, {best / min(theirs):.2f} × "
        f"vaderSentiment's time ({', '.join(f'{name} {part:.0%}' for name, part in share.items())}); "
        f"listener score: {len(texts) / min(files):,.0f} posts per CPU-second"
    )


FLOODS = {
    "love a": "love a " * 4000,
    "emoji": "😂" * 5000,
    "more emoji": "😡" * 40_000,
    "a million": "terrible service " * 60_000,
    "one word": "a" * 1_000_000,
    "negations": "no bad " * 5700,
    "phrases": "why is not no one on hold " * 1500,
    "marks": "?!." * 13_000,
}


def _cost(judge: Judge, text: str) -> float:
    begin = time.process_time()
    judge.judge([text])
    return time.process_time() - begin


def main() -> None:
    """Print speeds, ratios and shares; the rest is lanes, reasons and the verdict itself."""
    analyser = SentimentIntensityAnalyzer()
    for length in LENGTHS:
        print(measure(posts(length), analyser))
    judge = Judge()
    for name, flood in FLOODS.items():
        print(
            f"{name:>12}: {min(_cost(judge, flood) for _ in range(3)) * 1000:5.1f} ms, at most 50"
        )


if __name__ == "__main__":
    main()
