"""The API: one noun a file; a new one joins by a line here."""

from __future__ import annotations

from listener.web.api import (
    bulk,
    cases,
    corrections,
    description,
    explanations,
    exports,
    health,
    history,
    issues,
    labels,
    me,
    mentions,
    moves,
    people,
    replies,
    sources,
    tokens,
    trials,
    users,
)

API = (
    health.router,
    cases.router,
    explanations.router,
    moves.router,
    bulk.router,
    labels.router,
    replies.router,
    mentions.router,
    issues.router,
    people.router,
    sources.router,
    corrections.router,
    trials.router,
    exports.router,
    history.router,
    users.router,
    tokens.router,
    me.router,
    description.router,
)
