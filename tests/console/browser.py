"""A browser without a screen: it keeps cookies, sends the token of its session, and comes from our own origin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.console import accounts
from engine.console.accounts import Role
from engine.console.pages import cookie_of
from engine.console.parts import ConsoleParts

BASE = "http://testserver"
_LONG = timedelta(days=1), timedelta(days=1)
PASSWORD = "four tables by the window"


SECRET = "the dialplan's own secret"


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    now: datetime = datetime(2026, 11, 2, 10, 0, tzinfo=ZoneInfo("Europe/London"))

    def __call__(self) -> datetime:
        return self.now

    def go(self, **length: float) -> None:
        self.now += timedelta(**length)


class Browser(TestClient):
    """`role` is logged in from the start, by a session that the test puts into the database; None is nobody."""

    def __init__(self, app: Starlette, parts: ConsoleParts, role: Role | None = None) -> None:
        super().__init__(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)
        self.parts = parts
        self.csrf = ""
        if role is not None:
            self.be(role)

    def be(self, name: str) -> None:
        """Logs somebody in without the form."""
        token = accounts.log_in(self.parts.store, name, None, self.parts.clock())
        self.cookies.set(cookie_of(self.parts), token)
        login = accounts.login_of(self.parts.store, token, self.parts.clock(), *_LONG)
        assert login is not None
        self.csrf = login.csrf

    def send_form(self, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """Sends a form as a page of ours would."""
        return self.post(path, data={"csrf": self.csrf, **(fields or {})}, headers={"origin": BASE, **headers})

    def log_in(self, name: str, password: str = PASSWORD, **headers: str) -> Any:
        """Fills in the form of the login page."""
        fields = {"name": name, "password": password, "next": "/today"}
        answer = self.post("/login", data=fields, headers={"origin": BASE, **headers})
        if answer.status_code == 303:
            found = re.search(r'"X-CSRF-Token": "([^"]+)"', self.get("/account").text)
            assert found is not None
            self.csrf = found[1]
        return answer
