"""The municipality's policy in its versions, and what two people decided beyond its limit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Permission, Role, require
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage.users import UserNotActive, user


class TwoPeopleNeeded(Refused):
    """Boven de grens besluiten twee mensen. Laat iemand anders dan {user} dit besluit goedkeuren."""


class DecisionEmpty(Refused):
    """Een besluit boven de grens geldt tot en met een dag na {valid_from}, en heeft een reden."""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it stands from a day on."""

    version: int
    valid_from: date
    policy: Policy
    recorded_at: datetime
    by_user: str


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """Two people let a household's advance rise to a limit in cents, on the days from and until."""

    household_id: str
    number: int
    limit_cents: int
    valid_from: date
    valid_until: date
    proposed_by: str
    approved_by: str
    reason: str
    recorded_at: datetime


_SELECT = "SELECT version, valid_from, figures, recorded_at, by_user FROM policy_version"
_DECISION = (
    "SELECT household_id, number, limit_cents, valid_from, valid_until, proposed_by, approved_by, reason,"
    " recorded_at FROM limit_decision"
)


def policy_on(session: Session, day: date, known_at: datetime | None = None) -> Policy:
    """The policy of a day, as it was known at a moment (default now); the defaults before any version."""
    figures = session.scalar(
        text(
            "SELECT figures FROM policy_version WHERE valid_from <= :day"
            " AND (cast(:known AS timestamptz) IS NULL OR recorded_at <= :known)"
            " ORDER BY version DESC LIMIT 1"
        ),
        {"day": day, "known": known_at},
    )
    return Policy() if figures is None else Policy.from_mapping(figures)


def policy_versions(session: Session) -> list[PolicyVersion]:
    """Every version, first to last."""
    return [_version(row) for row in session.execute(text(f"{_SELECT} ORDER BY version"))]


def add_policy(session: Session, policy: Policy, valid_from: date, by: Actor) -> PolicyVersion:
    """Let a policy hold from a day on, whatever an earlier version said of later days."""
    row = session.execute(
        text(
            "INSERT INTO policy_version (version, valid_from, recorded_at, by_user, figures)"
            " SELECT 1 + coalesce(max(version), 0), :valid_from, :now, :by, cast(:figures AS jsonb)"
            " FROM policy_version RETURNING version, valid_from, figures, recorded_at, by_user"
        ),
        {
            "valid_from": valid_from,
            "now": clock.now(),
            "by": by.user,
            "figures": json.dumps(policy.to_mapping()),
        },
    ).one()
    return _version(row)


def decide_limit(
    session: Session,
    household_id: str,
    limit_cents: int,
    *,
    valid_from: date,
    valid_until: date,
    proposed_by: Actor,
    approved_by: str,
    reason: str,
) -> LimitDecision:
    """Record that two people let a household's advance rise above the limit, in cents, for some days.

    Raises TwoPeopleNeeded, DecisionEmpty, NotAllowed when one of them may not, NoSuchUser, UserNotActive.
    """
    if approved_by == proposed_by.user:
        raise TwoPeopleNeeded(user=approved_by)
    if valid_until < valid_from or not reason.strip():
        raise DecisionEmpty(valid_from=valid_from)
    second = user(session, approved_by)
    if not second.active or Role.SYSTEM in second.roles:
        raise UserNotActive(user=approved_by)
    proposed_by.require(Permission.EXCEED_LIMIT)
    require(second.id, second.roles, Permission.EXCEED_LIMIT)
    row = session.execute(
        text(
            "INSERT INTO limit_decision (household_id, number, limit_cents, valid_from, valid_until,"
            " proposed_by, approved_by, reason, recorded_at)"
            " SELECT :household, 1 + coalesce(max(number), 0), :limit, :valid_from, :valid_until,"
            " :proposed_by, :approved_by, :reason, :now"
            " FROM limit_decision WHERE household_id = :household"
            " RETURNING household_id, number, limit_cents, valid_from, valid_until, proposed_by,"
            " approved_by, reason, recorded_at"
        ),
        {
            "household": household_id,
            "limit": limit_cents,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "proposed_by": proposed_by.user,
            "approved_by": approved_by,
            "reason": reason,
            "now": clock.now(),
        },
    ).one()
    return _decision(row)


def limit_decisions(session: Session, household_id: str | None = None) -> list[LimitDecision]:
    """All decisions above the limit, or those for a household."""
    rows = session.execute(
        text(
            f"{_DECISION} WHERE cast(:household AS text) IS NULL OR household_id = :household"
            " ORDER BY household_id, number"
        ),
        {"household": household_id},
    )
    return [_decision(row) for row in rows]


def _version(row: Row[tuple[object, ...]]) -> PolicyVersion:
    return PolicyVersion(
        row.version, row.valid_from, Policy.from_mapping(row.figures), row.recorded_at, row.by_user
    )


def _decision(row: Row[tuple[object, ...]]) -> LimitDecision:
    return LimitDecision(
        household_id=row.household_id,
        number=row.number,
        limit_cents=row.limit_cents,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        proposed_by=row.proposed_by,
        approved_by=row.approved_by,
        reason=row.reason,
        recorded_at=row.recorded_at,
    )
