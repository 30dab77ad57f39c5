"""How fast the console's pages come with many calls stored: `console.py [--calls N] [--times N] [--json]`.

A `frontdesk console` of its own serves a fresh database over HTTP on loopback. Each page is asked for once to warm it,
then `--times` times, one after the other, over one connection; bookings, recordings and a call that goes on are there.
The floor is a static file from the same server, which shows what the server, the socket and this client cost.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.actions.byhand import ByHand, Hand  # noqa: E402
from engine.actions.store import Store, open_store  # noqa: E402
from engine.acts import PersonName  # noqa: E402
from engine.console.accounts import add_user  # noqa: E402
from engine.console.passwords import Passwords  # noqa: E402
from tests.console.history import add_sound, write_history  # noqa: E402
from tests.console.talking import BOOKING, Talk, flow  # noqa: E402

NAME, PASSWORD = "mona", "eleven lamps and a piano"
SETTINGS = """frontdesk: 1
database: frontdesk.db
lines: {trattoria: {flow: trattoria}, clinic: {flow: clinic}}
web: 127.0.0.1:0
"""
FLOOR = "/static/base.css"
PAGES = (
    "/today", "/today?view=week", "/today/bookings/1", "/today/bookings/new", "/today/calls/{live}",
    "/calls", "/calls?page=150", "/calls?text=parking", "/calls?text=friday+table&outcome=goodbye",
    "/calls?number=0042", "/calls/{first}", "/calls/{first}/way", "/calls/{first}/replay", "/calls/{first}/test",
    "/flows", "/flows/trattoria", "/flows/trattoria/versions", "/numbers", "/numbers?days=30", "/voice", "/privacy",
    "/people", "/people/audit", "/account",
)  # fmt: skip


def fill(folder: Path, calls: int) -> dict[str, str]:
    """A database with so many calls, a day full of bookings, and one call that goes on; answers names of calls."""
    (folder / "frontdesk.yaml").write_text(SETTINGS)
    now = datetime.now().astimezone()
    with open_store(folder / "frontdesk.db", folder / "recordings") as store:
        hashed = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(PASSWORD, NAME)
        add_user(store, NAME, "admin", hashed, now)
        write_history(store, calls, now)
        add_sound(store, "first-0")
        book(store, now)
        Talk(store, "live", now - timedelta(seconds=30)).say_all(BOOKING[:2])
        store.archive.flush()
    return {"live": "live", "first": "first-0"}


def book(store: Store, now: datetime) -> None:
    """Bookings of the next two weeks."""
    hand = ByHand(flow("trattoria").flow, store)
    for number in range(14 * 12):
        day = now.date() + timedelta(days=number // 12 + 1)
        wish = {"day": day, "time": clock(18 + number % 4, 15 * (number % 3)), "party_size": 2 + number % 3}
        hand.book(Hand(NAME, f"k{number}", now), "tables", {**wish, "name": PersonName("Guest", f"Number{number}")})


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """The address of a console in a process of its own."""
    command = [sys.executable, "-c", "from engine.cli.main import main; main()", "console", "--config"]
    process = subprocess.Popen([*command, str(folder / "frontdesk.yaml")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://([\d.]+):(\d+)/", process.stdout.readline())
        if found is None:
            raise SystemExit("the console did not start")
        yield found[1], int(found[2])
    finally:
        process.terminate()
        process.wait(10)


class Client:
    """A browser that has logged in, over one connection."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=30)
        self._headers: dict[str, str] = {}
        answer, _, headers = self.ask("POST", "/login", urlencode({"name": NAME, "password": PASSWORD, "next": "/"}))
        if answer != 303:
            raise SystemExit(f"the login was answered with {answer}")
        self._headers = {"cookie": headers["set-cookie"].partition(";")[0]}

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes, Any]:
        """Status, content and headers of an answer."""
        form = {"content-type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body, {**self._headers, **form})
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers


def measure(client: Client, path: str, times: int) -> dict[str, Any]:
    """Milliseconds of one address: the first time, then the median and the slowest of twenty."""
    took: list[float] = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        status, content, _ = client.ask("GET", path)
        took.append((time.perf_counter() - begun) * 1000)
    first, rest = took[0], sorted(took[1:])
    middle, late = rest[len(rest) // 2], rest[min(len(rest) - 1, len(rest) * 95 // 100)]
    figures = {"first_ms": first, "p50_ms": middle, "p95_ms": late}
    return {"status": status, "bytes": len(content), **{name: round(value, 1) for name, value in figures.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=10_000, help="calls that are stored (10000)")
    parser.add_argument("--times", type=int, default=20, help="times that each page is asked for (20)")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        begun = time.perf_counter()
        names = fill(folder, asked.calls)
        print(f"{asked.calls} calls written in {time.perf_counter() - begun:.1f} s", file=sys.stderr)
        with served(folder) as (host, port):
            client = Client(host, port)
            floor = measure(client, FLOOR, asked.times)
            found = {path: measure(client, path.format(**names), asked.times) for path in PAGES}
    if asked.json:
        print(json.dumps({"calls": asked.calls, "floor": {"path": FLOOR, **floor}, "pages": found}, indent=1))
        return
    print(f"{'':44}{'first':>8}{'p50':>8}{'p95':>8}   bytes  (ms; {asked.calls} calls)")
    for path, row in {f"{FLOOR} (floor)": floor, **found}.items():
        told = "" if row["status"] == 200 else f"  status {row['status']}"
        print(f"{path:44}{row['first_ms']:8.1f}{row['p50_ms']:8.1f}{row['p95_ms']:8.1f}{row['bytes']:8}{told}")


if __name__ == "__main__":
    main()
