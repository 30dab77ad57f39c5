"""A process of its own that books, for the tests of two at once.

racer.py open DATABASE | race DATABASE NUMBER ROUNDS
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from actions_flow import EIGHT, FRIDAY, call, restaurant

from engine.actions.registry import Toolbox
from engine.actions.store import open_store
from engine.acts import PersonName


def race(database: str, number: str, rounds: str) -> None:
    """Each round wants the only table of another Friday, once the other racer stands ready too."""

    async def run() -> None:
        with open_store(database) as store:
            toolbox = Toolbox(restaurant(units=[{"seats": 2}]), store)
            for turn in range(int(rounds)):
                wish = call(
                    "book",
                    f"{number}/{turn}",
                    f"racer {number}",
                    day=FRIDAY + timedelta(weeks=turn + 20),
                    time=EIGHT,
                    party_size=2,
                    name=PersonName("Racer", number),
                    phone=f"0770090012{number}",
                )
                print("ready", flush=True)
                sys.stdin.readline()
                print((await toolbox.run(wish)).name, flush=True)

    asyncio.run(run())


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "open":
        open_store(arguments[0]).close()
    else:
        race(*arguments)
