import pytest
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Channel, Role, RolesDoNotCombine, SystemIsNobody
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import installation, users
from huishoudboekje.storage.db import Database


def test_who_acts_holds_the_roles_that_were_given(session: Session) -> None:
    users.set_roles(session, "ada", [Role.BACK_OFFICE, Role.CASEWORKER])
    found = users.actor(session, "ada", Channel.COMMAND_LINE)
    assert ("ada", frozenset({Role.BACK_OFFICE, Role.CASEWORKER})) == (found.user, found.roles)


@pytest.mark.parametrize(
    ("user", "channel", "refusal"),
    [
        ("bob", Channel.WEB, users.NoSuchUser),
        ("system", Channel.WEB, users.NoSuchUser),
        ("ada", Channel.TIMETABLE, users.NoSuchUser),
        ("gone", Channel.WEB, users.UserNotActive),
    ],
)
def test_nobody_acts_as_somebody_else(
    session: Session, user: str, channel: Channel, refusal: type[Refused]
) -> None:
    users.add_user(session, "gone", "Weg", [Role.APPROVER])
    users.set_active(session, "gone", active=False)
    with pytest.raises(refusal):
        users.actor(session, user, channel)


@pytest.mark.parametrize(
    ("roles", "refusal"),
    [
        ([Role.ADMINISTRATOR, Role.APPROVER], RolesDoNotCombine),
        ([Role.SYSTEM], SystemIsNobody),
    ],
)
def test_roles_that_do_not_go_together_are_refused(
    session: Session, roles: list[Role], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        users.add_user(session, "bob", "Bob", roles)
    with pytest.raises(refusal):
        users.set_roles(session, "ada", roles)


def test_a_user_is_added_once(session: Session) -> None:
    with pytest.raises(users.UserExists):
        users.add_user(session, "ada", "Nog een Ada", [Role.APPROVER])


def test_in_production_the_command_line_asks_for_the_token(installed: Database) -> None:
    with installed.anywhere() as session:
        installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
        users.add_user(session, "ada", "Ada", [Role.BACK_OFFICE])
        with pytest.raises(users.TokenNeeded):
            users.actor(session, "ada", Channel.COMMAND_LINE, "iets")
        first = users.new_token(session, "ada")
        second = users.new_token(session, "ada")
        for wrong in (first, "iets"):
            with pytest.raises(users.TokenWrong):
                users.actor(session, "ada", Channel.COMMAND_LINE, wrong)
        assert users.actor(session, "ada", Channel.COMMAND_LINE, second).user == "ada"
        assert users.user(session, "ada").has_token
        with pytest.raises(installation.IsSomethingElse):
            installation.mark(session, installation.InstallationKind.DEMO)
