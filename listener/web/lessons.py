"""Learning as pages and API ask for it: how it stands, and orders that are worth a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.errors import DeskError
from listener.learning.examples import answers
from listener.learning.labels import names
from listener.learning.standing import Standing, standing
from listener.store.looking import PostQuery

if TYPE_CHECKING:
    from listener.learning.classroom import Job
    from listener.learning.study import Order
    from listener.learning.teaching import Teaching
    from listener.store.protocol import Store
    from listener.web.parts import Parts


def teaching(store: Store, parts: Parts, brand: str) -> Teaching:
    """What learns for a brand, for one request."""
    from listener.learning.teaching import Teaching

    return Teaching(store, parts.config, brand, parts.now)


def standings(store: Store, parts: Parts, brand: str = "") -> list[Standing]:
    """How learning stands, for one brand or all. Raises UsageError for an unknown one."""
    known = [parts.config.brand(brand)] if brand else parts.config.brands
    return [standing(store, teaching(store, parts, one.name)) for one in known]


def begun(store: Store, parts: Parts, order: Order) -> Job:
    """Have an order carried out beside the pages.

    Raises DeskError for what cannot lead anywhere, before a process is started for it, and Conflict
    while something is being learnt for the brand already.
    """
    said = answers(store, order.brand)
    if order.what != "offer" and not said.learnt_from:
        raise DeskError(
            f"nobody has corrected anything about {order.brand} yet",
            "correct what is wrong beside a case, or listener queue correct --help",
        )
    if order.label and order.label not in (known := names(said)):
        raise DeskError(
            f"nobody has given the label {order.label[:60]!r} yet; "
            f"there are: {', '.join(known) or 'none'}",
            "give it to a first post: POST /api/v1/mentions/ID/labels",
        )
    if not store.posts(PostQuery(brand=order.brand, limit=1)):
        raise DeskError(f"nothing was heard about {order.brand} yet", "listener run")
    return parts.classroom.begin(order)
