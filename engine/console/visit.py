"""One visit of a page by one person: what a page's function gets, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.console import audit
from engine.console.accounts import Login, Role
from engine.console.navigation import Place, places_of
from engine.console.parts import ConsoleParts

T = TypeVar("T")

FORM_FIELDS: Final = 200
FORM_FILES: Final = 4


@dataclass(frozen=True, slots=True)
class Visit:
    """`login` is None on public pages that nobody is logged in for."""

    connection: HTTPConnection
    parts: ConsoleParts
    login: Login | None
    templates: Environment

    @property
    def request(self) -> Request:
        assert isinstance(self.connection, Request)
        return self.connection

    @property
    def user(self) -> str:
        """Who is here, for the audit and for orders."""
        return self.login.user.name if self.login else ""

    @property
    def role(self) -> Role | None:
        return self.login.user.role if self.login else None

    @property
    def now(self) -> datetime:
        return self.parts.clock()

    @property
    def by_htmx(self) -> bool:
        """Whether a part of a page is wanted, not a page."""
        return self.connection.headers.get("hx-request") == "true"

    def asked(self, name: str, default: str = "") -> str:
        """A value of the query."""
        return self.connection.query_params.get(name, default)

    def named(self, name: str) -> str:
        """A part of the path that the route names."""
        return str(self.connection.path_params[name])

    async def form(self) -> FormData:
        """What was sent; too many fields or files are refused while reading."""
        return await self.request.form(max_files=FORM_FILES, max_fields=FORM_FIELDS)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs what blocks (the database, files) in a thread."""
        return await run_in_threadpool(work)

    async def audit(self, what: str, about: str, **details: Any) -> None:
        """Keeps who changed what: `what` is a stable word such as `booking.cancel`."""
        now, user, store = self.now, self.user, self.parts.store
        await self.run(lambda: audit.note(store, user, what, about, now, details))

    def part(self, template: str, **context: Any) -> str:
        """A piece of a page as text, for streams."""
        return self.templates.get_template(template).render({**self.context(), **context})

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A template of `templates/`, whole or a part; text in it is escaped."""
        return HTMLResponse(self.part(template, **context), status)

    def context(self) -> Mapping[str, Any]:
        """What every template knows."""
        return {
            "visit": self,
            "login": self.login,
            "now": self.now,
            "menu": places_of(self.role) if self.role else (),
            "here": place_at(self.connection.url.path, places_of(self.role) if self.role else ()),
        }

    def back_to(self, path: str, told: str = "") -> Response:
        """After a change: on to a page of ours, with a line that is shown there once as a toast."""
        response: Response
        if self.by_htmx:
            response = Response(status_code=204, headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, 303)
        if told:
            self.tell(response, told)
        return response

    def tell(self, response: Response, told: str) -> None:
        """Shows a line with the next page, once."""
        response.set_cookie("told", quote(told[:300]), max_age=30, samesite="strict", secure=self.parts.secure)


def place_at(path: str, places: tuple[Place, ...]) -> Place | None:
    """The place of the navigation that a path belongs to."""
    return next((place for place in places if path == place.path or path.startswith(f"{place.path}/")), None)
