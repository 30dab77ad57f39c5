"""Logging in: guessing is slowed down, sessions are new, end in time, and belong to one browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.console import accounts
from engine.console.accounts import AccountError, Role
from engine.console.login import inside
from engine.console.pages import cookie_of
from engine.console.parts import IDLE, SESSION, ConsoleParts
from engine.console.passwords import PasswordError, Passwords
from engine.console.throttle import FIRST, FREE
from tests.console.browser import BASE, PASSWORD, Browser, Clock

Visit = Callable[[Role | None], Browser]


def test_a_user_logs_in_and_out(visit: Visit) -> None:
    browser = visit(None)
    assert browser.get("/today?view=week").headers["location"] == "/login?next=/today%3Fview%3Dweek"
    answer = browser.log_in("operator")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert browser.get("/today").status_code == 200
    kept = dict(browser.cookies)
    assert browser.send_form("/logout").status_code == 303
    browser.cookies.update(kept)
    assert browser.get("/today").status_code == 303


def test_the_cookie_is_for_this_site_and_no_script(visit: Visit, parts: ConsoleParts) -> None:
    cookie = visit(None).log_in("operator").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


@pytest.mark.parametrize(("name", "password"), [("operator", "wrong"), ("nobody", PASSWORD), ("operator", "")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(name: str, password: str, visit: Visit) -> None:
    answer = visit(None).log_in(name, password)
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_guessing_has_to_wait_longer_and_longer(visit: Visit, clock: Clock) -> None:
    browser = visit(None)
    for _ in range(FREE):
        assert browser.log_in("operator", "wrong").status_code == 401
    waits = []
    for _ in range(4):
        refused = browser.log_in("operator")  # the right one: it is not even looked at
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        clock.go(seconds=waits[-1])
        assert browser.log_in("operator", "wrong").status_code == 401
    assert waits == [round(FIRST.total_seconds()) * factor for factor in (1, 2, 4, 8)]
    clock.go(hours=1)
    assert browser.log_in("operator").status_code == 303


def test_one_address_cannot_guess_at_many_accounts(visit: Visit) -> None:
    browser = visit(None)
    answers = [browser.log_in(f"user{number}", "wrong").status_code for number in range(FREE + 1)]
    assert answers == [401] * FREE + [429]


def test_a_planted_session_is_not_taken_over(visit: Visit, parts: ConsoleParts) -> None:
    browser = visit(None)
    browser.cookies.set(cookie_of(parts), "planted by somebody else")
    assert browser.log_in("operator").status_code == 303
    tokens = [cookie.value for cookie in browser.cookies.jar if cookie.name == cookie_of(parts)]
    assert tokens
    other = visit(None)
    other.cookies.set(cookie_of(parts), "planted by somebody else")
    assert other.get("/today").status_code == 303


def test_logging_in_again_ends_the_session_before(visit: Visit, parts: ConsoleParts) -> None:
    browser = visit("operator")
    first = browser.cookies[cookie_of(parts)]
    browser.log_in("operator")
    other = visit(None)
    other.cookies.set(cookie_of(parts), first)
    assert other.get("/today").status_code == 303


def test_the_database_does_not_hold_what_the_browser_has(visit: Visit, parts: ConsoleParts) -> None:
    token = visit("operator").cookies[cookie_of(parts)]
    rows = parts.store.read(lambda connection: connection.exec_driver_sql("SELECT token FROM sessions").fetchall())
    assert rows
    assert all(token not in row[0] for row in rows)


def test_a_session_ends_when_it_is_old_or_unused(visit: Visit, clock: Clock) -> None:
    browser = visit("operator")
    for _ in range(int(SESSION / (IDLE / 2)) - 1):
        clock.go(seconds=IDLE.total_seconds() / 2)
        assert browser.get("/today").status_code == 200
    clock.go(seconds=IDLE.total_seconds())
    assert browser.get("/today").status_code == 303
    unused = visit("operator")
    clock.go(seconds=IDLE.total_seconds() + 1)
    assert unused.get("/today").status_code == 303


def test_another_password_logs_the_other_browsers_out(visit: Visit) -> None:
    mine, other = visit("operator"), visit("operator")
    wrong = mine.send_form("/account/password", {"old": "wrong", "new": "the blue door at the end"})
    assert wrong.status_code == 422
    changed = mine.send_form("/account/password", {"old": PASSWORD, "new": "the blue door at the end"})
    assert changed.status_code == 303
    assert mine.get("/today").status_code == 200
    assert other.get("/today").status_code == 303
    assert visit(None).log_in("operator", "the blue door at the end").status_code == 303


def test_a_role_that_is_taken_away_is_gone_at_once(visit: Visit) -> None:
    admin, operator = visit("admin"), visit("operator")
    assert operator.get("/voice").status_code == 200
    assert admin.send_form("/people/operator/role", {"role": "qa"}).status_code == 303
    assert operator.get("/voice").status_code == 403
    assert admin.send_form("/people/operator/remove").status_code == 303
    assert operator.get("/today").status_code == 303


def test_the_last_admin_stays(visit: Visit) -> None:
    admin = visit("admin")
    for path, fields in (("/people/admin/remove", {}), ("/people/admin/role", {"role": "qa"})):
        answer = admin.send_form(path, fields)
        assert answer.status_code == 422
        assert "is the only admin" in answer.text
    assert admin.get("/people").status_code == 200


def test_people_are_added_with_a_name_and_password_that_can_be_used(visit: Visit) -> None:
    admin = visit("admin")
    for name, password in (("Bad Name", PASSWORD), ("new", "short"), ("operator", PASSWORD), ("../x", PASSWORD)):
        assert admin.send_form("/people", {"name": name, "password": password, "role": "qa"}).status_code == 422
    assert admin.send_form("/people", {"name": "new", "password": PASSWORD, "role": "qa"}).status_code == 303
    assert visit(None).log_in("new").status_code == 303
    told = admin.get("/people/audit").text
    assert "account add" in told
    assert PASSWORD not in told


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/calls?x=1", "/calls?x=1"),
        ("https://evil.example/", "/today"),
        ("//evil.example/", "/today"),
        ("/\\evil.example", "/today"),
        ("javascript:alert(1)", "/today"),
        ("/x\r\nset-cookie: a=b", "/today"),
        ("", "/today"),
    ],
)
def test_a_login_leads_to_a_page_of_ours(wanted: str, place: str, visit: Visit) -> None:
    assert inside(wanted) == place
    fields = {"name": "operator", "password": PASSWORD, "next": wanted}
    assert visit(None).post("/login", data=fields, headers={"origin": BASE}).headers["location"] == place


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "maria-maria-1", "x" * 500])
def test_a_password_that_is_easy_to_guess_is_refused(password: str, passwords: Passwords) -> None:
    with pytest.raises(PasswordError):
        passwords.hash(password, "maria")


def test_the_default_hash_costs_an_attacker_something() -> None:
    assert "$argon2id$" in Passwords().hash(PASSWORD, "maria")
    assert "m=65536" in Passwords().hash(PASSWORD, "maria")


def test_nobody_is_no_user(parts: ConsoleParts, passwords: Passwords) -> None:
    assert not passwords.matches(None, PASSWORD)
    with pytest.raises(AccountError):
        accounts.set_password(parts.store, "stranger", passwords.hash(PASSWORD, "stranger"))
