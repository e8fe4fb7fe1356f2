"""Who may do what: roles, and the permissions that each of them carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from huishoudboekje.domain.errors import NotAllowed, Refused


class Permission(StrEnum):
    """What can be allowed; every page, call and command asks for one of these."""

    READ = "read"
    READ_AUDIT = "read_audit"
    IMPORT_ADMINISTRATION = "import_administration"
    EXPORT_ADMINISTRATION = "export_administration"
    TAKE_IN_STATEMENTS = "take_in_statements"
    BOOK = "book"
    UNBOOK = "unbook"
    REFUND = "refund"
    PROPOSE = "propose"
    EDIT_BATCH = "edit_batch"
    APPROVE = "approve"
    SEND = "send"
    HOLD = "hold"
    EXCEED_LIMIT = "exceed_limit"
    RESERVE = "reserve"
    SIGNAL = "signal"
    SILENCE_SIGNALS = "silence_signals"
    CLOSE_DAY = "close_day"
    MANAGE_HOUSEHOLDS = "manage_households"
    MANAGE_AGREEMENTS = "manage_agreements"
    MANAGE_ORGANISATIONS = "manage_organisations"
    MANAGE_POLICY = "manage_policy"
    MANAGE_USERS = "manage_users"

    @property
    def label(self) -> str:
        """The permission's name on screens and in refusals."""
        return LABELS[self]


class Role(StrEnum):
    """What somebody is here for; one user may hold several, see `require_combinable`."""

    ADMINISTRATOR = "administrator"
    BACK_OFFICE = "back_office"
    APPROVER = "approver"
    CASEWORKER = "caseworker"
    AUDITOR = "auditor"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The role's name on screens and in refusals."""
        return ROLE_LABELS[self]


P = Permission
LABELS: Final[Mapping[Permission, str]] = MappingProxyType(
    {
        P.READ: "bekijken",
        P.READ_AUDIT: "logboek bekijken",
        P.IMPORT_ADMINISTRATION: "administratie inlezen",
        P.EXPORT_ADMINISTRATION: "administratie uitvoeren",
        P.TAKE_IN_STATEMENTS: "afschriften inlezen",
        P.BOOK: "mutaties boeken",
        P.UNBOOK: "boekingen terugdraaien",
        P.REFUND: "geld terugsturen",
        P.PROPOSE: "betaalbatch voorstellen",
        P.EDIT_BATCH: "betaalbatch wijzigen of intrekken",
        P.APPROVE: "betaalbatch goedkeuren",
        P.SEND: "betaalbestand maken en versturen",
        P.HOLD: "betaling aanhouden of vrijgeven",
        P.EXCEED_LIMIT: "boven de grens van het voorschot besluiten",
        P.RESERVE: "geld reserveren",
        P.SIGNAL: "signalen maken",
        P.SILENCE_SIGNALS: "signalen stilzetten",
        P.CLOSE_DAY: "dag afsluiten",
        P.MANAGE_HOUSEHOLDS: "huishoudens beheren",
        P.MANAGE_AGREEMENTS: "afspraken beheren",
        P.MANAGE_ORGANISATIONS: "organisaties beheren",
        P.MANAGE_POLICY: "beleid beheren",
        P.MANAGE_USERS: "gebruikers beheren",
    }
)
ROLE_LABELS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: "beheerder",
        Role.BACK_OFFICE: "backoffice",
        Role.APPROVER: "fiatteur",
        Role.CASEWORKER: "hulpverlener",
        Role.AUDITOR: "controleur",
        Role.SYSTEM: "systeem",
    }
)
# Nobody who hands out rights moves money, and nothing automatic approves or sends.
PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(
            {P.READ, P.IMPORT_ADMINISTRATION, P.EXPORT_ADMINISTRATION, P.MANAGE_POLICY, P.MANAGE_USERS}
        ),
        Role.BACK_OFFICE: frozenset(
            {
                P.READ,
                P.IMPORT_ADMINISTRATION,
                P.EXPORT_ADMINISTRATION,
                P.TAKE_IN_STATEMENTS,
                P.BOOK,
                P.UNBOOK,
                P.REFUND,
                P.PROPOSE,
                P.EDIT_BATCH,
                P.SEND,
                P.HOLD,
                P.EXCEED_LIMIT,
                P.RESERVE,
                P.SIGNAL,
                P.SILENCE_SIGNALS,
                P.CLOSE_DAY,
                P.MANAGE_HOUSEHOLDS,
                P.MANAGE_AGREEMENTS,
                P.MANAGE_ORGANISATIONS,
            }
        ),
        Role.APPROVER: frozenset({P.READ, P.APPROVE, P.SEND, P.HOLD, P.EDIT_BATCH, P.EXCEED_LIMIT}),
        Role.CASEWORKER: frozenset(
            {P.READ, P.RESERVE, P.SILENCE_SIGNALS, P.MANAGE_HOUSEHOLDS, P.MANAGE_AGREEMENTS}
        ),
        Role.AUDITOR: frozenset({P.READ, P.READ_AUDIT, P.EXPORT_ADMINISTRATION}),
        # The first administration comes before the first person; whether anybody is asked for later is
        # the command line's to say.
        Role.SYSTEM: frozenset(
            {
                P.READ,
                P.IMPORT_ADMINISTRATION,
                P.EXPORT_ADMINISTRATION,
                P.TAKE_IN_STATEMENTS,
                P.BOOK,
                P.PROPOSE,
                P.SIGNAL,
                P.CLOSE_DAY,
            }
        ),
    }
)
# Who gives rights, or judges afterwards, does not also let money go.
NOT_TOGETHER: Final = (
    frozenset({Role.ADMINISTRATOR, Role.APPROVER}),
    frozenset({Role.AUDITOR, Role.APPROVER}),
    frozenset({Role.AUDITOR, Role.BACK_OFFICE}),
)


class RolesDoNotCombine(Refused):
    """{user} kan niet tegelijk {first} en {second} zijn. Geef een van de twee rollen aan iemand anders."""


class SystemIsNobody(Refused):
    """De rol systeem is voor het programma zelf. Geef {user} een andere rol."""


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that these roles allow together."""
    return frozenset[Permission]().union(*(PERMISSIONS[role] for role in roles))


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether one of the roles carries the permission."""
    return any(permission in PERMISSIONS[role] for role in roles)


def require(user: str, roles: Iterable[Role], permission: Permission) -> None:
    """Raise NotAllowed, naming the user and the missing right, unless one of the roles carries it."""
    if not may(roles, permission):
        raise NotAllowed(user=user, permission=permission.label)


def require_combinable(user: str, roles: Iterable[Role]) -> None:
    """Raise RolesDoNotCombine or SystemIsNobody when a person may not hold these roles together."""
    held = frozenset(roles)
    if Role.SYSTEM in held:
        raise SystemIsNobody(user=user)
    for pair in NOT_TOGETHER:
        if pair <= held:
            first, second = sorted(pair)
            raise RolesDoNotCombine(user=user, first=first.label, second=second.label)


class Channel(StrEnum):
    """By which way somebody acted."""

    COMMAND_LINE = "command_line"
    WEB = "web"
    API = "api"
    TIMETABLE = "timetable"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with what rights, and by which way; every change and look is recorded with it."""

    user: str
    roles: frozenset[Role]
    channel: Channel

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless one of the actor's roles carries the permission."""
        require(self.user, self.roles, permission)


SYSTEM = Actor("system", frozenset({Role.SYSTEM}), Channel.TIMETABLE)
"""The program itself, by its timetable."""
