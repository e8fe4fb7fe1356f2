import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from huishoudboekje.administration import (
    AdministrationRefused,
    Counts,
    export_administration,
    import_administration,
)
from huishoudboekje.domain import ledger as money
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.domain.ledger import Entry, EntryKind, Phase, Transfer
from huishoudboekje.settings import settings
from huishoudboekje.storage import agreements, archive, audit, ledger, people, policy, users
from huishoudboekje.storage.db import Database
from tests.administration.written import ADMINISTRATION, PAYMENTS, write

BY = Actor("ada", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
CORE = ("format", "municipality", "organisations", "households")


@pytest.fixture
def elsewhere(empty_database: Database) -> Database:
    """Another installation, with another key."""
    from huishoudboekje.migrations import migrate  # noqa: PLC0415 - the fixture's alone

    migrate(empty_database)
    return empty_database


def worked(database: Database, folder: Path) -> None:
    """Read the administration in and do something with it."""
    csv = folder / "payments.csv"
    csv.write_text(PAYMENTS, "utf-8")
    with database.anywhere() as session:
        import_administration(session, write(folder, ADMINISTRATION), BY, payments=csv)
    with database.transaction() as session:
        users.add_user(session, "bob", "Bob", [Role.APPROVER])
        users.new_token(session, "bob")
        held, to = money.household("H000001"), money.in_transit("B1")
        reserved = Transfer(held, to, 5_000, Phase.RESERVED, "E1")
        proposed = Entry("proposed:E1", EntryKind.PROPOSED, date(2026, 1, 5), (reserved,))
        ledger.post(session, [proposed], BY)
        ledger.resolve(
            session,
            ["E1"],
            phase=Phase.POSTED,
            kind=EntryKind.SENT,
            key_prefix="sent",
            effective_on=date(2026, 1, 6),
            by=BY,
        )
        booked = Entry(
            "own:1", EntryKind.OWN, date(2026, 1, 7), money.moved(money.COSTS, held, 7), reason="é"
        )
        ledger.post(session, [booked], BY)
        first = agreements.agreement(session, "A0000002")
        agreements.add_version(session, replace(first, amount_cents=63_000), date(2026, 3, 1), BY)
        people.close_household(session, "H000002", date(2026, 2, 28), BY, "verhuisd")
        archive.store(session, archive.FileKind.STATEMENT, "afschrift.xml", b"<Document/>", BY)
        audit.seal(session)


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def exported(database: Database, path: Path, *, everything: bool = True) -> dict[str, Any]:
    with database.transaction() as session:
        export_administration(session, path, BY, everything=everything)
    return read(path)


def test_what_was_read_in_is_written_again(installed: Database, tmp_path: Path) -> None:
    with installed.anywhere() as session:
        import_administration(session, write(tmp_path, ADMINISTRATION), BY)
    assert exported(installed, tmp_path / "out.json", everything=False) == ADMINISTRATION
    whole = exported(installed, tmp_path / "out.json")
    assert {name: whole[name] for name in CORE} == ADMINISTRATION


def test_a_municipality_leaves_with_the_same_ledger(
    installed: Database, elsewhere: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(installed, tmp_path)
    before = exported(installed, tmp_path / "out.json")
    with installed.transaction() as session:
        hashed = ledger.ledger_hash(session)
    monkeypatch.setenv("HUISHOUDBOEKJE_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    with elsewhere.anywhere() as session:
        done = import_administration(session, tmp_path / "out.json", BY)
    assert done.entries == 5
    with elsewhere.transaction() as session:
        assert hashed == ledger.ledger_hash(session)
        assert ledger.replay_mismatches(session) == []
        assert audit.verify(session) is None
        assert not users.user(session, "bob").has_token
        assert [each.id for each in people.households(session, open_on=date(2026, 3, 1))] == ["H000001"]
        assert len(policy.policy_versions(session)) == 1
    after = exported(elsewhere, tmp_path / "again.json")
    for section in (*CORE, "policy", "users", "payments", "ledger", "statements"):
        if section != "policy":
            assert before[section] == after[section]
    with elsewhere.anywhere() as session:
        again = import_administration(session, tmp_path / "out.json", BY)
    assert (Counts(unchanged=3), 0) == (again.agreements, again.entries)


@pytest.mark.parametrize(
    ("section", "number", "name", "value", "told"),
    [
        ("ledger", 0, "kind", "theft", "ledger[0].kind: kies uit"),
        (
            "ledger",
            0,
            "transfers",
            [["bank:X", "own:y", 5]],
            "ledger[0].transfers[0]: dit is geen overboeking",
        ),
        ("ledger", 1, "recorded_at", "gisteren", "ledger[1].recorded_at: dit is geen tijdstip"),
        (
            "ledger",
            1,
            "transfers",
            [["household:H000001", "own:costs", 99_999_999, "posted", None, None]],
            "ledger: rekening household:H000001 zou onder nul komen.",
        ),
        ("policy", 0, "figures", {"limit": 3}, "policy[0].figures: Beleid: 'limit' bestaat niet."),
        ("users", 0, "roles", ["administrator", "approver"], "users[0]: bob kan niet tegelijk"),
        ("payments", 0, "amount_cents", -5, "payments: deze regels passen niet"),
    ],
)
def test_sections_that_were_tampered_with_are_refused(
    installed: Database,
    module_database: Database,
    tmp_path: Path,
    section: str,
    number: int,
    name: str,
    value: object,
    told: str,
) -> None:
    worked(installed, tmp_path)
    tampered = exported(installed, tmp_path / "out.json")
    tampered[section][number][name] = value
    (settings().home / "key").unlink()
    with pytest.raises(AdministrationRefused) as refused, module_database.anywhere() as session:
        import_administration(session, write(tmp_path, tampered), BY)
    assert told in refused.value.sentence


def test_no_half_file_is_left_when_writing_fails(installed: Database, tmp_path: Path) -> None:
    worked(installed, tmp_path)
    (settings().home / "key").write_text("cd" * 32)
    before = sorted(tmp_path.iterdir())
    with installed.transaction() as session, pytest.raises(Exception, match="sleutel"):
        export_administration(session, tmp_path / "out.json", BY)
    assert before == sorted(tmp_path.iterdir())
