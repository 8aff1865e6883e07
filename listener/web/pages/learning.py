"""`/learning`: what corrections teach, what that would change, putting it to use, what to answer next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from listener.errors import ListenerError
from listener.learning.study import Order, What
from listener.store.rows import HistoryRow
from listener.web.actor import Actor, Lead
from listener.web.borrowed import OpenDesk, OpenStore, OurParts
from listener.web.framed import framed
from listener.web.lessons import begun, standings, teaching
from listener.web.moving import Field, Text
from listener.web.pages.issues import Number, Short
from listener.web.refusals import status_of
from listener.web.views.learning import learning_page
from triage.correction import YES

router = APIRouter(include_in_schema=False)

Days = Annotated[int, Form(ge=1, le=3650)]


@router.get("/learning")
def show(
    request: Request, actor: Lead, store: OpenStore, parts: OurParts, brand: Short = ""
) -> Response:
    """How learning stands for a brand, the first one when none is named."""
    return _page(request, actor, store, parts, brand)


def _page(
    request: Request,
    actor: Actor,
    store: OpenStore,
    parts: OurParts,
    brand: str,
    wrong: str = "",
    status: int = 200,
) -> Response:
    brands = tuple(one.name for one in parts.config.brands)
    (stands,) = standings(store, parts, brand or brands[0])
    values = {
        "learning": learning_page(store, parts.classroom, stands, parts.now()),
        "brands": brands,
        "wrong": wrong,
    }
    back = _address(stands.brand)
    return framed(request, actor, store, "learning.html", values, status=status, back=back)


def _address(brand: str, *done: HistoryRow) -> str:
    ids = {"done": ",".join(str(row.id) for row in done)} if done else {}
    return f"/learning?{urlencode({'brand': brand, **ids})}"


class Lesson:
    """Makes one request's order or move; what cannot be done is told on the page."""

    def __init__(
        self, request: Request, actor: Lead, store: OpenStore, parts: OurParts, brand: Field = ""
    ) -> None:
        """`brand` is the one whose page it comes from."""
        self._again = (request, actor, store, parts)
        self.brand = brand

    def order(self, what: What, **more: object) -> Response:
        """Have something carried out, and show how it goes."""
        _, actor, store, parts = self._again

        def begin() -> None:
            order = Order(what, self.brand, actor.name, parts.now(), **more)  # type: ignore[arg-type]
            begun(store, parts, order)

        return self.make(begin)

    def make(self, move: Callable[[], HistoryRow | None]) -> Response:
        """Do it and show the page again."""
        request, actor, store, parts = self._again
        self.brand = parts.config.brand(self.brand).name
        try:
            done = move()
        except ListenerError as error:
            return _page(request, actor, store, parts, self.brand, str(error), status_of(error))
        return RedirectResponse(_address(self.brand, *([done] if done else [])), 303)

    def undo(self) -> HistoryRow:
        """Take back what is in use."""
        _, actor, store, parts = self._again
        done = teaching(store, parts, self.brand).undo(actor.name)
        parts.classroom.forget(self.brand)
        return done


Lessons = Annotated[Lesson, Depends()]


@router.post("/learning/preview")
def preview(actor: Lead, by: Lessons, days: Days = 30) -> Response:
    """Learn from all corrections and judge stored posts by it; changes nothing."""
    return by.order("preview", days=days)


@router.post("/learning/apply")
def apply(actor: Lead, by: Lessons, note: Text = "", force: Field = "") -> Response:
    """Learn and judge by it from now on; with `force` also when it makes things worse."""
    return by.order("apply", note=note, force=bool(force))


@router.post("/learning/offer")
def offer(actor: Lead, by: Lessons, label: Field = "", days: Days = 30) -> Response:
    """Look for the posts whose answers teach the most."""
    return by.order("offer", label=label.strip(), days=days)


@router.post("/learning/undo")
def undo(actor: Lead, by: Lessons) -> Response:
    """Take back what is in use."""
    return by.make(by.undo)


@router.post("/learning/answer")
def answer(
    actor: Lead,
    by: Lessons,
    desk: OpenDesk,
    mention: Number,
    has: Annotated[Literal["yes", "no"], Form()],
    label: Field = "",
) -> Response:
    """Answer for a post: whether it has a label, or without one whether it is a complaint."""
    name = label.strip()

    def say() -> HistoryRow:
        if name:
            return desk.corrections.label(mention, actor.name, name, has=has == YES, brand=by.brand)
        return desk.corrections.complains(mention, actor.name, yes=has == YES, brand=by.brand)

    return by.make(say)
