"""Prompts rendered before they are needed: on disk, shared by every process, and the ones in use in memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import wave
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from engine.persona.prosody import Utterance
from engine.speech.audio import write_wav
from engine.speech.loudness import RECIPE
from engine.speech.tts import Voice

LARGEST_DISK: Final = 512 * 1024**2
LARGEST_MEMORY: Final = 64 * 1024**2


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where prompts are kept unless the settings say otherwise: `$XDG_CACHE_HOME/frontdesk/prompts`."""
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home()) / ".cache"
    return Path(base) / "frontdesk" / "prompts"


def cache_key(utterance: Utterance, voice: Voice, rate: int) -> str:
    """Differs whenever the sound could: by text, language, prosody, voice, engine, its version, level and rate."""
    parts = {
        "text": utterance.text,
        "language": utterance.language,
        "prosody": asdict(utterance.prosody),
        "voice": utterance.voice(voice.name),
        "engine": [voice.name, voice.version],
        "level": RECIPE,
        "rate": rate,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class PromptCache:
    """Sound by key. `get` and `keep` may be called from threads of one process; files are whole or absent for every
    process, so several may share a folder. Callers' names are never written to disk by a call: only `store` writes,
    and only `frontdesk warm` calls it, with what the flow's author wrote."""

    def __init__(
        self, folder: Path | None = None, largest: int = LARGEST_DISK, largest_memory: int = LARGEST_MEMORY
    ) -> None:
        self.folder = folder if folder is not None else default_folder()
        self._largest = largest
        self._largest_memory = largest_memory
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0

    def get(self, key: str) -> bytes | None:
        """The samples of a key, from memory alone: never waits."""
        samples = self._memory.get(key)
        if samples is not None:
            self._memory.move_to_end(key)
        return samples

    def keep(self, key: str, samples: bytes) -> None:
        """Remembers samples while this process lives; the longest unused make room."""
        before = self._memory.pop(key, b"")
        self._memory[key] = samples
        self._memory_bytes += len(samples) - len(before)
        while self._memory_bytes > self._largest_memory and self._memory:
            _, gone = self._memory.popitem(last=False)
            self._memory_bytes -= len(gone)

    def has(self, key: str) -> bool:
        """Whether the disk has this key."""
        return self._path(key).is_file()

    def load(self, key: str, rate: int) -> bytes | None:
        """The samples of a key from disk, marked as used; None when they are not there. A damaged file is removed."""
        path = self._path(key)
        try:
            size = path.stat().st_size
            with wave.open(str(path), "rb") as file:
                samples = file.readframes(file.getnframes())
                sane = file.getframerate() == rate and len(samples) == 2 * file.getnframes() and size >= len(samples)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, wave.Error):
            sane, samples = False, b""
        with contextlib.suppress(OSError):
            if sane:
                os.utime(path)
            else:
                path.unlink()
        return samples if sane else None

    def store(self, key: str, samples: bytes, rate: int) -> None:
        """Writes samples to disk; others see the whole file or none. Raises OSError."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        os.close(handle)
        try:
            write_wav(temporary, samples, rate)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def trim(self) -> int:
        """Removes the longest unused files until the folder is within its limit; says how many bytes it removed."""
        found: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("??/*.wav"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        spare = sum(size for _, size, _ in found) - self._largest
        removed = 0
        for _, size, path in sorted(found, key=lambda entry: entry[:2]):
            if removed >= spare:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                removed += size
        return removed

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.wav"
