"""Who works with it: users, their roles, and the personal token by which the command line knows them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor, Channel, Role, require_combinable
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.storage.installation import is_made_up

TOKEN_BYTES: Final = 32


class NoSuchUser(Refused):
    """Gebruiker '{user}' bestaat hier niet. Bekend zijn: {known}."""


class UserNotActive(Refused):
    """Gebruiker {user} is niet meer actief. Vraag een beheerder."""


class UserExists(Refused):
    """Gebruiker {user} bestaat al."""


class TokenNeeded(Refused):
    """Bewijs dat u {user} bent: zet uw persoonlijke token in HUISHOUDBOEKJE_TOKEN. Een beheerder maakt er een met: huishoudboekje user token."""  # noqa: E501 - one sentence


class TokenWrong(Refused):
    """Dit token hoort niet bij {user}. Vraag een beheerder om een nieuw token."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who acts, or the program itself; `has_token` says whether the command line knows them."""

    id: str
    name: str
    roles: frozenset[Role]
    active: bool = True
    has_token: bool = False


_SELECT = "SELECT id, name, roles, active, token_hash IS NOT NULL AS has_token FROM app_user"


def users(session: Session) -> list[User]:
    """Everybody, by id."""
    return [_user(row) for row in session.execute(text(f"{_SELECT} ORDER BY id"))]


def user(session: Session, user_id: str) -> User:
    """One user. Raises NoSuchUser."""
    row = session.execute(text(f"{_SELECT} WHERE id = :id"), {"id": user_id}).one_or_none()
    if row is None:
        known = ", ".join(session.scalars(text("SELECT id FROM app_user WHERE id <> 'system' ORDER BY id")))
        raise NoSuchUser(user=user_id, known=known or "nog niemand")
    return _user(row)


def add_user(session: Session, user_id: str, name: str, roles: Collection[Role]) -> User:
    """Add a person. Raises UserExists, RolesDoNotCombine, SystemIsNobody."""
    require_combinable(user_id, roles)
    added = session.execute(
        text(
            "INSERT INTO app_user (id, name, roles) VALUES (:id, :name, :roles)"
            " ON CONFLICT (municipality_id, id) DO NOTHING RETURNING id"
        ),
        {"id": user_id, "name": name, "roles": sorted(roles)},
    )
    if added.one_or_none() is None:
        raise UserExists(user=user_id)
    return user(session, user_id)


def set_roles(session: Session, user_id: str, roles: Collection[Role]) -> User:
    """Give a person these roles and no others. Raises NoSuchUser, RolesDoNotCombine, SystemIsNobody."""
    user(session, user_id)
    require_combinable(user_id, roles)
    session.execute(
        text("UPDATE app_user SET roles = :roles WHERE id = :id"), {"id": user_id, "roles": sorted(roles)}
    )
    return user(session, user_id)


def set_active(session: Session, user_id: str, *, active: bool) -> User:
    """Let a person in, or no more; what they did stays. Raises NoSuchUser; NotFound for the program."""
    if user(session, user_id).roles == {Role.SYSTEM}:
        raise NotFound(what="Persoon", id=user_id)
    session.execute(
        text("UPDATE app_user SET active = :active WHERE id = :id"), {"id": user_id, "active": active}
    )
    return user(session, user_id)


def new_token(session: Session, user_id: str) -> str:
    """Make a personal token, which replaces an earlier one and is shown once. Raises NoSuchUser."""
    user(session, user_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(
        text("UPDATE app_user SET token_hash = :hash WHERE id = :id"), {"id": user_id, "hash": _hash(token)}
    )
    return token


def actor(session: Session, user_id: str, channel: Channel, token: str | None = None) -> Actor:
    """Who acts, once they are known: by token on the command line, unless the installation is demo or test.

    Raises NoSuchUser, UserNotActive, TokenNeeded, TokenWrong. A face that has logged somebody in, and the
    timetable, need no token.
    """
    found = user(session, user_id)
    if not found.active:
        raise UserNotActive(user=user_id)
    by_program = Role.SYSTEM in found.roles
    if by_program != (channel is Channel.TIMETABLE):
        raise NoSuchUser(user=user_id, known="personen met een eigen naam")
    if channel is Channel.COMMAND_LINE and not is_made_up(session):
        _require_token(session, user_id, token)
    return Actor(user_id, found.roles, channel)


def _require_token(session: Session, user_id: str, token: str | None) -> None:
    kept = session.scalar(text("SELECT token_hash FROM app_user WHERE id = :id"), {"id": user_id})
    if token is None or kept is None:
        raise TokenNeeded(user=user_id)
    if not hmac.compare_digest(bytes(kept), _hash(token)):
        raise TokenWrong(user=user_id)


def _hash(token: str) -> bytes:
    # A token is 32 random bytes, so that one round says as much as a slow hash of a password would.
    return hashlib.sha256(token.encode()).digest()


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        name=row.name,
        roles=frozenset(map(Role, row.roles)),
        active=row.active,
        has_token=row.has_token,
    )
