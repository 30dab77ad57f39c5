"""AGI scripts written with pyst2, run as they are: in a thread each, over an AGI session of ours.

pyst2 talks over a pair of files, installs a signal handler (which only a main thread may), writes every value to
stderr, lets a line break in a value start a second command, and takes a hang-up for a malformed number. So a script
gets an `AGI` that was made otherwise: what it writes is checked and becomes a command of the session, what it reads is
the reply, and a caller who is gone is an `AGIHangup`. Nothing else of pyst2 is changed, and its server is not used.

Scripts share this process: `sys.argv`, stdin and stdout are not theirs. A script that neither talks to Asterisk nor
ends cannot be stopped; its thread is left behind, and of those there are at most `MOST`.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from agi.net.fastagi import Session
from agi.wire.fastagi import Reply, Request
from engine.errors import PeerError, SettingsError

try:
    from asterisk import agi as pyst2
except ImportError:  # the extra `pyst2` is not installed
    pyst2 = None

Ending: TypeAlias = Literal["done", "hangup", "failed", "late"]
"""How a script ended: by itself, because the caller hung up, by a fault of its own, or not in time."""

MOST: Final = 32
"""Scripts at a time."""

_SPARE: Final = 5.0

_log = logging.getLogger(__name__)
_here = threading.local()
_running = threading.BoundedSemaphore(MOST)


def check_installed() -> None:
    """Raises SettingsError when scripts cannot run here."""
    if pyst2 is None:
        raise SettingsError("`scripts` needs pyst2: pip install 'frontdesk[pyst2]'")


class _Commands(io.TextIOBase):
    """What the script writes: whole commands, one a line."""

    def __init__(self, ask: Callable[[str], Reply]) -> None:
        self._ask = ask
        self._line = ""
        self.replies = _Replies()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        line = self._line + text
        if "\n" in line[:-1] or "\r" in line or "\0" in line:
            raise ValueError("a line break or NUL in a value would start a second AGI command")
        self._line = line
        if line.endswith("\n"):
            self._line = ""
            self.replies.put(self._ask(line[:-1]))
        return len(text)


class _Replies(io.TextIOBase):
    """What the script reads: the request, then the reply to each command."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def readable(self) -> bool:
        return True

    def begin(self, request: Request, arguments: Sequence[str]) -> None:
        """Puts the block that Asterisk opens a script with."""
        values = {**request.variables, **{f"arg_{place}": one for place, one in enumerate(arguments, 1)}}
        self._lines += [f"agi_{name}: {_one_line(value)}\n" for name, value in values.items()] + ["\n"]

    def put(self, reply: Reply) -> None:
        self._lines += [f"{line}\n" for line in as_line(reply).split("\n")]

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        return self._lines.pop(0) if self._lines else ""


def as_line(reply: Reply) -> str:
    """A reply as Asterisk writes it."""
    if reply.code != 200:
        return f"{reply.code}{'-' if chr(10) in reply.text else ' '}{reply.text}"
    value = "" if reply.value is None else f" ({_one_line(reply.value)})"
    return f"200 result={reply.result}{value}{' ' + reply.text if reply.text else ''}"


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", " ").splitlines())


class _Bridge:
    """Joins a script in its thread to a session in the loop's."""

    def __init__(self, session: Session, arguments: Sequence[str], until: float) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._until = until
        self._over = threading.Event()
        self._asked: Future[Reply] | None = None
        self.commands = _Commands(self._ask)
        self.commands.replies.begin(session.request, arguments)

    def close(self) -> None:
        """The script may say nothing more, and waits for nothing more."""
        self._over.set()
        if self._asked is not None:
            self._asked.cancel()

    @property
    def gone(self) -> bool:
        """Whether nobody listens to the script any more."""
        return self._over.is_set() or self._session.gone.is_set()

    def _ask(self, line: str) -> Reply:
        if self.gone:
            raise pyst2.AGISIGHUPHangup("the caller is gone, or the script's time is over")
        seconds = self._until - self._loop.time() + _SPARE  # `run_script` gives up first
        self._asked = asyncio.run_coroutine_threadsafe(self._session.execute_line(line, seconds), self._loop)
        try:
            return self._asked.result()
        except (PeerError, CancelledError) as fault:
            raise pyst2.AGISIGPIPEHangup(str(fault)) from fault


def _adapted() -> type:
    """pyst2's `AGI`, made without its own beginning."""

    class BridgedAGI(pyst2.AGI):  # type: ignore[misc]
        def __init__(self, stdin: object = None, stdout: object = None, stderr: object = None) -> None:
            bridge = getattr(_here, "bridge", None)
            if bridge is None:
                raise RuntimeError("an AGI can only be made by a script that frontdesk runs, in its own thread")
            self._bridge = bridge
            self._got_sighup = False
            self.stdin, self.stdout = bridge.commands.replies, bridge.commands
            self.stderr = _Nowhere()
            self.env: dict[str, str] = {}
            self._get_agi_env()

        def test_hangup(self) -> None:
            if self._bridge.gone:
                raise pyst2.AGISIGHUPHangup("the caller is gone, or the script's time is over")

        def _quote(self, string: Any) -> str:
            text = str(string)
            if len(text) > 1 and text[0] == text[-1] == '"':
                return text  # pyst2 quotes the keys of the database twice
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return BridgedAGI


class _Nowhere(io.TextIOBase):
    """Where pyst2's trace goes: it holds everything that a caller said."""

    def write(self, text: str) -> int:
        return len(text)


async def run_script(session: Session, path: Path, arguments: Sequence[str], seconds: float) -> Ending:
    """Runs a script over a session whose channel is free for commands, for at most `seconds`. The script is read each
    time, so that a change holds from the next call on."""
    check_installed()
    if not _running.acquire(blocking=False):
        _log.error("%s is not run: %d scripts are running", path.name, MOST)
        return "failed"
    loop = asyncio.get_running_loop()
    bridge = _Bridge(session, arguments, loop.time() + seconds)
    ended: asyncio.Future[Ending] = loop.create_future()

    def work() -> None:
        try:
            ending = _execute(path, bridge)
        finally:
            _running.release()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if ended.done() else ended.set_result(ending))

    threading.Thread(target=work, name=f"script {path.stem}", daemon=True).start()
    try:
        return await asyncio.wait_for(asyncio.shield(ended), seconds)
    except TimeoutError:
        _log.error("%s did not end within %g s", path.name, seconds)
        return "late"
    finally:
        bridge.close()


def _execute(path: Path, bridge: _Bridge) -> Ending:
    _here.bridge = bridge
    if pyst2.AGI.__name__ != "BridgedAGI":
        pyst2.AGI = _adapted()
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        code = compile(path.read_bytes(), str(path), "exec")
        exec(code, {"__name__": "__main__", "__file__": str(path), "__builtins__": __builtins__})
    except SystemExit as left:
        return "done" if left.code in (None, 0) else "failed"
    except pyst2.AGIHangup:
        return "hangup"
    except Exception as fault:  # the script's task ends here, whatever it did
        trace = fault.__traceback__
        while trace is not None and trace.tb_next is not None and trace.tb_frame.f_code.co_filename != str(path):
            trace = trace.tb_next
        _log.error("%s, line %s: %s", path.name, trace.tb_lineno if trace else "?", type(fault).__name__)
        return "hangup" if bridge.gone else "failed"
    finally:
        _here.bridge = None
    return "done"
