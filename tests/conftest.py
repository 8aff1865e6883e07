"""What every test can rely on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# The same examples everywhere, and no example fails for being slow: tests assert no times.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

sys.path.insert(0, str(Path(__file__).parent))  # so that `postgres_server` is found

if TYPE_CHECKING:
    from postgres_server import PostgresServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=4, help="how often the kill journey kills")
    parser.addoption("--kill-file", help="a file to import instead of the generated posts")
    parser.addoption("--screenshots", action="store_true", help="draw docs/screenshots anew")
    parser.addoption("--kill-seed", type=int, default=2026, help="the seed of its moments")


@pytest.fixture
def noon() -> datetime:
    """A fixed moment, so that no test depends on when it runs."""
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL, started by the first test that asks for it."""
    from postgres_server import running_postgres

    with running_postgres() as server:
        yield server
