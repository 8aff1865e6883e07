"""What every test can rely on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=4, help="how often the kill journey kills")
    parser.addoption("--kill-file", help="a file to import instead of the generated posts")
    parser.addoption("--kill-seed", type=int, default=2026, help="the seed of its moments")


@pytest.fixture
def noon() -> datetime:
    """A fixed moment, so that no test depends on when it runs."""
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
