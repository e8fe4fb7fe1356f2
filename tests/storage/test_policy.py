from datetime import date

import pytest
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Role
from huishoudboekje.domain.errors import NotAllowed, Refused
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage import policy, users
from huishoudboekje.storage.ledger import household_money
from tests.storage.conftest import BY


def test_a_policy_holds_from_its_day_on(session: Session) -> None:
    assert Policy() == policy.policy_on(session, date(2026, 1, 1))
    first = policy.add_policy(session, Policy(guarantee_limit_cents=200_000), date(2026, 2, 1), BY)
    policy.add_policy(session, Policy(guarantee_limit_cents=100_000), date(2026, 3, 1), BY)
    limits = [policy.policy_on(session, date(2026, month, 1)).guarantee_limit_cents for month in (1, 2, 3)]
    assert limits == [150_000, 200_000, 100_000]
    then = policy.policy_on(session, date(2026, 3, 1), known_at=first.recorded_at)
    assert then.guarantee_limit_cents == 200_000


def test_two_people_may_go_above_the_limit(session: Session) -> None:
    policy.add_policy(session, Policy(), date(2026, 1, 1), BY)
    users.add_user(session, "bob", "Bob", [Role.APPROVER])
    policy.decide_limit(
        session,
        "H000001",
        250_000,
        valid_from=date(2026, 3, 1),
        valid_until=date(2026, 3, 31),
        proposed_by=BY,
        approved_by="bob",
        reason="dreigende afsluiting",
    )
    limits = [
        household_money(session, ["H000001"], on)["H000001"].limit_cents
        for on in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 1))
    ]
    assert limits == [150_000, 250_000, 150_000]
    assert [each.approved_by for each in policy.limit_decisions(session, "H000001")] == ["bob"]


@pytest.mark.parametrize(
    ("approved_by", "until", "reason", "refusal"),
    [
        ("ada", date(2026, 3, 31), "nood", policy.TwoPeopleNeeded),
        ("bob", date(2026, 2, 28), "nood", policy.DecisionEmpty),
        ("bob", date(2026, 3, 31), " ", policy.DecisionEmpty),
        ("eve", date(2026, 3, 31), "nood", users.NoSuchUser),
        ("carl", date(2026, 3, 31), "nood", NotAllowed),
        ("system", date(2026, 3, 31), "nood", users.UserNotActive),
    ],
)
def test_nobody_goes_above_the_limit_alone(
    session: Session, approved_by: str, until: date, reason: str, refusal: type[Refused]
) -> None:
    users.add_user(session, "bob", "Bob", [Role.APPROVER])
    users.add_user(session, "carl", "Carl", [Role.CASEWORKER])
    with pytest.raises(refusal):
        policy.decide_limit(
            session,
            "H000001",
            250_000,
            valid_from=date(2026, 3, 1),
            valid_until=until,
            proposed_by=BY,
            approved_by=approved_by,
            reason=reason,
        )
