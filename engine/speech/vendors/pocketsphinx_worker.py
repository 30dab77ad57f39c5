"""The process that runs pocketsphinx: segments and grammars come in on stdin, what was heard goes out on stdout."""

from __future__ import annotations

import sys
from collections import OrderedDict
from importlib.resources import as_file, files
from typing import Any, BinaryIO, Final

import numpy as np
import pocketsphinx

from engine.speech.audio import Doubler, to_array, to_bytes
from engine.speech.bias import HESITATION
from engine.speech.grammar import GARBAGE_MARK
from engine.speech.pronounce import VARIANTS, pronunciation
from engine.speech.vendors.messages import step_back
from engine.speech.vendors.processes import serve

RATE: Final = 16000
"""What the model wants; narrower sound is upsampled."""
_NEXT_VARIANT: Final = 10
"""The number of our first variant of a word; the dictionary's own are numbered from 2 and never reach it."""
GRAMMARS_KEPT: Final = 64
_TUNED: Final[dict[str, Any]] = {
    "lm": None, "bestpath": False, "pip": 0.2, "wip": 0.3, "lw": 3.0, "silprob": 0.05, "beam": 1e-40, "wbeam": 1e-25,
    "pbeam": 1e-40, "loglevel": "FATAL",
}  # fmt: skip
_USUAL: Final = "50.00,8.84,-7.53,16.07,-5.16,-4.20,2.65,-9.48,3.91,-3.13,-5.83,3.52,-4.88"
"""Cepstral mean of telephone speech (180 recordings of many speakers). Every utterance begins with it, so that what a
caller says first is heard as well as what they say last, and no caller's voice changes how the next one is heard."""
AGREED: Final = 0.95
ONE_READING: Final = 0.8
DIFFERED: Final = 0.7
PLAIN_READING: Final = 0.6
"""How often a reading was right, a little less than measured with three synthetic voices and a set of real yes and no:
agreed 0.97, only the adapted model 0.93, differing 0.84. Only the plain model: too rare to measure."""
SAME: Final = {"yeah": "yes", "yep": "yes", "yup": "yes", "nope": "no"}
REFUSING: Final = frozenset({"no", "nope", "not", "nothing"})
_FLOOR: Final = 30.0
"""Standard deviation of the noise that is added: digital silence, which no telephone has in training, unsettles the
normalisation of the model's features."""


class Reader:
    """One decoder and its compiled grammars; not safe for threads."""

    def __init__(self, adapted: bool) -> None:
        """`adapted` applies our transform for telephone speech to the model."""
        if adapted:
            with as_file(files("engine.speech") / "models" / "mllr_en_us_telephone") as transform:
                self._decoder = pocketsphinx.Decoder(pocketsphinx.Config(mllr=str(transform), **_TUNED))
        else:
            self._decoder = pocketsphinx.Decoder(pocketsphinx.Config(**_TUNED))
        self._grammars: OrderedDict[str, None] = OrderedDict()
        self._known: set[str] = set()
        self._open = False
        """Whether an utterance goes on."""

    def use(self, key: str, jsgf: str, words: list[str]) -> None:
        """Takes the grammar of this key, compiling it if it is new; an utterance that goes on is given up."""
        self._end()
        if key not in self._grammars:
            self._learn(words)
            self._decoder.add_jsgf_string(key, jsgf)
        self._grammars[key] = None
        self._grammars.move_to_end(key)
        self._decoder.activate_search(key)
        if len(self._grammars) > GRAMMARS_KEPT:
            oldest, _ = self._grammars.popitem(last=False)
            self._decoder.remove_search(oldest)

    def begin(self) -> None:
        """A new utterance."""
        self._decoder.set_cmn(_USUAL)
        self._decoder.start_utt()
        self._open = True

    def go_on(self, wide: bytes) -> None:
        """The next sound, at 16 kHz."""
        self._decoder.process_raw(wide)

    def read(self) -> str:
        """The words of the utterance, which is over with it; none when no path through the grammar ended, or one
        through garbage did."""
        self._end()
        best = self._decoder.hyp()
        return "" if best is None or GARBAGE_MARK in best.hypstr else without_hesitation(best.hypstr)

    def _end(self) -> None:
        if self._open:
            self._decoder.end_utt()
            self._open = False

    def _learn(self, words: list[str]) -> None:
        """Makes pronunciations for words that the dictionary lacks; garbage words sound like the words they mark."""
        for word in words:
            if word in self._known:
                continue
            self._known.add(word)
            for number, variant in enumerate(VARIANTS.get(word, ()), start=_NEXT_VARIANT):
                self._decoder.add_word(f"{word}({number})", variant, False)
            if self._decoder.lookup_word(word) is not None:
                continue
            plain = word.removeprefix(GARBAGE_MARK)
            sounds = self._decoder.lookup_word(plain) or pronunciation(plain)
            if sounds:
                self._decoder.add_word(word, sounds, False)


