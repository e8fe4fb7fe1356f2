"""Policy and signals."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from huishoudboekje.commands.acting import By, On, Reason, at_work, day, euros
from huishoudboekje.commands.showing import Json, as_json, table

policy = typer.Typer(help="The figures of the guarantee, dated.", no_args_is_help=True)
signal = typer.Typer(help="What did not come as expected, and asks for somebody.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(policy, name="policy", rich_help_panel="Households")
    app.add_typer(signal, name="signal", rich_help_panel="Households")


@policy.command("show")
def show_policy(
    on: On = None,
    history: Annotated[bool, typer.Option("--history", help="Every version, first to last.")] = False,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show the policy of a day."""
    from huishoudboekje import clock
    from huishoudboekje.day import ruling

    with at_work(by, program=True) as (session, who):
        if history:
            versions = ruling.policy_versions(session, who)
            return as_json([_version(each) for each in versions])
        figures = ruling.policy_on(session, on or clock.today(), who).to_mapping()
    if as_json_:
        return as_json(figures)
    return table(("Wat", "Waarde"), ((name, _shown(value)) for name, value in figures.items()))


def _version(each: object) -> dict[str, object]:
    from huishoudboekje.storage.policy import PolicyVersion

    assert isinstance(each, PolicyVersion)  # noqa: S101 - for the types alone
    return {
        "version": each.version,
        "valid_from": each.valid_from,
        "by_user": each.by_user,
        "policy": each.policy.to_mapping(),
    }


def _shown(value: object) -> object:
    return "geen" if value is None else value


@policy.command("set")
def set_policy(
    figures: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE...", help="As `policy show` names them; amounts in cents."),
    ],
    valid_from: Annotated[
        date | None,
        typer.Option("--from", parser=day, metavar="DATE", help="From this day; today when absent."),
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Change figures of the policy from a day on, as a new version."""
    from huishoudboekje import clock
    from huishoudboekje.day import ruling

    mapping = dict(map(_figure, figures))
    with at_work(by) as (session, who):
        version = ruling.set_policy(session, mapping, valid_from or clock.today(), who)
    if as_json_:
        return as_json(_version(version))
    return typer.echo(f"Het beleid geldt zo vanaf {version.valid_from:%d-%m-%Y} (versie {version.version}).")


def _figure(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"'{text}' heeft geen waarde. Schrijf NAAM=WAARDE.")
    name = name.strip().replace("-", "_")
    if name == "guarantee_limit":
        return "guarantee_limit_cents", euros(value)
    if name == "priority" and not value.startswith("["):
        return name, [each.strip() for each in value.split(",")]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


@signal.command("list")
def list_signals(
    household: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Only of this household.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also silenced and solved ones.")] = False,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show the signals that ask for somebody, oldest first."""
    from huishoudboekje.day import ruling

    with at_work(by, program=True) as (session, who):
        found = ruling.open_signals(session, who, household, silenced=all_, solved=all_)
    if as_json_:
        return as_json(found)
    rows = ((each.id, f"{each.raised_at:%Y-%m-%d}", each.household_id, each.sentence) for each in found)
    return table(("Nr", "Sinds", "Huishouden", "Signaal"), rows)


@signal.command()
def silence(
    signal_id: Annotated[int, typer.Argument(metavar="ID", help="Number of `signal list`.")],
    until: Annotated[date, typer.Option("--until", parser=day, metavar="DATE", help="Quiet up to this day.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Keep a signal quiet until a day, with the reason."""
    from huishoudboekje.day import ruling

    with at_work(by) as (session, who):
        ruling.silence(session, signal_id, until, reason, who)
    typer.echo(f"Signaal {signal_id} is stil tot en met {until:%d-%m-%Y}.")
