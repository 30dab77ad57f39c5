"""A process of its own that books, for the tests of two at once and of sudden death.

racer.py open DATABASE | race DATABASE NUMBER ROUNDS | die DATABASE before|inside|after
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta

import sqlalchemy as sa
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


def die(database: str, moment: str) -> None:
    """Is killed before, inside or after the commit."""

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def run() -> None:
        with open_store(database) as store:
            if moment == "inside":
                sa.event.listen(store._engine, "commit", kill)
            toolbox = Toolbox(restaurant(), store)
            wish = call("book", "key", day=FRIDAY, time=EIGHT, party_size=2, name=PersonName("Ann", "Lee"), phone="1")
            if moment == "before":
                kill()
            await toolbox.run(wish)
            kill()

    asyncio.run(run())


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "open":
        open_store(arguments[0]).close()
    elif what == "race":
        race(*arguments)
    else:
        die(*arguments)
