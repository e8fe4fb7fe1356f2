"""Payment batches: propose, look, approve as somebody else, download the file, follow it to the bank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from huishoudboekje import clock
from huishoudboekje.day import looking, paying
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.money import show
from huishoudboekje.storage import archive, audit
from huishoudboekje.storage.web_sessions import Message
from huishoudboekje.web.pages import count
from huishoudboekje.web.session import Submitted, Visit, Visited, asks
from payouts.batch import BatchState, PaymentState

router = APIRouter()
PAGE: Final = 50
BATCHES: Final = 100
PIECE_BYTES: Final = 64 * 1024
REASON: Final = "Waarom?"


class NoFileYet(Refused):
    """Betaalbatch {batch} heeft nog geen betaalbestand. Maak het eerst."""


@router.get("/betaalbatches", dependencies=asks(Permission.READ))
def batches(visit: Visited) -> Response:
    """List the latest batches."""
    found = paying.batches(visit.session, visit.actor, limit=BATCHES)
    return visit.page(
        "backoffice/batches.html", shows=None, batches=found, names=looking.user_names(visit.session)
    )


@router.post("/betaalbatches", dependencies=asks(Permission.PROPOSE))
def propose(form: Submitted, visit: Visited) -> Response:
    """Propose what is due today and is not proposed yet."""
    made = paying.propose(visit.session, clock.today(), visit.actor)
    if not made:
        nothing = Message("note", "Er is vandaag niets (meer) te betalen dat nog niet is voorgesteld.")
        return visit.go("/betaalbatches", nothing)
    said = count(len(made), "betaalbatch is", "betaalbatches zijn")
    message = Message("done", f"{said} voorgesteld. Iemand anders kan nu goedkeuren.")
    return visit.go(f"/betaalbatches/{made[0].id}" if len(made) == 1 else "/betaalbatches", message)


@router.get("/betaalbatches/{batch_id}", dependencies=asks(Permission.READ))
def batch(batch_id: str, visit: Visited, pagina: int = 1) -> Response:
    """Show a batch with its payments, each with its reason, and its history."""
    seen = paying.batch(visit.session, batch_id, visit.actor)
    withdrawn = seen.summary.state is BatchState.WITHDRAWN
    payments = [each for each in seen.payments if withdrawn or each.state is not PaymentState.WITHDRAWN]
    skip = max(0, pagina - 1) * PAGE
    shown = payments[skip : skip + PAGE]
    return visit.page(
        "backoffice/batch.html",
        shows=f"batch:{batch_id}",
        batch=seen.summary,
        payments=shown,
        steps=[(each, BatchState(each.state).label) for each in seen.steps if each.end_to_end_id is None],
        households=looking.household_names(
            visit.session, {each.household_id for each in shown if each.household_id}
        ),
        names=looking.user_names(visit.session),
        own_work=looking.may_not_approve(visit.session, batch_id, visit.actor),
        page=max(1, pagina),
        more=len(payments) > skip + PAGE,
        total=len(payments),
    )


@router.post("/betaalbatches/{batch_id}/goedkeuren", dependencies=asks(Permission.APPROVE))
def approve(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Approve as a second person; what changed in the meantime sends the batch back."""
    judged = paying.approve(visit.session, batch_id, visit.actor)
    if judged.changes:
        return _sent_back(visit, batch_id, [each.sentence for each in judged.changes])
    said = f"Betaalbatch {batch_id} is goedgekeurd."
    if judged.moved:
        moved = count(len(judged.moved), "betaling", "betalingen")
        said += f" Bij {moved} komt eigen geld in plaats van voorschot."
    return _back(visit, batch_id, said)


def _sent_back(visit: Visit, batch_id: str, changes: list[str]) -> Response:
    why = " ".join(changes)
    return visit.go(
        f"/betaalbatches/{batch_id}",
        Message("refused", f"De batch gaat terug naar wie haar voorstelde, want er is iets veranderd. {why}"),
    )


def _back(visit: Visit, batch_id: str, said: str) -> Response:
    return visit.go(f"/betaalbatches/{batch_id}", Message("done", said))


