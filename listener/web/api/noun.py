"""How a noun of the API is made: its router, with what all of them share."""

from __future__ import annotations

from fastapi import APIRouter

from listener.web.api.idempotency import Idempotent
from listener.web.api.problems import READING, WRITING

__all__ = ["READING", "WRITING", "noun"]

PREFIX = "/api/v1"


def noun(name: str) -> APIRouter:
    """A router for one noun. A reading route says `responses=READING`, a writing one `WRITING`."""
    return APIRouter(prefix=PREFIX, tags=[name], route_class=Idempotent)
