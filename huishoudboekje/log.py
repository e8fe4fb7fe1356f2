"""Logs as records, from which numbers of people and accounts are taken out in one place."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

# Digits and separators as people write them; whether it is such a number does not matter here.
BSN: Final = re.compile(r"(?<![\dA-Za-z.,])\d(?:[ .]?\d){7,8}(?![\dA-Za-z])", re.ASCII)
IBAN: Final = re.compile(
    r"(?<![\dA-Za-z])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?![\dA-Za-z])"
)
SECRET_KEYS: Final = frozenset({"bsn", "token", "password", "key", "authorization", "cookie"})
OUT: Final = "[…]"


def redacted(value: object) -> object:
    """The same without what looks like a citizen service number or an account number, however deep."""
    match value:
        case str():
            return IBAN.sub(OUT, BSN.sub(OUT, value))
        case Mapping():
            return {
                key: OUT if str(key).lower() in SECRET_KEYS else redacted(each) for key, each in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [redacted(each) for each in value]
        case bool() | None | float():
            return value
        case int():
            return value if redacted(str(value)) == str(value) else OUT
        case _:
            return redacted(str(value))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take numbers of people and secrets out of a record, as the last step before it is written."""
    return {key: OUT if key.lower() in SECRET_KEYS else redacted(each) for key, each in event.items()}


class _Redacting(logging.Filter):
    """Takes numbers of people out of what libraries log themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = str(redacted(record.getMessage())), ()
        if record.exc_info and record.exc_info[0] is not None:
            # An exception's text may hold the row that it failed on.
            record.exc_text = str(redacted(logging.Formatter().formatException(record.exc_info)))
            record.exc_info = None
        return True


def configure(level: str = "WARNING") -> None:
    """Write records from this level on to stderr, as JSON lines, or as text on a terminal."""
    shown: Any = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="at"),
            structlog.processors.format_exc_info,
            redact,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.addFilter(_Redacting())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
