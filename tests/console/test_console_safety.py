"""What an attacker tries: forged requests, script in a caller's words, paths out of the folder, floods, prying."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette

from engine.actions.store import Store
from engine.console import accounts
from engine.console.accounts import Role
from engine.console.app import declared
from engine.console.headers import HEADERS, LARGEST, POLICY
from engine.console.pages import cookie_of
from engine.console.parts import ConsoleParts
from engine.settings import Address, ConsoleSettings, Settings
from engine.web import refusal, web_server
from tests.console.browser import BASE, PASSWORD, SECRET, Browser, Clock
from tests.console.talking import Talk

Visit = Callable[[Role | None], Browser]
EVIL = "<script>alert(1)</script>"
STREAMS = ("/today/live", "/today/calls/{id}/live")


def plain_pages() -> list[str]:
    """Every page to look at that is about nothing in particular."""
    looked_at = (page.path for page in declared() if "GET" in page.methods)
    return [path for path in looked_at if "{" not in path and path not in STREAMS]


@pytest.mark.parametrize("path", ["/today", "/login", "/no-such-page", "/static/base.css", "/static/../app.py"])
def test_every_answer_carries_the_headers(path: str, operator: Browser) -> None:
    answer = operator.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert not re.search(r"https?:", POLICY)


def test_an_unforeseen_fault_shows_nothing_of_itself(
    operator: Browser, parts: ConsoleParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(type(parts.calls), "live", fail)
    answer = operator.get("/today")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


class _Inline(HTMLParser):
    """Finds what the policy would block: style attributes and elements, handlers, scripts with text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


def inline(text: str) -> list[str]:
    """What of a page the policy would block."""
    parser = _Inline()
    parser.feed(text)
    return parser.found


def test_the_search_for_what_is_inline_finds_it() -> None:
    assert inline('<p style="x"><b onclick="x"></b></p><script>x</script><style></style>') == [
        "p style", "b onclick", "script", "style",
    ]  # fmt: skip


def test_no_page_has_anything_inline(admin: Browser) -> None:
    for path in plain_pages():
        assert inline(admin.get(path).text) == [], path


