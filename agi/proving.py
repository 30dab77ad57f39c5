"""Whether a flow is sound, found out in a process of its own: a second of work that running calls do not notice."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from engine.check.report import check_reading
from engine.errors import AuthorError, Finding, PeerError, SettingsError
from engine.flow.model import Flow
from engine.settings import LineSettings, read_line

HUMBLE: Final = 10
"""How far calls go before this work."""


def sound_flow(line: LineSettings) -> Flow:
    """The flow of a line. Raises AuthorError with all its errors when it has any, and what `read_line` raises."""
    reading = read_line(line)
    report = check_reading(reading, time.perf_counter)
    if reading.flow is None or not report.sound:
        raise AuthorError(tuple(found for found in report.findings if found.severity == "error"))
    return reading.flow


async def sound_elsewhere(line: LineSettings) -> Flow:
    """As `sound_flow`, by another process. Raises SettingsError also where the files change meanwhile."""
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=os.nice, initargs=(HUMBLE,))
    try:
        proved, errors = await asyncio.get_running_loop().run_in_executor(pool, _prove, line)
    except BrokenProcessPool as fault:
        raise PeerError("the process that checks flows died: it is tried again when a file changes") from fault
    finally:
        pool.shutdown(wait=False)
    if errors:
        raise AuthorError(errors)
    flow = (await asyncio.to_thread(read_line, line)).flow
    if flow is None or flow.hash != proved:
        raise SettingsError(f"{line.flow} was written while it was checked: it is read again")
    return flow


def _prove(line: LineSettings) -> tuple[str, tuple[Finding, ...]]:
    try:
        return sound_flow(line).hash, ()
    except AuthorError as fault:
        return "", fault.findings
