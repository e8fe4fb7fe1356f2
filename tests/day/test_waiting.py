"""Work that the clock asks for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from huishoudboekje import clock
from huishoudboekje.day import waiting
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import outbox
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.outbox import JobState
from tests.kill import small


class NotNow(Refused):
    """Nu niet."""


def states(town: Database) -> set[JobState]:
    with town.transaction() as session:
        return {each.state for each in outbox.jobs(session)}


def asked(town: Database) -> list[int]:
    with town.transaction() as session:
        waiting.ask_for_what_is_due(session)
        return waiting.to_nudge(session)


def test_what_was_refused_is_asked_again_and_what_is_done_is_not(installed: Database, tmp_path: Path) -> None:
    small.install(installed, tmp_path)
    clock.stand_at(datetime(2026, 11, 3, 11, tzinfo=clock.AMSTERDAM))
    first = asked(installed)
    assert asked(installed) == []
    with installed.transaction() as session:
        for each in first:
            waiting.refuse(session, each, NotNow())
    assert states(installed) == {JobState.REFUSED}
    assert sorted(asked(installed)) == sorted(first)
    with installed.transaction() as session:
        for each in first:
            assert waiting.work(session, each)
    assert asked(installed) == []
    assert states(installed) == {JobState.DONE}
