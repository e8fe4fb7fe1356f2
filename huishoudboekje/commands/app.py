"""All commands together, and what becomes of a refusal, an interruption and a fault."""

from __future__ import annotations

import secrets
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Final

import typer

from huishoudboekje.commands import (
    agreed,
    bank_files,
    batches,
    checking,
    closing,
    households,
    installation,
    people,
    rules,
    transactions,
)

DONE: Final = 0
REFUSED: Final = 1
TERMINATED: Final = 143

app = typer.Typer(
    name="huishoudboekje",
    help="Take in bank statements, book them, pay the fixed costs of households, and prove every cent. "
    "Refusals are in Dutch, on stderr. Exit code: 0 done, 1 refused, 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for subject in (
    installation,
    bank_files,
    checking,
    transactions,
    batches,
    closing,
    households,
    agreed,
    people,
    rules,
):
    subject.add_to(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; whatever goes wrong is told on stderr, without a traceback."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app(list(arguments), prog_name="huishoudboekje")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else DONE if done.code is None else REFUSED
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:  # noqa: BLE001 - the last resort of the process
        typer.echo(_sentence(error), err=True)
        return REFUSED
    return DONE


def _terminated(_number: int, _frame: FrameType | None) -> None:
    # As an exception, so that transactions roll back and the embedded database is stopped.
    sys.exit(TERMINATED)


def _sentence(error: Exception) -> str:
    """What a person is told: the refusal's sentence, or the number under which the fault was logged."""
    refusal = _refusal(error)
    return refusal if refusal is not None else _incident(error)


def _refusal(error: Exception) -> str | None:
    from bank_formats.errors import NotOpened
    from bank_formats.errors import Refused as FileRefused
    from huishoudboekje.domain.errors import Refused

    if isinstance(error, Refused | FileRefused):
        return error.sentence
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError) and error.filename:
        return NotOpened.because(error).sentence
    return None


def _incident(error: Exception) -> str:
    import structlog

    number = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    at = next((each for each in reversed(frames) if "site-packages" not in each.filename), frames[-1])
    logger = structlog.get_logger()
    # The message of an exception may hold rows with names, so that only its kind and place are logged.
    logger.error("incident", incident=number, kind=type(error).__name__, where=f"{at.filename}:{at.lineno}")
    logger.debug("incident", incident=number, exc_info=error)
    return f"Dit ging onverwacht mis. Meld storing {number} aan de beheerder; er is niets half gedaan."
