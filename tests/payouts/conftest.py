"""A town whose clock stands on a Monday morning."""

from __future__ import annotations

import pytest

from huishoudboekje.storage.db import Database
from tests.payouts.town import MONDAY, Town, at


@pytest.fixture
def town(installed: Database) -> Town:
    """Merwestad, with an account and people, and no household yet."""
    at(MONDAY)
    merwestad = Town(installed)
    merwestad.begin()
    return merwestad
