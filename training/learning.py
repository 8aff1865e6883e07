"""Measures learning from corrections on labelled posts; run as `python -m training.learning DATA [WHAT…]`.

DATA is the folder of labelled public sets; WHAT are `complaints`, `labels`, `relevance` and `speed`
(all without). `complaints` needs scikit-learn: its base is trained without the domain measured on.
What is learnt is what the product learns (`triage/learning.py`), moved verdicts and all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training.heads.sets import Row, Sets
from triage.evaluation import classification, ranking
from triage.judge import Judge
from triage.learning import Example, PostReader, Seen, learn
from triage.learnt import Meanings
from triage.learnt_judge import JudgedOnce, Reviser
from triage.protocols import BrandContext, Scorer
from triage.sampling import Candidate, mixed
from triage.verdict import Lane, Verdict

SEEDS = range(10, 15)  # others were used to choose how strong the ridge is
MEANINGS = Meanings()
AMOUNTS = (25, 50, 100, 200)
ENOUGH = 60  # posts to measure on


@dataclass
class Given:
    """A scorer whose verdicts are given."""

    verdicts: dict[str, Verdict]
    version: str = "given"

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        return [self.verdicts[text] for text in texts]


def main(arguments: list[str]) -> None:
    """Measure and print tables."""
    sets, chosen = Sets(Path(arguments[0])), arguments[1:] or list(MEASURES)
    for what in chosen:
        started = time.process_time()
        for line in MEASURES[what](sets):
            print(line, flush=True)
        print(f"({what}: {time.process_time() - started:.0f} CPU-s)\n", flush=True)


def seen_of(texts: Sequence[str], judge: Scorer) -> list[Seen]:
    """The texts as the judge reads them."""
    return list(map(PostReader().read, texts, judge.judge(texts)))


def said(rows: Sequence[Row], field: str, value: Callable[[Row], str]) -> list[Example]:
    """The rows as corrections."""
    return [Example(str(row["key"]), str(row["text"]), field, value(row)) for row in rows]


def complaints(sets: Sets) -> Iterator[str]:
    """Corrections of one domain, beside a base that was trained on all others."""
    rows, judge = _base(sets)
    yield "| corrections | domains | macro F1 before | after | average precision before | after |"
    yield "|---|---|---|---|---|---|"
    domains = sorted({str(row["domain"]) for row in rows if "random" not in str(row["domain"])})
    for amount in AMOUNTS:
        figures, used = [], set()
        for domain in domains:
            ours = [row for row in rows if row["domain"] == domain]
            for seed in SEEDS:
                order = np.random.default_rng(seed).permutation(len(ours))
                taught, test = ([ours[n] for n in part] for part in np.split(order, [amount]))
                if len(test) >= ENOUGH:
                    used.add(domain)
                    figures.append(_complaint_figures(taught, test, judge))
        f1, f1_after, ap, ap_after = np.mean(figures, axis=0)
        yield f"| {amount} | {len(used)} | {f1:.3f} | {f1_after:.3f} | {ap:.3f} | {ap_after:.3f} |"


def _complaint_figures(taught: list[Row], test: list[Row], judge: Scorer) -> list[float]:
    examples = said(taught, "complaint", lambda row: "yes" if row["complaint"] else "no")
    seen = seen_of([str(row["text"]) for row in test], judge)
    after = Reviser(learn(examples, judge, MEANINGS), MEANINGS).revise(seen)
    gold = [bool(row["complaint"]) for row in test]
    before = [one.verdict for one in seen]
    return [_f1(gold, before), _f1(gold, after), _ap(gold, before), _ap(gold, after)]


def _f1(gold: list[bool], verdicts: list[Verdict]) -> float:
    lanes = [str(one.lane is Lane.COMPLAINT) for one in verdicts]
    return classification(list(map(str, gold)), lanes).macro_f1


def _ap(gold: list[bool], verdicts: list[Verdict]) -> float:
    return ranking(gold, [one.complaint_p for one in verdicts]).average_precision or 0.0


def _base(sets: Sets) -> tuple[list[Row], Given]:
    """The posts, and verdicts by heads that were trained without the post's domain."""
    from training.heads import fit
    from training.heads.complaint import SET, Complaints
    from training.heads.matrix import Texts

    trained = Complaints(sets, Texts())
    margins = trained.unseen(trained.fold)["complaint"]
    likely = np.zeros(len(margins))
    for train, test in fit.folds(trained.fold):
        slope, offset = fit.platt(margins[train], trained.gold[train])
        likely[test] = fit.logistic(slope * margins[test] + offset)
    rows = [{**row, "key": str(row["id"])} for row in sets.read(SET)]
    plain = Judge(BrandContext()).judge([str(row["text"]) for row in rows])
    return rows, Given(
        {
            str(row["text"]): replace(
                verdict,
                complaint_p=p,
                lanes=(("complaint", p), ("other", 1 - p)),
                lane=Lane.COMPLAINT if p >= 0.5 else Lane.OTHER,
            )
            for row, verdict, p in zip(rows, plain, likely.tolist(), strict=True)
        }
    )


SHARE, ANSWERS, BATCH = 20, 100, 11  # one post in twenty has the label


