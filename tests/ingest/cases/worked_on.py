"""Cases that the benchmark lacks, for its `--plugin`: on these the matcher was worked on.

kept_apart.py has those on which it was only judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from hhb_match.cases import Case  # type: ignore[import-not-found]
from hhb_match.content import fold, name_tokens  # type: ignore[import-not-found]
from hhb_match.families import shared_income, varying, wage  # type: ignore[import-not-found]
from hhb_match.stories import Story, newcomer  # type: ignore[import-not-found]

Scene = Any
Tell = Callable[[Scene], None]

CASES: Final[list[Case]] = []
STORIES: Final[list[Story]] = []
SHARE: Final = 0.004

FIRST_NAMES: Final = (
    "Pieter",
    "Johanna",
    "Mohammed",
    "Fatima",
    "Willem",
    "Sanne",
    "Kees",
    "Emine",
    "Bram",
    "Tom",
)


def case(must: str, happens: str, *, pair: bool = False) -> Callable[[Tell], Tell]:
    """Register a story under its own name, as a case and as what befalls a household."""

    def register(tell: Tell) -> Tell:
        CASES.append(Case(tell.__name__, must, happens, "As it says"))
        STORIES.append(Story(f"more_{tell.__name__}", SHARE, tell, pair))
        return tell

    return register


def employed(scene: Scene, *, surname: str = "", initials: str = "", numbered: bool = False) -> Any:
    """The wage of a newcomer in the first household, at an employer where nobody else has that name."""
    world = scene.world
    surname, initials = surname or world.surname(), initials or world.initials()
    resident = newcomer(scene, scene.home, surname=surname, initials=initials)
    employer = world.employer_without(name_tokens(surname))
    day = scene.target_day().day
    return wage(scene, scene.home, resident, day=day, employer=employer, numbered=numbered)


def telling(surname: str) -> str:
    """A surname in capitals."""
    return str(fold(surname))


@case("queue", "A namesake of the resident, with another first name, is paid by the same employer")
def namesake_with_first_name(scene: Scene) -> None:
    agreement = employed(scene)
    resident = agreement.resident
    first = next(name for name in FIRST_NAMES if name[0] not in resident.initials)
    for due in scene.due_dates(agreement):
        scene.receive(agreement, due, "wage_varying", on=due, amount=varying(scene, agreement))
    day = scene.banking_day(before=10, after=5)
    scene.stray(
        "namesake_with_first_name",
        day,
        agreement.amount,
        name=agreement.counterparty_name,
        iban=agreement.account,
        text=(f"SALARIS {first.upper()} {telling(resident.surname)}",),
    )


@case("match", "The wage names the resident by first name and surname")
def wage_by_first_name(scene: Scene) -> None:
    first = scene.world.rng.choice(FIRST_NAMES)
    agreement = employed(scene, initials=f"{first[0]}.")
    for due in scene.due_dates(agreement):
        text = f"Salaris {due:%m-%Y} {first} {agreement.resident.surname}"
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "wage_by_first_name", on=due, amount=amount, text=(text,))


@case("match", "The surname stands before the initials")
def surname_first(scene: Scene) -> None:
    agreement = employed(scene)
    for due in scene.due_dates(agreement):
        person = agreement.resident
        text = f"Loon {due:%m-%Y} {person.surname}, {person.initials}"
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "surname_first", on=due, amount=amount, text=(text,))


@case("any", "A benefit is indexed: the right reference, one to four per cent more from a day on")
def indexed(scene: Scene) -> None:
    target = scene.target_day()
    agreement = shared_income(scene, scene.home, target.day)
    more = agreement.amount * scene.world.rng.randint(101, 104) // 100
    for due in scene.due_dates(agreement):
        if due < target:
            scene.receive(agreement, due)
        else:
            scene.receive(agreement, due, "indexed", on=due, amount=more)


@case("match", "Two benefits of one payer under one client number, told apart by amount and word")
def one_number_two_benefits(scene: Scene) -> None:
    world, day = scene.world, scene.target_day().day
    office, number = world.any_of("social_services"), world.customer_number()
    for word, low, high in (("PARTICIPATIEWET", 90_000, 133_000), ("BIJZONDERE BIJSTAND", 2_000, 19_000)):
        agreement = scene.agree(
            scene.home,
            "benefit",
            office,
            world.rng.randint(low, high),
            scene.monthly(day),
            reference=number,
            terms=[word, number],
            wording=word + " {month} {year} CLIENTNR {reference}",
        )
        for due in scene.due_dates(agreement):
            scene.receive(agreement, due, "one_number_two_benefits", on=due)


@case("match", "A benefit ended and was granted again under the same number, for another amount")
def granted_again(scene: Scene) -> None:
    target = scene.target_day(before=30, after=30)
    old = shared_income(scene, scene.home, target.day)
    new = shared_income(scene, scene.home, target.day)
    new.counterparty, new.account, new.wording = old.counterparty, old.account, old.wording
    new.reference, new.search_terms, new.category = old.reference, old.search_terms, old.category
    old.schedule.until = target - timedelta(days=5)
    new.schedule = replace(new.schedule, start=target, day=target.day)
    for agreement in (old, new):
        for due in scene.due_dates(agreement):
            scene.receive(agreement, due, "granted_again", on=due)


@case("any", "The reference stands in the payer's EndToEndId only")
def reference_as_identifier(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        made = scene.receive(agreement, due, "reference_as_identifier", on=due, text=("UITKERING",))
        made.end_to_end_id = agreement.reference


@case("match", "An invoice number beside the customer number")
def invoice_number_too(scene: Scene) -> None:
    world = scene.world
    agreement = collected(scene)
    for due in scene.due_dates(agreement):
        invoice = world.rng.randrange(10**8, 10**9)
        text = f"Factuur {invoice} klantnummer {agreement.reference} {due:%d-%m-%Y}"
        scene.collect(agreement, due, "invoice_number_too", text=(text,))


def collected(scene: Scene) -> Any:
    """A telephone bill that the creditor collects."""
    world = scene.world
    number = world.customer_number()
    return scene.agree(
        scene.home,
        "telecom",
        world.any_of("telecom"),
        world.rng.randint(1_500, 7_500),
        scene.monthly(scene.target_day().day),
        income=False,
        reference=number,
        terms=[number],
        wording="ABONNEMENT KLANTNR {reference}",
        collected=True,
    )


@case("match", "A word is glued to the reference")
def glued_reference(scene: Scene) -> None:
    word = scene.world.rng.choice(("KNR", "NR", "KLANT", "REF"))
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        text = f"{due:%Y-%m} {word}{agreement.reference}"
        scene.receive(agreement, due, "glued_reference", on=due, text=(text,))


@case("match", "An employer whose name is a surname that a client who works there has too", pair=True)
def employer_named_as_client(scene: Scene) -> None:
    world = scene.world
    surname = next(name for name in iter(world.surname, "") if " " not in name and "-" not in name)
    other = next(
        name for name in iter(world.surname, "") if name_tokens(name).isdisjoint(name_tokens(surname))
    )
    employer = world.organisation(f"Bakkerij {surname}", iban=world.new_iban())
    amount, day = world.rng.randint(95_000, 190_000), scene.target_day().day
    for home, name in zip(scene.households, (surname, other), strict=True):
        resident = newcomer(scene, home, surname=name, initials=world.initials())
        agreement = wage(scene, home, resident, day=day, employer=employer)
        agreement.amount, agreement.tolerance = amount, 15_000
        for due in scene.due_dates(agreement):
            text = f"{scene.write(agreement, due)} BAKKERIJ {telling(surname)}"
            amount_now = varying(scene, agreement)
            scene.receive(agreement, due, "employer_named_as_client", on=due, amount=amount_now, text=(text,))


@case("queue", "A resident pays own money in, from the account to which living money goes")
def own_money_paid_in(scene: Scene) -> None:
    resident = scene.home.residents[0]
    scene.stray(
        "own_money_paid_in",
        scene.banking_day(),
        scene.world.rng.randint(500, 40_000),
        household=scene.home.id,
        name=resident.name,
        iban=resident.iban,
        text=("eigen geld",),
    )


@case("any", "A wage with an agreed personnel number comes with the name only")
def number_left_out(scene: Scene) -> None:
    agreement = employed(scene, numbered=True)
    for due in scene.due_dates(agreement):
        text = scene.write(agreement, due, wording="SALARIS {month} {year} {name}")
        scene.receive(
            agreement, due, "number_left_out", on=due, amount=varying(scene, agreement), text=(text,)
        )


@case("match", "A reference that reads as a date")
def reference_like_a_date(scene: Scene) -> None:
    rng = scene.world.rng
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    day = date(rng.randint(1930, 2004), rng.randint(1, 12), rng.randint(1, 28))
    agreement.reference = f"{day:%Y%m%d}" if rng.random() < 0.5 else f"{day:%d%m%Y}"
    agreement.search_terms = [agreement.reference]
    for due in scene.due_dates(agreement):
        scene.receive(agreement, due, "reference_like_a_date", on=due)


@case("queue", "Former partners, in two households, under one number and for one amount", pair=True)
def one_number_two_households(scene: Scene) -> None:
    day = scene.target_day().day
    first, second = (shared_income(scene, home, day) for home in scene.households)
    second.counterparty, second.account, second.wording = first.counterparty, first.account, first.wording
    second.reference, second.search_terms = first.reference, first.search_terms
    second.amount, second.category, second.schedule = first.amount, first.category, first.schedule
    for due in scene.due_dates(first):
        for agreement in (first, second):
            scene.receive(agreement, due, "one_number_two_households", on=due)


@case("queue", "A creditor pays a collection back")
def collection_paid_back(scene: Scene) -> None:
    agreement = collected(scene)
    for due in scene.due_dates(agreement):
        scene.collect(agreement, due)
    scene.stray(
        "collection_paid_back",
        scene.banking_day(before=20),
        agreement.amount,
        household=agreement.household,
        name=agreement.counterparty_name,
        iban=agreement.account,
        text=(f"RETOUR INCASSO KLANTNR {agreement.reference}",),
    )


@case("queue", "Holiday allowance that nobody agreed, about as much as the wage, under another word")
def allowance_about_a_wage(scene: Scene) -> None:
    agreement = employed(scene)
    target = scene.target_day(before=20, after=20)
    word = scene.world.rng.choice(
        ("VAKANTIEBIJSLAG", "Vak.geld", "EINDEJAARSUITK", "13E MAAND", "VAKANTIEUREN")
    )
    for due in scene.due_dates(agreement):
        if due <= target - timedelta(days=15):
            scene.receive(agreement, due, "wage_varying", on=due, amount=varying(scene, agreement))
    name = scene.write(agreement, target, wording="{name}")
    scene.stray(
        "allowance_about_a_wage",
        target,
        varying(scene, agreement),
        household=agreement.household,
        name=agreement.counterparty_name,
        iban=agreement.account,
        text=(f"{word} {name}",),
    )


@case("queue", "A father pays as much as the alimony, between two due days, for a birthday")
def birthday_money(scene: Scene) -> None:
    world = scene.world
    day = scene.target_day().day
    payer = world.private_payer()
    agreement = scene.agree(
        scene.home,
        "alimony",
        payer,
        2_500 * world.rng.randint(4, 18),
        scene.monthly(day),
        terms=["alimentatie"],
        wording="alimentatie {month}",
    )
    dues = scene.due_dates(agreement)
    for due in dues:
        scene.receive(agreement, due, on=due)
    scene.stray(
        "birthday_money",
        dues[len(dues) // 2] + timedelta(days=13),
        agreement.amount,
        household=agreement.household,
        name=payer.name,
        iban=agreement.account,
        text=("cadeau verjaardag",),
    )


@case("match", "The year and the month stand behind the reference")
def reference_with_year(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        text = f"BESCHIKKING {agreement.reference}/{due:%Y}-{due:%m}"
        scene.receive(agreement, due, "reference_with_year", on=due, text=(text,))
