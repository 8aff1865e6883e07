"""What all requests to one server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from fastapi import Request

from listener.config import Config
from listener.explaining import Explainer
from listener.learning.classroom import Classroom
from listener.plugins import Plugins
from listener.stage_times import StageTimes
from listener.stages.explaining import Belonging
from listener.store import open_store
from listener.store.accounts import Accounts, open_accounts
from listener.store.protocol import Store
from listener.tiers import spaces
from listener.web.live import Live
from listener.web.oidc.provider import Provider
from listener.web.passwords import Passwords
from listener.web.pool import Pool
from listener.web.rendering import Templates


@dataclass(frozen=True, slots=True)
class Parts:
    """The configuration, the clock, stores to borrow, templates. Any thread may use it."""

    config: Config
    now: Callable[[], datetime]
    plugins: Plugins
    stores: Pool[Store]
    accounts: Pool[Accounts]
    live: Live
    explainer: Explainer
    classroom: Classroom
    belonging: Belonging
    times: StageTimes = field(default_factory=StageTimes)
    templates: Templates = field(default_factory=Templates)
    passwords: Passwords = field(default_factory=Passwords)
    provider: Provider | None = None

    @property
    def oidc_name(self) -> str:
        """What the button to the identity provider says; empty without one."""
        return "" if self.provider is None else self.provider.config.name

    def close(self) -> None:
        """Let the listening pages go and give the files back."""
        self.live.close()
        self.classroom.close()
        self.stores.close()
        self.accounts.close()


def make_parts(
    config: Config,
    now: Callable[[], datetime],
    plugins: Plugins,
    times: StageTimes | None = None,
) -> Parts:
    """The parts of a server for a configuration. Nothing is opened before it is needed."""
    stores = Pool(lambda: open_store(config.store))
    accounts = Pool(lambda: open_accounts(config.store))
    oidc = config.web.oidc
    provider = None if oidc is None else Provider(oidc, now)
    live = Live(stores, accounts, now, config.web.live_pages, config.web.live_pages_each)
    explain, learns = Explainer(config), Classroom(config)
    belongs = Belonging(spaces(config.brands))
    beside = Parts(
        *(config, now, plugins, stores, accounts, live, explain, learns, belongs), provider=provider
    )
    return beside if times is None else replace(beside, times=times)


def parts_of(request: Request) -> Parts:
    """The parts of the server that got this request."""
    found: Parts = request.app.state.parts
    return found
