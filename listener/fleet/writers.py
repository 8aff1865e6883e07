"""Who writes what: one ordered writer for every brand, and one for brands that share mentions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from listener.config import Config
from listener.store.postgres.readings import Share


@dataclass(frozen=True, slots=True)
class Writer:
    """One line of mentions in order of arrival, and the brands whose issues grow from it."""

    name: str
    share: Share


def writers(config: Config) -> tuple[Writer, ...]:
    """The writers of a configuration, each brand with exactly one of them.

    What is decided about a mention depends on those before it. Brands that listen to the same kind of
    source have one writer together: a mention may be about both, and a conversation may go on from
    one to the other. Other brands wait for nobody but their own. The first takes what is nobody's.
    """
    groups = list(_groups(config))
    brands = [brand.name for brand in config.brands]
    sources = [source.name for source in config.sources]
    made = []
    for place, group in enumerate(groups):
        heard = [source.name for source in config.sources if group & set(source.brands or brands)]
        ordered = [brand for brand in brands if brand in group]
        share = Share(ordered, heard, brands, sources, rest=place == 0)
        made.append(Writer("+".join(ordered), share))
    return tuple(made)


def _groups(config: Config) -> Iterator[set[str]]:
    """Brands that share a kind of source, those of the first brand first."""
    brands = [brand.name for brand in config.brands]
    groups = [{brand} for brand in brands]
    for together in _together(config, brands):
        touched = [group for group in groups if group & together]
        first = groups.index(touched[0])
        groups[first] = set().union(*touched)
        groups = [
            group for place, group in enumerate(groups) if place == first or group not in touched
        ]
    yield from groups


def _together(config: Config, brands: Sequence[str]) -> Iterator[set[str]]:
    heard: dict[str, set[str]] = {}
    for source in config.sources:
        heard.setdefault(source.type, set()).update(source.brands or brands)
    yield from (group for group in heard.values() if group)
