"""`/live`: server-sent events of all that changes; `/presence`: a page says who is at which case.

The events, each with one line of JSON:

- `hello` {at}: nothing was missed; `move` {id, at, actor, action, entity, entity_id, case, undoes};
- `arrived` {cases}: so many new cases; `presence` {case, people: [{who, doing}]}: who is there now;
- `people` {case: [{who, doing}], …}: who is where, once at the beginning; nobody at any other case;
- `reload` {}: too much was missed, load the page anew; `signed-out` {}: the session has ended;
- `beat` {}: nothing has happened for 15 seconds.

The id of an event is the move's in the history: a browser that was cut off sends it as `Last-Event-ID`,
and a page gives the one it was rendered at as `after` (and its newest case as `cases`), so nothing falls
between the two. Whoever was cut off looks anew: what arrived meanwhile has no id.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Header, Query
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from listener.store.presence import Doing
from listener.web.actor import Viewer
from listener.web.borrowed import OpenAccounts, OurParts
from listener.web.live import Known, Live

router = APIRouter(include_in_schema=False)

LARGEST = 2**63 - 1


@router.get("/live")
async def listen(
    actor: Viewer,
    parts: OurParts,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    cases: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Listen, until the browser goes, the session ends or the server does.

    429 when the person has as many pages that listen as anybody may have, 503 when there is no place.
    """
    if last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19:
        known = Known(int(last_event_id))  # what arrived since it was cut off, it asks for itself
    else:
        known = Known(after, cases)
    return Listening(parts.live, actor.id, actor.session, known)


class Listening(Response):
    """An answer that goes on; it has its place for as long as it does, and no longer."""

    def __init__(self, live: Live, user: int, session: int, known: Known) -> None:
        super().__init__()
        self._live, self._user, self._session, self._known = live, user, session, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a place and tell. Raises TooMany and TooBusy before anything was said."""
        with self._live.place(self._user, self._session) as listener:
            told = StreamingResponse(
                self._live.follow(listener, self._known),
                media_type="text/event-stream",
                headers={"x-accel-buffering": "no"},
            )
            await told(scope, receive, send)


@router.post("/presence")
def come(
    actor: Viewer,
    accounts: OpenAccounts,
    parts: OurParts,
    case: Annotated[int, Form(ge=1, le=LARGEST)],
    doing: Annotated[Doing | None, Form()] = None,
) -> Response:
    """Say that one looks at a case or answers it, for 45 seconds; without `doing` that one has gone."""
    if doing is None:
        accounts.presence.leave(case, actor.name)
    else:
        accounts.presence.enter(case, actor.name, doing, parts.now())
    return Response(status_code=204)
