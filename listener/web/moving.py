"""How a page makes a move: it is made, or the same page says why not and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from listener.ages import ago
from listener.errors import Conflict, DeskError
from listener.store.rows import HistoryRow
from listener.web.actor import Agent
from listener.web.borrowed import OpenAccounts, OpenDesk, OpenStore, OurParts
from listener.web.cookies import own_path
from listener.web.pages.queue import asked_for, queue_page
from listener.web.refusals import status_of
from listener.web.views.queue import Asked

Text = Annotated[str, Form(max_length=20_000)]
Field = Annotated[str, Form(max_length=500)]
BY_THEMSELVES = frozenset({"lapse", "wake"})  # moves of the clock: nothing anybody must know first


@dataclass(frozen=True, slots=True)
class Here:
    """The page a move comes from. `seen` is the latest move that its maker knew of."""

    asked: Asked
    seen: int | None
    next: int | None


def here(view: Field = "", q: Field = "", seen: Field = "", next: Field = "") -> Here:
    """Read what every form of the queue says."""
    return Here(asked_for(view, q), _number(seen), _number(next))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@dataclass(frozen=True, slots=True)
class Mover:
    """Makes the moves of one request."""

    request: Request
    actor: Agent
    desk: OpenDesk
    store: OpenStore
    accounts: OpenAccounts
    parts: OurParts
    here: Annotated[Here, Depends(here)]

    def make(
        self,
        case: int,
        move: Callable[[], HistoryRow],
        *,
        ends: bool = False,
        careful: bool = True,
        kept: str = "",
        tab: str = "",
    ) -> Response:
        """Make a move on a case and show what comes next: the next case when it `ends` this one.

        A careful move is not made when others have moved the case since its page was shown: the
        page tells who, and the same button then makes it.
        """
        try:
            if careful:
                self._look_first(case)
            done = move()
        except DeskError as error:
            return queue_page(
                self.request,
                self.actor,
                self.store,
                self.accounts,
                self.here.asked,
                case,
                tab=tab,
                kept=kept,
                wrong=str(error),
                status=status_of(error),
            )
        then = self.here.next if ends else case
        return RedirectResponse(self.here.asked.address(then, done=done.id), 303)

    def _look_first(self, case: int) -> None:
        if self.here.seen is None:
            return
        for row in self.store.history(case, 20):
            if row.id <= self.here.seen:
                return
            if row.actor != self.actor.name and row.action not in BY_THEMSELVES:
                said = ago(row.at, self.parts.now())
                raise Conflict(
                    f"{row.actor} made the move “{row.action}” {said}, since you looked at it; "
                    "nothing was done. Do it again if it still holds."
                )


def go_back(to: str, *done: HistoryRow) -> Response:
    """Back to a page of our own, which tells what was done."""
    path = own_path(to)
    joined = "&" if "?" in path else "?"
    ids = ",".join(str(row.id) for row in done)
    return RedirectResponse(f"{path}{joined}done={ids}" if ids else path, 303)
