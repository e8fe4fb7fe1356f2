"""The pages in a real browser: whole, calm and reachable at every width, with and without the script."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.merwestad import bank_file

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PAGES = ("/", "/afschriften", "/werklijst", "/betaalbatches", "/signalen", "/dagafsluiting")
# What a page is wider than its window, and every control that is smaller than a fingertip (WCAG 2.5.8).
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter(each => !each.closest('p, dd, td, .skip') && !each.matches('.skip'))
  .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24)).map(([html]) => html)"""
NAMELESS = """[...document.querySelectorAll('input:not([type=hidden]), select')]
  .filter(each => !each.labels.length).map(each => each.outerHTML)"""
CONTRAST = """() => {
  const channel = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(each => each.nodeType === 3 && each.textContent.trim());
    if (!own || !node.getClientRects().length) continue;
    const pair = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${node.outerHTML.slice(0, 80)}`);
  }
  return low;
}"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Generator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def sit_down(browser: Browser, address: str) -> Generator[Callable[..., Page]]:
    """Sit down at a browser of some width as somebody; whatever its console says fails the test."""

    said: list[str] = []

    def open_page(user_id: str, width: int = 1280, *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            locale="nl-NL",
            base_url=address,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda line: said.append(f"{page.url} {line.text}"))
        page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
        page.goto("/inloggen")
        page.click(f"button[value={user_id}]")
        return page

    yield open_page
    assert said == []


def send(page: Page, folder: Path, *contents: bytes) -> None:
    paths = [folder / f"dag-{number}.xml" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    page.goto("/afschriften")
    page.set_input_files("#bestanden", paths)
    page.click("[data-upload] button")


def test_a_day_from_bank_file_to_payment(sit_down: Callable[..., Page], tmp_path: Path) -> None:
    noor = sit_down("noor")
    send(noor, tmp_path, bank_file(), b"<Document")
    noor.wait_for_selector("text=Vernieuw de lijst")
    told = noor.inner_text("[data-results]")
    assert "dag-0.xml: 3 nieuwe mutaties, 1 vanzelf geboekt, 2 komen op de werklijst." in told
    assert noor.locator(".message-refused").count() == 1
    noor.click("text=Naar de werklijst")
    noor.click("li:has-text('P. Onbekend') >> text=Zoek")
    noor.fill("#zoek", "Yılmaz")
    noor.click("button:has-text('Zoek')")
    noor.check("label:has-text('zonder afspraak') input")
    noor.click("text=Boek deze mutatie")
    assert "is geboekt" in noor.inner_text(".message-done")
    noor.goto("/betaalbatches")
    noor.click("text=Stel voor wat vandaag te betalen is")
    assert noor.locator("button:has-text('Keur goed')").count() == 0
    sam = sit_down("sam", 390)
    sam.goto(noor.url)
    sam.click("text=Keur goed")
    assert "is goedgekeurd" in sam.inner_text(".message-done")
    noor.reload()
    noor.click("text=Maak het betaalbestand")
    with noor.expect_download() as download:
        noor.click("text=Download het betaalbestand")
    assert re.fullmatch(r"HHB\d+-B20260105-1\.xml", download.value.suggested_filename)
    noor.click("text=De bank heeft het")
    assert "verstuurd" in noor.inner_text("h1 + p")


def test_files_go_in_without_a_script(sit_down: Callable[..., Page], tmp_path: Path) -> None:
    noor = sit_down("noor", script=False)
    send(noor, tmp_path, bank_file(), b"<Document")
    assert noor.locator(".message-done").count() == 1
    assert noor.locator(".message-refused").count() == 1


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_every_page_fits_is_readable_and_within_reach(
    width: int, sit_down: Callable[..., Page], tmp_path: Path
) -> None:
    noor = sit_down("noor", width)
    send(noor, tmp_path, bank_file())
    noor.wait_for_selector("text=Vernieuw de lijst")
    noor.goto("/betaalbatches")
    noor.click("text=Stel voor wat vandaag te betalen is")
    batch = noor.url
    noor.goto("/werklijst")
    noor.click("text=Kies iets anders")
    for path in (*PAGES, batch, noor.url):
        noor.goto(path)
        assert (path, noor.evaluate(TOO_WIDE)) == (path, 0)
        assert (path, noor.evaluate(TOO_SMALL)) == (path, [])
        assert (path, noor.evaluate(NAMELESS)) == (path, [])
        assert (path, noor.evaluate(CONTRAST)) == (path, [])
        assert noor.locator("h1").count() == 1
        assert re.fullmatch(r".+ · Huishoudboekje", noor.title())


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(
    sit_down: Callable[..., Page],
) -> None:
    noor = sit_down("noor")
    noor.goto("/werklijst")
    noor.keyboard.press("Tab")
    assert noor.evaluate("document.activeElement.textContent") == "Naar de inhoud"
    noor.keyboard.press("Enter")
    assert noor.evaluate("document.activeElement.id") == "inhoud"
    noor.goto("/werklijst")
    for _ in range(6):
        noor.keyboard.press("Tab")
        outline = noor.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
