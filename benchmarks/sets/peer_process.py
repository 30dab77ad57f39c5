"""Runs in the peers' own environment: reads questions as JSON lines, answers each with what one library understood.

A line is `{"text", "now", "wanted"}`; an answer `{"value", "ms"}`. The first answer of all is `{"load_ms", "peak_mb"}`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

Reader = Callable[[str, datetime, str], Any]
FORMS = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%dT%H:%M", "number": ""}


def dateparser() -> Reader:
    from dateparser.search import search_dates

    def read(text: str, now: datetime, wanted: str) -> str | None:
        settings: dict[str, Any] = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future"}
        found = search_dates(text, languages=["en"], settings=settings)
        return found[0][1].strftime(FORMS[wanted]) if found else None

    return read


def ctparse() -> Reader:
    from ctparse import ctparse as parse

    def read(text: str, now: datetime, wanted: str) -> str | None:
        found = parse(text, ts=now, timeout=1.0)
        moment = getattr(found.resolution, "dt", None) if found else None
        return moment.strftime(FORMS[wanted]) if moment else None

    return read


def recognizers() -> Reader:
    from recognizers_date_time import Culture, recognize_datetime
    from recognizers_number import recognize_number

    def read(text: str, now: datetime, wanted: str) -> Any:
        if wanted == "number":
            return [float(item.resolution["value"]) for item in recognize_number(text, Culture.English)] or None
        best = None
        for item in recognize_datetime(text, Culture.English, reference=now):
            values = [one for one in (item.resolution or {}).get("values", ()) if one.get("value")]
            if values and values[0]["type"] == wanted:
                return _later(values, now, wanted)
            best = best or (values and _later(values, now, values[0]["type"]))
        return best or None

    return read


def _later(values: list[dict[str, str]], now: datetime, kind: str) -> str:
    """Of the readings of a date, the first from the reference on."""
    if kind not in ("date", "datetime"):
        return values[0]["value"][:5]
    coming = [one["value"] for one in values if one["value"][:10] >= now.date().isoformat()]
    return (coming or [values[-1]["value"]])[0].replace(" ", "T")[: 10 if kind == "date" else 16]


def main() -> None:
    started = time.process_time()
    read: Reader = {"dateparser": dateparser, "ctparse": ctparse, "recognizers": recognizers}[sys.argv[1]]()
    read("tomorrow at eight pm", datetime(2026, 1, 1), "datetime")
    load = (time.process_time() - started) * 1000
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    print(json.dumps({"load_ms": load, "peak_mb": peak}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        began = time.process_time()
        try:
            value = read(question["text"], datetime.fromisoformat(question["now"]), question["wanted"])
        except (ValueError, KeyError, OverflowError, TypeError, AttributeError, IndexError):
            value = None  # peers fail on some sentences; that is an answer too
        print(json.dumps({"value": value, "ms": (time.process_time() - began) * 1000}), flush=True)


if __name__ == "__main__":
    main()
