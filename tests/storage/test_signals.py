from datetime import date, timedelta

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.domain.signals import Signal, SignalKind
from huishoudboekje.storage import signals
from tests.storage.conftest import BY

LATE = Signal(
    SignalKind.LATE,
    date(2026, 3, 3),
    "Het loon is te laat.",
    household_id="H000001",
    occurrence=Occurrence("A0000001", date(2026, 3, 1)),
)
RETURNED = Signal(SignalKind.RETURNED, date(2026, 3, 3), "De huur kwam terug.", "H000001", subject="E2E1")


def test_the_same_signal_is_raised_once(session: Session) -> None:
    assert signals.raise_signals(session, [LATE, RETURNED, LATE], BY) == 2
    assert signals.raise_signals(session, [RETURNED, LATE], BY) == 0
    late, returned = signals.signals(session)
    assert ("A0000001", date(2026, 3, 1), None) == (late.agreement_id, late.due_on, late.end_to_end_id)
    assert returned.end_to_end_id == "E2E1"


def test_what_is_silenced_stays_silent_until_its_day(session: Session) -> None:
    signals.raise_signals(session, [LATE], BY)
    (raised,) = signals.signals(session)
    signals.silence(session, raised.id, clock.today(), "werkgever gebeld", BY)
    assert signals.signals(session) == []
    assert len(signals.signals(session, silenced=True)) == 1
    clock.stand_at(clock.now() + timedelta(days=1))
    assert len(signals.signals(session)) == 1


def test_what_is_solved_can_come_back(session: Session) -> None:
    signals.raise_signals(session, [LATE, RETURNED], BY)
    assert signals.solve_gone(session, [SignalKind.LATE, SignalKind.MISSING], [RETURNED], BY) == 1
    assert [each.kind for each in signals.signals(session)] == [SignalKind.RETURNED]
    assert signals.raise_signals(session, [LATE], BY) == 1
    (again,) = signals.signals(session, kinds=[SignalKind.LATE], household_id="H000001")
    assert [each.change for each in signals.history(session, again.id)] == ["raised", "solved", "reopened"]
