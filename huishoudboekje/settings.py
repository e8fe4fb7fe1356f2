"""Every environment variable, typed: `HUISHOUDBOEKJE_*`, `DATABASE_URL`, `BROKER_URL`."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from one installation to the next; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="HUISHOUDBOEKJE_", populate_by_name=True)

    home: Path = Path(".huishoudboekje")
    """Holds the embedded database, the archive of files and the installation's keys."""

    database_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("HUISHOUDBOEKJE_DATABASE_URL", "DATABASE_URL")
    )
    """PostgreSQL 15 to 18 as its owner; None is the embedded one in `home`."""

    database_app_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("HUISHOUDBOEKJE_DATABASE_APP_URL", "DATABASE_APP_URL")
    )
    """The same database as the application's role; None derives that role from the owner's URL."""

    broker_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("HUISHOUDBOEKJE_BROKER_URL", "BROKER_URL")
    )
    """Redis or RabbitMQ for Celery; None is a folder in `home`."""

    now: datetime | None = None
    """Where the clock stands, on installations that are marked demo or test; refused elsewhere."""

    municipality: str | None = None
    """Slug of the municipality that is worked for, where an installation holds several."""

    user: str | None = None
    """Who acts on the command line when `--by` is not given."""

    token: SecretStr | None = None
    """That user's personal token, on installations that are not marked demo or test."""

    key: SecretStr | None = None
    """Master key for encrypted fields, 64 hexadecimal digits; None is kept in `home`/key."""

    log_level: str = "WARNING"
    """Least severe level that is logged."""

    host: str = "127.0.0.1"
    """Address on which the faces are served."""

    port: int = 8100
    """Port on which the faces are served; the next free one when it is taken."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the environment once per process."""
    return Settings()
