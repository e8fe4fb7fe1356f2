"""The installation that every test of a day's work has for itself."""

from pathlib import Path

import pytest

from huishoudboekje.storage.db import Database
from tests.day.branch import Branch


@pytest.fixture
def branch(installed: Database, tmp_path: Path) -> Branch:
    """A bank and an installation, not begun yet."""
    return Branch(installed, tmp_path)
