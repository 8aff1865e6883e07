"""The small heads with the encoder beside them: each margin is the mean of what both say.

What the encoder adds to a head is one more part of its sum, so that every explanation still adds up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from triage.heads import FINE

if TYPE_CHECKING:
    from triage.encoder import PostEncoder
    from triage.heads import HeadModel

SHARE = 0.5
"""How much the encoder counts. Half, before anything was measured: both are log-odds."""


def with_encoder(model: HeadModel, encoder: PostEncoder) -> HeadModel:
    """The heads with a feature for each that the encoder has too; the others stay as they are."""
    shared = [name for name in encoder.names if name in model.names]
    columns = [model.names.index(name) for name in shared]
    own = np.ones(len(model.names))
    own[columns] = 1 - SHARE
    beside = np.zeros((len(shared), len(model.names)), np.int32)
    beside[range(len(shared)), columns] = round(SHARE * FINE)
    return replace(
        model,
        features=(*model.features, *map(feature, shared)),
        bias=model.bias * own,
        weights=np.vstack([np.rint(model.weights * own).astype(np.int32), beside]),
        unit=model.unit * own,
        version=f"{model.version} {encoder.model}",
    )


def feature(head: str) -> str:
    """The name of what the encoder says of a head, among the features of a post."""
    return f"encoder:{head}"


def encoded(text: str, encoder: PostEncoder) -> dict[str, float]:
    """What the encoder says of a post, as features of those heads."""
    margins = encoder.read(text).margins
    return {feature(name): value for name, value in zip(encoder.names, margins, strict=True)}
