"""What a model answered, kept beside the talks and given again: a question that is not there is an error."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.errors import SettingsError
from engine.understanding.model import Model, ModelPrompt, Schema, key_of

FILE: Final = "model-answers.json"
"""The recording of all talks of a folder."""
_VERSION: Final = 1


class Stale(Exception):
    """A question that no recording holds; never leaves the simulation."""


@dataclass(slots=True)
class Recording:
    """The answers of one folder by the key of their question (prompt and schema), in the order in which they came."""

    file: Path
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, prompt: ModelPrompt, schema: Schema, answer: str) -> None:
        """An answer of a server."""
        with self.lock:
            entry = self.answers.setdefault(key_of(prompt, schema), {"asked": prompt.user, "answers": []})
            entry["answers"].append(answer)

    def answer(self, prompt: ModelPrompt, schema: Schema) -> str:
        """The next answer that is kept for a question; the last one stands for all later times. Raises Stale."""
        key = key_of(prompt, schema)
        entry = self.answers.get(key)
        if entry is None:
            known = any(one["asked"] == prompt.user for one in self.answers.values())
            why = "the flow or the prompt has changed since" if known else "it was never asked"
            raise Stale(f"{self.file} does not answer this question: {why}")
        with self.lock:
            number = self.given[key]
            self.given[key] += 1
        answers = entry["answers"]
        return str(answers[min(number, len(answers) - 1)])

    def write(self) -> None:
        """Writes the file. Raises SettingsError when that cannot be done."""
        data = {"version": _VERSION, "answers": dict(sorted(self.answers.items()))}
        try:
            self.file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"cannot write {self.file}: {error.strerror}") from error


def read_recording(folder: Path) -> Recording:
    """The recording of a folder. Raises SettingsError when there is none, or it is none."""
    file = folder / FILE
    try:
        data = json.loads(file.read_text("utf-8"))
        entries = {
            str(key): {"asked": str(one["asked"]), "answers": list(one["answers"])}
            for key, one in data["answers"].items()
        }
        sound = data["version"] == _VERSION and all(one["answers"] for one in entries.values())
    except FileNotFoundError:
        raise SettingsError(f"there is no {file}: record it with --with-llm URL --record") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{file} is no recording of answers: {error}") from error
    if not sound:
        raise SettingsError(f"{file} is no recording of answers that this frontdesk knows: record it again")
    return Recording(file, entries)


@dataclass(frozen=True, slots=True)
class Recorder:
    """A model whose answers are kept."""

    model: Model
    recording: Recording

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        answer = await self.model.ask(prompt, schema)
        self.recording.keep(prompt, schema, answer)
        return answer


@dataclass(frozen=True, slots=True)
class Replayer:
    """A model that says what it once said. Raises Stale."""

    recording: Recording

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        return self.recording.answer(prompt, schema)
