"""Who is at the pages: sessions that end by themselves, by leaving, or because somebody ends them.

The cookie holds a token, the database its hash, so that who reads the database cannot step in.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock

TOKEN_BYTES: Final = 32
IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=10)
SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Message:
    """What the next page says first: `kind` is `done`, `note` or `refused`; `link` leads on, where given."""

    kind: str
    sentence: str
    link: str | None = None
    link_text: str | None = None


def start(session: Session, user_id: str) -> str:
    """Begin a session of a user, and give the token for the cookie."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(
        text(
            "INSERT INTO web_session (token_hash, user_id, started_at, seen_at)"
            " VALUES (:hash, :user, :now, :now)"
        ),
        {"hash": _hash(token), "user": user_id, "now": clock.now()},
    )
    return token


def user_of(session: Session, token: str) -> str | None:
    """Whose session this is, and that it was seen; None when it is over or never was."""
    now = clock.now()
    row = session.execute(
        text(
            "SELECT user_id, seen_at FROM web_session WHERE token_hash = :hash AND ended_at IS NULL"
            " AND seen_at > :idle AND started_at > :longest"
        ),
        {"hash": _hash(token), "idle": now - IDLE, "longest": now - LONGEST},
    ).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        session.execute(
            text("UPDATE web_session SET seen_at = :now WHERE token_hash = :hash"),
            {"hash": _hash(token), "now": now},
        )
    return str(row.user_id)


def end(session: Session, token: str) -> None:
    """End a session at once."""
    session.execute(
        text("UPDATE web_session SET ended_at = :now WHERE token_hash = :hash AND ended_at IS NULL"),
        {"hash": _hash(token), "now": clock.now()},
    )


def end_all_of(session: Session, user_id: str) -> int:
    """End every session of a user, and give how many there were."""
    ended = session.execute(
        text("UPDATE web_session SET ended_at = :now WHERE user_id = :user AND ended_at IS NULL RETURNING 1"),
        {"user": user_id, "now": clock.now()},
    )
    return len(ended.all())


def tell(session: Session, token: str, messages: Sequence[Message]) -> None:
    """Keep messages for the next page."""
    said = [{name: getattr(each, name) for name in Message.__slots__} for each in messages]
    session.execute(
        text(
            "UPDATE web_session SET messages = coalesce(messages, '[]'::jsonb) || cast(:said AS jsonb)"
            " WHERE token_hash = :hash"
        ),
        {"hash": _hash(token), "said": json.dumps(said)},
    )


def told(session: Session, token: str) -> list[Message]:
    """Take the messages that wait; each is told once."""
    waiting: Sequence[Mapping[str, Any]] | None = session.scalar(
        text("SELECT messages FROM web_session WHERE token_hash = :hash AND messages IS NOT NULL FOR UPDATE"),
        {"hash": _hash(token)},
    )
    if not waiting:
        return []
    session.execute(
        text("UPDATE web_session SET messages = NULL WHERE token_hash = :hash"), {"hash": _hash(token)}
    )
    return [Message(**each) for each in waiting]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
