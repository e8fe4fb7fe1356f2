"""A back-office day through the pages: upload, worklist, batch by two people, refusals on the way."""

import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from huishoudboekje.storage import audit
from huishoudboekje.storage.db import Database
from huishoudboekje.web import session as web_session
from huishoudboekje.web import uploads
from tests.web.conftest import OURS, Browser
from tests.web.merwestad import BOOKED_ON, bank_file

Visit = Callable[..., Browser]


def only(database: Database, statement: str) -> object:
    with database.transaction() as session:
        return session.scalar(text(statement))


def test_files_are_taken_in_each_for_itself(visit: Visit, municipality: Database) -> None:
    noor = visit("noor")
    answer = noor.send(("goed.xml", bank_file()), ("kapot.xml", b"<Document"), ("goed.xml", bank_file()))
    assert answer.url.path == "/afschriften"
    assert "goed.xml: 3 nieuwe mutaties, 1 vanzelf geboekt, 2 komen op de werklijst." in answer.text
    assert "dit bestand was al ingelezen" in answer.text
    assert answer.text.count("message-refused") == 1
    assert "kapot.xml" in answer.text
    assert "message-" not in noor.get("/afschriften").text
    assert only(municipality, "SELECT count(*) FROM bank_transaction") == 3


def test_the_script_gets_the_same_as_values(visit: Visit) -> None:
    compressed = io.BytesIO()
    with zipfile.ZipFile(compressed, "w") as made:
        made.writestr("../etc/passwd.xml", bank_file())
    answer = visit("noor").send(("C:\\map\\afschriften.zip", compressed.getvalue()), script=True)
    assert [each["file"] for each in answer.json()] == ["afschriften.zip"]
    assert answer.json()[0]["kind"] in {"done", "refused"}


