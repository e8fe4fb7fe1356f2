"""Who gets in, what they may, and what nobody can do from elsewhere."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import text
from structlog.testing import capture_logs

from huishoudboekje import clock
from huishoudboekje.day import looking
from huishoudboekje.domain.access import PERMISSIONS, Role
from huishoudboekje.storage import audit
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.installation import InstallationKind
from huishoudboekje.web import backoffice
from huishoudboekje.web.app import HEADERS, OPEN, create_app, listen, routes, serve
from huishoudboekje.web.login import OnlyInDemo
from huishoudboekje.web.session import Asks, inner_path, submitted
from tests.web import merwestad
from tests.web.conftest import OURS, Browser

Visit = Callable[..., Browser]
ROUTES = [route for route in routes() if isinstance(route, APIRoute)]
CLOSED = [route for route in ROUTES if route.path not in OPEN]


def asked(route: APIRoute) -> list[Asks]:
    return [each.call for each in route.dependant.dependencies if isinstance(each.call, Asks)]


def method_of(route: APIRoute) -> str:
    return " ".join(route.methods or ())


def filled(route: APIRoute) -> str:
    return route.path.format(named="T1", batch_id="B1", number=1, payment="P1")


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: f"{route.methods} {route.path}")
def test_every_route_declares_one_permission(route: APIRoute) -> None:
    assert len(asked(route)) == 1


def test_nobody_sees_a_page_without_logging_in(visit: Visit) -> None:
    nobody = visit()
    for route in CLOSED:
        method = method_of(route)
        answer = nobody.client.request(method, filled(route), headers=OURS, follow_redirects=False)
        seen = (route.path, answer.status_code, answer.headers.get("location", "")[:9])
        assert seen == ((route.path, 303, "/inloggen") if method == "GET" else (route.path, 401, ""))


def test_a_role_without_the_permission_is_refused_before_anything_is_read(visit: Visit) -> None:
    people = {user_id: visit(user_id) for user_id in merwestad.PEOPLE}
    for route in CLOSED:
        method, permission = method_of(route), asked(route)[0].permission
        for user_id, (_, role) in merwestad.PEOPLE.items():
            if permission not in PERMISSIONS[role]:
                answer = people[user_id].client.request(method, filled(route), headers=OURS)
                assert (route.path, user_id, answer.status_code) == (route.path, user_id, 403)
                assert permission.label in answer.text


def test_every_change_asks_for_the_forms_token(visit: Visit) -> None:
    people = {role: visit(user_id) for user_id, (_, role) in merwestad.PEOPLE.items()}
    for route in CLOSED:
        if route.methods != {"POST"}:
            continue
        uploads = route.endpoint is backoffice.statements.upload
        assert uploads or submitted in [each.call for each in route.dependant.dependencies]
        somebody = next(people[role] for role in people if asked(route)[0].permission in PERMISSIONS[role])
        answer = somebody.client.post(
            filled(route),
            data={"form_token": "0" * 64},
            files={"bestanden": ("a.xml", b"<a/>")} if uploads else None,
            headers=OURS,
        )
        assert (route.path, answer.status_code) == (route.path, 403)
        assert "kwam niet van een pagina van Huishoudboekje" in answer.text


def test_only_our_own_pages_change_anything(visit: Visit) -> None:
    cases: list[tuple[dict[str, str], int]] = [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8100"}, 403),
        ({"Origin": "http://127.0.0.1:8100"}, 200),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ]
    noor = visit("noor")
    for headers, status in cases:
        answer = noor.client.post("/betaalbatches", data={"form_token": noor.form_token()}, headers=headers)
        assert (headers, answer.status_code) == (headers, status)


def test_a_session_ends_by_leaving_by_waiting_and_by_its_length(visit: Visit, municipality: Database) -> None:
    noor = visit("noor")
    kept = dict(noor.client.cookies)
    noor.post("/uitloggen")
    noor.client.cookies.update(kept)
    assert noor.get("/").url.path == "/inloggen"
    bob = visit("bob")
    clock.stand_at(merwestad.NOW + timedelta(minutes=59))
    assert bob.get("/").url.path == "/"
    clock.stand_at(merwestad.NOW + timedelta(minutes=121))
    assert bob.get("/").url.path == "/inloggen"
    sam = visit("sam")
    for hours in range(1, 11):
        clock.stand_at(merwestad.NOW + timedelta(minutes=121 + hours * 59))
        assert sam.get("/").url.path == "/"
    clock.stand_at(merwestad.NOW + timedelta(minutes=121 + 601))
    assert sam.get("/").url.path == "/inloggen"


def test_somebody_who_is_let_go_is_out_at_once(visit: Visit, municipality: Database) -> None:
    noor = visit("noor")
    with municipality.transaction() as session:
        session.execute(text("UPDATE app_user SET active = false WHERE id = 'noor'"))
    assert noor.get("/").status_code == 403


def test_the_database_holds_no_token_of_anybody(visit: Visit, municipality: Database) -> None:
    noor = visit("noor")
    (token,) = noor.client.cookies.values()
    with municipality.transaction() as session:
        kept = session.execute(text("SELECT * FROM web_session")).one()
    assert token not in str(tuple(kept))
    assert token.encode() not in bytes(kept.token_hash)


def test_the_cookie_is_ours_alone(municipality: Database) -> None:
    plain = TestClient(create_app(municipality), base_url="http://127.0.0.1:8100")
    answer = plain.post("/inloggen", data={"gebruiker": "noor"}, headers=OURS, follow_redirects=False)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    safe = TestClient(create_app(municipality), base_url="https://huishoudboekje.example")
    answer = safe.post("/inloggen", data={"gebruiker": "noor"}, headers=OURS, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("kind", [InstallationKind.TEST, InstallationKind.PRODUCTION])
def test_choosing_a_name_is_no_login_outside_a_demonstration(
    kind: InstallationKind, installed: Database, tmp_path: Path
) -> None:
    merwestad.fill(installed, tmp_path, kind)
    client = TestClient(create_app(installed))
    assert client.get("/inloggen").status_code == 403
    assert client.post("/inloggen", data={"gebruiker": "noor"}, headers=OURS).status_code == 403
    with pytest.raises(OnlyInDemo):
        serve(installed)


def test_nobody_becomes_the_program_or_a_stranger(visit: Visit) -> None:
    for name in ("system", "nobody"):
        answer = visit().client.post("/inloggen", data={"gebruiker": name}, headers=OURS)
        assert answer.status_code == 404


def test_every_answer_has_the_headers_that_keep_it_safe(visit: Visit) -> None:
    noor = visit("noor")
    for path in ("/inloggen", "/", "/bestaat-niet", "/mutaties/T99", "/signalen?pagina=x"):
        answer = noor.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]


def test_static_files_may_be_kept_for_ever(visit: Visit) -> None:
    nobody = visit()
    version = nobody.client.app.state.pages.version  # type: ignore[attr-defined]
    answer = nobody.get(f"/static/{version}/huishoudboekje.css")
    assert "immutable" in answer.headers["cache-control"]
    missing = nobody.get(f"/static/{version}/../app.py")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


def test_a_bug_tells_its_number_and_nothing_else(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    noor = visit("noor")

    def broken(*_: object) -> None:
        raise ValueError("999999990")

    monkeypatch.setattr(looking, "today", broken)
    with capture_logs() as logged:
        answer = noor.get("/")
    assert answer.status_code == 500
    assert [each["kind"] for each in logged] == ["ValueError"]
    assert logged[0]["incident"] in answer.text
    assert "999999990" not in answer.text + str(logged)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "x", ""]
)
def test_login_leads_nowhere_else(path: str) -> None:
    assert inner_path(path) == "/"


def test_who_looked_at_people_is_in_the_log(visit: Visit, municipality: Database) -> None:
    iris = visit("iris")
    for path in ("/werklijst", "/signalen"):
        iris.get(path)
    with municipality.transaction() as session:
        looks = [each for each in audit.events(session, by_user="iris") if each.action == "look"]
    assert {each.subject for each in looks} == {"worklist", "signals"}


def test_an_address_holds_no_number_of_people() -> None:
    named = {name for route in ROUTES for name in route.param_convertors}
    assert named <= {"named", "batch_id", "number", "payment"}
    assert Role.SYSTEM not in {role for _, role in merwestad.PEOPLE.values()}


def test_whoever_logs_in_again_leaves_the_session_before(visit: Visit) -> None:
    noor = visit("noor")
    kept = dict(noor.client.cookies)
    noor.client.post("/inloggen", data={"gebruiker": "sam"}, headers=OURS)
    assert "Sam Okafor" in noor.get("/").text
    noor.client.cookies.clear()
    noor.client.cookies.update(kept)
    assert noor.get("/").url.path == "/inloggen"


def test_a_port_that_is_taken_gives_way_to_the_next() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with listen("127.0.0.1", port) as second:
            assert port < second.getsockname()[1] <= port + 19
