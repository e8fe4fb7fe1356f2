"""The faces on a real database: as somebody sees them in a test client, and in a browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from httpx2 import Response

from huishoudboekje.storage.db import Database
from huishoudboekje.web.app import create_app, listen
from tests.web import merwestad

OURS = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Somebody at the pages: reads, and submits forms as a browser does."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def form_token(self) -> str:
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.get("/").text)
        return found[1] if found else ""

    def post(self, path: str, *, follow: bool = True, **fields: str) -> Response:
        filled = {"form_token": self.form_token(), **fields}
        return self.client.post(path, data=filled, headers=OURS, follow_redirects=follow)

    def send(self, *files: tuple[str, bytes], script: bool = False) -> Response:
        headers = OURS | ({"Accept": "application/json"} if script else {})
        return self.client.post(
            "/afschriften",
            data={"form_token": self.form_token()},
            files=[("bestanden", each) for each in files],
            headers=headers,
        )


@pytest.fixture
def municipality(installed: Database, tmp_path: Path) -> Database:
    """Merwestad, a demonstration."""
    merwestad.fill(installed, tmp_path)
    return installed


@pytest.fixture
def visit(municipality: Database) -> Generator[Callable[[str | None], Browser]]:
    """Open the pages as one of the people, or as nobody."""
    app = create_app(municipality)
    opened: list[TestClient] = []

    def go(user_id: str | None = None) -> Browser:
        client = TestClient(app, base_url="http://127.0.0.1:8100", raise_server_exceptions=False)
        opened.append(client)
        if user_id is not None:
            client.post("/inloggen", data={"gebruiker": user_id}, headers=OURS)
        return Browser(client)

    yield go
    for client in opened:
        client.close()


@pytest.fixture
def address(municipality: Database) -> Generator[str]:
    """Where the pages are served, for a browser."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(municipality), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listening.close()
