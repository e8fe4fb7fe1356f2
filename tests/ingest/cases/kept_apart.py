"""Cases that the benchmark lacks, kept apart: the matcher was not worked on with these, only judged.

For its `--plugin`, as worked_on.py. They were written after the rules that they judge.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hhb_match.cases import Case  # type: ignore[import-not-found]
from hhb_match.content import name_tokens  # type: ignore[import-not-found]
from hhb_match.families import shared_income, varying, wage  # type: ignore[import-not-found]
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


def employed(scene: Scene, *, initials: str = "") -> Any:
    """The wage of a newcomer, at an employer where nobody else has that name."""
    world = scene.world
    surname = world.surname()
    resident = newcomer(scene, scene.home, surname=surname, initials=initials or world.initials())
    employer = world.employer_without(name_tokens(surname))
    return wage(scene, scene.home, resident, day=scene.target_day().day, employer=employer)


@case("match", "The reference between brackets, the text in small letters")
def reference_in_brackets(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        text = f"uw uitkering over {due:%m} ({agreement.reference}), vragen? bel 14 0{due.day:02d}"
        scene.receive(agreement, due, "reference_in_brackets", on=due, text=(text,))


@case("match", "The resident's name beside the right reference")
def reference_and_name(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        text = f"{agreement.reference} {agreement.resident.name}"
        scene.receive(agreement, due, "reference_and_name", on=due, text=(text,))


@case("match", "A wage slip line with hours and a period, and the name in the middle")
def name_in_the_middle(scene: Scene) -> None:
    agreement = employed(scene)
    for due in scene.due_dates(agreement):
        name = scene.write(agreement, due, wording="{name}")
        text = f"Salaris {name} periode {due:%m} 2026"
        amount = varying(scene, agreement)
        scene.receive(agreement, due, "name_in_the_middle", on=due, amount=amount, text=(text,))


@case("queue", "Somebody of the same surname and other initials, not a client, is paid by the employer")
def namesake_with_initials(scene: Scene) -> None:
    agreement = employed(scene, initials="K.L.")
    day = scene.target_day(before=10, after=10)
    scene.stray(
        "namesake_with_initials",
        day,
        agreement.amount,
        name=agreement.counterparty_name,
        iban=agreement.account,
        text=(f"SALARIS {agreement.resident.surname} W.F.",),
    )


@case("queue", "A benefit of the household that nobody agreed, under another number of the same payer")
def unknown_number(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        if due < scene.world.first_day + timedelta(days=30):
            scene.receive(agreement, due, on=due)
    scene.stray(
        "unknown_number",
        scene.target_day(before=40, after=5),
        agreement.amount,
        household=None,
        name=agreement.counterparty_name,
        iban=agreement.account,
        text=(f"UITKERING KENMERK {scene.world.customer_number()}",),
    )


@case("queue", "A supplier pays compensation to the household, under its customer number")
def compensation(scene: Scene) -> None:
    energy = scene.home.find("energy")
    scene.stray(
        "compensation",
        scene.banking_day(),
        scene.world.rng.randint(1_000, 9_000),
        household=scene.home.id,
        name=energy.counterparty_name,
        iban=energy.account,
        text=(f"Compensatie storing klant {energy.reference}",),
    )


@case("queue", "A creditor that is paid by transfer collects all the same")
def collected_and_transferred(scene: Scene) -> None:
    energy = scene.home.find("energy")
    made = scene.collect(energy, scene.banking_day(), "collected_and_transferred")
    made.truth.due_date = None


@case("queue", "A payer pays two clients, and names both", pair=True)
def two_names_in_one(scene: Scene) -> None:
    world, day = scene.world, scene.target_day()
    payer = world.organisation(f"Fonds {world.serial('fund')} Samen", iban=world.new_iban())
    made = []
    for home in scene.households:
        person = newcomer(scene, home, surname=world.surname(), initials=world.initials())
        made.append(
            scene.agree(
                home,
                "special_assistance",
                payer,
                20_000,
                scene.monthly(day.day),
                resident=person,
                terms=["bijdrage"],
                wording="bijdrage {name}",
            )
        )
    names = " en ".join(one.resident.name for one in made)
    scene.stray(
        "two_names_in_one", day, 40_000, name=payer.name, iban=payer.iban, text=(f"bijdrage {names}",)
    )


@case("match", "A fund pays two clients the same on one day, each by name", pair=True)
def fund_by_name(scene: Scene) -> None:
    world, day = scene.world, scene.target_day().day
    payer = world.organisation(f"Fonds {world.serial('fund')} Apart", iban=world.new_iban())
    first = ""
    for home in scene.households:
        surname = world.surname()
        while not name_tokens(surname).isdisjoint(name_tokens(first)):
            surname = world.surname()
        first = surname
        person = newcomer(scene, home, surname=surname, initials=world.initials())
        agreement = scene.agree(
            home,
            "special_assistance",
            payer,
            20_000,
            scene.monthly(day),
            resident=person,
            terms=["bijdrage"],
            wording="bijdrage {name}",
        )
        for due in scene.due_dates(agreement):
            scene.receive(agreement, due, "fund_by_name", on=due)


@case("any", "Five per cent is withheld, with the reference")
def withheld(scene: Scene) -> None:
    agreement = shared_income(scene, scene.home, scene.target_day().day)
    for due in scene.due_dates(agreement):
        less = agreement.amount * 95 // 100
        text = f"{scene.write(agreement, due)} NA BESLAG"
        scene.receive(agreement, due, "withheld", on=due, amount=less, text=(text,))
