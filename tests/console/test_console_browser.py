"""The console in a real browser: no page has a serious fault for people with disabilities, and the main ways work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, expect

from engine.actions import orders
from engine.actions.byhand import ByHand, Hand
from engine.actions.store import Store, open_store
from engine.acts import PersonName
from engine.console.accounts import add_user
from engine.console.app import declared
from engine.console.parts import ConsoleParts
from engine.console.passwords import Passwords
from engine.settings import load_settings
from engine.web import console_parts
from tests.console.browser import PASSWORD
from tests.console.chromium import DESKTOP, PHONE, faults_of, page_of, served, too_wide
from tests.console.talking import BOOKING, Talk, flow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PARTS = ("/today/live", "/today/calls/{id}/live", "/privacy/size")
"""What is no whole page."""

FOCUS = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const box = here.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return {what: here.outerHTML.slice(0, 80), seen: inside && getComputedStyle(here).outlineStyle !== "none"};
}"""


def now() -> datetime:
    return datetime.now().astimezone()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("console")
    (folder / "frontdesk.yaml").write_text(
        "frontdesk: 1\nlines: {trattoria: {flow: trattoria}, clinic: {flow: clinic}}\n"
    )
    with open_store(folder / "frontdesk.db", folder / "recordings") as opened:
        yield opened


@pytest.fixture(scope="module")
def parts(store: Store) -> ConsoleParts:
    assert store.recordings is not None
    settings = load_settings(store.recordings.parent / "frontdesk.yaml", {})
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    add_user(store, "maria", "admin", passwords.hash(PASSWORD, "maria"), now())
    day = now().date() + timedelta(days=(4 - now().weekday()) % 7 or 7)
    values = {"day": day, "time": clock(19, 30), "party_size": 4, "name": PersonName("Ann", "Lee")}
    ByHand(flow("trattoria").flow, store).book(Hand("maria", "one", now()), "tables", values)
    Talk(store, "over", now() - timedelta(minutes=5)).say_all(BOOKING)
    return replace(console_parts(settings, store, now), passwords=passwords)


@pytest.fixture(scope="module")
def address(parts: ConsoleParts) -> Iterator[str]:
    with served(parts) as found:
        yield found


def addresses() -> list[str]:
    looked_at = [page.path for page in declared() if "GET" in page.methods and page.path not in PARTS]
    plain = [path for path in looked_at if "{" not in path and path != "/"]
    over = [f"/calls/over{page}" for page in ("", "/replay", "/test")]
    calls = ["/calls?text=friday", "/calls?text=aeroplane", *over]
    return [*plain, "/today?view=week", "/today/calls/over", *calls, "/today/bookings/1", "/no-such-page"]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_has_a_serious_fault(size: Any, chromium: Browser, address: str) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, address, size) as page:
        for path in addresses():
            page.goto(path)
            found[path] = faults_of(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("path", ["/people", "/today/bookings/1", "/privacy"])
def test_a_dialog_has_no_fault_and_is_left_by_escape(path: str, chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        page.goto(path)
        openers = page.locator("[data-open]:visible")
        assert openers.count() > 0
        for number in range(openers.count()):
            openers.nth(number).focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog")).to_be_visible()
            assert faults_of(page) == {}
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(openers.nth(number)).to_be_focused()


def test_text_of_twice_the_size_fits(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        wide = {}
        for path in addresses():
            page.goto(path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            if too_wide(page):
                wide[path] = too_wide(page)
        assert wide == {}


def test_the_keyboard_shows_where_it_is(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        page.goto("/today/bookings/new?place=trattoria.tables")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        page.keyboard.press("Enter")
        lost = []
        for _ in range(20):
            page.keyboard.press("Tab")
            found = page.evaluate(FOCUS)
            if found is None:
                break
            if not found["seen"]:
                lost.append(found["what"])
        assert lost == []


def test_a_call_is_watched_and_given_to_a_person(
    chromium: Browser, address: str, store: Store, parts: ConsoleParts
) -> None:
    talk = Talk(store, "live", now())
    with page_of(chromium, address) as page:
        page.goto("/today")
        page.locator(".going a").first.click()
        lines = page.get_by_role("log")
        expect(lines).to_contain_text("May we record this call")
        talk.say_all(BOOKING[:2])
        expect(lines).to_contain_text("a table for four on friday")
        expect(page.locator("[data-facts]")).to_contain_text("the number of guests")
        if parts.pictures.of(flow("trattoria")) is not None:
            expect(page.locator(".flow-picture .now")).to_have_attribute("data-step", "booking")
        page.get_by_role("button", name="Give to a person").click()
        expect(page.get_by_role("status")).to_contain_text("The call goes to a person.")
        taken = orders.take(store, ["live"], now())
        assert [(order.what, order.by) for order in taken] == [("person", "maria")]
        talk.end("ordered_person")
        expect(page.get_by_role("status")).to_contain_text("This call is over.")


def test_a_booking_is_taken_by_keyboard_alone(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        page.goto("/today/bookings/new?place=trattoria.tables")
        day = now().date() + timedelta(days=(4 - now().weekday()) % 7 or 7)
        page.get_by_label("Day").fill(day.isoformat())
        page.get_by_label("Time").fill("20:00")
        page.get_by_label("First name").focus()
        page.keyboard.type("Ada")
        page.keyboard.press("Tab")
        page.keyboard.type("Byron")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Booked. The reference is")
        page.get_by_role("link", name="Ada Byron").first.click()
        page.get_by_role("button", name="Cancel it").click()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_theme_is_switched_and_kept(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        colour = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(colour)
        page.get_by_role("button", name="Light or dark").click()
        dark = page.evaluate(colour)
        page.goto("/calls")
        assert page.evaluate(colour) == dark != light
