"""What a test needs and a machine may lack: skipped with a reason, or a failure where it is required."""

import os
from typing import NoReturn

import pytest

REQUIRED = frozenset(filter(None, os.environ.get("HHB_REQUIRE", "").split(",")))


def absent(what: str, remedy: str) -> NoReturn:
    """Skip this test, or fail it where HHB_REQUIRE names what is missing."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here and is not there: {remedy}", pytrace=False)
    pytest.skip(f"{what} is not there: {remedy}")
