"""Logging in and out: new sessions, forged forms refused, guessing slowed down."""

from __future__ import annotations

import logging
import math
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from engine.console import accounts
from engine.console.navigation import EVERYONE
from engine.console.pages import Pages, cookie_of
from engine.console.parts import SESSION
from engine.console.visit import Visit

log = logging.getLogger(__name__)
pages = Pages()


@pages.get("/", roles=EVERYONE)
async def home(visit: Visit) -> Response:
    return RedirectResponse("/today", 303)


@pages.get("/login", roles="public")
async def ask(visit: Visit) -> Response:
    if visit.login is not None:
        return RedirectResponse(inside(visit.asked("next")), 303)
    nobody = not await visit.run(lambda: accounts.all_users(visit.parts.store))
    return visit.page("login.html", next=inside(visit.asked("next")), problem="", name="", nobody=nobody)


@pages.post("/login", roles="public")
async def log_in(visit: Visit) -> Response:
    """Public, so no token of a session protects it: that the browser names our own origin does."""
    form = await visit.form()
    name, password = str(form.get("name", "")).strip().lower()[:80], str(form.get("password", ""))
    wanted = inside(str(form.get("next", "")))
    parts, now = visit.parts, visit.now
    keys = (f"address {address(visit)}", f"account {name}")
    left = parts.throttle.wait(keys, now)
    if left:
        problem = f"There were too many wrong tries. Wait {_patience(left.total_seconds())}, then try again."
        answer = visit.page("login.html", 429, next=wanted, problem=problem, name=name, nobody=False)
        answer.headers["retry-after"] = str(math.ceil(left.total_seconds()))
        return answer
    parts.throttle.failed(keys, now)  # before the hash is compared: tries at the same moment count as well
    kept = await visit.run(lambda: accounts.password_of(parts.store, name))
    if not await visit.run(lambda: parts.passwords.matches(kept, password)):
        log.warning("a login as %r from %s failed", name, address(visit))
        problem = "The name or the password is wrong."
        return visit.page("login.html", 401, next=wanted, problem=problem, name=name, nobody=False)
    for key in keys:
        parts.throttle.succeeded(key)
    old = visit.connection.cookies.get(cookie_of(parts))
    token = await visit.run(lambda: accounts.log_in(parts.store, name, old, now))
    await visit.run(lambda: accounts.forget_old(parts.store, now, SESSION))
    answer = RedirectResponse(wanted, 303)
    answer.set_cookie(
        cookie_of(parts),
        token,
        max_age=round(SESSION.total_seconds()),
        secure=parts.secure,
        httponly=True,
        samesite="strict",
    )
    return answer


@pages.post("/logout", roles=EVERYONE)
async def log_out(visit: Visit) -> Response:
    assert visit.login is not None
    key = visit.login.key
    await visit.run(lambda: accounts.log_out(visit.parts.store, key))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_of(visit.parts), secure=visit.parts.secure, httponly=True, samesite="strict")
    return answer


def inside(path: str) -> str:
    """The path, if it leads to a page of ours; else the first page. Nothing sends a browser to another site."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if fine and "\n" not in path and "\r" not in path else "/today"


def address(visit: Visit) -> str:
    """Where the visitor comes from: the address that the server saw, which a proxy that is trusted has set."""
    client = visit.connection.client
    return client.host if client else "nowhere"


def _patience(seconds: float) -> str:
    return f"{math.ceil(seconds)} seconds" if seconds < 90 else f"{math.ceil(seconds / 60)} minutes"
