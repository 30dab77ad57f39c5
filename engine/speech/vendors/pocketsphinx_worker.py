"""The process that runs pocketsphinx: segments and grammars come in on stdin, what was heard goes out on stdout."""

from __future__ import annotations

import json
import math
import struct
import sys
import time
from collections import OrderedDict
from importlib.resources import as_file, files
from typing import Any, BinaryIO, Final

import numpy as np
import pocketsphinx

from engine.speech.audio import Samples, resample, to_array, to_bytes
from engine.speech.grammar import GARBAGE_MARK
from engine.speech.pronounce import pronunciation

LENGTH: Final = struct.Struct(">I")
"""Before each message: its length. A request is a JSON header, then the samples; an answer is JSON."""
RATE: Final = 16000
"""What the model wants; narrower sound is upsampled."""
GRAMMARS_KEPT: Final = 64
_TUNED: Final[dict[str, Any]] = {
    "lm": None, "bestpath": False, "pip": 0.2, "wip": 0.3, "beam": 1e-40, "wbeam": 1e-25, "pbeam": 1e-40,
    "loglevel": "FATAL",
}  # fmt: skip
_USUAL: Final = "50.00,8.84,-7.53,16.07,-5.16,-4.20,2.65,-9.48,3.91,-3.13,-5.83,3.52,-4.88"
"""Cepstral mean of telephone speech (180 recordings of many speakers). Every utterance begins with it, so that what a
caller says first is heard as well as what they say last, and no caller's voice changes how the next one is heard."""
_STEEPNESS: Final = 20.0
_FLOOR: Final = 30.0
"""Standard deviation of the noise that is added: digital silence, which no telephone has in training, unsettles the
normalisation of the model's features."""


class Decoding:
    """One decoder and its compiled grammars; not safe for threads."""

    def __init__(self) -> None:
        with as_file(files("engine.speech") / "models" / "mllr_en_us_telephone") as transform:
            self._decoder = pocketsphinx.Decoder(pocketsphinx.Config(mllr=str(transform), **_TUNED))
        self._grammars: OrderedDict[str, None] = OrderedDict()
        self._known: set[str] = set()
        self._floor = np.random.default_rng(1).normal(0, _FLOOR, RATE * 60)

    def hear(self, samples: bytes, rate: int, key: str, jsgf: str, words: list[str]) -> dict[str, Any]:
        """Decodes one segment with a grammar, which is compiled if it is new."""
        begun = time.perf_counter()
        self._use(key, jsgf, words)
        if not samples:
            return {"text": "", "confidence": 0.0}
        ready = time.perf_counter()
        wide = self._with_floor(to_array(resample(samples, rate, RATE)))
        self._decoder.set_cmn(_USUAL)
        self._decoder.start_utt()
        self._decoder.process_raw(to_bytes(wide), full_utt=True)
        self._decoder.end_utt()
        answer = self._answer()
        answer["grammar_ms"] = 1000 * (ready - begun)
        answer["decode_ms"] = 1000 * (time.perf_counter() - ready)
        return answer

    def _with_floor(self, wide: Samples) -> Samples:
        noise = np.resize(self._floor, len(wide))
        return np.clip(wide + noise, -32768, 32767).astype(np.int16)

    def _use(self, key: str, jsgf: str, words: list[str]) -> None:
        if key in self._grammars:
            self._grammars.move_to_end(key)
        else:
            self._learn(words)
            self._decoder.add_jsgf_string(key, jsgf)
            self._grammars[key] = None
        self._decoder.activate_search(key)
        if len(self._grammars) > GRAMMARS_KEPT:
            oldest, _ = self._grammars.popitem(last=False)
            self._decoder.remove_search(oldest)

    def _learn(self, words: list[str]) -> None:
        """Makes pronunciations for words that the dictionary lacks; garbage words sound like the words they mark."""
        for word in words:
            if word in self._known or self._decoder.lookup_word(word) is not None:
                continue
            plain = word.removeprefix(GARBAGE_MARK)
            sounds = self._decoder.lookup_word(plain) or pronunciation(plain)
            if sounds:
                self._decoder.add_word(word, sounds, False)
            self._known.add(word)

    def _answer(self) -> dict[str, Any]:
        """What was heard; nothing when no path through the grammar ended, or only one through its garbage."""
        best = self._decoder.hyp()
        if best is None or GARBAGE_MARK in best.hypstr:
            return {"text": "", "confidence": 0.0}
        return {"text": best.hypstr, "confidence": self._confidence()}

    def _confidence(self) -> float:
        """How well the worst word fits, 0 to 1."""
        words = [s for s in self._decoder.seg() if s.word[0] not in "<(["]
        fits = [math.log(max(s.ascore, 1e-30)) / (s.end_frame - s.start_frame + 1) for s in words]
        return math.exp(_STEEPNESS * min(fits, default=-1.0))


def _read(stream: BinaryIO) -> bytes | None:
    """The next message; None when the parent has gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until the parent closes the pipe. A request without a key only loads the model; one without
    samples only compiles its grammar."""
    decoding = Decoding()
    while (head := _read(requests)) is not None and (samples := _read(requests)) is not None:
        header: dict[str, Any] = json.loads(head)
        answer = decoding.hear(samples, **header) if header else {}
        text = json.dumps(answer).encode()
        answers.write(LENGTH.pack(len(text)) + text)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
