from __future__ import annotations

import pytest

from huishoudboekje.domain.access import (
    LABELS,
    PERMISSIONS,
    ROLE_LABELS,
    Permission,
    Role,
    RolesDoNotCombine,
    SystemIsNobody,
    may,
    permissions,
    require,
    require_combinable,
)
from huishoudboekje.domain.errors import NotAllowed

P = Permission


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        (Role.ADMINISTRATOR, P.MANAGE_USERS, True),
        (Role.ADMINISTRATOR, P.APPROVE, False),
        (Role.ADMINISTRATOR, P.SEND, False),
        (Role.ADMINISTRATOR, P.BOOK, False),
        (Role.BACK_OFFICE, P.PROPOSE, True),
        (Role.BACK_OFFICE, P.APPROVE, False),
        (Role.BACK_OFFICE, P.MANAGE_USERS, False),
        (Role.APPROVER, P.APPROVE, True),
        (Role.APPROVER, P.PROPOSE, False),
        (Role.APPROVER, P.MANAGE_ORGANISATIONS, False),
        (Role.CASEWORKER, P.MANAGE_AGREEMENTS, True),
        (Role.CASEWORKER, P.PROPOSE, False),
        (Role.AUDITOR, P.READ_AUDIT, True),
        (Role.AUDITOR, P.BOOK, False),
        (Role.SYSTEM, P.TAKE_IN_STATEMENTS, True),
        (Role.SYSTEM, P.PROPOSE, True),
        (Role.SYSTEM, P.SIGNAL, True),
        (Role.SYSTEM, P.APPROVE, False),
        (Role.SYSTEM, P.SEND, False),
    ],
)
def test_who_may_do_what(role: Role, permission: Permission, allowed: bool) -> None:
    assert allowed == may([role], permission)


def test_no_single_role_lets_money_go_alone() -> None:
    for role in Role:
        assert not {P.PROPOSE, P.APPROVE} <= PERMISSIONS[role]
        assert not {P.MANAGE_USERS, P.APPROVE} <= PERMISSIONS[role]


def test_every_permission_is_somebodys_and_every_role_has_some() -> None:
    assert set(Permission) == permissions(Role)
    assert all(PERMISSIONS[role] for role in Role)


def test_every_permission_and_role_has_a_name_on_screen() -> None:
    assert set(Permission) == set(LABELS)
    assert set(Role) == set(ROLE_LABELS)
    assert len(set(LABELS.values())) == len(Permission)


def test_who_may_not_is_told_which_right_is_missing() -> None:
    require("Joke", [Role.CASEWORKER, Role.APPROVER], P.APPROVE)
    with pytest.raises(NotAllowed, match=r"Joke mag dit niet.*betaalbatch goedkeuren"):
        require("Joke", [Role.CASEWORKER], P.APPROVE)
    with pytest.raises(NotAllowed):
        require("Joke", [], P.READ)


@pytest.mark.parametrize(
    "roles",
    [
        [Role.ADMINISTRATOR, Role.APPROVER],
        [Role.AUDITOR, Role.APPROVER],
        [Role.BACK_OFFICE, Role.AUDITOR],
    ],
)
def test_who_gives_rights_or_judges_does_not_let_money_go(roles: list[Role]) -> None:
    with pytest.raises(RolesDoNotCombine, match="Joke"):
        require_combinable("Joke", roles)


def test_a_person_is_not_the_system_and_small_teams_may_combine() -> None:
    require_combinable("Joke", [Role.BACK_OFFICE, Role.APPROVER, Role.CASEWORKER])
    with pytest.raises(SystemIsNobody):
        require_combinable("Joke", [Role.SYSTEM])
