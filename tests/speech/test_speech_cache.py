"""The prompt cache: right keys, whole files, a limit."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.persona.prosody import Prosody, Utterance
from engine.speech.cache import PromptCache, cache_key, default_folder
from engine.speech.rendering import Renderer

RATE = 8000
SOUND = bytes(range(256)) * 4
HELLO = Utterance("Hello.", "en-GB", Prosody(), (("counting", "anna"),))


class CountingVoice:
    """Says every character as 10 ms of a wave, and counts what it was asked."""

    name = "counting"
    version = "1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.asked.append(utterance.text)
        for _ in utterance.text:
            yield b"\0\x10\0\xf0" * (rate // 200)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Hello!"},
        {"language": "en-US"},
        {"prosody": Prosody(pace=150)},
        {"prosody": Prosody(volume=0.9)},
        {"prosody": Prosody(comma_pause=0.3)},
        {"voices": (("counting", "boris"),)},
        {"voices": ()},
    ],
    ids=str,
)
def test_what_sounds_different_has_another_key(change: dict[str, Any]) -> None:
    assert cache_key(HELLO, CountingVoice(), RATE) != cache_key(replace(HELLO, **change), CountingVoice(), RATE)


def test_engine_version_and_rate_are_in_the_key_and_other_engines_are_not() -> None:
    voice, newer = CountingVoice(), CountingVoice()
    newer.version = "2"
    keys = {cache_key(HELLO, voice, RATE), cache_key(HELLO, newer, RATE), cache_key(HELLO, voice, 16000)}
    assert len(keys) == 3
    other = replace(HELLO, voices=(("counting", "anna"), ("piper", "alba")))
    assert cache_key(other, voice, RATE) == cache_key(HELLO, voice, RATE)


def test_what_one_process_stores_another_finds(tmp_path: Path) -> None:
    PromptCache(tmp_path).store("ab12", SOUND, RATE)
    other = PromptCache(tmp_path)
    assert other.get("ab12") is None  # not in memory yet
    assert other.load("ab12", RATE) == SOUND
    assert other.load("ab12", 16000) is None  # a file of another rate is no file
    assert other.load("cd34", RATE) is None
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"not a wave file at all" * 9])
def test_a_damaged_file_is_removed(tmp_path: Path, damage: bytes) -> None:
    cache = PromptCache(tmp_path)
    cache.store("ab12", SOUND, RATE)
    (path,) = tmp_path.rglob("*.wav")
    path.write_bytes(damage)
    assert cache.load("ab12", RATE) is None
    assert not path.exists()


def test_half_a_file_is_no_prompt(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    cache.store("ab12", SOUND, RATE)
    (path,) = tmp_path.rglob("*.wav")
    path.write_bytes(path.read_bytes()[:-200])
    assert cache.load("ab12", RATE) is None


def test_the_longest_unused_files_go_first(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, largest=3 * (len(SOUND) + 44))
    for age, key in enumerate(("aa", "bb", "cc", "dd", "ee")):
        cache.store(key, SOUND, RATE)
        path = tmp_path / key / f"{key}.wav"
        os.utime(path, (1000 + age, 1000 + age))
    assert cache.load("aa", RATE) == SOUND  # used just now
    assert cache.trim() == 2 * (len(SOUND) + 44)
    assert sorted(path.stem for path in tmp_path.rglob("*.wav")) == ["aa", "dd", "ee"]
    assert cache.trim() == 0


def test_memory_has_a_limit_too(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, largest_memory=2 * len(SOUND))
    for key in ("a", "b"):
        cache.keep(key, SOUND)
    assert cache.get("a") == SOUND
    cache.keep("c", SOUND)
    assert [cache.get(key) is not None for key in ("a", "b", "c")] == [True, False, True]
    cache.keep("c", SOUND + SOUND + SOUND)  # larger than the whole memory
    assert [cache.get(key) for key in ("a", "c")] == [None, None]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "ab").write_text("in the way")
    with pytest.raises(OSError, match="ab"):
        PromptCache(tmp_path).store("ab12", SOUND, RATE)


def test_where_the_cache_is() -> None:
    assert default_folder({"XDG_CACHE_HOME": "/var/tmp/c"}) == Path("/var/tmp/c/frontdesk/prompts")
    assert default_folder({"HOME": "/home/ann"}) == Path("/home/ann/.cache/frontdesk/prompts")


def test_fixed_sentences_of_a_prompt_with_values_come_from_the_cache(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        await Renderer(CountingVoice(), PromptCache(tmp_path)).warm(replace(HELLO, text="Thank you. Goodbye."), RATE)
        voice = CountingVoice()
        renderer = Renderer(voice, PromptCache(tmp_path))
        both = await renderer.whole(replace(HELLO, text="Thank you. Your table is booked."), RATE)
        pause = bytes(2 * round(HELLO.prosody.sentence_pause * RATE))
        assert pause in both
        await renderer.whole(replace(HELLO, text="Your table is booked."), RATE)
        return voice.asked

    assert asyncio.run(scene()) == ["Your table is booked."]
    assert len(list(tmp_path.rglob("*.wav"))) == 2  # what a call says is not written


def test_warming_again_renders_nothing(tmp_path: Path) -> None:
    async def scene() -> list[bool]:
        renderer = Renderer(CountingVoice(), PromptCache(tmp_path))
        return [await renderer.warm(HELLO, RATE), await renderer.warm(HELLO, RATE)]

    assert asyncio.run(scene()) == [True, False]


def test_a_disk_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    over = threading.Event()

    class Hanging(PromptCache):
        loads = 0

        def load(self, key: str, rate: int) -> bytes | None:
            self.loads += 1
            over.wait(30)
            return super().load(key, rate)

    async def scene() -> int:
        cache = Hanging(tmp_path)
        renderer = Renderer(CountingVoice(), cache)
        try:
            assert await renderer.whole(HELLO, RATE)
            assert await renderer.whole(replace(HELLO, text="Goodbye."), RATE)
        finally:
            over.set()
        return cache.loads

    assert asyncio.run(scene()) == 1  # the second sentence does not ask it


WARMING = """
import sys
from pathlib import Path
from engine.speech.cache import PromptCache
cache = PromptCache(Path(sys.argv[1]), largest=400_000)
for number in range(100):
    key = f"{number % 20:064x}"
    cache.store(key, bytes([number % 20, 0]) * 8000, 8000)
    heard = cache.load(key, 8000)
    assert heard in (None, bytes([number % 20, 0]) * 8000), "half a prompt"
    cache.trim()
"""


def test_two_processes_that_warm_at_once_share_one_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WARMING, str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in both] == [(b"", 0)] * 2
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert {path.suffix for path in files} == {".wav"}
    assert sum(path.stat().st_size for path in files) <= 400_000
