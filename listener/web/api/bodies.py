"""What a program sends: checked hard, unknown fields refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from listener.desk.words import LONGEST_NAME, LONGEST_NOTE, LONGEST_TEXT
from listener.web.api.cursors import LARGEST


class Body(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid", strict=True)


Remark = Annotated[str, Field(max_length=LONGEST_NOTE)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]
Seen = Annotated[
    int | None,
    Field(
        ge=0,
        le=LARGEST,
        description="The latest move of the case that you were shown: 409 when somebody else has "
        "made a later one.",
    ),
]


class Look(Body):
    """A move that needs no words."""

    seen: Seen = None


class Noted(Look):
    """A move with a remark for colleagues."""

    note: Remark = ""
