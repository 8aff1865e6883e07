"""The web application: every page, every noun of the API, and what stands in front of them.

To add a page: a router in `listener/web/pages/<noun>.py`, its template in `templates/`, and its name
in `PAGES` below. A route is a plain function that first says who may come in:

    router = APIRouter()

    @router.get("/issues")
    def issues(request: Request, actor: Viewer, desk: OpenDesk) -> HTMLResponse:
        return page(request, "issues.html", {"issues": …})

`Viewer … Admin` come from `listener.web.actor`, `OpenDesk`, `OpenStore` and `OpenAccounts` from
`listener.web.borrowed`, `page` from `listener.web.rendering`. A POST ends with a redirect (303) or,
when `is_fragment(request)` (htmx asks), with a part of a page. Errors are raised (`listener.errors`,
`listener.web.refusals`) and become pages by themselves. A test walks over all routes: one without a
role fails it, unless it is listed there as public. Static files: `{{ static('desk.css') }}`; scripts
need `nonce="{{ nonce }}"`. An API noun is the same in `listener/web/api/<noun>.py` and `listener/web/api/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from listener.config import Config
from listener.plugins import Plugins, load_plugins
from listener.stage_times import StageTimes
from listener.web import health, metrics, static
from listener.web.api import API
from listener.web.csrf import SameOrigin
from listener.web.failures import Unforeseen, add_failures
from listener.web.hooks import Hooks
from listener.web.intake import Intake
from listener.web.pages import (
    bulk,
    cases,
    erasing,
    groups,
    home,
    invitation,
    issues,
    learning,
    live,
    login,
    oidc,
    overview,
    people,
    queue,
    settings,
    trials,
    undo,
)
from listener.web.parts import make_parts
from listener.web.security import SecurityHeaders
from listener.web.websub import WebSub

LARGEST_FORM = 256 * 1024  # bytes; a reply has 10,000 characters
LARGEST_DELIVERY = 1 << 40

PAGES = (
    home.router,
    login.router,
    oidc.router,
    invitation.router,
    bulk.router,
    cases.router,
    undo.router,
    issues.router,
    groups.router,
    overview.router,
    erasing.router,
    people.router,
    learning.router,
    settings.router,
    trials.router,
    live.router,
    queue.router,
)


def create_app(
    config: Config,
    now: Callable[[], datetime],
    plugins: Plugins | None = None,
    times: StageTimes | None = None,
) -> FastAPI:
    """The application for a configuration; `app.state.parts.close()` gives its files back.

    Several may serve one store, also in several processes. `times` are those of a daemon beside it.
    """
    app = FastAPI(
        title="Complaint listener",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_FORM,
    )
    app.state.parts = make_parts(config, now, plugins or load_plugins(), times)
    intake = Intake()
    # Deliveries are larger, and count their bytes themselves.
    app.include_router(
        Hooks(config, now, intake).router(), max_body_size=LARGEST_DELIVERY, include_in_schema=False
    )
    if config.web.public_url:
        websub = WebSub(config, now, intake)
        app.include_router(websub.router(), max_body_size=LARGEST_DELIVERY, include_in_schema=False)
    for router in (health.router, metrics.router, static.router, *PAGES, *API):
        app.include_router(router)
    add_failures(app)
    # The last one added sees a request first.
    app.add_middleware(SameOrigin)
    app.add_middleware(Unforeseen)
    app.add_middleware(SecurityHeaders)
    return app
