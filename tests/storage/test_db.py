"""How the application's role is found."""

import pytest
from sqlalchemy import make_url

from huishoudboekje.settings import settings
from huishoudboekje.storage.db import NoAppUrl, app_url, open_database

NO_PASSWORD = "postgresql+psycopg://hhb@db/hhb"


def test_from_no_password_no_password_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAppUrl, match="DATABASE_APP_URL"):
        app_url(make_url(NO_PASSWORD))
    monkeypatch.setenv("DATABASE_URL", NO_PASSWORD)
    settings.cache_clear()
    with pytest.raises(NoAppUrl):
        open_database()
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql://hhb_app@db/hhb")
    settings.cache_clear()
    assert open_database().app_url.username == "hhb_app"
    monkeypatch.undo()
    settings.cache_clear()
