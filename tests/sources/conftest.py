"""What tests of several sources share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sources.testing.clock import Clock

if TYPE_CHECKING:
    from datetime import datetime


@pytest.fixture
def clock(noon: datetime) -> Clock:
    """A clock that stands at noon."""
    return Clock(noon)
