"""Households and what they set aside, residents, and how a household leaves."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from huishoudboekje.commands.acting import By, On, Reason, at_work, day, euros
from huishoudboekje.commands.showing import Json, as_json, money, plain, table

if TYPE_CHECKING:
    from huishoudboekje.domain.agreements import Agreement
    from huishoudboekje.domain.people import Address, Resident

household = typer.Typer(help="People whose money is kept together.", no_args_is_help=True)
resident = typer.Typer(help="Members of households.", no_args_is_help=True)
reservation = typer.Typer(help="Money that a household sets aside for a purpose.", no_args_is_help=True)

HouseholdId = Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="Id of the household.")]
ResidentId = Annotated[str, typer.Argument(metavar="RESIDENT", help="Id of the resident.")]
NewId = Annotated[str | None, typer.Option("--id", metavar="ID", help="Own id; the next one when absent.")]
From = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DATE", help="From this day; today when absent.")
]
Street = Annotated[str | None, typer.Option("--street", help="Street.")]
Number = Annotated[str | None, typer.Option("--house-number", help="House number with additions.")]
Postcode = Annotated[str | None, typer.Option("--postcode", help="Postcode, 1234 AB.")]
City = Annotated[str | None, typer.Option("--city", help="Town.")]
Bsn = Annotated[str | None, typer.Option("--bsn", help="Citizen service number.")]
Born = Annotated[date | None, typer.Option("--birth-date", parser=day, metavar="DATE", help="Date of birth.")]
Iban = Annotated[str | None, typer.Option("--iban", help="Own account, for living money.")]
RESIDENT_HEADS = ("Inwoner", "Huishouden", "Naam", "Geboren", "Rekening", "Adres")
AGREEMENT_HEADS = (
    "Afspraak",
    "Huishouden",
    "Soort",
    "Met",
    "Rekening",
    "Bedrag",
    "Elke",
    "Van",
    "Tot en met",
)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for subject, name in ((household, "household"), (resident, "resident"), (reservation, "reservation")):
        app.add_typer(subject, name=name, rich_help_panel="Households")


@household.command("list")
def list_households(by: By = None, as_json_: Json = False) -> None:
    """Show all households."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.households(session, who)
    if as_json_:
        return as_json(found)
    return table(("Huishouden", "Begonnen", "Gesloten"), ((e.id, e.started_on, e.closed_on) for e in found))


@household.command("show")
def show_household(household_id: HouseholdId, by: By = None, as_json_: Json = False) -> None:
    """Show a household with its residents, agreements and money."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.household(session, household_id, who)
    if as_json_:
        shown: dict[str, Any] = plain(found)
        shown["residents"] = [_resident(each) for each in found.residents]
        return as_json(shown)
    table(
        ("Huishouden", "Begonnen", "Gesloten"),
        [(found.household.id, found.household.started_on, found.household.closed_on)],
    )
    typer.echo()
    table(RESIDENT_HEADS, map(_resident_row, found.residents))
    typer.echo()
    table(AGREEMENT_HEADS, map(agreement_row, found.agreements))
    typer.echo()
    return table(("Rekening", "Saldo"), ((n, money(cents)) for n, cents in found.balances_cents.items()))


@household.command("add")
def add_household(
    new_id: NewId = None, started_on: From = None, by: By = None, as_json_: Json = False
) -> None:
    """Let a household take part; residents and agreements are added next."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    with at_work(by) as (session, who):
        added = keeping.add_household(session, new_id, started_on or clock.today(), who)
    return as_json(added) if as_json_ else typer.echo(f"Huishouden {added.id} doet mee.")


