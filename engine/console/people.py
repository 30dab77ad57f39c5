"""People: accounts with their roles, one's own password, and who changed what. For admins, but for the password."""

from __future__ import annotations

from starlette.responses import Response

from engine.console import accounts, audit
from engine.console.accounts import AccountError, Role
from engine.console.navigation import ADMINS, EVERYONE
from engine.console.pages import Pages
from engine.console.passwords import PasswordError
from engine.console.visit import Visit

pages = Pages()


@pages.get("/people", roles=ADMINS)
async def people(visit: Visit) -> Response:
    return await _people(visit)


async def _people(visit: Visit, problem: str = "", status: int = 200) -> Response:
    store = visit.parts.store
    users = await visit.run(lambda: accounts.all_users(store))
    return visit.page("people/index.html", status, users=users, roles=accounts.ROLES, problem=problem)


@pages.post("/people", roles=ADMINS)
async def add(visit: Visit) -> Response:
    form = await visit.form()
    name, role, password = (str(form.get(key, "")).strip() for key in ("name", "role", "password"))
    parts, now = visit.parts, visit.now
    try:
        chosen = _role(role)
        hashed = await visit.run(lambda: parts.passwords.hash(password, name))
        await visit.run(lambda: accounts.add_user(parts.store, name, chosen, hashed, now))
    except (AccountError, PasswordError) as fault:
        return await _people(visit, _sentence(fault), 422)
    await visit.audit("account.add", name, role=chosen)
    return visit.back_to("/people", f"{name} can log in now.")


@pages.post("/people/{name}/role", roles=ADMINS)
async def change_role(visit: Visit) -> Response:
    name, store = visit.named("name"), visit.parts.store
    try:
        role = _role(str((await visit.form()).get("role", "")))
        await visit.run(lambda: accounts.set_role(store, name, role))
    except AccountError as fault:
        return await _people(visit, _sentence(fault), 422)
    await visit.audit("account.role", name, role=role)
    return visit.back_to("/people", f"{name} has the role {role} now.")


@pages.post("/people/{name}/remove", roles=ADMINS)
async def remove(visit: Visit) -> Response:
    name, store = visit.named("name"), visit.parts.store
    try:
        await visit.run(lambda: accounts.remove_user(store, name))
    except AccountError as fault:
        return await _people(visit, _sentence(fault), 422)
    await visit.audit("account.remove", name)
    return visit.back_to("/people", f"{name} has no account any more.")


@pages.get("/people/audit", roles=ADMINS)
async def deeds(visit: Visit) -> Response:
    before = visit.asked("before")
    store = visit.parts.store
    older = int(before) if before.isdigit() else None
    found = await visit.run(lambda: audit.deeds(store, 101, older))
    zone = await visit.run(lambda: visit.parts.zone)
    more = found[99].id if len(found) > 100 else None
    return visit.page("people/audit.html", zone=zone, deeds=found[:100], more=more)


@pages.get("/account", roles=EVERYONE)
async def account(visit: Visit) -> Response:
    return visit.page("people/account.html", problem="")


@pages.post("/account/password", roles=EVERYONE)
async def change_password(visit: Visit) -> Response:
    assert visit.login is not None
    form = await visit.form()
    old, new = str(form.get("old", "")), str(form.get("new", ""))
    parts, user, key, now = visit.parts, visit.user, visit.login.key, visit.now
    keys = (f"account {user}",)
    if parts.throttle.wait(keys, now):
        return visit.page("people/account.html", 429, problem="Too many wrong tries: wait a little, then try again.")
    kept = await visit.run(lambda: accounts.password_of(parts.store, user))
    if not await visit.run(lambda: parts.passwords.matches(kept, old)):
        parts.throttle.failed(keys, now)
        return visit.page("people/account.html", 422, problem="The present password is not right.")
    try:
        hashed = await visit.run(lambda: parts.passwords.hash(new, user))
    except PasswordError as fault:
        return visit.page("people/account.html", 422, problem=_sentence(fault))
    await visit.run(lambda: accounts.set_password(parts.store, user, hashed, keep=key))
    await visit.audit("account.password", user)
    return visit.back_to("/account", "Your password is changed. Your other browsers are logged out.")


def _role(text: str) -> Role:
    found: dict[str, Role] = {role: role for role in accounts.ROLES}
    if text not in found:
        raise AccountError(f"{text!r} is no role; there is {', '.join(accounts.ROLES)}")
    return found[text]


def _sentence(fault: Exception) -> str:
    text = str(fault)
    return f"{text[:1].upper()}{text[1:]}."
