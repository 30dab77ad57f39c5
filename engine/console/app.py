"""The console as one ASGI application, made of the pages of each file."""

from __future__ import annotations

import logging
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from engine.console import (
    bookings,
    calls,
    flow_checks,
    flow_versions,
    flows,
    live,
    login,
    numbers,
    people,
    privacy,
    today,
    trying,
    voice,
)
from engine.console.headers import HEADERS, SafeHeaders, SmallRequests
from engine.console.pages import Page, Pages, routes
from engine.console.parts import ConsoleParts
from engine.console.templates import STATIC, environment
from engine.console.visit import Visit
from engine.errors import FrontdeskError

log = logging.getLogger(__name__)

_FILES: Final[tuple[Pages, ...]] = (
    login.pages,
    live.pages,
    bookings.pages,
    today.pages,
    calls.pages,
    flows.pages,
    flow_checks.pages,
    flow_versions.pages,
    trying.pages,
    voice.pages,
    numbers.pages,
    privacy.pages,
    people.pages,
)
"""The pages of every file: a new file of pages has its line here, and its place in `navigation`."""


def declared() -> tuple[Page, ...]:
    """Every page of the console."""
    return tuple(page for pages in _FILES for page in pages.declared)


class _Static(StaticFiles):
    """Files that browsers may keep: their addresses change with them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = b"v=" in scope.get("query_string", b"")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response


def console(parts: ConsoleParts) -> Starlette:
    """The application. Whoever serves it sees to the address, and calls `state.stopping` when the server stops."""
    templates = environment()

    async def problem(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        if status == 500:
            log.error("%s %s failed", request.method, request.url.path, exc_info=fault)
        title, text = _PROBLEMS.get(status, (f"Error {status}", "The request could not be answered."))
        if isinstance(fault, FrontdeskError):
            text = str(fault)
        page = Visit(request, parts, None, templates).page("problem.html", status, title=title, text=text)
        page.headers.update(HEADERS)  # Starlette answers what is unforeseen outside of the middleware
        return page

    app = Starlette(
        routes=[*routes(declared(), parts, templates), Mount("/static", _Static(directory=STATIC), name="static")],
        middleware=[Middleware(SafeHeaders, secure=parts.secure), Middleware(SmallRequests)],
        exception_handlers={HTTPException: problem, FrontdeskError: problem, 500: problem},
    )
    app.state.stopping = parts.close
    return app


_PROBLEMS: Final = {
    404: ("There is no such page", "It may have been moved, or what it was about is no longer kept."),
    405: ("This cannot be done here", "Go back and use the buttons of the page."),
    413: ("This is too large", "Send less at a time."),
    500: ("Something went wrong on our side", "Nothing was changed. What happened is in the server's log."),
}
