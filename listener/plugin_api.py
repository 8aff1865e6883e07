"""Everything a plug-in may import from us; what stands here is kept stable.

A plug-in is a module (or object) with functions marked `hookimpl`, named by its distribution under
the entry-point group `complaint_listener`; docs/plugins.md builds one from start to finish.
"""

from __future__ import annotations

from listener.hookspecs import hookimpl
from listener.source_type import Services, SourceType
from sources.duration import Duration
from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.mention import Author, Mention, Thread
from sources.protocols import (
    Batch,
    CanVerify,
    Check,
    Filled,
    Gap,
    Health,
    Responder,
    Source,
    Tombstone,
    Verification,
)
from sources.settings import SourceSettings
from sources.text import clean, clean_line, html_text

__all__ = [
    "Author",
    "Batch",
    "Blocked",
    "CanVerify",
    "Check",
    "CredentialsRejected",
    "Duration",
    "Filled",
    "Gap",
    "Gone",
    "Health",
    "Mention",
    "RateLimited",
    "Responder",
    "Services",
    "Source",
    "SourceError",
    "SourceSettings",
    "SourceType",
    "Thread",
    "Tombstone",
    "Transient",
    "Unreadable",
    "Verification",
    "clean",
    "clean_line",
    "hookimpl",
    "html_text",
]
