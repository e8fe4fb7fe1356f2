"""Agreements, and the organisations with which they are made."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import typer

from huishoudboekje.commands.acting import By, On, at_work, day, euros
from huishoudboekje.commands.households import AGREEMENT_HEADS, NewId, agreement_row
from huishoudboekje.commands.showing import Json, as_json, table

agreement = typer.Typer(help="What comes in and what goes out for a household.", no_args_is_help=True)
organisation = typer.Typer(help="Payers and creditors, with their accounts.", no_args_is_help=True)

AgreementId = Annotated[str, typer.Argument(metavar="AGREEMENT", help="Id of the agreement.")]
OrganisationId = Annotated[str, typer.Argument(metavar="ORGANISATION", help="Id of the organisation.")]
Amount = Annotated[
    int | None, typer.Option("--amount", parser=euros, metavar="EUROS", help="At each due date.")
]
Tolerance = Annotated[
    int | None, typer.Option("--tolerance", parser=euros, metavar="EUROS", help="How far it may differ.")
]
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="IBAN", help="Of the other side; the usual one when absent."),
]
Category = Annotated[str | None, typer.Option("--category", help="Such as rent, energy, wage, living_money.")]
Guaranteed = Annotated[
    bool | None,
    typer.Option("--guaranteed/--not-guaranteed", help="Paid on the day, even if it takes an advance."),
]
Reference = Annotated[str | None, typer.Option("--reference", help="Customer number or betalingskenmerk.")]
Terms = Annotated[list[str] | None, typer.Option("--search-term", metavar="WORD", help="Repeat for more.")]
Remittance = Annotated[str | None, typer.Option("--remittance", help="What the payee reads.")]
Settled = Annotated[
    Literal["transfer", "direct_debit"] | None,
    typer.Option("--settlement", help="We pay (transfer), or the creditor collects."),
]
Until = Annotated[
    date | None,
    typer.Option("--until", parser=day, metavar="DATE", help="Last day on which it may fall due."),
]
ValidFrom = Annotated[
    date | None,
    typer.Option(
        "--valid-from", parser=day, metavar="DATE", help="For due days from this day; today when absent."
    ),
]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--iban", metavar="IBAN[=HOLDER]", help="An account; repeat for more, the usual one first."),
]
Kvk = Annotated[str | None, typer.Option("--kvk-number", help="Number in the trade register.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(agreement, name="agreement", rich_help_panel="Households")
    app.add_typer(organisation, name="organisation", rich_help_panel="Households")


@agreement.command("list")
def list_agreements(
    household_id: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Only of this household.")
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show agreements as they are now."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.agreement_list(session, who, household_id)
    return as_json(found) if as_json_ else table(AGREEMENT_HEADS, map(agreement_row, found))


@agreement.command("show")
def show_agreement(agreement_id: AgreementId, by: By = None, as_json_: Json = False) -> None:
    """Show an agreement in all its versions."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.agreement(session, agreement_id, who)
    if as_json_:
        return as_json(found)
    rows = ((each.version, each.valid_from, each.by_user, *agreement_row(each.agreement)) for each in found)
    return table(("Versie", "Geldt vanaf", "Door", *AGREEMENT_HEADS), rows)


