"""The faces put together: routes, error pages, security headers, and the server that serves them."""

from __future__ import annotations

import errno
import secrets
import socket
import traceback
import webbrowser
from http import HTTPStatus
from typing import Any, Final

import psycopg
import psycopg.errors
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import bank_formats
from huishoudboekje.day.taking_in import BeingRefunded
from huishoudboekje.domain.access import RolesDoNotCombine
from huishoudboekje.domain.errors import NotAllowed, NotFound, Refused, StateChanged
from huishoudboekje.storage.day_closes import AlreadySigned
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.ledger import SameKeyOtherContent
from huishoudboekje.storage.users import NoSuchUser, UserNotActive
from huishoudboekje.web import backoffice, login
from huishoudboekje.web.pages import HERE, Pages
from huishoudboekje.web.session import (
    LOGIN,
    SEE_OTHER,
    FormFromElsewhere,
    FormTooLarge,
    NotSignedIn,
    SignedIn,
    SomebodyWasFirst,
    inner_path,
    same_origin,
)
from huishoudboekje.web.uploads import UploadTooLarge
from ingest.by_hand import AlreadyBooked, NothingToUndo
from payouts.batch import FourEyes, NotHeld, NotInBatch, TwoPeople, WrongStep

ROUTERS: Final[tuple[APIRouter, ...]] = (login.router, *backoffice.ROUTERS)
OPEN: Final = {LOGIN: "who logs in is not known yet"}
"""Paths that ask for no permission, with the reason; static files hold nothing of anybody."""

