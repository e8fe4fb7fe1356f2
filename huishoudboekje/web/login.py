"""Logging in and out. In a demonstration that is a choice of fictional people; elsewhere not yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import SYSTEM, Channel, Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import audit, installation, users, web_sessions
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.installation import InstallationKind
from huishoudboekje.web.pages import Pages
from huishoudboekje.web.session import (
    LOGIN,
    SEE_OTHER,
    Form,
    Submitted,
    Visited,
    asks,
    cookie_name,
    inner_path,
    read_form,
)

router = APIRouter()


class OnlyInDemo(Refused):
    """Inloggen door een naam te kiezen kan alleen in een demonstratie. Deze installatie is dat niet."""


@router.get(LOGIN)
def choose(request: Request, naar: str = "/") -> Response:
    """Show who may be chosen."""
    database: Database = request.app.state.database
    pages: Pages = request.app.state.pages
    with database.transaction() as session:
        require_demo(session)
        people = [each for each in users.users(session) if each.active and each.id != SYSTEM.user]
        return pages.render(
            "shared/login.html", request, session=session, people=people, onward=inner_path(naar)
        )


@router.post(LOGIN)
def sign_in(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
    """Begin a session of the person who was chosen."""
    database: Database = request.app.state.database
    with database.transaction() as session:
        require_demo(session)
        actor = users.actor(session, form.need("gebruiker", "Wie bent u?"), Channel.WEB)
        if before := request.cookies.get(cookie_name(request)):
            web_sessions.end(session, before)
        token = web_sessions.start(session, actor.user)
        audit.record(session, actor, "sign in", f"user:{actor.user}")
    response = RedirectResponse(inner_path(form.get("naar")), SEE_OTHER)
    response.set_cookie(
        cookie_name(request),
        token,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/uitloggen", dependencies=asks(Permission.READ))
def sign_out(request: Request, form: Submitted, visit: Visited) -> Response:
    """End the session."""
    audit.record(visit.session, visit.actor, "sign out", f"user:{visit.actor.user}")
    web_sessions.end(visit.session, visit.who.token)
    response = RedirectResponse(LOGIN, SEE_OTHER)
    response.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https")
    return response


def require_demo(session: Session) -> None:
    """Raise OnlyInDemo unless the installation is marked as one."""
    if installation.kind(session) is not InstallationKind.DEMO:
        raise OnlyInDemo
