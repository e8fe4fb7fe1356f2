from datetime import datetime

import pytest

from huishoudboekje import clock
from huishoudboekje.settings import settings
from huishoudboekje.storage import installation
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.encryption import KeyNotReadable, NotReadableWithKey, WrongKey, keys

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=clock.AMSTERDAM)


def test_the_clock_of_a_demo_stands_for_later_processes_too(installed: Database) -> None:
    with installed.anywhere() as session:
        installation.mark(session, installation.InstallationKind.DEMO)
        installation.set_clock(session, NOON)
    clock.stand_at(None)
    with installed.anywhere() as session:
        installation.start_clock(session)
        assert clock.now() == NOON
        installation.set_clock(session, None)
        assert clock.now() != NOON


def test_the_clock_of_production_cannot_be_set(installed: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUISHOUDBOEKJE_NOW", "2026-03-31T12:00")
    settings.cache_clear()
    with installed.anywhere() as session:
        with pytest.raises(installation.ClockRunsHere):
            installation.start_clock(session)
        with pytest.raises(installation.ClockRunsHere):
            installation.set_clock(session, NOON)
        installation.mark(session, installation.InstallationKind.TEST)
        installation.start_clock(session)
        assert clock.now() == NOON


def test_a_municipality_is_made_once(installed: Database) -> None:
    with installed.anywhere() as session:
        first = installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
        assert first == installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
        assert installation.municipalities(session) == {"merwestad": "Gemeente Merwestad"}


def test_a_sealed_field_opens_in_its_own_place_only(installed: Database) -> None:
    with installed.anywhere() as session:
        installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
        found = keys(session)
        sealed = found.seal("resident.bsn", "R1", "999999990")
        assert found.unseal("resident.bsn", "R1", sealed) == "999999990"
        assert sealed != found.seal("resident.bsn", "R1", "999999990")
        for column, row, bytes_ in (
            ("resident.bsn", "R2", sealed),
            ("resident.iban", "R1", sealed),
            ("resident.bsn", "R1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
            ("resident.bsn", "R1", b"\x02" + sealed[1:]),
        ):
            with pytest.raises(NotReadableWithKey):
                found.unseal(column, row, bytes_)


def test_another_key_is_refused_before_it_writes_anything(
    installed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installed.anywhere() as session:
        installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
        keys(session)
    kept = settings().home / "key"
    assert kept.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("HUISHOUDBOEKJE_KEY", "ab" * 32)
    settings.cache_clear()
    with installed.transaction() as session, pytest.raises(WrongKey):
        keys(session)
    monkeypatch.setenv("HUISHOUDBOEKJE_KEY", "geheim")
    settings.cache_clear()
    with installed.transaction() as session, pytest.raises(KeyNotReadable):
        keys(session)