def labels(sets: Sets) -> Iterator[str]:
    """A new rare label after a hundred answers, the first of them a post that has it."""
    lines = [{**row, "key": n} for n, row in enumerate(sets.read("intents/banking77_train"))]
    judge = JudgedOnce(Judge(BrandContext()))
    names = sorted({str(row["label"]) for row in lines})[::8]
    yield f"| next posts chosen | AP, mean of {len(names)} labels × 2 | answers with the label |"
    yield "|---|---|---|"
    for how in ("random", "unsure", "mixed"):
        figures = [
            _label_figures(lines, name, how, seed, judge) for name in names for seed in (10, 11)
        ]
        ap, found = np.mean(figures, axis=0)
        yield f"| {how} | {ap:.3f} | {found:.0f} of {ANSWERS} |"


def _label_figures(
    lines: list[Row], name: str, how: str, seed: int, judge: Scorer
) -> tuple[float, float]:
    chance = np.random.default_rng(seed)
    mine = [row for row in lines if row["label"] == name]
    others = [row for row in lines if row["label"] != name]
    some = chance.permutation(len(others))[: len(mine) * (SHARE - 1)]
    every = [*mine, *[others[n] for n in some]]
    order = chance.permutation(len(every))
    pool, test = ([every[n] for n in part] for part in np.array_split(order, 2))
    seen = dict(
        zip(
            [str(row["text"]) for row in pool],
            seen_of([str(row["text"]) for row in pool], judge),
            strict=True,
        )
    )
    answered = [next(row for row in pool if row["label"] == name)]
    while len(answered) < ANSWERS:
        known = {row["key"] for row in answered}
        rest = [row for row in pool if row["key"] not in known]
        scores = _scores(answered, name, [seen[str(row["text"])] for row in rest], judge)
        count = min(BATCH, ANSWERS - len(answered))
        answered += _chosen(how, rest, scores, count, chance)
    gold = [row["label"] == name for row in test]
    scores = _scores(answered, name, seen_of([str(row["text"]) for row in test], judge), judge)
    has = sum(row["label"] == name for row in answered)
    return ranking(gold, scores).average_precision or 0.0, float(has)


def _scores(answered: list[Row], name: str, seen: list[Seen], judge: Scorer) -> list[float]:
    examples = said(answered, "label:mine", lambda row: "yes" if row["label"] == name else "no")
    return Reviser(learn(examples, judge, MEANINGS), MEANINGS).scores(seen, "label:mine")


def _chosen(
    how: str, rest: list[Row], scores: list[float], count: int, chance: np.random.Generator
) -> list[Row]:
    if how == "random":
        return [rest[n] for n in chance.permutation(len(rest))[:count]]
    if how == "unsure":
        return [rest[n] for n in np.argsort(np.abs(scores), kind="stable")[:count]]
    audit = int(chance.integers(len(rest)))  # stands for the audit sample
    candidates = [
        Candidate(n, str(row["text"]), score, n == audit)
        for n, (row, score) in enumerate(zip(rest, scores, strict=True))
    ]
    return [rest[pick.candidate.id] for pick in mixed(candidates, count)]


def relevance(sets: Sets) -> Iterator[str]:
    """Posts that a query finds and that are about something else: who is muted, and how rightly."""
    yield "| corrections | AUC | of the irrelevant muted | of the relevant muted |"
    yield "|---|---|---|---|"
    pool = [{**row, "key": n} for n, row in enumerate(sets.read("relevance/germeval_dev"))]
    judge = JudgedOnce(Judge(BrandContext()))
    for amount in (50, 100, 200, 400):
        figures = [_relevance_figures(pool, amount, seed, judge) for seed in SEEDS]
        auc, muted, wrongly = np.mean(figures, axis=0)
        yield f"| {amount} | {auc:.3f} | {muted:.0%} | {wrongly:.1%} |"


def _relevance_figures(
    pool: list[Row], amount: int, seed: int, judge: Scorer
) -> tuple[float, float, float]:
    order = np.random.default_rng(seed).permutation(len(pool))
    taught, test = [pool[n] for n in order[:amount]], [pool[n] for n in order[-400:]]
    gold = np.array([bool(row["relevant"]) for row in test])
    examples = said(taught, "relevant", lambda row: "yes" if row["relevant"] else "no")
    seen = seen_of([str(row["text"]) for row in test], judge)
    scores = np.array(Reviser(learn(examples, judge, MEANINGS), MEANINGS).scores(seen, "relevant"))
    auc = ranking((~gold).tolist(), (-scores).tolist()).roc_auc or 0.0
    return auc, float((scores[~gold] < 0).mean()), float((scores[gold] < 0).mean())


def speed(sets: Sets) -> Iterator[str]:
    """How long learning takes, judging the corrected posts included and by itself."""
    rows = [{**row, "key": n} for n, row in enumerate(sets.read("topics/airline_given"))]
    kinds = {"negative": "complaint", "neutral": "question", "positive": "praise"}
    yield "| corrections | CPU seconds | of them judging the posts | bytes kept |"
    yield "|---|---|---|---|"
    for amount in (100, 1_000, len(rows)):
        judge = JudgedOnce(Judge(BrandContext()))
        judge.judge(["warm up"])
        started = time.process_time()
        judge.judge([str(row["text"]) for row in rows[:amount]])
        judged = time.process_time() - started
        learnt = learn(said(rows[:amount], "lane", lambda row: kinds[str(row["label"])]), judge)
        size, all_ = len(learnt.to_bytes()), time.process_time() - started
        yield f"| {amount:,} | {all_:.1f} | {judged:.1f} | {size:,} |"


MEASURES: dict[str, Callable[[Sets], Iterator[str]]] = {
    "complaints": complaints,
    "labels": labels,
    "relevance": relevance,
    "speed": speed,
}

if __name__ == "__main__":
    main(sys.argv[1:])
