"""A day at the front desk, in Chromium and over real sound: an opening hour is changed and published, a caller books a
table that was not to be had before, somebody watches, listens to the recording, and makes a test of the call."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from agi.loopback import Clip
from engine.actions.ledger import bookings_of
from engine.actions.store import Store, open_store
from engine.cli.simulate import command as simulate
from engine.console import audit
from engine.console.accounts import ROLES, add_user
from engine.console.passwords import Passwords
from engine.shipped import find_flow
from tests.console.browser import PASSWORD
from tests.console.chromium import DESKTOP, PHONE, page_of
from tests.console.exchange import Exchange, HurriedCaller, Server, spoken
from tests.console.history import write_history
from tests.console.shots import FOLDER, snap

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECRET = "for the tests alone"
NUMBER = "+441632765887"
SETTINGS = f"""frontdesk: 1
database: frontdesk.db
lines: {{restaurant: {{flow: flows/trattoria, numbers: ["100"]}}}}
asterisk: {{agi: "127.0.0.1:0", audiosocket: "127.0.0.1:0", secret: {SECRET}}}
web: "127.0.0.1:0"
"""
BRISK = 240
"""Words a minute of the agent in this test."""


@dataclass(frozen=True)
class Change:
    """A line of the opening hours, what it becomes, and the day that can be booked then."""

    line: str
    becomes: str
    day: str


def change_for(today: datetime) -> Change:
    """Another day than today, which callers could mean."""
    if today.weekday() == 0:
        return Change("sun: [12:00-16:00]", "sun: [12:00-22:30]", "sunday")
    return Change("mon: closed", "mon: [18:00-22:30]", "monday")


def words(day: str) -> Mapping[str, str]:
    """What the caller says to each question; what is not here ends the call."""
    asked = {"may_record": "Yes, that's fine.", "menu": f"A table for four on {day} at half past seven in the evening."}
    if FOLDER is None:
        return asked
    return {
        **asked,
        "name.ask": "Maria Rossi.",
        "phone.offer": "Yes, please.",
        "echo": "Yes, that's right.",
        "anything_else": "No, thank you.",
    }


@dataclass(frozen=True)
class House:
    """A running frontdesk."""

    folder: Path
    address: str
    store: Store
    exchange: Exchange
    server: Server

    @property
    def flow(self) -> Path:
        return self.folder / "flows/trattoria/flow.yaml"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(find_flow("trattoria").parent, folder / "flows/trattoria", ignore=shutil.ignore_patterns("callers"))
    flow, persona = folder / "flows/trattoria/flow.yaml", folder / "flows/trattoria/personas/host.yaml"
    flow.write_text(re.sub(r" +except:\n(    +\S.*\n)+", "", flow.read_text()))  # holidays would come in our way
    persona.write_text(re.sub(r"pace: \d+", f"pace: {BRISK}", persona.read_text()))
    (folder / "frontdesk.yaml").write_text(SETTINGS)
    (folder / "frontdesk.yaml").chmod(0o600)
    now = datetime.now().astimezone()
    with open_store(folder / "frontdesk.db", folder / "recordings") as store:
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(PASSWORD, "maria")
        for role in ROLES:
            add_user(store, {"operator": "maria", "admin": "ada", "qa": "quinn"}[role], role, cheap, now)
        if FOLDER is not None:
            write_history(store, 400, now)
        server = Server(folder / "frontdesk.yaml")
        try:
            told = server.addresses
            exchange = Exchange(int(told["FastAGI"].rpartition(":")[2]), SECRET, store)
            yield House(folder, told["console"].rstrip("/"), store, exchange, server)
        finally:
            server.stop()


def test_a_day_at_the_front_desk(chromium: Browser, house: House) -> None:
    change = change_for(datetime.now(ZoneInfo("Europe/London")))
    with page_of(chromium, house.address, DESKTOP, "maria") as page, ThreadPoolExecutor(1) as pool:
        publish(page, house, change)
        house.server.says("line restaurant: version")
        clips = [Clip(name, spoken(text, house.folder), times=3) for name, text in words(change.day).items()]
        caller = HurriedCaller(clips, waits=("echo", "done"))
        page.goto("/today")
        expect(page.locator(".phone")).to_contain_text("Nobody is on the phone.")
        calling = pool.submit(house.exchange.call, "restaurant", caller, NUMBER)
        watch(page, change)
        call_id = calling.result(90)
        expect(page.locator("[data-toasts]")).to_contain_text("This call is over.", timeout=10_000)
        listen(page, call_id)
        make_a_test(page, house, call_id)
    deeds = [deed.what for deed in reversed(audit.deeds(house.store))]
    assert deeds == ["flow.save", "flow.publish", "call.listen", "call.test"]


@pytest.mark.skipif(FOLDER is None, reason="make pictures takes them")
def test_pictures_of_every_page(chromium: Browser, house: House) -> None:
    call = next(one.id for one in house.store.archive.calls() if one.recording)
    day = next(one.day for one in house.store.read(bookings_of))
    with page_of(chromium, house.address, DESKTOP, "ada") as page:
        for name, path, height in (
            ("today", f"/today?day={day}", 760), ("week", f"/today?day={day}&view=week", 560),
            ("calls", "/calls", 760), ("test", f"/calls/{call}/test", 760), ("flows", "/flows", 420),
            ("numbers", "/numbers?days=30", 1100), ("voice", "/voice/trattoria/host", 900),
            ("privacy", "/privacy", 900), ("people", "/people", 560), ("audit", "/people/audit", 480),
        ):  # fmt: skip
            page.goto(path)
            snap(page, name, height)
        page.emulate_media(color_scheme="dark")
        page.goto(f"/calls/{call}")
        snap(page, "dark")
    with page_of(chromium, house.address, PHONE, "maria") as page:
        page.goto(f"/today?day={day}")
        snap(page, "phone")


@pytest.mark.parametrize(
    ("name", "places", "may"),
    [
        ("maria", ["Today", "Calls", "Flows", "Numbers", "Voice", "Privacy"], True),
        ("ada", ["Today", "Calls", "Flows", "Numbers", "Voice", "Privacy", "People"], True),
        ("quinn", ["Today", "Calls", "Flows", "Numbers"], False),
    ],
)
def test_a_role_sees_what_it_may_do(name: str, places: list[str], may: bool, chromium: Browser, house: House) -> None:
    with page_of(chromium, house.address, DESKTOP, name) as page:
        menu = page.get_by_role("navigation", name="Main").locator(":scope > a")
        assert [each.strip() for each in menu.all_inner_texts()] == places
        expect(page.get_by_role("link", name="Add a booking")).to_have_count(int(may))
        page.goto("/flows/trattoria")
        expect(page.locator(".cm-content")).to_have_attribute("aria-label", "flow.yaml")
        expect(page.get_by_role("button", name="Save")).to_have_count(int(may))
        page.goto("/people")
        expect(page.get_by_role("heading", level=1)).to_have_text("People" if name == "ada" else "Not for your role")


def publish(page: Page, house: House, change: Change) -> None:
    """The operator changes a line in the editor, saves a version and publishes it."""
    page.goto("/flows")
    page.get_by_role("link", name="Trattoria").first.click()
    line = page.locator(".cm-line", has_text=change.line).first
    line.click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.type(change.becomes)
    expect(page.locator("[data-verdict]")).to_have_class(re.compile("good"), timeout=20_000)
    snap(page, "flow")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("What did you change?").fill(f"Open on {change.day.title()} evenings")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Publish").click()
    expect(page.locator(".diff .new")).to_contain_text(change.becomes)
    snap(page, "version")
    assert change.becomes not in house.flow.read_text()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("[data-toasts]")).to_contain_text("is published")
    assert change.becomes in house.flow.read_text()


def watch(page: Page, change: Change) -> None:
    """The operator opens the call that goes on, and reads it as it happens."""
    page.locator(".going a").first.click()
    lines = page.get_by_role("log")
    expect(lines).to_contain_text("May we record this call", timeout=20_000)
    expect(lines).to_contain_text(f"a table for four on {change.day}", timeout=30_000)
    expect(page.locator("[data-facts]")).to_contain_text("the number of guests")
    expect(page.locator(".flow-picture .now")).to_have_attribute("data-step", "booking")
    snap(page, "live")


PLAYS = """(audio, until) => new Promise((done, failed) => {
  audio.addEventListener("timeupdate", () => { if (audio.currentTime > until) done(); });
  audio.addEventListener("error", () => failed(audio.error.message));
})"""


def listen(page: Page, call_id: str) -> None:
    """The recording is loaded and runs, from the line that is clicked."""
    page.goto(f"/calls/{call_id}")
    page.locator(".script .caller [data-jump]").last.click()
    player = page.locator("audio")
    begun = float(page.locator(".script .caller [data-jump]").last.get_attribute("data-jump") or 0)
    expect(page.locator(".script .playing")).to_be_visible()
    player.evaluate(PLAYS, begun + 0.3)
    assert player.evaluate("audio => audio.duration") > begun > 0
    page.evaluate("scrollTo(0, 0)")
    snap(page, "call")


def make_a_test(page: Page, house: House, call_id: str) -> None:
    """The call becomes a talk file, which `frontdesk simulate` runs."""
    page.get_by_role("link", name="Make this a test").click()
    expect(page.locator(".notice.good")).to_contain_text("The test passes")
    page.get_by_label("Name of the test").fill("from_a_call")
    page.get_by_role("button", name="Save the test").click()
    expect(page.locator("[data-toasts]")).to_contain_text("saved as from_a_call.talk")
    path = house.flow.parent / "talks/from_a_call.talk"
    ran = CliRunner().invoke(simulate, [str(path)])
    assert ran.exit_code == 0, ran.output
    assert NUMBER[-9:] not in path.read_text()
