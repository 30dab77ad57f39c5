"""A console in a real browser: whatever the page's policy blocks, or a script throws, fails the test that looks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

from engine.console.app import console
from engine.console.parts import ConsoleParts
from engine.settings import Address
from engine.web import web_server, web_socket
from tests.console.browser import PASSWORD

PHONE: Final[Any] = {"width": 375, "height": 780}
DESKTOP: Final[Any] = {"width": 1440, "height": 900}
SCHEMES: Final[tuple[Any, ...]] = ("light", "dark")

_AXE: Final = (Path(__file__).parent / "vendor/axe/axe.min.js").read_text(encoding="utf-8")
_CHECK: Final = """async (scheme) => {
  const rules = scheme === "light" ? {} : {runOnly: ["color-contrast"]};
  const found = await axe.run(document, {resultTypes: ["violations"], ...rules});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(" | ")}`);
}"""
_WIDE: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def served(parts: ConsoleParts) -> Iterator[str]:
    """The address of a console, served from a thread while the body runs."""
    settings = replace(parts.settings, web=Address("127.0.0.1", 0))
    server = web_server(console(parts), settings)
    with web_socket(settings) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def page_of(chromium: Browser, address: str, size: Any = DESKTOP, name: str = "maria") -> Iterator[Page]:
    """A page of somebody who has logged in."""
    context = chromium.new_context(viewport=size, base_url=address, locale="en-GB")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    log_in(page, name)
    yield page
    context.close()
    assert faults == []


def log_in(page: Page, name: str) -> None:
    """Fills in the form."""
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/today")


def too_wide(page: Page) -> int:
    """Pixels that the page is wider than its window."""
    return int(page.evaluate(_WIDE))


def faults_of(page: Page) -> dict[str, Any]:
    """What is wrong with the page as it stands, in light and dark: what axe-core calls serious or critical (in dark, of
    colours alone), and a page that is wider than its window."""
    found: dict[str, Any] = {}
    if wide := too_wide(page):
        found["wide"] = f"wider than the screen by {wide}"
    page.evaluate(_AXE)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        faults = page.evaluate(_CHECK, scheme)
        if faults:
            found[scheme] = faults
    return found
