"""The pages' templates: Jinja with everything escaped, and the few filters that they share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.actions.export import plain

ROOM: Final = Path(str(files("engine.console")))
STATIC: Final = ROOM / "static"


def environment() -> Environment:
    """Templates of `templates/`; an unknown name in one is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static
    made.filters.update(FILTERS)
    return made


@cache
def static(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for long."""
    print_of = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={print_of}"


def at(moment: datetime, zone: str) -> str:
    """`19:30` on the clock of a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def on(moment: datetime, zone: str) -> str:
    """`Fri 6 Nov, 19:30` on the clock of a zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def dayname(day: date) -> str:
    """`Friday 6 November`."""
    return f"{day:%A} {day.day} {day:%B}"


def shortday(day: date) -> str:
    """`Fri 6 Nov`."""
    return f"{day:%a} {day.day} {day:%b}"


def minutes(seconds: float) -> str:
    """`2:07`, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def words(name: str) -> str:
    """`booking.find_table` as people read it: `booking find table`."""
    return name.replace("_", " ").replace(".", " ")


def words_pair(name: str) -> tuple[str, str]:
    """A name as a choice of a form: itself, and as people read it."""
    return name, words(name)


FILTERS: Final[dict[str, Callable[..., object]]] = {
    "at": at, "on": on, "dayname": dayname, "shortday": shortday,
    "minutes": minutes, "words": words, "words_pair": words_pair, "plain": plain,
}  # fmt: skip
