"""What the fakes of platforms have in common: a web server of their own on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from sources.testing.web import FakeWeb


class FakePlatform:
    """A platform that listens inside a `with` block; each gives its own `web` the routes."""

    web: FakeWeb

    @property
    def address(self) -> str:
        """Where it listens, for `url` or `base_url`."""
        return self.web.url("")

    def __enter__(self) -> Self:
        self.web.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.web.__exit__(kind, error, trace)