STATUSES: Final[tuple[tuple[tuple[type[Refused], ...], HTTPStatus], ...]] = (
    ((NotSignedIn,), HTTPStatus.UNAUTHORIZED),
    ((NotAllowed, FormFromElsewhere, login.OnlyInDemo, FourEyes, TwoPeople), HTTPStatus.FORBIDDEN),
    ((UserNotActive, RolesDoNotCombine), HTTPStatus.FORBIDDEN),
    ((NotFound, NoSuchUser), HTTPStatus.NOT_FOUND),
    ((StateChanged, SomebodyWasFirst, AlreadyBooked, BeingRefunded), HTTPStatus.CONFLICT),
    ((NothingToUndo, WrongStep, NotHeld, NotInBatch, AlreadySigned), HTTPStatus.CONFLICT),
    ((FormTooLarge, UploadTooLarge), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
TITLES: Final = {
    HTTPStatus.BAD_REQUEST: "Dat kan niet",
    HTTPStatus.UNAUTHORIZED: "Log opnieuw in",
    HTTPStatus.FORBIDDEN: "Dat mag u niet",
    HTTPStatus.NOT_FOUND: "Niet gevonden",
    HTTPStatus.CONFLICT: "Dat kan niet meer",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Te groot",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Er ging iets mis",
}
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
UNCHANGING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
RACES: Final = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)
NEXT_PORTS: Final = 20


def create_app(database: Database) -> FastAPI:
    """Put the faces together on a database."""
    app = FastAPI(title="Huishoudboekje", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.database = database
    app.state.pages = pages = Pages()
    app.mount(f"/static/{pages.version}", StaticFiles(directory=HERE / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(bank_formats.Refused, _refused)
    for race in (*RACES, DBAPIError, SameKeyOtherContent):
        app.add_exception_handler(race, _somebody_was_first)
    app.add_exception_handler(HTTPException, _not_a_page)
    app.add_exception_handler(RequestValidationError, _not_a_page)
    app.add_middleware(Doorkeeper, pages=pages)
    return app


class Doorkeeper:
    """Gives every answer its security headers, lets nothing change from elsewhere, and catches bugs."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, started = Request(scope, receive), False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                static = scope["path"].startswith("/static/") and message["status"] == HTTPStatus.OK
                kept = "public, max-age=31536000, immutable" if static else "no-store"
                headers["cache-control"] = kept
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in UNCHANGING and not same_origin(dict(headers), headers.get("host", "")):
            await _page_of(request, FormFromElsewhere())(scope, receive, guarded)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as bug:
            if started:
                raise
            await self._incident(request, bug)(scope, receive, guarded)

    def _incident(self, request: Request, bug: Exception) -> Response:
        """Log a bug under a number that the page gives too: where it was, and not with what values."""
        incident = secrets.token_hex(4).upper()
        structlog.get_logger().error(
            "unexpected",
            incident=incident,
            method=request.method,
            path=request.url.path,
            kind=type(bug).__name__,
            where=[
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(bug.__traceback__)
                if "site-packages" not in frame.filename
            ],
        )
        return _error_page(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Dit is een fout in Huishoudboekje, niet van u. Er is niets gewijzigd.",
            incident=incident,
        )


def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused | bank_formats.Refused)  # noqa: S101 - what it is registered for
    if isinstance(refusal, NotSignedIn) and request.method == "GET":
        path = request.url.path
        return RedirectResponse(LOGIN if path == "/" else f"{LOGIN}?naar={path}", SEE_OTHER)
    return _page_of(request, refusal)


def _somebody_was_first(request: Request, error: Exception) -> Response:
    """Two at once: the database let one of them through; any other error of it is a bug."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, (*RACES, SameKeyOtherContent)):
        raise error
    structlog.get_logger().warning("race", path=request.url.path, kind=type(cause).__name__)
    return _page_of(request, SomebodyWasFirst())


def _page_of(request: Request, refusal: Refused | bank_formats.Refused) -> Response:
    status = next(
        (status for kinds, status in STATUSES if isinstance(refusal, kinds)), HTTPStatus.BAD_REQUEST
    )
    return _error_page(request, status, refusal.sentence)


def _not_a_page(request: Request, error: Exception) -> Response:
    """A path or a way of asking that does not exist; what was typed is not repeated."""
    found = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    if found in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return _error_page(request, HTTPStatus.NOT_FOUND, "Deze pagina bestaat niet. Controleer het adres.")
    return _error_page(request, HTTPStatus.BAD_REQUEST, "Deze vraag is niet te begrijpen. Ga terug.")


def _error_page(request: Request, status: HTTPStatus, sentence: str, incident: str | None = None) -> Response:
    who: SignedIn | None = getattr(request.state, "signed_in", None)
    pages: Pages = request.app.state.pages
    referer = request.headers.get("referer", "")
    ours = f"{request.url.scheme}://{request.headers.get('host', '')}/"
    back = inner_path("/" + referer.removeprefix(ours)) if referer.startswith(ours) else "/"
    return pages.render(
        "shared/error.html",
        request,
        who=who,
        status=status,
        title=TITLES.get(status, TITLES[HTTPStatus.BAD_REQUEST]),
        sentence=sentence,
        incident=incident,
        back=back,
    )


def serve(
    database: Database, host: str = "127.0.0.1", port: int = 8100, *, open_browser: bool = False
) -> None:
    """Serve the faces until somebody stops it, on this port or the next free one; prints the address.

    Raises OnlyInDemo on an installation that is not one: there is no real login yet.
    """
    with database.anywhere() as session:
        login.require_demo(session)
    listening = listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}/"
    print(f"Huishoudboekje staat klaar op {address} (stoppen met Ctrl+C)", flush=True)  # noqa: T201 - for who started it
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(
        create_app(database),
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """Take this port, or the first free one after it."""
    for chosen in range(port, port + NEXT_PORTS):
        taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((host, chosen))
            taken.listen(128)
        except OSError as error:
            taken.close()
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        return taken
    raise OSError(errno.EADDRINUSE, f"no free port from {port} to {port + NEXT_PORTS - 1}")


def routes() -> list[Any]:
    """Every route of every face, for the promise that each declares its permission."""
    return [route for router in ROUTERS for route in router.routes]
