"""Pages from templates: everything a post or a person wrote is escaped, a missing value is an error."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from listener.web.phrases import translated
from listener.web.script_words import SCRIPT_WORDS
from listener.web.static import static_address

TEMPLATES = Path(__file__).parent / "templates"
PHRASES = 4_096  # kept in one language: more than there are


class Templates:
    """The templates of the pages. Any thread may render.

    Every template has: `static(path)`, the address of a static file; `nonce`, without which no
    script of the page runs; `actor`, who is signed in, or None; `path`, of the page; `whole`, false when
    only the frame of the page is taken, to be morphed into one that is there; `_()`, gettext.
    What our code says comes as a `Phrase` and is translated where it is written out.
    """

    def __init__(self, translations: gettext.NullTranslations | None = None) -> None:
        """English without `translations`."""
        known = translations or gettext.NullTranslations()
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
            finalize=lambda value: translated(value, known),
        )
        installed: Any = self.environment  # its extensions add methods that have no types
        installed.install_gettext_translations(known, newstyle=True)
        self.environment.globals["_"] = phrases(known)
        self.environment.globals["static"] = static_address
        self.environment.globals["script_words"] = lambda: {
            one: known.gettext(one) for one in SCRIPT_WORDS
        }

    def warm(self) -> None:
        """Read all templates, so that the first visitor need not wait for it."""
        for name in self.environment.list_templates():
            self.environment.get_template(name)

    def render(self, request: Request, template: str, values: Mapping[str, object]) -> str:
        """The text of a page."""
        state = request.state
        return self.environment.get_template(template).render(
            nonce=state.nonce,
            actor=getattr(state, "actor", None),
            path=request.url.path,
            whole="hx-request" not in request.headers,
            **values,
        )


def phrases(translations: gettext.NullTranslations) -> Callable[..., Markup]:
    """`_()` of the templates: `_("%(n)s posts", n=3)` as in Jinja's new style, all of it escaped.

    Jinja's own makes a context for every call, which was a third of a page of the queue.
    """

    @lru_cache(PHRASES)
    def said(message: str) -> Markup:
        return escape(translations.gettext(message))

    @lru_cache(PHRASES)
    def whole(message: str) -> Markup:
        return said(message) % {}

    def phrase(message: str, **values: object) -> Markup:
        return said(message) % values if values else whole(message)

    return phrase


def page(
    request: Request, template: str, values: Mapping[str, object], status: int = 200
) -> HTMLResponse:
    """Answer with a page."""
    templates: Templates = request.app.state.parts.templates
    return HTMLResponse(templates.render(request, template, values), status_code=status)
