"""Agreements for tests, with as little said as the test is about."""

from __future__ import annotations

from datetime import date

from huishoudboekje.domain.agreements import (
    LIVING_MONEY,
    Agreement,
    Direction,
    Schedule,
    Settlement,
    Unit,
)

MONTHLY = Schedule(Unit.MONTH, date(2026, 1, 1), day=1)


def expense(
    category: str = "rent",
    amount_cents: int = 75_000,
    schedule: Schedule = MONTHLY,
    *,
    id: str | None = None,
    guaranteed: bool = True,
    settlement: Settlement = Settlement.TRANSFER,
    tolerance_cents: int = 0,
) -> Agreement:
    living = category == LIVING_MONEY
    return Agreement(
        id=id or category,
        household_id="H1",
        resident_id="R1",
        direction=Direction.EXPENSE,
        category=category,
        organisation_id=None if living else "O1",
        payee_resident_id="R1" if living else None,
        counterparty_name="Woonstad",
        iban="NL91ABNA0417164300",
        amount_cents=amount_cents,
        tolerance_cents=tolerance_cents,
        schedule=schedule,
        settlement=settlement,
        guaranteed=guaranteed and not living,
    )


def income(
    category: str = "wage",
    amount_cents: int = 200_000,
    schedule: Schedule = MONTHLY,
    *,
    id: str | None = None,
    tolerance_cents: int = 0,
) -> Agreement:
    return Agreement(
        id=id or category,
        household_id="H1",
        resident_id="R1",
        direction=Direction.INCOME,
        category=category,
        organisation_id="O2",
        payee_resident_id=None,
        counterparty_name="Bakkerij Jansen",
        iban="NL91ABNA0417164300",
        amount_cents=amount_cents,
        tolerance_cents=tolerance_cents,
        schedule=schedule,
        settlement=None,
    )
