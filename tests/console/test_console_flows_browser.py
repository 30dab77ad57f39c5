"""Flows and voices in a real browser: writing, saving, publishing, and a trial spoken into a microphone."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect

from engine.actions.store import open_store
from engine.console.accounts import add_user
from engine.console.passwords import Passwords
from engine.settings import load_settings
from engine.shipped import find_flow
from engine.web import console_parts
from tests.console.browser import PASSWORD
from tests.console.chromium import DESKTOP, PHONE, faults_of, page_of, served

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KIOSK = Path(__file__).parent / "kiosk"
SPOKEN = find_flow("trattoria").parent / "callers/rms/party_size.ask.wav"
LONG = 30_000
"""Milliseconds that proofs and voices may take on a machine that is busy."""


def now() -> datetime:
    return datetime.now().astimezone()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flows")
    shutil.copytree(KIOSK, folder / "kiosk")
    (folder / "frontdesk.yaml").write_text("frontdesk: 1\nlines: {front: {flow: kiosk/flow.yaml}}\n")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = load_settings(folder / "frontdesk.yaml", {})
    with open_store(folder / "frontdesk.db", folder / "recordings") as store:
        add_user(store, "maria", "admin", passwords.hash(PASSWORD, "maria"), now())
        with served(replace(console_parts(settings, store, now), passwords=passwords)) as found:
            yield found


def replace_in_editor(page: Page, old: str, new: str) -> None:
    """Finds words by the editor's own search and writes others, as somebody at the keyboard does."""
    page.get_by_role("textbox", name="flow.yaml").click()
    page.keyboard.press("Control+f")
    page.keyboard.type(old)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type(new)
    page.keyboard.press("Escape")


def save(page: Page, message: str) -> None:
    page.get_by_role("button", name="Save").first.click()
    page.get_by_label("What did you change?").fill(message)
    page.keyboard.press("Enter")
    expect(page.get_by_text("is saved. Callers meet it when")).to_be_visible()


def test_a_flow_is_changed_and_published(chromium: Browser, address: str, folder: Path) -> None:
    with page_of(chromium, address) as page:
        page.goto("/flows/kiosk")
        expect(page.locator("[data-verdict]")).to_contain_text("All 13 promises hold", timeout=LONG)
        replace_in_editor(page, "no_answer: leave", "no_answer: bye")
        expect(page.locator("[data-findings]")).to_contain_text("can be cut off", timeout=LONG)
        save(page, "Nobody leaves a message")
        page.get_by_role("link", name="Publish").click()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("alert")).to_contain_text("not published", timeout=LONG)
        assert "no_answer: leave" in (folder / "kiosk/flow.yaml").read_text()
        page.goto("/flows/kiosk/versions/1")
        page.get_by_role("button", name="Go on from this one").click()
        page.goto("/flows/kiosk")
        expect(page.locator("[data-verdict]")).to_contain_text("All 13 promises hold", timeout=LONG)
        replace_in_editor(page, "max: 8", "max: 12")
        save(page, "Larger parties")
        page.get_by_role("link", name="Publish").click()
        expect(page.get_by_role("heading", name="What callers notice")).to_be_visible(timeout=LONG)
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url("**/flows/kiosk", timeout=LONG)
        assert "max: 12" in (folder / "kiosk/flow.yaml").read_text()


def test_the_editor_offers_what_fits(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        page.goto("/flows/kiosk")
        expect(page.get_by_role("textbox", name="flow.yaml")).to_contain_text("slots:")
        replace_in_editor(page, "type: party_size", "type: ")
        page.keyboard.press("Control+Space")
        expect(page.get_by_role("option", name="date_of_birth")).to_be_visible(timeout=LONG)
        page.on("dialog", lambda dialog: dialog.accept())


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_has_a_serious_fault(size: Any, chromium: Browser, address: str) -> None:
    found: dict[str, Any] = {}
    with page_of(chromium, address, size) as page:
        for path in ("/flows", "/flows/kiosk/versions", "/flows/kiosk/versions/1", "/voice", "/voice/kiosk/clerk"):
            page.goto(path)
            found[path] = faults_of(page)
        page.goto("/flows/kiosk")
        expect(page.locator("[data-proofs] li").first).to_be_visible(timeout=LONG)
        for tab in ("Checks", "Picture", "Talks", "Try it"):
            page.get_by_role("tab", name=tab).click()
            if tab == "Talks":
                page.get_by_role("button", name="Run the talks").click()
                expect(page.locator("[data-rehearsed]")).to_contain_text("go as they are written", timeout=LONG)
            found[tab] = faults_of(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_persona_is_heard_and_compared(chromium: Browser, address: str) -> None:
    with page_of(chromium, address) as page:
        page.goto("/voice/kiosk/clerk")
        page.get_by_label("Pace").fill("220")
        with page.expect_response("**/hear") as heard:
            page.get_by_role("button", name="Hear it").first.click()
        assert heard.value.headers["content-type"] == "audio/wav"
        expect(page.locator("[data-state]")).to_have_text("With these settings", timeout=LONG)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Callers hear it when it is published")).to_be_visible()


def test_a_caller_speaks_into_the_microphone(chromium: Browser, address: str, tmp_path: Path) -> None:
    clip = tmp_path / "caller.wav"
    with wave.open(str(SPOKEN)) as spoken, wave.open(str(clip), "wb") as written:
        written.setparams(spoken.getparams())
        written.writeframes(bytes(2 * 9 * spoken.getframerate()))
        written.writeframes(spoken.readframes(spoken.getnframes()))
        written.writeframes(bytes(2 * 6 * spoken.getframerate()))
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags.append(f"--use-file-for-fake-audio-capture={clip}")
    ours = chromium.browser_type.launch(executable_path=program, args=flags)
    try:
        with page_of(ours, address) as page:
            page.goto("/flows/kiosk")
            expect(page.locator("[data-verdict]")).to_contain_text("promises hold", timeout=LONG)
            page.get_by_role("tab", name="Try it").click()
            page.get_by_role("button", name="Speak").click()
            lines = page.get_by_role("log")
            expect(lines).to_contain_text("How many of you will there be", timeout=LONG)
            expect(lines).to_contain_text("guests =", timeout=LONG)
    finally:
        ours.close()
