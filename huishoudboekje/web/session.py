"""Who is there and what they may: sessions, forms that only our own pages send, one transaction a request.

Who it is comes first, then whether they may, and only then is a form or file read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor, Channel, Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import audit, users, web_sessions
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.users import User
from huishoudboekje.storage.web_sessions import Message
from huishoudboekje.web.pages import Pages

SECURE_COOKIE: Final = "__Host-huishoudboekje"
COOKIE: Final = "huishoudboekje"
LOGIN: Final = "/inloggen"
FORM_BYTES: Final = 64 * 1024
SEE_OTHER: Final = 303


class NotSignedIn(Refused):
    """U bent niet (meer) ingelogd. Log opnieuw in."""


class FormFromElsewhere(Refused):
    """Dit formulier kwam niet van een pagina van Huishoudboekje zelf. Open de pagina opnieuw en probeer het nog eens."""  # noqa: E501 - one sentence


class FormTooLarge(Refused):
    """Dit formulier is te groot. Maak de tekst korter."""


class SomebodyWasFirst(Refused):
    """Iemand anders deed op hetzelfde moment hetzelfde en was net eerder. Bekijk hoe het er nu voor staat."""


class FieldMissing(Refused):
    """Vul '{field}' in."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session; `form_token` is what our own forms carry."""

    token: str
    user: User
    actor: Actor

    @property
    def form_token(self) -> str:
        """The proof that a form was made for this session."""
        return hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest()

    def require_token(self, given: str) -> None:
        """Raise FormFromElsewhere unless this is the session's own token."""
        if not hmac.compare_digest(given.encode(), self.form_token.encode()):
            raise FormFromElsewhere


def signed_in(request: Request) -> SignedIn:
    """Who is there, by the cookie. Raises NotSignedIn."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        raise NotSignedIn
    database: Database = request.app.state.database
    with database.transaction() as session:
        user_id = web_sessions.user_of(session, token)
        if user_id is None:
            raise NotSignedIn
        who = SignedIn(token, users.user(session, user_id), users.actor(session, user_id, Channel.WEB))
    request.state.signed_in = who
    return who


def cookie_name(request: Request) -> str:
    """The cookie's name: bound to this host where the connection is encrypted."""
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE


class Asks:
    """The permission that a route asks for; every route but the open ones declares one."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, who: Annotated[SignedIn, Depends(signed_in)]) -> None:
        """Raise NotAllowed unless who is there has the permission."""
        who.actor.require(self.permission)


def asks(permission: Permission) -> list[Any]:
    """What a route gives as its `dependencies`."""
    return [Depends(Asks(permission))]


class Form:
    """The fields of a submitted form, by name; a name may occur more than once."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def get(self, name: str) -> str:
        """The field's text without blanks around it; empty when it is absent."""
        return next(iter(self._fields.get(name, ())), "").strip()

    def need(self, name: str, label: str) -> str:
        """The field's text. Raises FieldMissing, by its label on the page."""
        if not (value := self.get(name)):
            raise FieldMissing(field=label)
        return value


async def submitted(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Form:
    """Read a small form, once it is known who sends it. Raises FormFromElsewhere, FormTooLarge."""
    form = await read_form(request)
    who.require_token(form.get("form_token"))
    return form


async def read_form(request: Request) -> Form:
    """Read a small form from whoever. Raises FormTooLarge."""
    body = b"".join([piece async for piece in at_most(request, FORM_BYTES, FormTooLarge())])
    return Form(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True))


async def at_most(request: Request, most_bytes: int, refusal: Refused) -> AsyncIterator[bytes]:
    """Give the body piece by piece; raises the refusal before more than `most_bytes` are taken."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise refusal
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > most_bytes:
            raise refusal
        yield piece


@dataclass
class Visit:
    """One request of somebody, in its one transaction."""

    request: Request
    session: Session
    who: SignedIn
    pages: Pages
    _told: list[Message] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.who.actor

    def page(
        self,
        name: str,
        *,
        shows: str | None,
        **context: Any,  # noqa: ANN401 - a template takes anything
    ) -> HTMLResponse:
        """Render a page; `shows` names what of people it shows, for the log, or is None."""
        if shows is not None:
            audit.record(self.session, self.actor, "look", shows)
        self._told += web_sessions.told(self.session, self.who.token)
        return self.pages.render(
            name, self.request, session=self.session, who=self.who, messages=self._told, **context
        )

    def go(self, path: str, *messages: Message) -> Response:
        """Lead on to a page after something was done, which tells these messages once."""
        if messages:
            web_sessions.tell(self.session, self.who.token, messages)
        return RedirectResponse(path, SEE_OTHER)


def visit(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Generator[Visit]:
    """Open the one transaction of this request; committed before the answer leaves."""
    database: Database = request.app.state.database
    with database.transaction() as session:
        yield Visit(request, session, who, request.app.state.pages)


Visited = Annotated[Visit, Depends(visit, scope="function")]
Submitted = Annotated[Form, Depends(submitted)]


def same_origin(headers: dict[str, str], host: str) -> bool:
    """Whether a changing request comes from one of our own pages, as the browser says."""
    if site := headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == host


def inner_path(path: str) -> str:
    """A path on this site to lead to, never one elsewhere."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if safe and not parts.scheme and not parts.netloc else "/"
