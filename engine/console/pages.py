"""How a page is declared: its path, its methods and the roles that may come, in one place, checked before it runs."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from engine.console import accounts
from engine.console.accounts import Login, Role
from engine.console.parts import IDLE, SESSION, ConsoleParts
from engine.console.visit import Visit

Roles: TypeAlias = frozenset[Role] | Literal["public"]
Answer: TypeAlias = Callable[[Visit], Awaitable[Response]]
Talk: TypeAlias = Callable[[Visit, WebSocket], Awaitable[None]]

CHANGING: Final = ("POST", "PUT", "PATCH", "DELETE")
HEADER: Final = "x-csrf-token"
FIELD: Final = "csrf"


@dataclass(frozen=True, slots=True)
class Page:
    """One declared page or, with `talk`, one websocket."""

    path: str
    methods: tuple[str, ...]
    roles: Roles
    answer: Answer | None = None
    talk: Talk | None = None


class Pages:
    """The pages of one file. `app.console` serves them; nothing else can make a route, so none is without roles."""

    def __init__(self) -> None:
        self.declared: list[Page] = []

    def get(self, path: str, *, roles: Roles) -> Callable[[Answer], Answer]:
        """A page to look at. It changes nothing."""
        return self._declare(path, ("GET",), roles)

    def post(self, path: str, *, roles: Roles) -> Callable[[Answer], Answer]:
        """A page that changes something: the visitor's token must come with it."""
        return self._declare(path, ("POST",), roles)

    def websocket(self, path: str, *, roles: frozenset[Role]) -> Callable[[Talk], Talk]:
        """A websocket, which only a page of ours can open."""

        def declare(talk: Talk) -> Talk:
            self.declared.append(Page(path, (), roles, talk=talk))
            return talk

        return declare

    def _declare(self, path: str, methods: tuple[str, ...], roles: Roles) -> Callable[[Answer], Answer]:
        def declare(answer: Answer) -> Answer:
            self.declared.append(Page(path, methods, roles, answer=answer))
            return answer

        return declare


def cookie_of(parts: ConsoleParts) -> str:
    """The name of the session's cookie; browsers keep the `__Host-` one to this host and to HTTPS."""
    return "__Host-frontdesk" if parts.secure else "frontdesk"


def routes(pages: Collection[Page], parts: ConsoleParts, templates: Environment) -> list[BaseRoute]:
    """The routes of declared pages, each behind its guard."""
    return [_route(page, parts, templates) for page in pages]


def _route(page: Page, parts: ConsoleParts, templates: Environment) -> BaseRoute:
    if page.talk is not None:
        return WebSocketRoute(page.path, _guarded_talk(page.talk, page.roles, parts, templates))
    assert page.answer is not None
    return Route(page.path, _guarded(page.answer, page, parts, templates), methods=list(page.methods))


def _guarded(
    answer: Answer, page: Page, parts: ConsoleParts, templates: Environment
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        login = await _login(request, parts)
        visit = Visit(request, parts, login, templates)
        if request.method in CHANGING and not same_site(request):
            return PlainTextResponse("This request came from another site and was refused.\n", 403)
        if page.roles == "public":
            return await answer(visit)
        if login is None:
            return _to_login(visit)
        if login.user.role not in page.roles:
            return visit.page("problem.html", 403, title="Not for your role", text=_FORBIDDEN)
        if request.method in CHANGING and not await _has_token(request, login):
            return visit.page("problem.html", 403, title="This page was open for too long", text=_FORGED)
        return await answer(visit)

    return endpoint


_FORBIDDEN: Final = "Your account may not see or do this. An admin can give you another role under People."
_FORGED: Final = "Nothing was changed. Load the page again and repeat what you wanted to do."


def _guarded_talk(
    talk: Talk, roles: Roles, parts: ConsoleParts, templates: Environment
) -> Callable[[WebSocket], Awaitable[None]]:
    async def endpoint(socket: WebSocket) -> None:
        login = await _login(socket, parts)
        if login is None or login.user.role not in roles or not same_site(socket, required=True):
            await socket.close(4403)
            return
        await talk(Visit(socket, parts, login, templates), socket)

    return endpoint


async def _login(connection: HTTPConnection, parts: ConsoleParts) -> Login | None:
    token = connection.cookies.get(cookie_of(parts))
    if not token:
        return None
    return await run_in_threadpool(accounts.login_of, parts.store, token, parts.clock(), SESSION, IDLE)


def _to_login(visit: Visit) -> Response:
    url = visit.connection.url
    wanted = url.path + (f"?{url.query}" if url.query else "")
    place = f"/login?next={quote(wanted)}" if visit.request.method == "GET" and not visit.by_htmx else "/login"
    if visit.by_htmx:
        return Response(status_code=401, headers={"HX-Redirect": place})
    return RedirectResponse(place, 303)


def same_site(connection: HTTPConnection, required: bool = False) -> bool:
    """Whether a page of ours sent this: by the origin that the browser names, where it names one."""
    origin = connection.headers.get("origin")
    if origin is None:
        return not required and connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == connection.headers.get("host")


async def _has_token(request: Request, login: Login) -> bool:
    """The visitor's token came along, in a header by htmx or in a field of a form."""
    given: object = request.headers.get(HEADER)
    if given is None and "form" in request.headers.get("content-type", ""):
        given = (await request.form(max_files=4, max_fields=200)).get(FIELD)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), login.csrf.encode())
