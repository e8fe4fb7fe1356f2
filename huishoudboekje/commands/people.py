"""Users: who may act, with which roles, and the token by which the command line knows them."""

from __future__ import annotations

from typing import Annotated

import typer

from huishoudboekje.commands.acting import By, actor, at_work, installation
from huishoudboekje.commands.showing import Json, as_json, table
from huishoudboekje.domain.access import Actor, Channel, Role

user = typer.Typer(help="Who works here, with which roles.", no_args_is_help=True)
GIVEN = ", ".join(each.value for each in Role if each is not Role.SYSTEM)
UserId = Annotated[str, typer.Argument(metavar="USER", help="Short name, as --by takes it.")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role", "--roles", metavar="ROLE", help=f"One or more of {GIVEN}; repeat it, or use commas."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(user, name="user", rich_help_panel="Installation")


def _roles(given: list[str]) -> list[Role]:
    by_name = {name: each for each in Role for name in (each.value, each.label, each.value.replace("_", "-"))}
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    for name in names:
        if name not in by_name:
            raise typer.BadParameter(f"'{name}' is geen rol. Kies uit: {GIVEN}.", param_hint="--role")
    return [by_name[name] for name in names]


@user.command()
def add(
    user_id: UserId,
    role: Roles,
    name: Annotated[str | None, typer.Option("--name", help="Full name; the short one when absent.")] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let somebody work here. Until there is an administrator, --by is not needed.

    On an installation with real people the personal token is printed, once.
    """
    from huishoudboekje.day import ruling
    from huishoudboekje.storage.installation import is_made_up

    roles = _roles(role)
    with installation() as database, database.transaction() as session:
        who = None if by is None else actor(session, by)
        added = ruling.add_user(session, user_id, name or user_id, roles, who)
        token = None
        if not is_made_up(session):
            token = ruling.new_token(
                session, user_id, who or Actor(user_id, added.roles, Channel.COMMAND_LINE)
            )
    if as_json_:
        return as_json({"user": added, "token": token})
    typer.echo(f"{added.id} kan nu werken als {', '.join(sorted(each.label for each in added.roles))}.")
    return None if token is None else typer.echo(f"Token, alleen nu te zien: {token}")


@user.command("roles")
def change_roles(user_id: UserId, role: Roles, by: By = None, as_json_: Json = False) -> None:
    """Give somebody these roles and no others."""
    from huishoudboekje.day import ruling

    roles = _roles(role)
    with at_work(by) as (session, who):
        changed = ruling.set_roles(session, user_id, roles, who)
    if as_json_:
        return as_json(changed)
    return typer.echo(f"{changed.id} is nu {', '.join(sorted(each.label for each in changed.roles))}.")


@user.command("token")
def make_token(user_id: UserId, by: By = None, as_json_: Json = False) -> None:
    """Make a new personal token, which replaces an earlier one and is printed once."""
    from huishoudboekje.day import ruling

    with at_work(by) as (session, who):
        token = ruling.new_token(session, user_id, who)
    return as_json({"user": user_id, "token": token}) if as_json_ else typer.echo(token)


@user.command("end")
def end_user(user_id: UserId, by: By = None) -> None:
    """Let somebody in no more; what they did stays on record."""
    from huishoudboekje.day import ruling

    with at_work(by) as (session, who):
        ruling.end_user(session, user_id, who)
    typer.echo(f"{user_id} kan hier niet meer werken.")


@user.command("list")
def list_users(by: By = None, as_json_: Json = False) -> None:
    """Show who works here."""
    from huishoudboekje.day import ruling

    with at_work(by, program=True) as (session, who):
        found = ruling.people(session, who)
    if as_json_:
        return as_json(found)
    rows = (
        (each.id, each.name, sorted(r.label for r in each.roles), each.active, each.has_token)
        for each in found
    )
    return table(("Gebruiker", "Naam", "Rollen", "Actief", "Token"), rows)
