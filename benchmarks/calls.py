"""Many calls at a time, late frames, memory and CPU: `calls.py [--calls 10,50,100,200] [--processes 2] [--asterisk]`.

Callers in a process of their own hold booking calls with the trattoria over FastAGI and AudioSocket, as Asterisk does.
With `--asterisk` they call through a real one (script/asterisk fetches it): Local channels that carry 16-bit samples,
with a connection of AudioSocket on either side, so that each frame passes through Asterisk before it is seen.
The engine, the detector of speech, the voice, the database and the log of calls are the real ones; only the recogniser
is scripted, and takes 150 ms. A frame is late when it comes more than 40 ms after the one before it.

`echo` is the same with a server that sends every byte straight back: what this machine and these callers cost. `own` is
the share of the callers' own turns that were more than 10 ms late. Memory is the proportional share (PSS) of all
processes of the server, per call above none. CPU is in percent of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.load.exchange import LINES, LOST, PLAN  # noqa: E402
from tests.agi.asterisk import Asterisk, an_asterisk  # noqa: E402

LOAD = ROOT / "benchmarks" / "load"
TICKS = os.sysconf("SC_CLK_TCK")
CLIPS = ("party_size.ask", "time.ask", "menu", "echo", "day.ask")


@contextmanager
def answerer(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server in a process of its own, and where it listens."""
    process = subprocess.Popen(
        [sys.executable, str(LOAD / "answerers.py"), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.communicate()


def family(root: int) -> list[int]:
    """A process and all that it started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, at = [root], 0
    while at < len(found):
        found += parents.get(found[at], [])
        at += 1
    return found


def spent(pids: list[int]) -> float:
    """Seconds of processor time so far."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pids: list[int]) -> float:
    """MB that these processes take, what they share counted once."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


def load(
    server: str, root: int, where: dict[str, Any], calls: int, asked: argparse.Namespace, asterisk: Asterisk | None
) -> dict[str, Any]:
    """So many calls for so long, and what was seen."""
    theirs_too = [] if asterisk is None else [int((asterisk.run / "run/asterisk.pid").read_text())]
    before = memory(family(root))
    ramp = min(8.0, calls / 15)
    settle = asked.settle if server == "frontdesk" else 3.0
    if asterisk is not None:
        where = {"asterisk": {"url": asterisk.ari.url, "login": [asterisk.ari.user, asterisk.ari.password],
                              **({"echo": where["audio"]} if server == "echo" else {})}}  # fmt: skip
    clips = [str(path) for name in CLIPS for path in sorted(ROOT.glob(f"flows/trattoria/callers/*/{name}.wav"))]
    task = {"server": server, "calls": calls, "seconds": asked.seconds, "ramp": ramp, "settle": ramp + settle,
            "clips": clips, **where}  # fmt: skip
    with subprocess.Popen(
        [sys.executable, str(LOAD / "callers.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as callers:  # fmt: skip
        assert callers.stdin is not None
        assert callers.stdout is not None
        assert callers.stderr is not None
        callers.stdin.write(json.dumps(task) + "\n")
        callers.stdin.flush()
        for line in callers.stderr:
            if line.startswith("measuring"):
                break
            print(line, end="", file=sys.stderr)
        began, ours, theirs = time.monotonic(), spent(family(root)), spent([callers.pid])
        switched, lost = spent(theirs_too), lost_in(asterisk)
        time.sleep(asked.seconds - 0.5)
        pids = family(root)
        took = time.monotonic() - began
        cpu, own, megabytes = (spent(pids) - ours) / took, (spent([callers.pid]) - theirs) / took, memory(pids)
        switched, lost = (spent(theirs_too) - switched) / took, lost_in(asterisk) - lost
        seen = json.loads(callers.stdout.read())
    frames = max(1, seen["frames"])
    return {
        "server": server,
        "calls": calls,
        "frames": seen["frames"],
        "late_percent": round(100 * seen["late"] / frames, 4),
        "longest_ms": round(1000 * seen["longest"]),
        "over_30_ms_percent": round(100 * sum(seen["counts"][5:]) / frames, 3),
        "cpu_percent": round(100 * cpu),
        "callers_cpu_percent": round(100 * own),
        "own_late_percent": round(100 * seen["own_late"] / max(1, seen["turns"]), 3),
        "mb_before": round(before),
        "mb_per_call": round((megabytes - before) / calls, 2),
        "ended": seen["calls"],
        "lost": seen["lost"] + lost,
        "refused": seen["refused"],
        **({} if asterisk is None else {"asterisk_cpu_percent": round(100 * switched)}),
    }


def lost_in(asterisk: Asterisk | None) -> int:
    """Calls that went to the dialplan's safety net so far."""
    return 0 if asterisk is None else asterisk.log.count(LOST)


def told(found: dict[str, Any]) -> str:
    switch = f", Asterisk {found['asterisk_cpu_percent']} %" if "asterisk_cpu_percent" in found else ""
    return (
        f"{found['server']:10}{found['calls']:5} calls: {found['late_percent']:8.4f} % late, longest "
        f"{found['longest_ms']} ms, CPU {found['cpu_percent']} % (callers {found['callers_cpu_percent']} %{switch}, "
        f"own late {found['own_late_percent']} %), {found['mb_per_call']} MB a call, {found['ended']} calls ended, "
        f"{found['lost']} lost"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", default="10,50,100,200", help="at a time, with commas")
    parser.add_argument("--processes", default=os.cpu_count() or 1, type=int, help="that answer calls")
    parser.add_argument("--seconds", default=20.0, type=float, help="that each load is measured")
    parser.add_argument("--settle", default=20.0, type=float, help="until it is measured, once all calls are there")
    parser.add_argument("--without-echo", action="store_true", help="leave the echo server out")
    parser.add_argument("--asterisk", action="store_true", help="call through a real Asterisk")
    parser.add_argument("--json", action="store_true", help="one line of JSON; else a table on standard error as well")
    asked = parser.parse_args()
    found: list[dict[str, Any]] = []
    with an_asterisk(2, LINES, PLAN) if asked.asterisk else nullcontext() as asterisk:
        for result in loads(asked, asterisk):
            print(told(result), file=sys.stderr)
            found.append(result)
    total = {"cores": os.cpu_count(), "processes": asked.processes, "seconds": asked.seconds,
             "through_asterisk": asked.asterisk, "loads": found}  # fmt: skip
    print(json.dumps(total, indent=None if asked.json else 1))


def loads(asked: argparse.Namespace, asterisk: Asterisk | None) -> Iterator[dict[str, Any]]:
    """Each number of calls, with the echo server and with frontdesk."""
    port = 0 if asterisk is None else asterisk.settings.agi_port
    for calls in map(int, asked.calls.split(",")):
        if not asked.without_echo:
            with answerer("echo") as (process, where):
                yield load("echo", process.pid, where, calls, asked, asterisk)
        with tempfile.TemporaryDirectory() as folder:
            arguments = ("frontdesk", str(asked.processes), str(calls + 20), folder, str(port))
            with answerer(*arguments) as (process, where):
                time.sleep(1.0)
                yield load("frontdesk", process.pid, where, calls, asked, asterisk)


if __name__ == "__main__":
    main()
