"""Several processes that answer calls behind one FastAGI port: started, watched, and started again when they die.

The supervisor holds the port, checks who comes in, and gives each call to the process with the fewest, those that come
over ARI too. It holds no call itself: when it dies, calls go on; when a worker dies, its calls go to the dialplan's
safety net, and only those. Each worker has an AudioSocket port of its own, which the supervisor holds too, so that a
new worker needs to bind nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from typing import Any, Final, TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from agi.answering import Share, ari_settings, asterisk_settings, load_lines
from agi.backoff import Backoff
from agi.channel import Announcement, Call, Came, Fault, Finish, Message, Reload, Status, pair, receive, send
from agi.logs import level_of_log
from agi.net.lobby import Lobby
from agi.server import gate_of
from agi.switchboard import Switchboard
from agi.web import bound
from agi.wire.fastagi import Request
from agi.worker import work
from engine.actions.store import open_store
from engine.errors import PeerError, SettingsError
from engine.settings import Address, Settings

log = logging.getLogger(__name__)

START_WITHIN: Final = 120.0
"""Seconds that a worker may take until it answers calls: it loads models."""
SILENT_FOR: Final = 20.0
"""Seconds without a word after which a worker is taken for hung, and killed."""
CLOSE_WITHIN: Final = 10.0
"""Seconds that a worker may take to end once its calls have."""
Work: TypeAlias = Callable[[Settings, Share, socket.socket, socket.socket, int], None]
"""The main function of a worker process."""
_PLACE: Final = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(slots=True)
class _Worker:
    """One place for a process: its port stays, and the name by which it is reached over ARI; the process may change."""

    share: Share
    listener: socket.socket
    app: str = ""
    backoff: Backoff = field(default_factory=Backoff)
    process: SpawnProcess | None = None
    channel: socket.socket | None = None
    ready: bool = False
    running: int = 0
    taken: int = 0
    given: int = 0
    ari: bool = False
    coming: set[str] = field(default_factory=set)
    """Channels that were moved to it over ARI and have not come yet."""
    heard: float = 0.0
    fault: str = ""

    @property
    def calls(self) -> int:
        """Calls that it holds, with those that it was given and has not told of yet."""
        return self.running + self.given - self.taken + len(self.coming)

    def forget(self) -> None:
        """It is another process, or none."""
        self.ready = self.ari = False
        self.running = self.taken = self.given = 0
        self.coming.clear()


class Supervisor:
    """Made by `supervising`."""

    def __init__(
        self,
        settings: Settings,
        announce: Callable[[str], None],
        metrics: str,
        sound: frozenset[str],
        work: Work = work,
    ) -> None:
        self._settings, self._announce, self._metrics, self._work = settings, announce, metrics, work
        ours = asterisk_settings(settings)
        self._lobby = Lobby(ours.agi_host, ours.agi_port, self._arrived, gate=gate_of(ours))
        over = ari_settings(settings)
        self._switchboard = Switchboard(over, self._place, self._missed, announce) if over is not None else None
        self._sound = sound
        self._workers: list[_Worker] = []
        self._stopping = False
        self._changed = asyncio.Event()
        self._restarts: set[asyncio.TimerHandle] = set()
        self._lines = sorted(settings.lines)

    # how it is

    @property
    def agi_port(self) -> int:
        return self._lobby.port

    @property
    def audio_ports(self) -> tuple[int, ...]:
        return tuple(int(worker.listener.getsockname()[1]) for worker in self._workers)

    @property
    def calls(self) -> int:
        """Calls at this moment, in all processes."""
        return sum(worker.calls for worker in self._workers)

    def ready(self) -> Mapping[str, Any]:
        """For /readyz."""
        by_ari = {} if self._switchboard is None else {"ari": self._switchboard.connected}
        return {
            "ready": not self._stopping and any(worker.ready for worker in self._workers),
            "calls": self.calls,
            "lines": self._lines,
            **by_ari,
            "processes": [
                {
                    "number": worker.share.number,
                    "pid": worker.process.pid if worker.process is not None else None,
                    "ready": worker.ready,
                    "calls": worker.calls,
                    "restarts": worker.backoff.failures_ever,
                }
                for worker in self._workers
            ],
        }

    def metrics(self) -> bytes:
        """For /metrics: the sums over all processes, also those that died."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=self._metrics)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    # from start to end

    async def start(self) -> None:
        """Binds all ports and waits until every process answers; SettingsError, and says why, where one cannot."""
        try:
            self._bind()
            for worker in self._workers:
                self._start(worker)
            await self._all_ready()
            await self._lobby.start()
            if self._switchboard is not None:
                self._switchboard.start()
        except (SettingsError, asyncio.CancelledError):
            await self.end()
            raise

    def _bind(self) -> None:
        host, of = self._settings.asterisk.audiosocket.host, self._settings.processes
        for number in range(1, of + 1):
            share = Share(number, of, self._sound)
            port, over = asterisk_settings(self._settings, share).audio_port, ari_settings(self._settings, share)
            try:
                self._workers.append(_Worker(share, bound(Address(host, port)), over.app if over is not None else ""))
            except OSError as fault:
                raise SettingsError(
                    f"port {port} is taken: is another frontdesk running? Stop it, or set another port for AudioSocket "
                    f"({of} processes need {of} ports in a row; {fault.strerror})"
                ) from fault

    async def _all_ready(self) -> None:
        try:
            async with asyncio.timeout(START_WITHIN):
                while not all(worker.ready for worker in self._workers):
                    fault = next((worker.fault for worker in self._workers if worker.fault), "")
                    if fault:
                        raise SettingsError(fault)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise SettingsError(f"a process that answers calls was not ready after {START_WITHIN:g} s") from None

    def _start(self, worker: _Worker) -> None:
        ours, theirs = pair()
        worker.channel, worker.fault = ours, ""
        worker.forget()
        worker.heard = time.monotonic() + START_WITHIN
        process = multiprocessing.get_context("spawn").Process(
            target=self._work,
            args=(self._settings, worker.share, theirs, worker.listener, level_of_log()),
            name=f"frontdesk-{worker.share.number}",
        )
        process.start()
        theirs.close()
        worker.process = process
        loop = asyncio.get_running_loop()
        loop.add_reader(ours, self._read, worker)
        loop.add_reader(process.sentinel, self._ended, worker, process)

    def _ended(self, worker: _Worker, process: SpawnProcess) -> None:
        """A process is gone, by itself or by another's hand."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(process.sentinel)
        self._read(worker)  # what it said last
        if worker.channel is not None:
            loop.remove_reader(worker.channel)
            worker.channel.close()
        lost, worker.channel, worker.process = worker.calls, None, None
        if self._switchboard is not None:
            self._switchboard.lost(worker.app, tuple(worker.coming))
        worker.forget()
        process.join()
        with contextlib.suppress(OSError):
            mark_process_dead(process.pid, self._metrics)  # type: ignore[no-untyped-call]
        self._changed.set()
        if self._stopping:
            return
        worker.fault = worker.fault or f"process {worker.share.number} ended with {process.exitcode}"
        seconds = worker.backoff.failed(time.monotonic())
        log.error(
            "process %d (%s) is gone with code %s: %d calls go to the dialplan's safety net; it starts again in %g s",
            worker.share.number, process.pid, process.exitcode, lost, seconds,
        )  # fmt: skip
        handle = loop.call_later(seconds, lambda: self._again(worker))
        self._restarts.add(handle)

    def _again(self, worker: _Worker) -> None:
        if not self._stopping:
            self._start(worker)

    def _read(self, worker: _Worker) -> None:
        with contextlib.suppress(BlockingIOError):
            while worker.channel is not None:
                message = receive(worker.channel)
                if message is None:
                    asyncio.get_running_loop().remove_reader(worker.channel)
                    return
                self._take(worker, message)

    def _take(self, worker: _Worker, message: Message) -> None:
        worker.heard = max(time.monotonic(), worker.heard if not worker.ready else 0.0)
        match message:
            case Status(ready, running, taken, ari):
                if ready and not worker.ready:
                    worker.heard = time.monotonic()
                    worker.backoff.started(time.monotonic())
                    self._changed.set()
                worker.ready, worker.running, worker.taken, worker.ari = ready, running, taken, ari
                if self._switchboard is not None:
                    self._switchboard.reach(any(each.ready and each.ari for each in self._workers))
            case Came(channel):
                worker.coming.discard(channel)
                if self._switchboard is not None:
                    self._switchboard.arrived(channel)
            case Announcement(text):
                self._announce(text)
            case Fault(text):
                worker.fault = text
                log.error("process %d cannot answer calls: %s", worker.share.number, text)
            case _:
                log.error("a message that is not for the supervisor: %r", message)

    # what calls need

    def _arrived(self, connection: socket.socket, head: bytes, _: Request) -> None:
        """Gives a call to the process with the fewest; PeerError where there is none, or too many calls."""
        for worker in self._able():
            assert worker.channel is not None
            try:
                send(worker.channel, Call(connection, head))
            except PeerError as fault:
                log.warning("process %d: %s", worker.share.number, fault)
                continue
            worker.given += 1
            connection.close()
            return
        raise PeerError("a call is turned away: no process took it")

    def _place(self, channel: str) -> str:
        """Where a call over ARI is answered, as `_arrived`."""
        worker = next((each for each in self._able() if each.ari), None)
        if worker is None:
            raise PeerError("a call is turned away: no process is connected to ARI at this moment")
        worker.coming.add(channel)
        return worker.app

    def _missed(self, channel: str) -> None:
        for worker in self._workers:
            worker.coming.discard(channel)

    def _able(self) -> list[_Worker]:
        """Those that may be given a call, the one with the fewest first; PeerError where no call may come."""
        able = [worker for worker in self._workers if worker.ready and worker.channel is not None]
        if self._stopping or not able:
            raise PeerError("a call is turned away: no process answers calls at this moment")
        if self.calls >= self._settings.most_calls:
            raise PeerError(f"a call is turned away: {self._settings.most_calls} calls are the limit (`calls: most`)")
        return sorted(able, key=lambda each: each.calls)

    def reload(self) -> None:
        """Every process reads its flows again."""
        self._tell(Reload())

    async def watch(self) -> None:
        """Kills processes that say nothing any more; ends when it is cancelled."""
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            for worker in self._workers:
                if worker.process is not None and now - worker.heard > SILENT_FOR:
                    log.error("process %d has said nothing for %g s: it is killed", worker.share.number, SILENT_FOR)
                    worker.process.kill()

    async def finish(self, grace: float, hurry: asyncio.Event) -> None:
        """Takes no more calls and lets those that run finish for `grace` seconds, or until `hurry` is set."""
        self._stopping = True
        self._lobby.stop()
        if self._switchboard is not None:
            self._switchboard.close()
        self._tell(Finish(grace))
        hurried = asyncio.create_task(hurry.wait())
        over = asyncio.create_task(self._all_gone(grace + CLOSE_WITHIN))
        await asyncio.wait({hurried, over}, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not over.done():
            self._tell(Finish(0.0))
            over.cancel()
            await self._all_gone(CLOSE_WITHIN)

    async def _all_gone(self, within: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while any(worker.process is not None for worker in self._workers):
                    self._changed.clear()
                    await self._changed.wait()

    def _tell(self, message: Message) -> None:
        for worker in self._workers:
            if worker.channel is not None:
                try:
                    send(worker.channel, message)
                except PeerError as fault:
                    log.warning("process %d: %s", worker.share.number, fault)

    async def end(self) -> None:
        """Lets go of everything; a process that is still there is killed."""
        self._stopping = True
        self._lobby.stop()
        for handle in self._restarts:
            handle.cancel()
        for worker in self._workers:
            if worker.process is not None:
                worker.process.kill()
                self._ended(worker, worker.process)
            worker.listener.close()
        if self._switchboard is not None:
            await self._switchboard.stop()


@contextlib.asynccontextmanager
async def supervising(
    settings: Settings, announce: Callable[[str], None], work: Work = work
) -> AsyncIterator[Supervisor]:
    """Calls are answered by `settings.processes` while the body runs. Raises what `load_lines` raises, SettingsError
    where a process cannot start, and StoreError where the database cannot be used."""
    flows = await asyncio.to_thread(load_lines, settings)
    sound = frozenset(flow.hash for flow in flows.values())
    with open_store(settings.database, settings.recordings):  # brought to the present schema once, before they open it
        pass
    with tempfile.TemporaryDirectory(prefix="frontdesk-metrics-") as metrics:
        os.environ[_PLACE] = metrics
        supervisor = Supervisor(settings, announce, metrics, sound, work)
        await supervisor.start()
        watching = asyncio.create_task(supervisor.watch())
        try:
            yield supervisor
        finally:
            watching.cancel()
            await supervisor.end()
            del os.environ[_PLACE]
