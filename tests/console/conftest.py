"""A console over a fresh database, with two lines, a clock that a test can set, and one user of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette

from engine.actions.store import Store, open_store
from engine.console.accounts import ROLES, Role, add_user
from engine.console.app import console
from engine.console.parts import ConsoleParts
from engine.console.passwords import Passwords
from engine.settings import Settings, load_settings
from engine.web import console_parts
from tests.console.browser import PASSWORD, SECRET, Browser, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Cheap to compute, which real ones must not be."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def hashed(passwords: Passwords) -> str:
    return passwords.hash(PASSWORD, "somebody")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "frontdesk.yaml").write_text(
        "frontdesk: 1\nlines: {trattoria: {flow: trattoria}, clinic: {flow: clinic}}\n"
        f"database: frontdesk.db\nasterisk: {{secret: {SECRET!r}}}\n"
    )
    (tmp_path / "frontdesk.yaml").chmod(0o600)
    return load_settings(tmp_path / "frontdesk.yaml", {})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.database, settings.recordings) as opened:
        yield opened


@pytest.fixture
def parts(settings: Settings, store: Store, clock: Clock, passwords: Passwords, hashed: str) -> ConsoleParts:
    for role in ROLES:
        add_user(store, role, role, hashed, clock.now)
    return replace(console_parts(settings, store, clock), passwords=passwords)


@pytest.fixture
def app(parts: ConsoleParts) -> Starlette:
    return console(parts)


@pytest.fixture
def visit(app: Starlette, parts: ConsoleParts) -> Callable[[Role | None], Browser]:
    """A browser of somebody with this role; of nobody with None."""
    return lambda role: Browser(app, parts, role)


@pytest.fixture
def operator(visit: Callable[[Role | None], Browser]) -> Browser:
    return visit("operator")


@pytest.fixture
def admin(visit: Callable[[Role | None], Browser]) -> Browser:
    return visit("admin")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """The system's Chromium, without a screen."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program is not None, "these tests need Chromium: script/setup test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
