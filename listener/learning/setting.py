"""What was learnt, as the store keeps it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from triage.guard import Figure
from triage.learning import VERSION
from triage.learnt import Learnt, learnt_from


@dataclass(frozen=True, slots=True)
class Setting:
    """Something learnt with where it comes from: how many corrections, beside which judge.

    `learnt` are the bytes of `Learnt.to_bytes`.
    """

    learnt: bytes
    judge: str
    corrections: int
    figures: tuple[Figure, ...] = ()
    learning: str = VERSION

    def text(self) -> str:
        """For the store; equal settings give equal texts."""
        return json.dumps(
            {
                "learning": self.learning,
                "judge": self.judge,
                "corrections": self.corrections,
                "figures": [list(one) for one in self.figures],
                "learnt": base64.b64encode(self.learnt).decode("ascii"),
            }
        )


def setting_of(text: str) -> Setting:
    """What `Setting.text` wrote; raises ValueError for anything else."""
    try:
        read = json.loads(text)
        return Setting(
            learnt=base64.b64decode(read["learnt"], validate=True),
            judge=str(read["judge"]),
            corrections=int(read["corrections"]),
            figures=tuple([Figure(*one) for one in read["figures"]]),
            learning=str(read["learning"]),
        )
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError(f"not a stored setting: {error}") from error


def readable(text: str) -> tuple[bytes, Learnt | None, str]:
    """The bytes of what was learnt, read; without bytes when they cannot be used, and why not."""
    try:
        found = setting_of(text)
        return found.learnt, learnt_from(found.learnt), ""
    except ValueError as error:
        return b"", None, str(error)
