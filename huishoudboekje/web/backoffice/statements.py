"""Statements: send files, see what became of each, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bank_formats.errors import shown
from huishoudboekje.day import looking, taking_in
from huishoudboekje.day.taking_in import Summary
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import web_sessions
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.web_sessions import Message
from huishoudboekje.web.pages import count
from huishoudboekje.web.session import SEE_OTHER, SignedIn, Submitted, Visited, asks, signed_in
from huishoudboekje.web.uploads import Received, for_the_time_being, receive

router = APIRouter()
PAGE = 25


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file, for the page and for its script."""

    file: str
    kind: str
    sentence: str

    @property
    def message(self) -> Message:
        """The same as a message on the next page."""
        named = self.sentence.startswith(shown(self.file))  # a refusal names the file, and a line in it
        return Message(self.kind, self.sentence if named else f"{self.file}: {self.sentence}")


@router.get("/afschriften", dependencies=asks(Permission.READ))
def statements(visit: Visited, pagina: int = 1) -> Response:
    """List the statements and what is missing."""
    skip = max(0, pagina - 1) * PAGE
    found = looking.statements(visit.session, visit.actor, skip=skip, limit=PAGE + 1)
    return visit.page(
        "backoffice/statements.html",
        shows=None,
        statements=found[:PAGE],
        gaps=looking.gaps(visit.session, visit.actor),
        page=max(1, pagina),
        more=len(found) > PAGE,
    )


@router.post("/afschriften", dependencies=asks(Permission.TAKE_IN_STATEMENTS))
async def upload(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Response:
    """Take in files, each in a transaction of its own: a refused one does not stop the rest."""
    with for_the_time_being() as folder:
        received = await receive(request, who, folder)
        results = await run_in_threadpool(_take_in, request.app.state.database, received, who)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse([asdict(each) for each in results])
    await run_in_threadpool(_tell, request.app.state.database, results, who)
    return RedirectResponse("/afschriften", SEE_OTHER)


def _take_in(database: Database, received: Iterable[Received], who: SignedIn) -> list[Result]:
    return [_take_in_one(database, each, who) for each in received]


def _take_in_one(database: Database, each: Received, who: SignedIn) -> Result:
    try:
        with database.transaction() as session:
            return _result(taking_in.take_in(session, each.path, each.name, who.actor))
    except Refused as refused:
        return Result(each.name, "refused", refused.sentence)


def _tell(database: Database, results: Iterable[Result], who: SignedIn) -> None:
    with database.transaction() as session:
        web_sessions.tell(session, who.token, [each.message for each in results])


def _result(summary: Summary) -> Result:
    if summary.known:
        return Result(summary.file, "note", "dit bestand was al ingelezen; er is niets veranderd.")
    said = f"{count(summary.transactions, 'nieuwe mutatie', 'nieuwe mutaties')}"
    if summary.transactions:
        waits = "komt" if summary.queued == 1 else "komen"
        said += f", {summary.matched} vanzelf geboekt, {summary.queued} {waits} op de werklijst"
    if summary.doubles:
        said += f", {summary.doubles} al bekend"
    if summary.before_start:
        said += f", {summary.before_start} van voor het begin van de rekening"
    sentences = [f"{said}.", *summary.asides, *(each.sentence for each in summary.verdicts)]
    kind = "note" if summary.asides or summary.verdicts else "done"
    return Result(summary.file, kind, " ".join(sentences))


@router.post("/afschriften/{number}/boeken", dependencies=asks(Permission.BOOK))
def accept(number: int, form: Submitted, visit: Visited) -> Response:
    """Book a statement that was kept aside, on a person's word."""
    reason = form.need("reden", "Waarom mag dit worden geboekt?")
    summary = taking_in.accept_statement(visit.session, number, reason, visit.actor)
    return visit.go("/afschriften", _result(summary).message)
