"""The configuration as one frozen model: every setting with its meaning and its default."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializeAsAny
from pydantic_core import PydanticCustomError

from listener.config.file import read_config
from listener.config.mistakes import did_you_mean
from listener.config.notify import NotifyConfig, distinct
from listener.config.oidc import OidcConfig
from listener.config.queue import QueueConfig
from listener.config.severe import SevereConfig
from listener.config.vigilante import VigilanteConfig
from listener.errors import UsageError
from sources.duration import Duration
from sources.http.link import host_of
from sources.settings import Name, SourceSettings


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_store(url: str) -> str:
    if re.match(r"postgres(ql)?://", url):
        return url  # the driver reads it, with all that can stand behind a question mark
    if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///").strip("/"):
        raise ValueError(
            "not a store; write it like sqlite:///listener.db or postgresql://user:${PASSWORD}@host/name"
        )
    return url


def _public_address(url: str) -> str:
    parts = urlsplit(url) if host_of(url) else None
    if not url:
        return ""
    if parts is None or parts.scheme != "https" or parts.query or parts.fragment or "@" in url:
        raise ValueError("not an https address; write it like https://listen.example.org")
    return url.strip().rstrip("/")


def _readable_query(text: str) -> str:
    from triage.query import Query, QueryError

    try:
        if text:
            Query.parse(text)
    except QueryError as error:
        end = f"; {error.suggestion}" if error.suggestion else ""
        said = f"character {error.position}: {error.problem}{end}"
        offset = error.position - 1
        raise PydanticCustomError("query", "{said}", {"said": said, "offset": offset}) from None
    return text


def _ascending(spans: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if list(spans) != sorted(set(spans)):
        raise ValueError("each re-check comes later than the one before, such as [1h, 24h, 7d]")
    return spans


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise ValueError(
            "not a language; write its ISO 639 code in small letters, such as en or de"
        )
    return code


def _installed_tier(tier: str) -> str:
    from triage.encoder import INSTALL, installed

    if tier == "quality" and not installed():
        raise ValueError(f"the quality tier is not installed; type {INSTALL}, or write small")
    return tier


Language = Annotated[str, AfterValidator(_language)]


class GroupConfig(_Section):
    """A group of customers whose cases move up (or down) the queue."""

    name: Name = Field(description="What the group is called in the reasons of a case.")
    people: tuple[str, ...] = Field(
        description="Its members as `kind:id`: the platform and its own id of the person."
    )
    points: int = Field(
        default=0, ge=-100, le=100, description="Points added to the priority of their cases."
    )


class BrandConfig(_Section):
    """Whom we listen for."""

    name: Name = Field(description="The brand's name, unique.")
    query: Annotated[str, AfterValidator(_readable_query)] = Field(
        default="",
        description="Which mentions are about the brand; without it, all that its sources bring.",
    )
    handles: Mapping[str, str] = Field(
        default_factory=dict,
        description="Your own accounts by platform; their posts are not cases.",
    )
    languages: tuple[Language, ...] = Field(
        default=(), description="Languages your customers write (ISO 639); all known without it."
    )
    groups: tuple[GroupConfig, ...] = Field(default=(), description="Groups of customers.")
    vigilante: VigilanteConfig = Field(
        default=VigilanteConfig(),
        description="What each sign of a consumer vigilante counts for: policy, not measured.",
    )
    severe: SevereConfig = Field(
        default=SevereConfig(),
        description="How severe a complaint is at least, by what it shows: policy, not measured.",
    )
    tier: Annotated[Literal["small", "quality"], AfterValidator(_installed_tier)] = Field(
        default="small",
        description="What judges its English posts and groups all of them: the small heads and a table, "
        "or a sentence encoder beside them (more often right, some sixty times slower; installed "
        "apart). After a change: listener issues migrate.",
    )


class MacroConfig(_Section):
    """A prepared answer; a person reads and changes it before anybody else sees it."""

    name: Name = Field(description="What it is called in the desk.")
    text: str = Field(
        min_length=1,
        max_length=10_000,
        description="The text; {author} and {brand} stand for the customer and for you.",
    )


class RepliesConfig(_Section):
    """How replies leave the house."""

    approval: Literal["none", "lead"] = Field(
        default="lead", description="Who approves a reply before it may go out."
    )
    dry_run: bool = Field(default=True, description="Draft and record replies, but send none.")
    macros: tuple[MacroConfig, ...] = Field(default=(), description="Prepared answers.")


class RetentionConfig(_Section):
    """How long texts are kept, and when stored posts are checked again at their platform."""

    text: Duration = Field(
        default=timedelta(days=365),
        description="Texts first seen longer ago than this are erased, once a day; counts remain.",
    )
    verify: Annotated[tuple[Duration, ...], AfterValidator(_ascending)] = Field(
        default=(timedelta(hours=1), timedelta(hours=24), timedelta(days=7)),
        description="How long after a post was first seen it is looked up again; what its author deleted goes.",
    )


class WebConfig(_Section):
    """Where the web server listens."""

    host: str = Field(default="127.0.0.1", min_length=1, description="The address it binds.")
    port: int = Field(default=8080, ge=0, le=65535, description="The port; 0 takes a free one.")
    public_url: Annotated[str, AfterValidator(_public_address)] = Field(
        default="",
        description="The https address at which others reach this server, for hubs that push feeds.",
    )
    live_pages: int = Field(
        default=1_000, ge=1, description="How many open pages are told of changes at once, in all."
    )
    live_pages_each: int = Field(
        default=20, ge=1, description="How many of them one person may have."
    )
    oidc: OidcConfig | None = Field(
        default=None, description="Your own identity provider; without it, names and passwords."
    )


class Config(_Section):
    """The whole configuration, checked and resolved: paths are absolute, secrets read."""

    store: Annotated[str, AfterValidator(_known_store)] = Field(
        default="sqlite:///listener.db",
        description="Where everything is kept: a file, or a PostgreSQL database (postgresql://…)."
        " A relative path counts from this file's folder.",
        repr=False,  # an address may hold a password
    )
    brands: tuple[BrandConfig, ...] = Field(min_length=1, description="Whom we listen for.")
    sources: tuple[SerializeAsAny[SourceSettings], ...] = Field(
        default=(), description="Where mentions come from."
    )
    queue: QueueConfig = Field(default=QueueConfig(), description="How the queue is worked.")
    replies: RepliesConfig = Field(
        default=RepliesConfig(), description="How replies leave the house."
    )
    retention: RetentionConfig = Field(
        default=RetentionConfig(), description="How long texts are kept."
    )
    notify: Annotated[tuple[NotifyConfig, ...], AfterValidator(distinct)] = Field(
        default=(), description="Whom to tell of what cannot wait."
    )
    web: WebConfig = Field(default=WebConfig(), description="Where the web server listens.")

    def brand(self, name: str = "") -> BrandConfig:
        """The brand of this name; without one, the only brand.

        Raises UsageError that names the brands there are.
        """
        if not name and len(self.brands) == 1:
            return self.brands[0]
        for brand in self.brands:
            if brand.name == name:
                return brand
        names = [brand.name for brand in self.brands]
        if name:
            raise UsageError(
                f"there is no brand {name!r}{did_you_mean(name, names)}",
                f"--brand with one of: {', '.join(names)}",
            )
        raise UsageError("which brand?", f"--brand with one of: {', '.join(names)}")


def load(path: Path | None, source_settings: Mapping[str, type[SourceSettings]]) -> Config:
    """Read the configuration (None: ./config.yaml) with the settings of the known source types.

    Raises ConfigError with one line per mistake, all mistakes at once; no line holds a secret.
    """
    return read_config(Config, path or Path("config.yaml"), source_settings)