@router.post("/betaalbatches/{batch_id}/opnieuw", dependencies=asks(Permission.PROPOSE))
def propose_again(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Propose a batch that was sent back once more, without what changed."""
    made = paying.propose_again(visit.session, batch_id, visit.actor)
    if not made:
        return _back(visit, batch_id, "Er bleef niets over om voor te stellen.")
    return _back(visit, made[0].id, "De batch is opnieuw voorgesteld, zonder wat was veranderd.")


@router.post("/betaalbatches/{batch_id}/intrekken", dependencies=asks(Permission.EDIT_BATCH))
def withdraw(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Withdraw a batch that has no file yet."""
    paying.withdraw(visit.session, batch_id, form.need("reden", REASON), visit.actor)
    return _back(visit, batch_id, "De batch is ingetrokken. Wat erin stond, kan opnieuw worden voorgesteld.")


@router.post("/betaalbatches/{batch_id}/verwijderen", dependencies=asks(Permission.EDIT_BATCH))
def remove(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Take one payment out, and hold it before a person."""
    payment = form.need("betaling", "Welke betaling?")
    paying.remove(visit.session, batch_id, payment, form.need("reden", REASON), visit.actor)
    return _back(visit, batch_id, "De betaling is uit de batch gehaald en wacht bij de signalen.")


@router.post("/betaalbatches/{batch_id}/bestand", dependencies=asks(Permission.SEND))
def export(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Make the payment file, once."""
    made = paying.export(visit.session, batch_id, visit.actor)
    if isinstance(made, archive.ArchivedFile):
        return _back(visit, batch_id, "Het betaalbestand is klaar. Download het en zet het bij de bank.")
    return _sent_back(visit, batch_id, [each.sentence for each in made.changes])


@router.get("/betaalbatches/{batch_id}/bestand", dependencies=asks(Permission.SEND))
def download(batch_id: str, visit: Visited) -> Response:
    """Give the file as it was made."""
    made = looking.payment_file(visit.session, batch_id, visit.actor)
    if made is None:
        raise NoFileYet(batch=batch_id)
    audit.record(visit.session, visit.actor, "download", f"batch:{batch_id}", facts={"sha256": made.sha256})
    headers = {
        "content-disposition": f'attachment; filename="{made.name}"',
        "content-length": str(made.size),
    }
    content = _pieces(archive.open_file(made))
    return StreamingResponse(content, media_type="application/xml", headers=headers)


def _pieces(opened: BinaryIO) -> Iterator[bytes]:
    with opened:
        yield from iter(lambda: opened.read(PIECE_BYTES), b"")


@router.post("/betaalbatches/{batch_id}/verstuurd", dependencies=asks(Permission.SEND))
def sent(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Confirm that the bank has the file."""
    paying.sent(visit.session, batch_id, visit.actor)
    return _back(visit, batch_id, "De batch staat als verstuurd. Het afschrift laat zien of de bank betaalt.")


@router.post("/betaalbatches/{batch_id}/niet-bezorgd", dependencies=asks(Permission.SEND))
def not_delivered(batch_id: str, form: Submitted, visit: Visited) -> Response:
    """Say that the bank never had the file; a second person must say so too."""
    state = paying.not_delivered(visit.session, batch_id, form.need("reden", REASON), visit.actor)
    if state is BatchState.DOUBTED:
        return _back(visit, batch_id, "Opgeschreven. Een tweede persoon moet dit bevestigen.")
    return _back(visit, batch_id, "De batch staat als niet bezorgd. Het geld is terug.")


@router.post("/aangehouden/{payment}/vrijgeven", dependencies=asks(Permission.HOLD))
def release(payment: str, form: Submitted, visit: Visited) -> Response:
    """Let a held payment go, in a batch that somebody else approves."""
    released = paying.release(visit.session, payment, form.need("reden", REASON), visit.actor)
    if released.batch_id is None:
        over = show(released.over_limit_cents)
        waits = Message(
            "note", f"Dit gaat {over} boven de grens. Een tweede persoon moet de betaling ook vrijgeven."
        )
        return visit.go("/signalen", waits)
    return visit.go(
        f"/betaalbatches/{released.batch_id}",
        Message("done", "De betaling is vrijgegeven, in een eigen batch. Iemand anders keurt haar goed."),
    )


@router.post("/aangehouden/{payment}/intrekken", dependencies=asks(Permission.HOLD))
def drop(payment: str, form: Submitted, visit: Visited) -> Response:
    """Withdraw a held payment for good."""
    paying.drop(visit.session, payment, form.need("reden", REASON), visit.actor)
    return visit.go(
        "/signalen", Message("done", "De betaling is ingetrokken en wordt niet meer voorgesteld.")
    )