class Decoding:
    """Reads each segment twice, with the adapted model and with the plain one: two readings that agree are surer than
    any score that one of them gives itself."""

    def __init__(self) -> None:
        self._readers = Reader(adapted=True), Reader(adapted=False)
        self._floor = np.random.default_rng(1).normal(0, _FLOOR, RATE * 60)
        self._rate = RATE
        self._doubler = Doubler()
        self._wide = bytearray()
        self._read: dict[str, Any] | None = judged("", "")
        """What was said up to a pause after which nothing has come yet."""

    def hear(self, samples: bytes, header: dict[str, Any]) -> dict[str, Any] | None:
        """A header with a grammar (`key`, `jsgf`, `words`, `rate`) begins an utterance; samples go on with it; unless
        `more` is to come, its words are told: text, confidence, alternatives. After that it may still go on."""
        if "key" in header:
            self._begin(header["rate"], header["key"], header["jsgf"], header["words"])
        if samples:
            self._go_on(samples)
        return None if header.get("more") else self._words()

    def _begin(self, rate: int, key: str, jsgf: str, words: list[str]) -> None:
        for reader in self._readers:
            reader.use(key, jsgf, words)
        self._rate, self._doubler = rate, Doubler()
        self._wide.clear()
        self._read = judged("", "")

    def _go_on(self, samples: bytes) -> None:
        """Decodes the new sound; all of it again where its words were told before."""
        wide = to_array(samples if self._rate == RATE else self._doubler.feed(samples))
        place = len(self._wide) // 2 + np.arange(len(wide))
        noisy = to_bytes(np.clip(wide + self._floor[place % len(self._floor)], -32768, 32767).astype(np.int16))
        self._wide += noisy
        for reader in self._readers:
            if self._read is not None:
                reader.begin()
            reader.go_on(noisy if self._read is None else bytes(self._wide))
        self._read = None

    def _words(self) -> dict[str, Any]:
        if self._read is None:
            self._read = judged(*(reader.read() for reader in self._readers))
        return self._read


def without_hesitation(text: str) -> str:
    """The words as somebody would write them: nothing said before the answer itself."""
    first, _, rest = text.partition(" ")
    return rest if rest and first in HESITATION else text


def judged(first: str, second: str) -> dict[str, Any]:
    """One answer from two readings, the better model's first. Yes against no is no answer at all."""
    if not first and not second:
        return {"text": "", "confidence": 0.0, "alternatives": []}
    if not first or not second:
        return {"text": first or second, "confidence": ONE_READING if first else PLAIN_READING, "alternatives": []}
    if [SAME.get(word, word) for word in first.split()] == [SAME.get(word, word) for word in second.split()]:
        return {"text": first, "confidence": AGREED, "alternatives": []}
    if (first.split()[0] in REFUSING) != (second.split()[0] in REFUSING):
        return {"text": "", "confidence": 0.0, "alternatives": [first, second]}
    return {"text": first, "confidence": DIFFERED, "alternatives": [second]}


def run(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until the parent closes the pipe. A request without a key only loads the model; one without
    samples only compiles its grammar."""
    decoding = Decoding()
    serve(requests, answers, decoding.hear)


if __name__ == "__main__":
    step_back()
    run(sys.stdin.buffer, sys.stdout.buffer)