@pytest.mark.parametrize(
    ("limit", "value", "files", "status", "sentence"),
    [
        ("UPLOAD_BYTES", 500, [("a.xml", b"x" * 1000)], 413, "te groot"),
        ("MOST_FILES", 1, [("a.xml", b"x"), ("b.xml", b"x")], 400, "meer dan 1 bestanden"),
        ("MOST_FILES", 9, [("", b"")], 400, "Er kwam geen bestand aan"),
    ],
)
def test_what_cannot_be_received_is_refused(
    limit: str,
    value: int,
    files: list[tuple[str, bytes]],
    status: int,
    sentence: str,
    visit: Visit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noor = visit("noor")
    monkeypatch.setattr(uploads, limit, value)
    answer = noor.send(*files)
    assert (answer.status_code, sentence in answer.text) == (status, True)


def test_a_body_that_is_no_upload_is_refused(visit: Visit) -> None:
    noor = visit("noor")
    for body, kind in (
        (b"form_token=x", "application/x-www-form-urlencoded"),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
    ):
        answer = noor.client.post("/afschriften", content=body, headers=OURS | {"Content-Type": kind})
        assert (body, answer.status_code) == (body, 400)
        assert "Er kwam geen bestand aan" in answer.text


def test_a_large_form_is_refused_before_it_is_read(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_session, "FORM_BYTES", 200)
    answer = visit("noor").post("/betaalbatches", reden="x" * 300)
    assert answer.status_code == 413


def test_the_worklist_is_worked_off_and_a_decision_undone(visit: Visit, municipality: Database) -> None:
    noor = visit("noor")
    noor.send(("dag.xml", bank_file()))
    page = noor.get("/werklijst").text
    assert "P. Onbekend" in page
    assert "+\N{NO-BREAK SPACE}€\N{NO-BREAK SPACE}45,00" in page
    stranger = str(only(municipality, "SELECT 'T' || id FROM bank_transaction WHERE amount_cents = 4500"))
    assert "Kies eerst" in noor.post(f"/mutaties/{stranger}/boeken").text
    found = noor.post(f"/mutaties/{stranger}/zoeken", zoek="yılmaz").text
    assert "huishouden:H1" in found
    assert "afspraak:A11" in found
    assert "afspraak:A12" not in found
    booked = noor.post(f"/mutaties/{stranger}/boeken", keuze="huishouden:H1")
    assert f"Mutatie {stranger} van € 45,00 is geboekt." in booked.text
    again = noor.post(f"/mutaties/{stranger}/boeken", keuze="eigen:costs")
    assert (again.status_code, "is al geboekt" in again.text) == (409, True)
    assert "Vul &#39;Waarom?&#39; in" in noor.post(f"/mutaties/{stranger}/ongedaan").text
    undone = noor.post(f"/mutaties/{stranger}/ongedaan", reden="verkeerd huishouden")
    assert "ongedaan gemaakt" in undone.text
    assert "verkeerd huishouden" in undone.text
    noor.post(f"/mutaties/{stranger}/boeken", keuze="eigen:charges")
    assert "P. Onbekend" not in noor.get("/werklijst").text
    assert "sluiten op elkaar aan" in noor.get("/").text


def test_a_batch_takes_two_people_from_proposal_to_bank(visit: Visit, municipality: Database) -> None:
    noor, sam = visit("noor"), visit("sam")
    noor.send(("dag.xml", bank_file()))
    proposed = noor.post("/betaalbatches")
    batch = proposed.url.path.rsplit("/", 1)[-1]
    assert "Iemand anders kan nu goedkeuren" in proposed.text
    assert "niets (meer) te betalen" in noor.post("/betaalbatches").text
    assert noor.post(f"/betaalbatches/{batch}/goedkeuren").status_code == 403
    assert noor.get(f"/betaalbatches/{batch}/bestand").status_code == 400
    assert sam.post(f"/betaalbatches/{batch}/bestand").status_code == 409
    assert "is goedgekeurd" in sam.post(f"/betaalbatches/{batch}/goedkeuren").text
    assert sam.post(f"/betaalbatches/{batch}/goedkeuren").status_code == 409
    assert "betaalbestand is klaar" in noor.post(f"/betaalbatches/{batch}/bestand").text
    first, again = (noor.get(f"/betaalbatches/{batch}/bestand") for _ in range(2))
    assert first.content == again.content
    assert b"pain.001.001.09" in first.content
    assert "attachment" in first.headers["content-disposition"]
    assert "staat als verstuurd" in noor.post(f"/betaalbatches/{batch}/verstuurd").text
    with municipality.transaction() as session:
        actions = {each.action for each in audit.events(session, by_user="noor")}
    assert "download" in actions


def test_who_took_a_payment_out_cannot_approve(visit: Visit, municipality: Database) -> None:
    noor, sam = visit("noor"), visit("sam")
    batch = noor.post("/betaalbatches").url.path.rsplit("/", 1)[-1]
    payment = str(only(municipality, "SELECT min(end_to_end_id) FROM payment"))
    removed = sam.post(f"/betaalbatches/{batch}/verwijderen", betaling=payment, reden="klopt niet")
    assert "uit de batch gehaald" in removed.text
    refused = sam.post(f"/betaalbatches/{batch}/goedkeuren")
    assert (refused.status_code, "Iemand anders moet" in refused.text) == (403, True)
    assert "klopt niet" in noor.get("/signalen").text or "aangehouden" in noor.get("/signalen").text
    assert "is ingetrokken" in noor.post(f"/betaalbatches/{batch}/intrekken", reden="opnieuw").text


def test_a_page_that_cannot_be_shown_says_why(visit: Visit) -> None:
    noor = visit("noor")
    for path, status, sentence in (
        ("/mutaties/T999", 404, "Mutatie T999 bestaat niet"),
        ("/betaalbatches/B1", 404, "Betaalbatch B1 bestaat niet"),
        ("/werklijst?na=T999", 404, "bestaat niet"),
        ("/dagafsluiting?dag=gisteren", 400, "is geen dag"),
        ("/bestaat-niet", 404, "Deze pagina bestaat niet"),
        ("/afschriften?pagina=<script>", 404, "Deze pagina bestaat niet"),
    ):
        answer = noor.get(path)
        assert (path, answer.status_code, sentence in answer.text) == (path, status, True)
        assert "<script>" not in answer.text


def test_long_lists_come_in_pages(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    from huishoudboekje.web.backoffice import worklist  # noqa: PLC0415 - the module, not the route

    noor = visit("noor")
    noor.send(("dag.xml", bank_file()))
    monkeypatch.setattr(worklist, "PAGE", 1)
    first = noor.get("/werklijst").text
    assert ("Bakkerij Zon" in first, "P. Onbekend" in first) == (True, False)
    onward = first.split('href="/werklijst?na=')[1].split('"')[0]
    second = noor.get(f"/werklijst?na={onward}").text
    assert ("P. Onbekend" in second, "Volgende" in second) == (True, False)


def test_of_two_who_book_at_once_one_wins_and_one_is_told(visit: Visit, municipality: Database) -> None:
    noor, bob = visit("noor"), visit("bob")
    noor.send(("dag.xml", bank_file()))
    stranger = only(municipality, "SELECT 'T' || id FROM bank_transaction WHERE amount_cents = 4500")
    for turn in range(8):
        with ThreadPoolExecutor(2) as pool:
            pressed = [
                pool.submit(who.post, f"/mutaties/{stranger}/boeken", keuze=f"huishouden:H{number}")
                for number, who in enumerate((noor, bob), start=1)
            ]
        assert sorted(each.result().status_code for each in pressed) == [200, 409]
        noor.post(f"/mutaties/{stranger}/ongedaan", reden=f"beurt {turn}")


def test_money_of_nobody_goes_back_by_two_people(visit: Visit, municipality: Database) -> None:
    noor, sam = visit("noor"), visit("sam")
    noor.send(("dag.xml", bank_file()))
    stranger = only(municipality, "SELECT 'T' || id FROM bank_transaction WHERE amount_cents = 4500")
    proposed = noor.post(f"/mutaties/{stranger}/terugbetalen")
    assert "terugbetaling is voorgesteld" in proposed.text
    assert "is goedgekeurd" in sam.post(f"{proposed.url.path}/goedkeuren").text


def test_a_day_is_signed_off_once(visit: Visit) -> None:
    noor, iris = visit("noor"), visit("iris")
    noor.send(("dag.xml", bank_file()))
    assert "Teken deze dag af" not in iris.get("/dagafsluiting").text
    assert "is afgetekend" in noor.post("/dagafsluiting", dag="2026-01-02").text
    assert "Afgetekend</strong> door Noor de Wit" in iris.get("/dagafsluiting").text
    again = noor.post("/dagafsluiting", dag="2026-01-02")
    assert (again.status_code, "is al afgetekend door noor" in again.text) == (409, True)


def test_a_day_with_a_statement_missing_is_not_signed_off(visit: Visit) -> None:
    noor = visit("noor")
    noor.send(("a.xml", bank_file()), ("c.xml", bank_file(3, BOOKED_ON + timedelta(days=3), "60000.00")))
    today = noor.get("/").text
    assert "afschrift 2 ontbreekt" in today
    assert "niet alle afschriften zijn geboekt" in noor.get("/dagafsluiting").text
    assert "kan nog niet worden afgetekend" in noor.post("/dagafsluiting", dag="2026-01-05").text
    signals = noor.get("/signalen").text
    number = signals.split('action="/signalen/')[1].split("/")[0]
    quiet = noor.post(f"/signalen/{number}/stil", reden="Bij de bank gevraagd")
    assert "blijft stil tot en met maandag 12 januari 2026" in quiet.text
    assert f'action="/signalen/{number}/stil"' not in quiet.text