def test_a_form_without_the_token_changes_nothing(visit: Visit, parts: ConsoleParts) -> None:
    admin = visit("admin")
    fields = {"name": "evil", "password": PASSWORD, "role": "admin"}
    for forged in ({}, {"csrf": ""}, {"csrf": "x" * 32}, {"csrf": visit("operator").csrf}):
        answer = admin.post("/people", data={**fields, **forged}, headers={"origin": BASE})
        assert answer.status_code == 403
    assert "evil" not in [user.name for user in accounts.all_users(parts.store)]


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=["origin", "null", "fetch-site"],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(headers: dict[str, str], admin: Browser) -> None:
    answer = admin.post("/people", data={"csrf": admin.csrf}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_another_site_cannot_log_a_browser_in(visit: Visit) -> None:
    fields = {"name": "operator", "password": PASSWORD}
    answer = visit(None).post("/login", data=fields, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_htmx_sends_the_token_in_a_header(admin: Browser) -> None:
    headers = {"origin": BASE, "x-csrf-token": admin.csrf, "hx-request": "true"}
    answer = admin.post("/people/operator/role", data={"role": "qa"}, headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/people")
    headers["x-csrf-token"] = "x"
    assert admin.post("/people/operator/role", data={"role": "admin"}, headers=headers).status_code == 403


def test_what_a_caller_says_is_text(store: Store, clock: Clock, operator: Browser) -> None:
    talk = Talk(store, "call", clock.now, caller=f"\"'>{EVIL}")
    talk.say_all(["no", EVIL])
    store.archive.flush()
    clock.now = talk.now
    assert EVIL not in operator.get("/today").text
    conversation = operator.get("/today/calls/call").text
    assert EVIL not in conversation
    assert "&lt;script&gt;alert(1)" in conversation


def test_what_is_typed_into_a_booking_is_text(operator: Browser) -> None:
    fields = {"place": "trattoria.tables", "day": "2026-11-06", "time": "19:30", "party_size": "2", "key": "k"}
    fields |= {"first_name": EVIL, "last_name": '" onmouseover="alert(1)', "note": EVIL, "phone": '"><b>1'}
    assert operator.send_form("/today/bookings", fields).status_code == 303
    for path in ("/today?day=2026-11-06", "/today?day=2026-11-06&view=week", "/today/bookings/1"):
        text = operator.get(path).text
        assert EVIL not in text, path
        assert inline(text) == [], path


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/....//app.py",
        "/static/%2fetc/passwd", "/static//etc/passwd", "/static/vendor/../../parts.py", "/static/..\\app.py",
        "/today/calls/..%2f..%2fetc%2fpasswd", "/today/export/..%2f..%2fetc%2fpasswd", "/calls/%2e%2e%2f%2e%2e%2fetc",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(path: str, operator: Browser) -> None:
    answer = operator.get(path)
    assert "root:" not in answer.text
    assert "import" not in answer.text.split("<title>")[0]
    assert answer.status_code in (200, 303, 404)
    if answer.status_code == 200:
        assert answer.headers["content-type"].startswith(("text/calendar", "text/html"))


def test_no_secret_is_in_a_page(admin: Browser, parts: ConsoleParts, hashed: str) -> None:
    token = admin.cookies[cookie_of(parts)]
    for path in plain_pages():
        text = admin.get(path).text
        for secret in (SECRET, hashed, "$argon2", token, PASSWORD):
            assert secret not in text, path


def test_pages_are_kept_by_no_cache_and_files_by_their_version(operator: Browser) -> None:
    page = operator.get("/today")
    assert page.headers["cache-control"] == "no-store"
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[^"]+)"', page.text)
    assert addresses
    for address in addresses:
        answer = operator.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_too_much_is_refused_before_it_is_read(operator: Browser) -> None:
    headers = {"origin": BASE, "content-length": str(LARGEST + 1)}
    assert operator.post("/today/bookings", content=b"", headers=headers).status_code == 413


def test_too_much_in_pieces_is_refused_too(operator: Browser) -> None:
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(LARGEST // 100_000 + 5):
            sent += 100_000
            yield b"x" * 100_000

    headers = {"origin": BASE, "content-type": "application/x-www-form-urlencoded"}
    answer = operator.post("/today/bookings", content=pieces(), headers=headers)
    assert answer.status_code in (400, 413)


def test_a_form_with_very_many_fields_is_refused(operator: Browser) -> None:
    fields = {f"field{number}": "x" for number in range(2000)}
    assert operator.send_form("/today/bookings", fields).status_code == 400


@pytest.mark.parametrize(
    ("host", "console", "served"),
    [
        ("127.0.0.1", ConsoleSettings(), True),
        ("::1", ConsoleSettings(), True),
        ("localhost", ConsoleSettings(), True),
        ("0.0.0.0", ConsoleSettings(), False),
        ("192.0.2.7", ConsoleSettings(), False),
        ("desk.example", ConsoleSettings(), False),
        ("0.0.0.0", ConsoleSettings(behind_proxy="127.0.0.1"), True),
    ],
)
def test_it_is_served_in_the_clear_on_this_machine_alone(host: str, console: ConsoleSettings, served: bool) -> None:
    refused = refusal(Settings(web=Address(host, 8089), console=console))
    assert (refused is None) is served


def test_who_a_visitor_is_is_believed_of_the_proxy_alone() -> None:
    alone = web_server(Starlette(), Settings()).config
    behind = web_server(Starlette(), Settings(console=ConsoleSettings(behind_proxy="192.0.2.1"))).config
    assert not alone.proxy_headers
    assert behind.proxy_headers
    assert behind.forwarded_allow_ips == "192.0.2.1"
