import psycopg
from sqlalchemy.orm import Session

from huishoudboekje.storage import audit
from huishoudboekje.storage.db import Database, plain
from tests.storage.conftest import BY


def test_the_chain_holds_and_grows(session: Session) -> None:
    assert audit.seal(session) is None
    for number in range(5):
        audit.record(session, BY, "look", f"household:H{number}", "spoed", {"rows": number, "é": None})
    first = audit.seal(session)
    audit.record(session, BY, "look", "household:H9")
    second = audit.seal(session)
    assert first is not None
    assert second is not None
    assert ([first.number, second.number], [first.events, second.events]) == ([1, 2], [5, 1])
    assert audit.verify(session) is None
    assert len(list(audit.all_events(session))) == 6
    assert [each.subject for each in audit.events(session, limit=1)] == ["household:H9"]


def test_who_changes_the_log_behind_our_back_is_found(merwestad: Database) -> None:
    for number in range(4):
        with merwestad.transaction() as session:
            audit.record(session, BY, "look", f"household:H{number}")
            audit.seal(session)
    with psycopg.connect(plain(merwestad.owner_url)) as owner:
        owner.execute("SELECT set_config('hhb.municipality', '1', false)")
        owner.execute("ALTER TABLE audit_event DISABLE TRIGGER never_changed")
        owner.execute("UPDATE audit_event SET subject = 'household:H7' WHERE subject = 'household:H2'")
    with merwestad.transaction() as session:
        broken = audit.verify(session)
    assert broken is not None
    assert broken.seal.number == 3


def test_a_seal_leaves_what_somebody_still_writes_to_the_next(merwestad: Database) -> None:
    with merwestad.transaction() as writing, merwestad.transaction() as sealing:
        audit.record(writing, BY, "look", "household:H1")
        assert audit.seal(sealing) is None
    with merwestad.transaction() as sealing:
        sealed = audit.seal(sealing)
    assert sealed is not None
    assert sealed.events == 1
