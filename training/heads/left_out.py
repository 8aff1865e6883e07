"""The packaged model with some heads as they are without the lines that are to be measured on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.heads.fit import Column
from training.heads.matrix import Texts
from training.heads.model import assemble
from triage.heads import HeadModel, packaged
from triage.ngrams import NgramTable


def without(columns: list[Column], texts: Texts) -> HeadModel:
    """The packaged heads, these in the place of those of the same name. KeyError for other names."""
    base, own = packaged(), assemble(columns, texts)
    at = [base.names.index(name) for name in own.names]
    tables = []
    for kept, new in (
        (base.table.words, own.table.words),
        (base.table.letters, own.table.letters),
        (base.table.pairs, own.table.pairs),
        (base.weights, own.weights),
        (base.bias, own.bias),
        (base.unit, own.unit),
    ):
        changed = np.array(kept)
        changed[..., at] = new
        tables.append(changed)
    words, letters, pairs, weights, bias, unit = tables
    return replace(
        base,
        bias=bias,
        weights=weights,
        unit=unit,
        table=NgramTable(words, letters, pairs),
        version="measured",
    )
