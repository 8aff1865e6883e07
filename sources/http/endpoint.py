"""An HTTP interface of a platform: addresses put together, answers fetched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from sources.http.fetch import Fetcher, Response

Parameters = Mapping[str, str | int]
NO_PARAMETERS: Parameters = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Everything below one address, asked with one fetcher."""

    fetcher: Fetcher
    base: str

    def url(self, path: str, parameters: Parameters = NO_PARAMETERS) -> str:
        """Return the address of `path`, which is quoted already; empty parameters are left out."""
        given = {name: value for name, value in parameters.items() if value != ""}
        query = f"?{urlencode(given, errors='replace')}" if given else ""
        return f"{self.base.rstrip('/')}/{path}{query}"

    def ask(
        self, path: str, parameters: Parameters = NO_PARAMETERS, accept: Collection[int] = ()
    ) -> Response:
        """Fetch `path`; statuses in `accept` are answers too. Raises what `Fetcher.get` raises."""
        headers = {"accept": "application/json"}
        return self.fetcher.get(self.url(path, parameters), headers=headers, accept=accept)
