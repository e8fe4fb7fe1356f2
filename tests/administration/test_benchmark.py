import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huishoudboekje.administration import Counts, export_administration, import_administration
from huishoudboekje.migrations import migrate
from huishoudboekje.settings import settings
from huishoudboekje.storage import ledger
from huishoudboekje.storage.db import Database
from tests.administration.test_exporting import BY, CORE


@pytest.fixture(scope="module")
def benchmark(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the matching benchmark writes for sixty households and a month."""
    out = tmp_path_factory.mktemp("benchmark") / "out"
    asked = [sys.executable, "-m", "hhb_match", "generate", str(out), "--households", "60", "--days", "31"]
    subprocess.run(
        asked,
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(shared / "hhb-match"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return out


def test_the_benchmark_goes_in_and_out_as_it_was(
    installed: Database,
    empty_database: Database,
    benchmark: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = json.loads((benchmark / "administration.json").read_text("utf-8"))
    with installed.anywhere() as session:
        done = import_administration(
            session, benchmark / "administration.json", BY, payments=benchmark / "payments.csv"
        )
    lines = (benchmark / "payments.csv").read_text("utf-8").splitlines()
    assert (Counts(60), Counts(len(lines) - 1)) == (done.households, done.payments)
    with installed.transaction() as session:
        export_administration(session, tmp_path / "out.json", BY)
        hashed = ledger.ledger_hash(session)
    left = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert written == {name: left[name] for name in CORE}

    migrate(empty_database)
    monkeypatch.setenv("HUISHOUDBOEKJE_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    with empty_database.anywhere() as session:
        import_administration(session, tmp_path / "out.json", BY)
    with empty_database.transaction() as session:
        assert hashed == ledger.ledger_hash(session)
