"""More cases that the benchmark lacks, for its `--plugin`; on these too the matcher was worked on.

They were written before any of them was run, and were kept apart until their first results were seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from hhb_match.cases import Case  # type: ignore[import-not-found]
from hhb_match.content import fold, name_tokens  # type: ignore[import-not-found]
from hhb_match.families import shared_income, varying, wage  # type: ignore[import-not-found]
from hhb_match.model import Schedule  # type: ignore[import-not-found]
from hhb_match.stories import Story, newcomer  # type: ignore[import-not-found]

Scene = Any
Tell = Callable[[Scene], None]

CASES: Final[list[Case]] = []
STORIES: Final[list[Story]] = []
SHARE: Final = 0.004


def case(must: str, happens: str, *, pair: bool = False) -> Callable[[Tell], Tell]:
    """Register a story under its own name, as a case and as what befalls a household."""

    def register(tell: Tell) -> Tell:
        CASES.append(Case(tell.__name__, must, happens, "As it says"))
        STORIES.append(Story(f"apart_{tell.__name__}", SHARE, tell, pair))
        return tell

    return register


def employed(scene: Scene, home: Any = None, *, employer: Any = None, surname: str = "") -> Any:
    """The wage of a newcomer, at an employer where nobody else has that name."""
    world, home = scene.world, home or scene.home
    surname = surname or world.surname()
    resident = newcomer(scene, home, surname=surname, initials=world.initials())
    employer = employer or world.employer_without(name_tokens(surname))
    return wage(scene, home, resident, day=scene.target_day().day, employer=employer)


def other_surname(scene: Scene, than: str) -> str:
    """A surname that has no word in common with this one."""
    world = scene.world
    while not name_tokens(found := world.surname()).isdisjoint(name_tokens(than)):
        pass
    return str(found)


@case("match", "A title before the name, and a sentence around it")
def title_before_the_name(scene: Scene) -> None:
    agreement = employed(scene)
    title = scene.world.rng.choice(("dhr.", "mevr.", "de heer", "t.n.v."))
    for due in scene.due_dates(agreement):
        text = f"Betreft loon {due:%B %Y} van {title} {agreement.resident.name} volgens specificatie"
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "title_before_the_name", on=due, amount=amount, text=(text,))


@case("match", "Once a quarter, with its reference, a week late")
def quarterly_and_late(scene: Scene) -> None:
    target = scene.target_day()
    agreement = shared_income(scene, scene.home, target.day)
    agreement.schedule = scene.monthly(target.day, every=3)
    for due in scene.due_dates(agreement):
        scene.receive(agreement, due, "quarterly_and_late", on=due + timedelta(days=7))


@case("match", "A wage every two weeks")
def fortnightly_wage(scene: Scene) -> None:
    agreement = employed(scene)
    agreement.schedule = scene.weekly(scene.world.rng.randint(1, 5), 2)
    for due in scene.due_dates(agreement):
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "fortnightly_wage", on=due, amount=amount)


@case("match", "A creditor reference of ISO 11649 in the structured field, agreed without its RF")
def creditor_reference(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    number = str(agreement.reference)
    check = 98 - int(f"{number}271500") % 97
    for due in scene.due_dates(agreement):
        scene.receive(
            agreement, due, "creditor_reference", on=due, text=(), structured=f"RF{check:02d}{number}"
        )


@case("match", "A number of the instalment behind the reference")
def instalment_behind_reference(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        text = f"uitkering dossier {agreement.reference}-{due:%m} dank u"
        scene.receive(agreement, due, "instalment_behind_reference", on=due, text=(text,))


@case("queue", "One amount for two clients, with both references", pair=True)
def two_clients_in_one(scene: Scene) -> None:
    day = scene.target_day()
    first, second = (shared_income(scene, home, day.day) for home in scene.households)
    second.counterparty, second.account = first.counterparty, first.account
    for due in scene.due_dates(first):
        scene.stray(
            "two_clients_in_one",
            due,
            first.amount + second.amount,
            name=first.counterparty_name,
            iban=first.account,
            text=(f"UITKERINGEN {first.reference} {second.reference}",),
        )


@case("queue", "A creditor collects the same twice within days: the second")
def collected_twice(scene: Scene) -> None:
    world = scene.world
    number, target = world.customer_number(), scene.target_day()
    agreement = scene.agree(
        scene.home,
        "telecom",
        world.any_of("telecom"),
        world.rng.randint(1_500, 7_500),
        scene.monthly(target.day),
        income=False,
        reference=number,
        terms=[number],
        wording="ABONNEMENT KLANTNR {reference}",
        collected=True,
    )
    for due in scene.due_dates(agreement):
        scene.collect(agreement, due)
    made = scene.collect(agreement, target + timedelta(days=3), "collected_twice")
    made.truth.due_date = None


@case("queue", "The number of one client with the name of another, of the same payer", pair=True)
def number_and_name_disagree(scene: Scene) -> None:
    day = scene.target_day().day
    first, second = (shared_income(scene, home, day) for home in scene.households)
    name = other_surname(scene, scene.households[1].residents[0].surname)
    resident = newcomer(scene, scene.households[0], surname=name, initials="Q.X.")
    first.resident = resident
    second.counterparty, second.account, second.wording = first.counterparty, first.account, first.wording
    second.amount, second.schedule, second.category = first.amount, first.schedule, first.category
    for due in scene.due_dates(first):
        made = scene.receive(
            second,
            due,
            "number_and_name_disagree",
            on=due,
            text=(f"UITKERING {second.reference} QX {fold(name)}",),
        )
        made.truth.household = made.truth.agreement = made.truth.due_date = None


@case("match", "Partners with one employer, each named")
def partners_with_one_employer(scene: Scene) -> None:
    world = scene.world
    first = employed(scene)
    name = other_surname(scene, first.resident.surname)
    second = employed(scene, employer=first.counterparty, surname=name)
    second.schedule, second.amount, second.tolerance = first.schedule, first.amount, first.tolerance
    for agreement in (first, second):
        for due in scene.due_dates(agreement):
            word = world.rng.choice(("SALARIS", "NETTO LOON", "LN"))
            text = f"{word} {scene.write(agreement, due, wording='{name}')}"
            scene.receive(
                agreement,
                due,
                "partners_with_one_employer",
                on=due,
                amount=varying(scene, agreement),
                text=(text,),
            )


@case("match", "The two halves of a double name the other way round")
def double_name_turned(scene: Scene) -> None:
    surname = "Verkerk-Oudshoorn"
    agreement = employed(scene, surname=surname)
    for due in scene.due_dates(agreement):
        letters = agreement.resident.initials.replace(".", "")
        text = f"SALARIS {due:%m-%Y} {letters} OUDSHOORN-VERKERK"
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "double_name_turned", on=due, amount=amount, text=(text,))


@case("queue", "A resident sends living money back by hand")
def living_money_sent_back(scene: Scene) -> None:
    payment = scene.own_payment()
    living = scene.home.find("living_money")
    if payment is None or living is None:
        return
    scene.stray(
        "living_money_sent_back",
        scene.banking_day(before=20),
        living.amount,
        household=scene.home.id,
        name=living.counterparty_name,
        iban=living.account,
        text=("leefgeld terug",),
    )


@case("any", "A few cents more or less than agreed, with the reference")
def a_few_cents(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        off = scene.world.rng.choice((-3, -2, -1, 1, 2, 3))
        scene.receive(agreement, due, "a_few_cents", on=due, amount=agreement.amount + off)


@case("queue", "Somebody who pays for one client only, pays as much for somebody who is not a client")
def small_payer_for_another(scene: Scene) -> None:
    world = scene.world
    target = scene.target_day(before=35, after=10)
    payer = world.organisation(f"Stichting Noodfonds {world.serial('fund')}", iban=world.new_iban())
    agreement = scene.agree(
        scene.home,
        "special_assistance",
        payer,
        world.rng.randint(5_000, 40_000),
        scene.monthly(target.day),
        terms=["bijdrage"],
        wording="bijdrage {name}",
    )
    other = other_surname(scene, agreement.resident.surname)
    for due in scene.due_dates(agreement):
        if due < target - timedelta(days=15):
            scene.receive(agreement, due, on=due)
    scene.stray(
        "small_payer_for_another",
        target,
        agreement.amount,
        name=payer.name,
        iban=payer.iban,
        text=(f"bijdrage tbv mevr. {world.initials()} {other}",),
    )


@case("any", "An allowance is set lower, with its reference")
def set_lower(scene: Scene) -> None:
    target = scene.target_day()
    agreement = shared_income(scene, scene.home, target.day)
    less = agreement.amount * scene.world.rng.randint(70, 95) // 100
    for due in scene.due_dates(agreement):
        if due < target:
            scene.receive(agreement, due)
        else:
            scene.receive(agreement, due, "set_lower", on=due, amount=less)


@case("any", "The invoice number is the customer number of another client", pair=True)
def invoice_is_another_client(scene: Scene) -> None:
    day = scene.target_day().day
    first, second = (shared_income(scene, home, day) for home in scene.households)
    second.counterparty, second.account = first.counterparty, first.account
    for due in scene.due_dates(first):
        text = f"NOTA {second.reference} CLIENT {first.reference}"
        scene.receive(first, due, "invoice_is_another_client", on=due, text=(text,))


@case("match", "Once a year, on its day, by name and amount alone")
def yearly_from_small_payer(scene: Scene) -> None:
    world, target = scene.world, scene.target_day()
    payer = world.organisation(f"Fonds {world.surname()}", iban=world.new_iban())
    agreement = scene.agree(
        scene.home,
        "special_assistance",
        payer,
        world.rng.randint(5_000, 60_000),
        Schedule(
            "year", start=date(target.year - 2, target.month, min(target.day, 28)), day=min(target.day, 28)
        ),
        terms=["jaarlijkse gift"],
        wording="jaarlijkse gift {year}",
    )
    for due in scene.due_dates(agreement):
        scene.receive(agreement, due, "yearly_from_small_payer", on=due)


@case("queue", "A payer goes on after the household's agreement ended, without any reference")
def ended_without_reference(scene: Scene) -> None:
    world, target = scene.world, scene.target_day(before=30, after=10)
    payer = world.private_payer()
    agreement = scene.agree(
        scene.home,
        "alimony",
        payer,
        2_500 * world.rng.randint(4, 18),
        scene.monthly(target.day),
        terms=["alimentatie"],
        wording="alimentatie {month}",
    )
    agreement.schedule = replace(agreement.schedule, until=target - timedelta(days=20))
    for due in scene.due_dates(agreement):
        scene.receive(agreement, due, on=due)
    made = scene.receive(agreement, target, "ended_without_reference", on=target)
    made.truth.due_date = None