@agreement.command("add")
def add_agreement(
    household_id: Annotated[str, typer.Option("--household", metavar="ID", help="Whose money it is.")],
    resident_id: Annotated[str, typer.Option("--resident", metavar="ID", help="Whose agreement it is.")],
    direction: Annotated[Literal["income", "expense"], typer.Option("--direction", help="In or out.")],
    category: Annotated[str, typer.Option("--category", help="Such as rent, energy, wage, living_money.")],
    amount: Annotated[int, typer.Option("--amount", parser=euros, metavar="EUROS", help="At each due date.")],
    unit: Annotated[Literal["once", "week", "month", "year"], typer.Option("--unit", help="Of the rhythm.")],
    starts_on: Annotated[
        date, typer.Option("--from", parser=day, metavar="DATE", help="First day on which it may fall due.")
    ],
    organisation_id: Annotated[
        str | None, typer.Option("--organisation", metavar="ID", help="Who pays or is paid.")
    ] = None,
    payee: Annotated[
        str | None,
        typer.Option("--payee", metavar="RESIDENT", help="The resident who is paid (living money)."),
    ] = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Each so many units.")] = 1,
    day_of_month: Annotated[
        int | None, typer.Option("--day", min=1, max=31, help="Day of the month.")
    ] = None,
    weekday: Annotated[int | None, typer.Option("--weekday", min=1, max=7, help="1 is Monday.")] = None,
    until: Until = None,
    account: Account = None,
    tolerance: Tolerance = None,
    settlement: Settled = None,
    guaranteed: Guaranteed = None,
    reference: Reference = None,
    search_term: Terms = None,
    remittance: Remittance = None,
    new_id: NewId = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Add an agreement of a household."""
    from huishoudboekje.day import keeping
    from huishoudboekje.domain.agreements import Agreement, Direction, Schedule, Settlement, Unit

    if (organisation_id is None) == (payee is None):
        raise typer.BadParameter("Kies één: --organisation of --payee.")
    if (weekday is not None) != (unit == "week"):
        raise typer.BadParameter("--weekday hoort bij --unit week, en alleen daarbij.")
    if day_of_month is not None and unit not in {"month", "year"}:
        raise typer.BadParameter("--day hoort bij --unit month of year.")
    comes_in = direction == "income"
    if comes_in and settlement is not None:
        raise typer.BadParameter("--settlement hoort bij een uitgave.")
    new = Agreement(
        id=new_id or "",
        household_id=household_id,
        resident_id=resident_id,
        direction=Direction(direction),
        category=category,
        organisation_id=organisation_id,
        payee_resident_id=payee,
        counterparty_name="",
        iban=account or "",
        amount_cents=_not_below_zero(amount),
        tolerance_cents=_not_below_zero(tolerance or 0),
        schedule=Schedule(Unit(unit), starts_on, every, day_of_month, weekday, until),
        settlement=None if comes_in else Settlement(settlement or "transfer"),
        guaranteed=bool(guaranteed),
        reference=reference,
        search_terms=tuple(search_term or ()),
        remittance=remittance or "",
    )
    with at_work(by) as (session, who):
        added = keeping.add_agreement(session, new, who)
    return as_json(added) if as_json_ else typer.echo(f"Afspraak {added.id} met {added.counterparty_name}.")


def _not_below_zero(cents: int) -> int:
    if cents < 0:
        raise typer.BadParameter("Een bedrag van een afspraak is niet negatief.")
    return cents


@agreement.command("change")
def change_agreement(
    agreement_id: AgreementId,
    amount: Amount = None,
    tolerance: Tolerance = None,
    account: Account = None,
    category: Category = None,
    settlement: Settled = None,
    guaranteed: Guaranteed = None,
    reference: Reference = None,
    search_term: Terms = None,
    remittance: Remittance = None,
    until: Until = None,
    valid_from: ValidFrom = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Make a new version of an agreement for due days from a day on; what is not named stays."""
    from huishoudboekje.domain.agreements import Settlement

    given: dict[str, Any] = {
        "amount_cents": None if amount is None else _not_below_zero(amount),
        "tolerance_cents": None if tolerance is None else _not_below_zero(tolerance),
        "iban": account,
        "category": category,
        "settlement": None if settlement is None else Settlement(settlement),
        "guaranteed": guaranteed,
        "reference": reference,
        "search_terms": None if search_term is None else tuple(search_term),
        "remittance": remittance,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes and until is None:
        raise typer.BadParameter("Noem wat er verandert.")
    _change(agreement_id, changes, valid_from, by, ends_on=until, as_json_=as_json_)


@agreement.command("move")
def move_agreement(
    agreement_id: AgreementId,
    organisation_id: Annotated[
        str | None, typer.Option("--organisation", metavar="ID", help="From now on with this organisation.")
    ] = None,
    resident_id: Annotated[
        str | None, typer.Option("--resident", metavar="ID", help="From now on of this resident.")
    ] = None,
    account: Account = None,
    valid_from: ValidFrom = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let an agreement go over to another organisation, or to another resident of the household."""
    if organisation_id is None and resident_id is None:
        raise typer.BadParameter("Noem --organisation of --resident.")
    changes: dict[str, Any] = {}
    if organisation_id is not None:
        # Another organisation has other accounts: the usual one where none is named.
        changes = {"organisation_id": organisation_id, "payee_resident_id": None, "iban": account or ""}
    elif account is not None:
        changes = {"iban": account}
    if resident_id is not None:
        changes["resident_id"] = resident_id
    _change(agreement_id, changes, valid_from, by, ends_on=None, as_json_=as_json_)


def _change(
    agreement_id: str,
    changes: dict[str, Any],
    valid_from: date | None,
    by: str | None,
    *,
    ends_on: date | None,
    as_json_: bool,
) -> None:
    from dataclasses import replace

    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    with at_work(by) as (session, who):
        now = keeping.agreement(session, agreement_id, who)[-1].agreement
        schedule = replace(now.schedule, ends_on=ends_on or now.schedule.ends_on)
        changed = replace(now, **changes, schedule=schedule)
        version = keeping.change_agreement(session, changed, valid_from or clock.today(), who)
    if as_json_:
        return as_json(version)
    return typer.echo(f"Afspraak {agreement_id} geldt zo vanaf {version.valid_from:%d-%m-%Y}.")


@agreement.command("end")
def end_agreement(agreement_id: AgreementId, on: On = None, by: By = None, as_json_: Json = False) -> None:
    """Let an agreement fall due for the last time on or before a day."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    with at_work(by) as (session, who):
        ended = keeping.end_agreement(session, agreement_id, on or clock.today(), who)
    if as_json_:
        return as_json(ended)
    return typer.echo(
        f"Afspraak {agreement_id} loopt tot en met {ended.agreement.schedule.ends_on:%d-%m-%Y}."
    )


@organisation.command("list")
def list_organisations(
    find: Annotated[
        str | None, typer.Option("--find", metavar="WORDS", help="Part of a name, an IBAN, or a KvK number.")
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show organisations, or find one."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.organisation_list(session, who, find)
    if as_json_:
        return as_json(found)
    rows = ((each.id, each.name, each.kvk_number, [a.iban for a in each.accounts]) for each in found)
    return table(("Organisatie", "Naam", "KvK", "Rekeningen"), rows)


@organisation.command("show")
def show_organisation(organisation_id: OrganisationId, by: By = None, as_json_: Json = False) -> None:
    """Show one organisation with its accounts."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.organisation(session, organisation_id, who)
    if as_json_:
        return as_json(found)
    typer.echo(f"{found.id}  {found.name}  {found.kvk_number or ''}")
    return table(("Rekening", "Op naam van"), ((each.iban, each.name) for each in found.accounts))


def _accounts(given: list[str], name: str) -> tuple[Any, ...]:
    from huishoudboekje.domain.people import OrganisationAccount

    split = (each.partition("=") for each in given)
    return tuple(OrganisationAccount(iban.strip(), holder.strip() or name) for iban, _, holder in split)


@organisation.command("add")
def add_organisation(
    name: Annotated[str, typer.Option("--name", help="Name.")],
    iban: Annotated[
        list[str],
        typer.Option("--iban", metavar="IBAN[=HOLDER]", help="An account; repeat, the usual one first."),
    ],
    kvk_number: Kvk = None,
    street: Annotated[str | None, typer.Option("--street", help="Street.")] = None,
    house_number: Annotated[str | None, typer.Option("--house-number", help="House number.")] = None,
    postcode: Annotated[str | None, typer.Option("--postcode", help="Postcode, 1234 AB.")] = None,
    city: Annotated[str | None, typer.Option("--city", help="Town.")] = None,
    new_id: NewId = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Add a payer or creditor."""
    from huishoudboekje.commands.households import address
    from huishoudboekje.day import keeping
    from huishoudboekje.domain.people import Organisation

    where = address(street, house_number, postcode, city)
    new = Organisation(new_id or "", name, _accounts(iban, name), kvk_number, where)
    with at_work(by) as (session, who):
        added = keeping.add_organisation(session, new, who)
    return as_json(added) if as_json_ else typer.echo(f"{added.name} is organisatie {added.id}.")


@organisation.command("change")
def change_organisation(
    organisation_id: OrganisationId,
    name: Annotated[str | None, typer.Option("--name", help="Name.")] = None,
    iban: Accounts = None,
    add_iban: Annotated[
        list[str] | None, typer.Option("--add-iban", metavar="IBAN[=HOLDER]", help="One account more.")
    ] = None,
    kvk_number: Kvk = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Change an organisation; --iban replaces its accounts, --add-iban adds one."""
    from dataclasses import replace

    from huishoudboekje.day import keeping

    if not (name or iban or add_iban or kvk_number):
        raise typer.BadParameter("Noem wat er verandert.")
    with at_work(by) as (session, who):
        now = keeping.organisation(session, organisation_id, who)
        called = name or now.name
        accounts = _accounts(iban, called) if iban else now.accounts
        accounts += _accounts(add_iban or [], called)
        after = replace(now, name=called, accounts=accounts, kvk_number=kvk_number or now.kvk_number)
        changed = keeping.change_organisation(session, after, who)
    return as_json(changed) if as_json_ else typer.echo(f"Organisatie {changed.id} is veranderd.")


@organisation.command("move")
def move_organisation(
    organisation_id: OrganisationId,
    street: Annotated[str, typer.Option("--street", help="Street.")],
    house_number: Annotated[str, typer.Option("--house-number", help="House number with additions.")],
    postcode: Annotated[str, typer.Option("--postcode", help="Postcode, 1234 AB.")],
    city: Annotated[str, typer.Option("--city", help="Town.")],
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let an organisation sit somewhere else."""
    from dataclasses import replace

    from huishoudboekje.day import keeping
    from huishoudboekje.domain.people import Address

    with at_work(by) as (session, who):
        now = keeping.organisation(session, organisation_id, who)
        there = replace(now, address=Address(street, house_number, postcode, city))
        moved = keeping.change_organisation(session, there, who)
    return as_json(moved) if as_json_ else typer.echo(f"Organisatie {moved.id} is verhuisd.")


@organisation.command("end")
def end_organisation(
    organisation_id: OrganisationId, on: On = None, by: By = None, as_json_: Json = False
) -> None:
    """End all agreements with an organisation that stops."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    with at_work(by) as (session, who):
        ended = keeping.end_organisation(session, organisation_id, on or clock.today(), who)
    if as_json_:
        return as_json({"organisation": organisation_id, "agreements": ended})
    return typer.echo(f"{len(ended)} afspraken met {organisation_id} eindigen.")
