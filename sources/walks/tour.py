"""Several listings of one source read one after the other, under one cursor."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sources.errors import Blocked, RateLimited, SourceError
from sources.walks.bookmark import fingerprint
from sources.walks.descent import Place, Reach, descend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sources.protocols import Batch
    from sources.walks.listing import Look

FORMAT = 1


def tour(
    kind: str,
    cursor: str | None,
    listings: Mapping[str, Look],
    now: datetime,
    about: str = "",
    reach: Reach | None = None,
) -> Iterator[Batch]:
    """Go down every listing to what is known of it, one batch a page.

    `listings` maps a name that stays to what reads its pages; `about` names the settings that make
    an old cursor worthless. A listing that fails does not keep the others from being read; the
    first error is raised at the end. RateLimited and Blocked end the tour at once, and the next one
    begins with the listing it did not get to.
    """
    places, turn = _read(cursor, about)
    places = {name: places[name] for name in listings if name in places}
    names = list(listings)
    start = names.index(turn) if turn in names else 0
    order = names[start:] + names[:start]
    trouble: SourceError | None = None
    for name, following in zip(order, [*order[1:], ""], strict=True):
        steps = descend(kind, places.get(name, Place()), listings[name], reach or Reach(), now)
        try:
            for step in steps:
                places[name] = step.place
                turn = following if step.whole else name
                yield replace(step.batch, cursor=_write(places, turn, about))
        except (RateLimited, Blocked):
            raise
        except SourceError as error:
            trouble = trouble or error
    if trouble is not None:
        raise trouble


def _read(cursor: str | None, about: str) -> tuple[dict[str, Place], str]:
    """Read a cursor; one that is missing, foreign or about other settings starts afresh."""
    try:
        data = json.loads(cursor or "")
        if data["format"] != FORMAT or data["about"] != fingerprint(about, 9):
            return {}, ""
        places = {str(name): Place.read(place) for name, place in data["places"].items()}
        return places, str(data["turn"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, ""


def _write(places: Mapping[str, Place], turn: str, about: str) -> str:
    plain = {name: place.plain() for name, place in places.items()}
    data = {"format": FORMAT, "about": fingerprint(about, 9), "turn": turn, "places": plain}
    return json.dumps(data, separators=(",", ":"))
