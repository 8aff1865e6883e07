"""`/live`: server-sent events of all that changes; `/presence`: a page says who is at which case.

The events, each with one line of JSON:

- `hello` {at}: nothing was missed; `move` {id, at, actor, action, entity, entity_id, case, undoes};
- `arrived` {cases}: so many new cases; `presence` {case, people: [{who, doing}]}: who is there now;
- `reload` {}: too much was missed, load the page anew; `signed-out` {}: the session has ended.

The id of an event is the move's in the history: a browser that was cut off sends it as `Last-Event-ID`,
and a page gives the one it was rendered at as `after`, so nothing falls between the two.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Header, Query
from fastapi.responses import Response, StreamingResponse

from listener.store.presence import Doing
from listener.web.actor import Viewer
from listener.web.borrowed import OpenAccounts, OurParts

router = APIRouter(include_in_schema=False)

LARGEST = 2**63 - 1


@router.get("/live")
async def listen(
    actor: Viewer,
    parts: OurParts,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Listen, until the browser goes, the session ends or the server does."""
    resumed = last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19
    return StreamingResponse(
        parts.live.follow(int(last_event_id) if resumed else after, actor.session),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


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
