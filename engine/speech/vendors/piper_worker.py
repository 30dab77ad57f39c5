"""Piper in a process of its own (its licence is the GPL): reads what to say from stdin, writes sound to stdout."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from engine.speech.vendors.speaking import Samples, audible, serve

PIECE: Final = 1024
"""Samples of one message: Piper gives a sentence at a time, and a stop should be seen sooner."""
USUAL_PACE: Final = 165
"""Words a minute of a voice as it is, in languages in which it is not measured."""
MEASURE: Final = {
    "en": "We have a table for four people on Saturday evening at half past seven.",
    "de": "Wir haben am Samstagabend um halb acht einen Tisch für vier Personen.",
    "es": "Tenemos una mesa para cuatro personas el sábado a las siete y media.",
}
"""What a voice says when it is loaded, to nobody, so that its own pace is known."""
_NAME: Final = re.compile(r"[\w.-]+")


class Engine:
    """The voices of a folder, `NAME.onnx` with `NAME.onnx.json` beside it; each is loaded when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        from piper import PiperVoice, SynthesisConfig  # only here: the GPL stays in this process

        self._open, self._options = PiperVoice.load, SynthesisConfig
        self._folder = folder
        self._languages = {path.stem: _language(path) for path in sorted(folder.glob("*.onnx"))}
        if not self._languages:
            raise OSError(f"{folder} holds no voice (NAME.onnx and NAME.onnx.json)")
        self._loaded: dict[str, Any] = {}
        self._paces: dict[str, float] = {}
        """Words a minute of each loaded voice as it is."""
        self._voice: Any = None
        self._how: Any = None
        self.rate = 0

    @property
    def names(self) -> list[str]:
        return list(self._languages)

    def prepare(self, request: Mapping[str, Any]) -> None:
        """Takes a voice by its name, or the first one of the language."""
        name = request["voice"] or self._of_language(request["language"])
        if name not in self._languages or not _NAME.fullmatch(name):
            raise LookupError(f"Piper has no voice {name!r}; there are: {', '.join(self._languages)}")
        if name not in self._loaded:
            self._loaded[name] = self._open(self._folder / f"{name}.onnx")
            self._paces[name] = self._own_pace(self._loaded[name], self._languages[name])
        self._voice = self._loaded[name]
        config = self._voice.config
        self.rate = config.sample_rate
        self._how = self._options(
            length_scale=config.length_scale * self._paces[name] / request["pace"],
            noise_scale=config.noise_scale * request["expressiveness"],
            noise_w_scale=config.noise_w_scale * request["expressiveness"],
        )

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        for chunk in self._voice.synthesize(text, self._how):
            samples = chunk.audio_int16_array
            for start in range(0, len(samples), PIECE):
                if not sink(samples[start : start + PIECE]):
                    return

    def _own_pace(self, voice: Any, language: str) -> float:
        text = MEASURE.get(language.replace("_", "-").split("-")[0].lower())
        if text is None:
            return USUAL_PACE
        steady = self._options(length_scale=voice.config.length_scale, noise_w_scale=0.0)
        spoken = sum(audible(chunk.audio_int16_array) for chunk in voice.synthesize(text, steady))
        return 60 * len(text.split()) * voice.config.sample_rate / spoken if spoken else USUAL_PACE

    def _of_language(self, language: str) -> str:
        exact = language.replace("_", "-").lower()
        for wanted in (exact, exact.split("-")[0]):
            for name, spoken in self._languages.items():
                if spoken == wanted or spoken.split("-")[0] == wanted:
                    return name
        raise LookupError(f"Piper has no voice for {language}; there are: {', '.join(self._languages)}")


def _language(model: Path) -> str:
    """What a voice speaks, such as `en-gb`. Raises OSError or ValueError where its description is missing or odd."""
    about = json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))
    code = about.get("language", {}).get("code") or about.get("espeak", {}).get("voice", "")
    return str(code).replace("_", "-").lower()


def main() -> None:
    """Speaks until the parent has gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    serve(lambda: Engine(folder), lambda engine: {"voices": engine.names})


if __name__ == "__main__":
    main()
