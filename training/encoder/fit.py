"""Fine-tunes the encoder for all heads at once, within a box of wall-clock time."""

from __future__ import annotations

import json
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.embedding import teacher_vocabulary
from training.encoder.examples import HEADS, Example, Taught, examples, training
from training.encoder.network import Encoder, original
from training.heads.sets import Sets
from triage.encoder_tokens import EncoderTokens

BATCH = 32
KEPT_IN_BATCH = 5
LONGEST = 64
SORTED = 40
LEARNING_RATE, HEAD_RATE, WORD_RATE = 6e-5, 1e-3, 6e-5
WARM = 0.06
DECAYED = 0.01
KEEP = 2.0
SHARE = {"sentiment": 1.0, "complaint": 0.7, "severity": 0.3, "intent": 0.7, "report": 0.7}
"""How much each head's loss counts."""
CHECKPOINT_EVERY = 120.0


@dataclass(frozen=True)
class Lesson:
    """A tokenised example: ids, labels by head (−1: unknown), and the row of its vector."""

    ids: list[int]
    labels: tuple[int, ...]
    row: int


def lessons(found: list[Example], tokens: EncoderTokens, taught: Taught) -> list[Lesson]:
    """The examples as the loop needs them."""
    return [
        Lesson(
            tokens.ids(one.text)[:LONGEST],
            tuple(one.labels.get(head, -1) for head in HEADS),
            taught.row(one.text),
        )
        for one in found
    ]


def class_weights(of: list[Lesson]) -> dict[str, torch.Tensor]:
    """(1 / frequency)^½ for the classes of the choices, at a mean of 1 over the examples."""
    weights = {}
    for at, (head, count) in enumerate(HEADS.items()):
        labels = np.array([one.labels[at] for one in of if one.labels[at] >= 0], int)
        if head in ("complaint", "severity") or not len(labels):
            continue
        share = np.maximum(np.bincount(labels, minlength=count), 1) / len(labels)
        weight = share**-0.5
        weights[head] = torch.tensor(weight / (weight * share).sum(), dtype=torch.float32)
    return weights


