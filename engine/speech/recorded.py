"""A voice of recordings: sentences that a person has spoken, whole or put together from their parts."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.errors import SettingsError
from engine.persona.prosody import Utterance, clauses
from engine.persona.shortened import unshortened
from engine.speech.audio import read_wav, to_array, to_bytes
from engine.speech.loudness import Leveller
from engine.speech.tts import VoiceBusy
from engine.yaml.nodes import Items, Leaf, Table
from engine.yaml.position import Report
from engine.yaml.reader import decode, read_yaml

NAME: Final = "recorded"
INDEX: Final = "recordings.yaml"
RECIPE: Final = 2
"""Raised whenever this file makes another sound of the same recordings."""
_AUDIBLE: Final = 60
"""Samples (of 32768) below which the beginning and the end of a recording are silence, and are cut off."""
_FADE_SECONDS: Final = 0.004
_JOINT_SECONDS: Final = 0.04
"""Silence between two parts that belong together."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_Words = tuple[str, ...]


class NotRecorded(VoiceBusy):
    """There is no recording of this: another voice says the whole sentence."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """One speaker: which file holds which words, in one language."""

    name: str
    language: str
    files: Mapping[_Words, Path]

    def parts(self, text: str) -> tuple[Path, ...] | None:
        """The fewest recordings that say a clause together; None where some of its words are not recorded."""
        words = words_of(text)
        best: list[tuple[Path, ...] | None] = [()]
        for end in range(1, len(words) + 1):
            found: tuple[Path, ...] | None = None
            for start in range(end):
                file, before = self.files.get(words[start:end]), best[start]
                if file is not None and before is not None and (found is None or len(before) + 1 < len(found)):
                    found = (*before, file)
            best.append(found)
        return best[-1]

    def says(self, sentence: str) -> bool:
        """Whether a sentence is recorded, whole or in parts."""
        return self.parts(sentence) is not None


def words_of(text: str) -> _Words:
    """What of a text is heard: its words, without capitals and punctuation."""
    return tuple(word.replace("’", "'") for word in _WORD.findall(text.casefold()))


def read_recordings(folder: Path) -> Recordings:
    """The index of a speaker's folder. Raises SettingsError with what is wrong and where."""
    file = folder / INDEX
    report = Report()
    try:
        text = decode(file.read_bytes(), str(file), report)
    except OSError as fault:
        raise SettingsError(f"cannot read {file}: {fault.strerror or fault}") from fault
    root = read_yaml(text, str(file), report) if text is not None else None
    if root is None or report.has_errors:
        raise SettingsError("; ".join(map(str, report.found)) or f"{file} is empty")
    language, said = root.get("language"), root.get("said")
    if not isinstance(language, Leaf) or not isinstance(said, Table):
        raise SettingsError(f"{file}: write `language: en-GB`, and under `said` each file with its words")
    found: dict[_Words, Path] = {}
    for name, node in said.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise SettingsError(f"{said.keys[name].place}: there is no recording {name} in {folder}")
        texts = node.nodes if isinstance(node, Items) else [node]
        words = (unshortened(leaf.text, language.text) for leaf in texts if isinstance(leaf, Leaf))
        found.update((words_of(text), path) for text in words)
    return Recordings(folder.name, language.text, {words: path for words, path in found.items() if words})


def speakers(folder: Path | None) -> tuple[Path, ...]:
    """The folders with recordings, by name."""
    return () if folder is None else tuple(sorted(path.parent for path in folder.glob(f"*/{INDEX}")))


class RecordedVoice:
    """A `Voice` of the recordings in the folders of `folder`, one for each speaker.

    Pace and pitch are the speaker's own; pauses at commas are the persona's. Raises SettingsError where there are no
    recordings or an index is faulty; `speak` raises NotRecorded before its first sound.
    """

    name = NAME

    def __init__(self, folder: Path | None) -> None:
        found = speakers(folder)
        if not found:
            place = f"{folder} holds none" if folder else "it is not set"
            raise SettingsError(
                f"speech.voices: {place}; name the folder in which NAME/{INDEX} says which recording holds which words"
            )
        self.speakers = {path.name: read_recordings(path) for path in found}
        self.version = f"{RECIPE}.{_fingerprint(found)}"
        self._clips: dict[tuple[Path, int], npt.NDArray[np.int16]] = {}

    def of(self, utterance: Utterance) -> Recordings:
        """Who speaks: the named speaker, or the first one of the language. Raises NotRecorded."""
        named = utterance.voice(NAME)
        if named is not None and named not in self.speakers:
            raise NotRecorded(f"there are no recordings of {named!r}; there are: {', '.join(self.speakers)}")
        language = utterance.language.partition("-")[0]
        for one in (self.speakers[named],) if named else self.speakers.values():
            if one.language.partition("-")[0] == language:
                return one
        raise NotRecorded(f"there are no recordings in {utterance.language}")

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        """The recordings of one sentence, joined without a click."""
        speaker = self.of(utterance)
        yield await asyncio.to_thread(self._joined, _sequence(speaker, utterance), rate)

    async def close(self) -> None:
        """Nothing to end."""

    def _joined(self, parts: Sequence[tuple[Path, float]], rate: int) -> bytes:
        pieces = []
        for path, pause in parts:
            pieces += [self._clip(path, rate), np.zeros(round(pause * rate), np.int16)]
        return to_bytes(np.concatenate(pieces)) if pieces else b""

    def _clip(self, path: Path, rate: int) -> npt.NDArray[np.int16]:
        """A recording without silence around it, at the level of all others, with soft edges."""
        if (path, rate) not in self._clips:
            try:
                self._clips[path, rate] = _prepared(read_wav(path, rate).samples, rate)
            except SettingsError as fault:
                raise NotRecorded(str(fault)) from fault
        return self._clips[path, rate]


def _sequence(speaker: Recordings, utterance: Utterance) -> list[tuple[Path, float]]:
    """Every recording with the silence after it: the whole sentence, or its clauses. Raises NotRecorded."""
    whole = speaker.files.get(words_of(utterance.text))
    if whole is not None:
        return [(whole, 0.0)]
    found: list[tuple[Path, float]] = []
    for clause in clauses(utterance.text):
        parts = speaker.parts(clause)
        if parts is None:
            raise NotRecorded(f"{speaker.name} has not recorded {clause!r}")
        found += [(path, _JOINT_SECONDS) for path in parts]
        found[-1:] = [(path, utterance.prosody.comma_pause) for path, _ in found[-1:]]
    return [*found[:-1], *((path, 0.0) for path, _ in found[-1:])]


def _prepared(samples: bytes, rate: int) -> npt.NDArray[np.int16]:
    sound = to_array(samples)
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) >= _AUDIBLE)
    if not loud.size:
        return np.zeros(0, np.int16)
    cut = to_array(Leveller(rate).push(to_bytes(sound[loud[0] : loud[-1] + 1]))).astype(np.float64)
    edge = min(round(_FADE_SECONDS * rate), cut.size // 2)
    cut[:edge] *= np.linspace(0.0, 1.0, edge)
    cut[cut.size - edge :] *= np.linspace(1.0, 0.0, edge)
    return np.rint(cut).astype(np.int16)


def _fingerprint(folders: Sequence[Path]) -> str:
    """Differs when a recording or an index was exchanged."""
    files: list[Any] = []
    for folder in folders:
        files += [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:8]
