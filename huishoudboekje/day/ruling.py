"""Who works here, by which policy, and which signals may be quiet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Permission, Role
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage import audit, policy, signals, users
from huishoudboekje.storage.policy import LimitDecision, PolicyVersion
from huishoudboekje.storage.signals import KeptSignal
from huishoudboekje.storage.users import User


class NotOwnRoles(Refused):
    """Niemand verandert de eigen rollen. Laat een andere beheerder dit doen."""


class AdministratorThere(Refused):
    """Er is al een beheerder. Zeg wie dit doet met --by; bekend zijn: {known}."""


class WithoutReason(Refused):
    """Schrijf op waarom. De reden blijft bij de geschiedenis staan."""


def people(session: Session, by: Actor) -> list[User]:
    """Everybody who works here, the program itself not among them."""
    by.require(Permission.READ)
    return [each for each in users.users(session) if each.id != SYSTEM.user]


def add_user(session: Session, user_id: str, name: str, roles: Collection[Role], by: Actor | None) -> User:
    """Let somebody work here; as long as there is no administrator, nobody needs to say who does this.

    Raises NotAllowed, AdministratorThere, UserExists, RolesDoNotCombine, SystemIsNobody.
    """
    if by is None:
        known = [each for each in users.users(session) if Role.ADMINISTRATOR in each.roles and each.active]
        if known:
            raise AdministratorThere(known=", ".join(each.id for each in known))
        by = Actor(SYSTEM.user, SYSTEM.roles, Channel.COMMAND_LINE)
    else:
        by.require(Permission.MANAGE_USERS)
    added = users.add_user(session, user_id, name, roles)
    audit.record(session, by, "user.add", f"user:{user_id}", facts={"roles": sorted(roles)})
    return added


def set_roles(session: Session, user_id: str, roles: Collection[Role], by: Actor) -> User:
    """Give a person these roles and no others.

    Raises NotAllowed, NotOwnRoles, NoSuchUser, RolesDoNotCombine, SystemIsNobody.
    """
    by.require(Permission.MANAGE_USERS)
    if user_id == by.user:
        raise NotOwnRoles
    changed = users.set_roles(session, user_id, roles)
    audit.record(session, by, "user.roles", f"user:{user_id}", facts={"roles": sorted(roles)})
    return changed


def end_user(session: Session, user_id: str, by: Actor) -> User:
    """Let a person in no more. Raises NotAllowed, NotOwnRoles, NoSuchUser."""
    by.require(Permission.MANAGE_USERS)
    if user_id == by.user:
        raise NotOwnRoles
    gone = users.set_active(session, user_id, active=False)
    audit.record(session, by, "user.end", f"user:{user_id}")
    return gone


def new_token(session: Session, user_id: str, by: Actor) -> str:
    """Make a personal token, for oneself or by an administrator; it replaces the earlier one.

    Raises NotAllowed, NoSuchUser.
    """
    if user_id != by.user:
        by.require(Permission.MANAGE_USERS)
    token = users.new_token(session, user_id)
    audit.record(session, by, "user.token", f"user:{user_id}")
    return token


def policy_on(session: Session, on: date, by: Actor) -> Policy:
    """The policy that holds on a day."""
    by.require(Permission.READ)
    return policy.policy_on(session, on)


def policy_versions(session: Session, by: Actor) -> list[PolicyVersion]:
    """Every version of the policy, first to last."""
    by.require(Permission.READ)
    return policy.policy_versions(session)


def set_policy(session: Session, figures: Mapping[str, object], valid_from: date, by: Actor) -> PolicyVersion:
    """Change these figures from a day on; the others stay. Raises NotAllowed, PolicyRefused."""
    by.require(Permission.MANAGE_POLICY)
    now = policy.policy_on(session, valid_from)
    version = policy.add_policy(session, Policy.from_mapping({**now.to_mapping(), **figures}), valid_from, by)
    audit.record(session, by, "policy.set", f"policy:{version.version}", facts={"figures": sorted(figures)})
    return version


def decide_limit(
    session: Session,
    household_id: str,
    limit_cents: int,
    *,
    until: date,
    approved_by: Actor,
    reason: str,
    by: Actor,
) -> LimitDecision:
    """Let two people raise the limit of a household's advance, in cents, from today until a day.

    Raises NotAllowed, TwoPeopleNeeded, DecisionEmpty.
    """
    decision = policy.decide_limit(
        session,
        household_id,
        limit_cents,
        valid_from=clock.today(),
        valid_until=until,
        proposed_by=by,
        approved_by=approved_by.user,
        reason=reason,
    )
    facts = {"limit_cents": limit_cents, "until": until.isoformat(), "approved_by": approved_by.user}
    audit.record(session, by, "household.limit", f"household:{household_id}", reason, facts)
    return decision


def open_signals(
    session: Session,
    by: Actor,
    household_id: str | None = None,
    *,
    silenced: bool = False,
    solved: bool = False,
) -> list[KeptSignal]:
    """Signals that ask for somebody, oldest first; with silenced and solved ones where asked."""
    by.require(Permission.READ)
    return signals.signals(session, household_id=household_id, silenced=silenced, solved=solved)


def silence(session: Session, signal_id: int, until: date, reason: str, by: Actor) -> KeptSignal:
    """Keep a signal quiet until a day. Raises NotAllowed, NotFound, WithoutReason."""
    by.require(Permission.SILENCE_SIGNALS)
    if not reason.strip():
        raise WithoutReason
    quiet = signals.silence(session, signal_id, until, reason.strip(), by)
    audit.record(session, by, "signal.silence", f"signal:{signal_id}", reason.strip())
    return quiet
