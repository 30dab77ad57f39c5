"""Every page, with every role: who may come is what the page declares, and nothing is served that declares nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from engine.console.accounts import ROLES, Role
from engine.console.app import console, declared
from engine.console.pages import Page
from engine.console.parts import ConsoleParts, Streams
from tests.console.browser import BASE, Browser

PAGES = [page for page in declared() if page.answer is not None]
SOCKETS = [page for page in declared() if page.talk is not None]


def name(page: Page) -> str:
    return f"{'/'.join(page.methods) or 'WS'} {page.path}"


def path(page: Page) -> str:
    """An address of this page; what it is about does not exist."""
    return re.sub(r"\{[^}]*\}", "1", page.path)


def go(browser: Browser, page: Page) -> int:
    if "POST" in page.methods:
        return int(browser.send_form(path(page)).status_code)
    return int(browser.get(path(page)).status_code)


@pytest.fixture
def visit(parts: ConsoleParts) -> Callable[[Role | None], Browser]:
    """No streams: they have no end."""
    closed = replace(parts, streams=Streams(0))
    app = console(closed)
    return lambda role: Browser(app, closed, role)


def test_nothing_is_served_that_is_not_declared(app: Starlette) -> None:
    served = sorted(route.path for route in app.routes if isinstance(route, Route | WebSocketRoute))
    assert served == sorted(page.path for page in declared())
    assert [route.path for route in app.routes if isinstance(route, Mount)] == ["/static"]
    assert all(page.roles for page in declared())


def test_only_the_login_is_public() -> None:
    assert {page.path for page in declared() if page.roles == "public"} == {"/login"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_lets_in_whom_it_declares(page: Page, visit: Callable[[Role | None], Browser]) -> None:
    if page.roles == "public":
        assert go(visit(None), page) in (200, 401)
        return
    nobody = visit(None)
    assert go(nobody, page) == 303
    for role in ROLES:
        status = go(visit(role), page)
        if role in page.roles:
            assert status not in (401, 403, 500), role
        else:
            assert status == 403, role


@pytest.mark.parametrize("page", SOCKETS, ids=name)
def test_a_websocket_lets_in_whom_it_declares(page: Page, visit: Callable[[Role | None], Browser]) -> None:
    for role in (None, *ROLES):
        for origin in (BASE, "http://elsewhere.example"):
            if origin == BASE and role in page.roles:
                continue
            with (
                pytest.raises(WebSocketDisconnect) as closed,
                visit(role).websocket_connect(path(page), headers={"origin": origin}),
            ):
                pass
            assert closed.value.code in (1000, 4403)