@household.command("change")
def change_household(
    household_id: HouseholdId,
    limit: Annotated[
        int,
        typer.Option("--limit", parser=euros, metavar="EUROS", help="The advance may rise to this amount."),
    ],
    until: Annotated[
        date, typer.Option("--until", parser=day, metavar="DATE", help="Up to and with this day.")
    ],
    reason: Reason,
    second: Annotated[
        str,
        typer.Option("--second", metavar="USER", help="Who decides this too; needs the permission as well."),
    ],
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let two people raise the limit of a household's advance for some days.

    On an installation with real people the second one types their token.
    """
    from huishoudboekje.commands.acting import second_actor
    from huishoudboekje.day import ruling

    with at_work(by) as (session, who):
        decision = ruling.decide_limit(
            session,
            household_id,
            limit,
            until=until,
            approved_by=second_actor(session, second),
            reason=reason,
            by=who,
        )
    if as_json_:
        return as_json(decision)
    limit_shown = money(decision.limit_cents)
    return typer.echo(f"Het voorschot van {household_id} mag tot {limit_shown}, tot en met {until:%d-%m-%Y}.")


@household.command("move")
def move_household(
    household_id: HouseholdId,
    street: Annotated[str, typer.Option("--street", help="Street.")],
    house_number: Annotated[str, typer.Option("--house-number", help="House number with additions.")],
    postcode: Annotated[str, typer.Option("--postcode", help="Postcode, 1234 AB.")],
    city: Annotated[str, typer.Option("--city", help="Town.")],
    on: On = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let everybody of a household live somewhere else."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping
    from huishoudboekje.domain.people import Address

    address = Address(street, house_number, postcode, city)
    with at_work(by) as (session, who):
        moved = keeping.move_household(session, household_id, address, on or clock.today(), who)
    if as_json_:
        return as_json([_resident(each) for each in moved])
    return typer.echo(f"{len(moved)} inwoners wonen nu op {street} {house_number}, {city}.")


@household.command("end")
@household.command("close")
def close_household(
    household_id: HouseholdId,
    reason: Reason,
    to: Annotated[
        str | None,
        typer.Option("--resident", metavar="ID", help="Who gets what is left; the first when absent."),
    ] = None,
    on: On = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Settle and close a household: nothing falls due any more, and what is left goes to its resident.

    Own money first repays the advance; an open advance is told. The payment is proposed as any other.
    """
    from huishoudboekje import clock
    from huishoudboekje.day import settling

    with at_work(by) as (session, who):
        settled = settling.close_household(session, household_id, on or clock.today(), reason, who, to)
    return as_json(settled) if as_json_ else typer.echo(settled.sentence)


@resident.command("list")
def list_residents(
    household_id: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Only of this household.")
    ] = None,
    find: Annotated[
        str | None,
        typer.Option("--find", metavar="WORDS", help="Name, address, date of birth, BSN, IBAN or id."),
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show residents, or find one by whatever is at hand."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = (
            keeping.residents(session, who, household_id)
            if find is None
            else keeping.find_residents(session, find, who)
        )
    if as_json_:
        return as_json([_resident(each) for each in found])
    return table(RESIDENT_HEADS, map(_resident_row, found))


@resident.command("show")
def show_resident(resident_id: ResidentId, by: By = None, as_json_: Json = False) -> None:
    """Show one resident; the citizen service number only to a person who asks."""
    from huishoudboekje.day import keeping

    with at_work(by, program=True) as (session, who):
        found = keeping.resident(session, resident_id, who)
    if as_json_:
        return as_json(_resident(found) | ({"bsn": found.bsn} if by else {}))
    table(RESIDENT_HEADS, [_resident_row(found)])
    return typer.echo(f"BSN {found.bsn}") if by else None


def _resident(each: Resident) -> dict[str, Any]:
    shown: dict[str, Any] = plain(each)
    del shown["bsn"]
    return shown


def _resident_row(each: Resident) -> tuple[object, ...]:
    at = each.address
    address = f"{at.street} {at.house_number}, {at.postcode} {at.city}"
    return each.id, each.household_id, each.name, each.birth_date, each.iban, address


@resident.command("add")
def add_resident(
    household_id: Annotated[str, typer.Option("--household", metavar="ID", help="The household to join.")],
    initials: Annotated[str, typer.Option("--initials", help="Initials, J.P.")],
    surname: Annotated[str, typer.Option("--surname", help="Surname with its prefix.")],
    birth_date: Annotated[
        date, typer.Option("--birth-date", parser=day, metavar="DATE", help="Date of birth.")
    ],
    bsn: Annotated[str, typer.Option("--bsn", help="Citizen service number.")],
    iban: Annotated[str, typer.Option("--iban", help="Own account, for living money.")],
    street: Annotated[str, typer.Option("--street", help="Street.")],
    house_number: Annotated[str, typer.Option("--house-number", help="House number with additions.")],
    postcode: Annotated[str, typer.Option("--postcode", help="Postcode, 1234 AB.")],
    city: Annotated[str, typer.Option("--city", help="Town.")],
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None,
    new_id: NewId = None,
    joined_on: From = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Add a resident to a household."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping
    from huishoudboekje.domain.people import Address, Resident

    address = Address(street, house_number, postcode, city)
    new = Resident(
        new_id or "", household_id, initials, surname, birth_date, bsn, iban, address, email, phone
    )
    with at_work(by) as (session, who):
        added = keeping.add_resident(session, new, joined_on or clock.today(), who)
    return as_json(_resident(added)) if as_json_ else typer.echo(f"{added.name} is inwoner {added.id}.")


@resident.command("change")
def change_resident(
    resident_id: ResidentId,
    initials: Annotated[str | None, typer.Option("--initials", help="Initials, J.P.")] = None,
    surname: Annotated[str | None, typer.Option("--surname", help="Surname with its prefix.")] = None,
    birth_date: Born = None,
    bsn: Bsn = None,
    iban: Iban = None,
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    on: On = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Change what is known of a resident; what is not named stays."""
    from dataclasses import replace

    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    given: dict[str, Any] = {
        "initials": initials,
        "surname": surname,
        "birth_date": birth_date,
        "bsn": bsn,
        "iban": iban,
        "email": email,
        "phone": phone,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise typer.BadParameter("Noem wat er verandert.")
    with at_work(by) as (session, who):
        now = keeping.resident(session, resident_id, who)
        after = keeping.change_resident(session, replace(now, **changes), on or clock.today(), who, reason)
    return as_json(_resident(after)) if as_json_ else typer.echo(f"Inwoner {after.id} is veranderd.")


@resident.command("move")
def move_resident(
    resident_id: ResidentId,
    household_id: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Join this household.")
    ] = None,
    street: Street = None,
    house_number: Number = None,
    postcode: Postcode = None,
    city: City = None,
    on: On = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let a resident live somewhere else, join another household, or both."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    there = address(street, house_number, postcode, city)
    if there is None and household_id is None:
        raise typer.BadParameter("Noem het nieuwe adres, --household, of beide.")
    with at_work(by) as (session, who):
        moved_on = on or clock.today()
        after = keeping.resident(session, resident_id, who)
        if there is not None:
            after = keeping.move_resident(session, resident_id, there, moved_on, who)
        if household_id is not None:
            after = keeping.join_household(session, resident_id, household_id, moved_on, who)
    return as_json(_resident(after)) if as_json_ else typer.echo(f"Inwoner {after.id} is verhuisd.")


def address(
    street: str | None, house_number: str | None, postcode: str | None, city: str | None
) -> Address | None:
    """The address of these, all or none of which are given."""
    from huishoudboekje.domain.people import Address

    if street and house_number and postcode and city:
        return Address(street, house_number, postcode, city)
    if street or house_number or postcode or city:
        raise typer.BadParameter("Een adres is --street, --house-number, --postcode en --city.")
    return None


@resident.command("end")
def end_resident(
    resident_id: ResidentId,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    on: On = None,
    by: By = None,
) -> None:
    """Write down that a resident left the household, for no other one."""
    from huishoudboekje import clock
    from huishoudboekje.day import keeping

    with at_work(by) as (session, who):
        keeping.end_resident(session, resident_id, on or clock.today(), reason, who)
    typer.echo(f"Inwoner {resident_id} hoort niet meer bij het huishouden.")


def agreement_row(each: Agreement) -> tuple[object, ...]:
    """One agreement as a row of AGREEMENT_HEADS."""
    rhythm = each.schedule
    every = rhythm.unit.value if rhythm.every == 1 else f"{rhythm.every} {rhythm.unit.value}"
    return (
        each.id,
        each.household_id,
        each.category,
        each.counterparty_name,
        each.iban,
        money(each.amount_cents),
        every,
        rhythm.starts_on,
        rhythm.ends_on,
    )


Purpose = Annotated[str, typer.Argument(metavar="PURPOSE", help="What the money is for, in a word or two.")]


@reservation.command("list")
def list_reservations(household_id: HouseholdId, by: By = None, as_json_: Json = False) -> None:
    """Show what a household has set aside."""
    from huishoudboekje.day import settling

    with at_work(by, program=True) as (session, who):
        found = settling.reservations(session, household_id, who)
    if as_json_:
        return as_json(found)
    return table(("Waarvoor", "Bedrag"), ((each.purpose, money(each.amount_cents)) for each in found))


@reservation.command("set")
def set_reservation(
    household_id: HouseholdId,
    purpose: Purpose,
    amount: Annotated[
        int, typer.Argument(parser=euros, metavar="EUROS", help="What is set aside in all, 120,00.")
    ],
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Let a household have set aside this amount for a purpose; the difference moves from or to own money."""
    from huishoudboekje.day import settling

    with at_work(by) as (session, who):
        done = settling.reserve(session, household_id, purpose, amount, who)
    return as_json(done) if as_json_ else typer.echo(f"Voor {done.purpose}: {money(done.amount_cents)}.")


@reservation.command("use")
def use_reservation(
    household_id: HouseholdId,
    purpose: Purpose,
    amount: Annotated[
        int | None, typer.Option("--amount", parser=euros, metavar="EUROS", help="How much; all when absent.")
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Put what was set aside back to own money, so that it can be spent."""
    from huishoudboekje.day import settling

    with at_work(by) as (session, who):
        left = settling.use_reservation(session, household_id, purpose, amount, who)
    return (
        as_json(left) if as_json_ else typer.echo(f"Voor {left.purpose} blijft {money(left.amount_cents)}.")
    )
