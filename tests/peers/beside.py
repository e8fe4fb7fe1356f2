"""Another reader beside ours: the same answer to each question, except where it is known to be wrong."""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.absent import absent

Said = Mapping[str, object]
"""What a reader says of one transaction, by the names of our fields."""


class Wrong(NamedTuple):
    """What a peer says of a field, and why that is not so."""

    value: object
    why: str


def peer(module: str) -> Any:
    """The package to compare with, or a skipped test."""
    if importlib.util.find_spec(module) is None:
        absent("peers", "`make peers` has an environment with other readers and writers")
    return importlib.import_module(module)


def compare(ours: Said, theirs: Said, wrong: Mapping[str, Wrong]) -> None:
    """Agree on every field that both know; where a peer is wrong, it is wrong as noted, and we are not."""
    for field, value in theirs.items():
        if field in wrong:
            assert value == wrong[field].value, f"{field}: the note is old, {wrong[field].why}"
            assert ours[field] != value, f"{field}: we say the same, and {wrong[field].why}"
        else:
            assert ours[field] == value, field
    assert wrong.keys() <= theirs.keys()
