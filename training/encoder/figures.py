"""How good a written encoder is, on posts it never learnt from."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.encoder.examples import CUTS, Example, examples
from training.encoder.export import column, gold, read
from training.heads import fit
from training.heads.complaint import SEVERE, Complaints
from training.heads.intent import CHOICES, STRENGTH, STRENGTH_REPORT, Intents, Reports, fitted
from training.heads.matrix import FEATURES, Texts, features
from training.heads.measure import chances
from training.heads.sentiment import CHOICES as SENTIMENTS
from training.heads.sentiment import gold_of
from training.heads.sets import Sets
from triage.encoder import EncoderModel, PostEncoder, load
from triage.heads import TrainedHeads, packaged
from triage.quality import encoded, with_encoder

Figure = tuple[str, str, str]


def figures(folder: Path, data: Path, most: int) -> Iterator[Figure]:
    """What, on which data, how well; at most so many airline tweets."""
    model, sets = load(folder), Sets(data)
    yield from _sentiment(model, sets, most)
    every = examples(sets)
    yield from _complaints(model, sets, [one for one in every if "complaint" in one.labels])
    yield from _intents(model, sets, every)


def _intents(model: EncoderModel, sets: Sets, every: list[Example]) -> Iterator[Figure]:
    """The encoder, small heads that saw none of these reviews or issues, and the mean of both."""
    for head, learner, names, strength, source in (
        ("intent", Intents(sets, Texts()), CHOICES, STRENGTH, "review"),
        ("report", Reports(sets, Texts()), CHOICES[:3], STRENGTH_REPORT, "report"),
    ):
        held = [one.text for one in every if one.held and one.source.startswith(source)]
        margins = dict(zip(held, read(model, held), strict=True))
        texts = [one.text for one in every if one.source.startswith(source)]
        test = np.zeros(len(learner.gold), bool)
        test[: len(texts)] = [text in margins for text in texts]
        columns = fitted(head, names, learner, ~test, strength)
        small = np.stack([one.margin(learner.rows[test]) for one in columns], 1)
        at = column(head)
        ours = np.array([margins[text] for text in texts if text in margins])
        ours = ours[:, at : at + len(names)]
        kinds = np.array(["fault", "idea", "other", "other", "other"])
        kinds = kinds if head == "intent" else np.array(names)
        real = kinds[learner.gold[test]]
        for who, said in (
            ("encoder alone", ours),
            ("small heads", small),
            ("both", _even(ours) + _even(small)),
        ):
            found = kinds[said.argmax(1)]
            what = "apps" if head == "intent" else "issues"
            yield (
                head,
                f"{what} left out, {len(real)}; {who}",
                f"macro F1 {fit.macro_f1(real, found):.3f}",
            )


def _even(margins: np.ndarray) -> np.ndarray:
    """Log-chances of a choice."""
    margins = margins - margins.max(1, keepdims=True)
    return margins - np.log(np.exp(margins).sum(1, keepdims=True))


def _complaints(model: EncoderModel, sets: Sets, posts: list[Example]) -> Iterator[Figure]:
    """The encoder, small heads that saw none of these posts either, and the mean of both."""
    left = np.array([one.held for one in posts])
    held = [one for one in posts if one.held]
    margins = read(model, [one.text for one in held])
    learner = Complaints(sets, Texts())
    small = {one.name: one.margin(learner.rows[left]) for one, _, _ in learner._fit(~left)}
    at, cuts = column("complaint"), column("severity")
    ours = {"complaint": margins[:, at]}
    ours |= {f"severity_{cut}": margins[:, cuts + cut - 1] for cut in range(1, CUTS + 1)}
    both = {name: (small[name] + ours[name]) / 2 for name in ours}
    real = gold(held, "complaint")
    directed = np.array([one.source != "random" for one in held])
    severity = gold(held, "severity")
    some = severity >= 0
    severe = (severity[some] >= SEVERE).astype(int)
    for who, said in (("encoder alone", ours), ("small heads", small), ("both", both)):
        likely = _scaled(said["complaint"], real)
        expected = sum(fit.logistic(said[f"severity_{cut}"]) for cut in range(1, CUTS + 1))
        yield (
            "complaint; severe",
            f"ACL 2019, services and a fifth of the random posts, {len(held)}; {who}",
            f"macro F1 {fit.macro_f1(real, (likely >= 0.5).astype(int)):.3f}, "
            f"AP {fit.precise(real, likely):.3f}, AUC {fit.auc(real, said['complaint']):.3f}, "
            f"directed at a brand {fit.auc(real[directed], said['complaint'][directed]):.3f}, "
            f"calibration error {fit.calibration_error(likely, real):.3f}; "
            f"severe ({severe.mean():.0%}) AP {fit.precise(severe, expected[some]):.3f}",
        )


def _scaled(margins: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Chances, each half scaled by the other."""
    half, likely = np.arange(len(real)) % 2, np.zeros(len(real))
    for one in (0, 1):
        slope, offset = fit.platt(margins[half != one], real[half != one])
        likely[half == one] = fit.logistic(slope * margins[half == one] + offset)
    return likely


def _sentiment(model: EncoderModel, sets: Sets, most: int) -> Iterator[Figure]:
    encoder = PostEncoder(model)
    small, both = TrainedHeads(), TrainedHeads(with_encoder(packaged(), encoder))
    for what, name in (
        ("TweetEval dev", "sentiment/tweeteval_dev"),
        ("airline tweets, never trained on", "topics/airline_given"),
    ):
        lines = list(sets.read(name))
        lines = [lines[at] for at in np.random.default_rng(7).permutation(len(lines))[:most]]
        texts, real = [str(line["text"]) for line in lines], gold_of(lines)
        started = time.process_time()
        said = [encoded(text, encoder) for text in texts]
        speed = len(lines) / (time.process_time() - started)
        found = [dict(zip(FEATURES, row.tolist(), strict=True)) for row in features(texts)]
        beside = [one | other for one, other in zip(found, said, strict=True)]
        alone = np.array(
            [[one[f"encoder:sentiment/{mood}"] for mood in SENTIMENTS] for one in said]
        )
        yield (
            "sentiment",
            f"{what}, {len(lines):,}; encoder alone, {speed:.0f}/s",
            _mood(real, alone),
        )
        for who, heads, seen in (("small heads", small, found), ("both", both, beside)):
            chance = chances(heads, "sentiment", texts, seen)
            yield "sentiment", f"{what}, {len(lines):,}; {who}", _mood(real, chance)


def _mood(real: np.ndarray, said: np.ndarray) -> str:
    found = said.argmax(1)
    recall = (found[real == 0] == 0).mean()
    precision = (real[found == 0] == 0).mean()
    return (
        f"macro recall {fit.macro_recall(real, found):.3f}, negative recall {recall:.3f} at "
        f"precision {precision:.3f}, AUC negative {fit.auc(real == 0, said[:, 0] - said[:, 2]):.3f}"
    )
