"""Who may act: by name, by permission, by token; and the program itself."""

from __future__ import annotations

import pytest

from huishoudboekje.settings import settings
from tests.administration import written
from tests.commands.typed import Terminal


def test_the_first_people_need_nobody_and_the_next_ones_an_administrator(terminal: Terminal) -> None:
    terminal.begin()
    terminal.people()
    assert "eva" in terminal.refused("user", "add", "dre", "--role", "auditor")
    assert "gebruikers beheren" in terminal.refused("user", "add", "dre", "--role", "auditor", "--by", "ada")
    terminal.does("user", "add", "dre", "--role", "auditor", "--by", "eva")
    assert {"ada", "bo", "cas", "dre", "eva"} == {each["id"] for each in terminal.asks("user", "list")}


def test_roles_that_do_not_combine_are_refused(begun: Terminal) -> None:
    told = begun.refused("user", "roles", "cas", "--role", "approver,auditor", "--by", "eva")
    assert "niet tegelijk" in told


def test_nobody_changes_their_own_roles(begun: Terminal) -> None:
    assert "eigen rollen" in begun.refused("user", "roles", "eva", "--role", "back_office", "--by", "eva")


def test_who_is_not_known_or_left_does_not_act(begun: Terminal) -> None:
    assert "'zoe'" in begun.refused("batch", "propose", "--by", "zoe")
    begun.does("user", "end", "bo", "--by", "eva")
    assert "niet meer actief" in begun.refused("batch", "propose", "--by", "bo")


def test_the_environment_may_say_who_acts(begun: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUISHOUDBOEKJE_USER", "ada")
    assert "0,00" not in begun.does("reservation", "set", "H000001", "jaarnota", "12,50").out


def test_with_real_people_a_token_is_asked(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.begin(kind=None)
    token = terminal.asks("user", "add", "eva", "--role", "administrator")["token"]
    assert "HUISHOUDBOEKJE_TOKEN" in terminal.refused("user", "token", "eva", "--by", "eva")

    monkeypatch.setenv("HUISHOUDBOEKJE_TOKEN", "guessed")
    settings.cache_clear()
    assert "Dit token hoort niet bij eva" in terminal.refused("user", "token", "eva", "--by", "eva")

    monkeypatch.setenv("HUISHOUDBOEKJE_TOKEN", token)
    settings.cache_clear()
    fresh = terminal.does("user", "token", "eva", "--by", "eva").out.strip()
    assert fresh != token
    assert "Dit token hoort niet bij eva" in terminal.refused("user", "token", "eva", "--by", "eva")


def test_with_real_people_the_program_imports_before_there_are_any_and_no_more_after(
    terminal: Terminal,
) -> None:
    terminal.begin(kind=None)
    path = written.write(terminal.folder, written.ADMINISTRATION)
    terminal.does("administration", "import", path)
    terminal.does("user", "add", "eva", "--role", "administrator")
    assert "--by" in terminal.refused("administration", "import", path)
    assert "--by" in terminal.refused("administration", "export", terminal.folder / "out.json")


def test_the_clock_is_not_set_where_people_are_real(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.begin(kind=None)
    monkeypatch.setenv("HUISHOUDBOEKJE_NOW", "2026-02-02T09:00")
    settings.cache_clear()
    assert "HUISHOUDBOEKJE_NOW" in terminal.refused("verify")


def test_what_an_installation_is_for_stays(terminal: Terminal) -> None:
    terminal.begin()
    assert "al in gebruik" in terminal.refused("migrate", "--kind", "demo")
    assert "test" in terminal.does("migrate").out


def test_pages_are_served_on_a_demo_alone(begun: Terminal) -> None:
    assert begun.refused("serve")