def batches(of: list[Lesson], others: list[Lesson], seed: int) -> list[list[Lesson]]:
    """One pass in batches of like length, some texts without labels in each."""
    chance = np.random.default_rng(seed)
    labelled = BATCH - KEPT_IN_BATCH
    need = -(-len(of) // labelled) * KEPT_IN_BATCH
    mixed = [of[at] for at in chance.permutation(len(of))]
    mixed += [others[at % len(others)] for at in chance.permutation(need)]
    mixed = [mixed[at] for at in chance.permutation(len(mixed))]
    found = []
    for start in range(0, len(mixed), BATCH * SORTED):
        some = sorted(mixed[start : start + BATCH * SORTED], key=lambda one: len(one.ids))
        found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    return [found[at] for at in chance.permutation(len(found))]


def padded(ids: list[list[int]]) -> torch.Tensor:
    """Rows of equal length, filled up with zeros."""
    length = max(map(len, ids))
    return torch.tensor([one + [0] * (length - len(one)) for one in ids])


def loss_of(
    batch: list[Lesson],
    vectors: torch.Tensor,
    margins: torch.Tensor,
    taught: np.ndarray,
    weights: dict[str, torch.Tensor],
) -> dict[str, torch.Tensor]:
    """The loss of each head in the batch, and that of the vectors."""
    labels = torch.tensor([one.labels for one in batch])
    losses, start = {}, 0
    for at, (head, count) in enumerate(HEADS.items()):
        some, gold = margins[:, start : start + count], labels[:, at]
        start += count
        known = gold >= 0
        if not known.any():
            continue
        some, gold = some[known], gold[known]
        if head in weights:
            each = functional.cross_entropy(some, gold, weights[head], reduction="sum")
        else:  # the cuts reached, each a yes or no
            reached = (gold[:, None] > torch.arange(count)).float()
            each = functional.binary_cross_entropy_with_logits(some, reached, reduction="none")
            each = each.mean(1).sum()
        losses[head] = SHARE[head] * each / (BATCH - KEPT_IN_BATCH)
    rows = np.array([one.row for one in batch])
    seen = rows >= 0
    if seen.any():
        target = torch.tensor(taught[rows[seen]].astype(np.float32))
        near = functional.cosine_similarity(vectors[torch.tensor(seen)], target)
        losses["vector"] = KEEP * (1 - near).mean()
    return losses


def progress(step: int, steps: int, now: float, started: float, ends: float) -> float:
    """How much of the run is over: of its steps or of its time, whichever is further."""
    return min(1.0, max(step / steps, (now - started) / max(1.0, ends - started)))


def rate(done: float) -> float:
    """The share of the learning rate: up over the first steps, then down in a line to nothing."""
    return min(1.0, done / WARM, (1 - done) / (1 - WARM))


def fit(
    data: Path,
    wheel: Path,
    texts: Path,
    teacher: Path,
    checkpoint: Path,
    ends: float,
    passes: int = 1,
) -> None:
    """Train until the passes or the time is over; goes on from the checkpoint when there is one."""
    torch.manual_seed(0)
    archive = zipfile.ZipFile(wheel)
    tokens, taught = EncoderTokens(teacher_vocabulary(archive)), Taught(texts, teacher)
    own, others = _remembered(
        checkpoint.with_suffix(".lessons"),
        lambda: (
            lessons(training(examples(Sets(data))), tokens, taught),
            lessons(taught.some(), tokens, taught),
        ),
    )
    weights = class_weights(own)
    encoder = original(archive)
    optimisers = _optimisers(encoder)
    step, started, spent = 0, time.time(), 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        encoder.load_state_dict(saved["encoder"])
        for one, state in zip(optimisers, saved["optimisers"], strict=True):
            one.load_state_dict(state)
        for group in optimisers[0].param_groups:
            group.update(foreach=False, fused=True)
        step, spent = saved["step"], saved["spent"]
    plan = [batch for number in range(passes) for batch in batches(own, others, number)]
    print(f"{len(own):,} examples, {len(plan):,} steps, from {step}", file=sys.stderr, flush=True)
    began, saved_at, mean = started - spent, started, dict[str, float]()
    encoder.train()
    while step < len(plan):
        done = progress(step, len(plan), time.time(), began, ends)
        if done >= 1:
            break
        _step(encoder, optimisers, plan[step], taught.vectors, weights, rate(done), mean)
        step += 1
        if step % 25 == 0:
            line = {name: round(value, 4) for name, value in mean.items()}
            speed = round((time.time() - started) / step, 3)
            print(step, f"{done:.3f}", speed, json.dumps(line), file=sys.stderr, flush=True)
        if time.time() - saved_at > CHECKPOINT_EVERY:
            save(checkpoint, encoder, optimisers, step, time.time() - began)
            saved_at = time.time()
    save(checkpoint, encoder, optimisers, step, time.time() - began)


def _remembered(
    file: Path, make: Callable[[], tuple[list[Lesson], list[Lesson]]]
) -> tuple[list[Lesson], list[Lesson]]:
    """The lessons, tokenised once for all runs that go on from one checkpoint."""
    if file.exists():
        own, others = json.loads(file.read_text())
    else:
        own, others = ([asdict(one) for one in some] for some in make())
        file.write_text(json.dumps([own, others]))
    return [Lesson(**one) for one in own], [Lesson(**one) for one in others]


def _optimisers(encoder: Encoder) -> list[torch.optim.Optimizer]:
    heads = list(encoder.heads.parameters())
    apart = {id(one) for one in [*heads, encoder.words.weight]}
    body = [one for one in encoder.parameters() if id(one) not in apart]
    groups = [{"params": body, "lr": LEARNING_RATE}, {"params": heads, "lr": HEAD_RATE}]
    words = torch.optim.SparseAdam([encoder.words.weight], lr=WORD_RATE)
    return [torch.optim.AdamW(groups, weight_decay=DECAYED, fused=True), words]


def _step(
    encoder: Encoder,
    optimisers: list[torch.optim.Optimizer],
    batch: list[Lesson],
    taught: np.ndarray,
    weights: dict[str, torch.Tensor],
    share: float,
    mean: dict[str, float],
) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        vectors, margins = encoder(padded([one.ids for one in batch]))
    losses = loss_of(batch, vectors, margins, taught, weights)
    for one in optimisers:
        one.zero_grad()
        for group in one.param_groups:
            group["lr"] = group.setdefault("full", group["lr"]) * share
    torch.stack(list(losses.values())).sum().backward()
    dense = [one for one in encoder.parameters() if one.grad is not None and not one.grad.is_sparse]
    torch.nn.utils.clip_grad_norm_(dense, 1.0)
    for one in optimisers:
        one.step()
    for name, loss in losses.items():
        mean[name] = 0.98 * mean.get(name, loss.item()) + 0.02 * loss.item()


def save(
    checkpoint: Path,
    encoder: Encoder,
    optimisers: list[torch.optim.Optimizer],
    step: int,
    spent: float,
) -> None:
    """Write the whole state, the old one being there until the new one is."""
    beside = checkpoint.with_suffix(".new")
    torch.save(
        {
            "encoder": encoder.state_dict(),
            "optimisers": [one.state_dict() for one in optimisers],
            "step": step,
            "spent": spent,
        },
        beside,
    )
    beside.replace(checkpoint)
