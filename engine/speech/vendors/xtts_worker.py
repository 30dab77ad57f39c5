"""XTTS v2 in a process of its own, in the environment where torch is: reads what to say from stdin, writes sound."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import warnings
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from engine.errors import SettingsError
from engine.speech.audio import read_wav, to_array
from engine.speech.vendors.speaking import Samples, serve
from engine.speech.vendors.xtts_text import AT_ONCE, pieces

TOKENS: Final = 400
"""More of them in one piece the model cannot say."""
STREAMED: Final = 20
"""Tokens of sound that are made before the next chunk is given: some 0.9 s of speech."""


class Engine:
    """One model and the speakers that were wanted so far; not safe for threads."""

    def __init__(self, folder: Path, device: str, threads: int) -> None:
        import torch  # only here: gigabytes, in an environment of their own
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts

        if device == "cuda" and not torch.cuda.is_available():
            raise OSError("speech.xtts.device is cuda, but torch sees no graphics card")
        self._torch = torch
        torch.set_num_threads(threads)
        self._config = XttsConfig()
        try:
            self._config.load_json(str(folder / "config.json"))
            self._model = Xtts.init_from_config(self._config)
            self._model.load_checkpoint(self._config, checkpoint_dir=str(folder), eval=True)
        except (AssertionError, AttributeError, EOFError, TypeError, UnpicklingError) as fault:
            raise OSError(f"{folder} holds no XTTS model that can be read: {fault}") from fault
        self._on_card = device == "cuda" or (device == "auto" and torch.cuda.is_available())
        self._model.to("cuda" if self._on_card else "cpu")
        self._languages = {language.split("-")[0] for language in self._config.languages}
        self._known: dict[str, tuple[Any, Any]] = {}
        self._speaker: tuple[Any, Any] | None = None
        self._language = ""
        self._how: dict[str, float] = {}
        self.rate: int = self._config.model_args.output_sample_rate

    @property
    def own(self) -> dict[str, Any]:
        """The speakers that come with the model, by name."""
        manager = self._model.speaker_manager
        return dict(manager.speakers) if manager is not None else {}

    def prepare(self, request: Mapping[str, Any]) -> None:
        """Takes speaker, language and prosody. Raises LookupError where the model has none of these."""
        language = str(request["language"]).split("-")[0].lower()
        if language not in self._languages:
            raise LookupError(f"XTTS speaks {', '.join(sorted(self._languages))}; not {request['language']}")
        self._language = language
        try:
            self._model.tokenizer.encode("1", lang=language)
        except ImportError as fault:
            raise LookupError(f"for {language} there is a package missing where XTTS runs: {fault}") from fault
        self._speaker = self._find(request["speaker"])
        config = self._config
        self._how = {
            "speed": request["speed"],
            "temperature": config.temperature * request["variety"],
            "top_k": config.top_k,
            "top_p": config.top_p,
            "length_penalty": config.length_penalty,
            "repetition_penalty": config.repetition_penalty,
        }

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        try:
            self._speak(text, sink)
        except RuntimeError as fault:
            if self._on_card:  # after a fault of the card nothing works in this process; the next one may
                raise SystemExit(f"the graphics card failed: {fault}") from fault
            raise

    def _speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        assert self._speaker is not None
        for piece in pieces(text, self._fits):
            self._torch.manual_seed(zlib.crc32(piece.encode()))  # the same words sound the same, whoever says them
            stream = self._model.inference_stream(
                piece, self._language, *self._speaker, stream_chunk_size=STREAMED, **self._how
            )
            with closing(stream):
                for chunk in stream:
                    loud = chunk.detach().float().cpu().numpy()
                    if not sink((np.clip(loud, -1, 1) * 32767).astype(np.int16)):
                        return

    def _fits(self, piece: str) -> bool:
        limit = min(AT_ONCE, self._model.tokenizer.char_limits.get(self._language, AT_ONCE))
        if len(piece) > limit:
            return False
        tokens = self._model.tokenizer.encode(piece.lower(), lang=self._language)
        most: int = min(TOKENS, self._config.model_args.gpt_max_text_tokens)
        return len(tokens) < most

    def _find(self, wanted: Mapping[str, str]) -> tuple[Any, Any]:
        """The two latents that make a speaker."""
        name = wanted["name"]
        if "sample" not in wanted:
            own = self.own
            if not own or (name and name not in own):
                there = f"there are: {', '.join(own)}" if own else "the model has none of its own"
                raise LookupError(f"XTTS has no recording with a consent for the speaker {name!r}, and {there}")
            latents = own[name or next(iter(own))]
            return latents["gpt_cond_latent"], latents["speaker_embedding"]
        key = f"{wanted['digest']}.{wanted['weights']}"
        if key not in self._known:
            kept = Path(wanted["sample"]).with_suffix(".latents.npz")
            found = _load(kept, key)
            if found is None:
                found = self._computed(Path(wanted["sample"]), wanted["digest"])
                _store(kept, key, found)
            latents, embedding = (self._torch.from_numpy(part) for part in found)
            self._known[key] = latents, embedding
        return self._known[key]

    def _computed(self, sample: Path, digest: str) -> tuple[Any, Any]:
        """The latents of a recording, as arrays. Raises OSError where it is not the one that was agreed to."""
        try:
            sound = read_wav(sample)
        except SettingsError as fault:
            raise OSError(str(fault)) from fault
        if hashlib.sha256(sample.read_bytes()).hexdigest() != digest:
            raise OSError(f"{sample} is another recording than when we started; start again to use it")
        config = self._config
        loud = self._torch.from_numpy(to_array(sound.samples).astype(np.float32) / 32768)[None]
        loud = loud[:, : sound.rate * config.max_ref_len]
        latents = self._model.get_gpt_cond_latents(
            loud, sound.rate, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
        )
        embedding = self._model.get_speaker_embedding(loud, sound.rate)
        return latents.cpu().numpy(), embedding.cpu().numpy()


def _load(kept: Path, key: str) -> tuple[Any, Any] | None:
    """The latents that were kept beside a recording, if they are of this recording and this model."""
    try:
        with np.load(kept, allow_pickle=False) as arrays:
            return (arrays["latents"], arrays["embedding"]) if str(arrays["key"]) == key else None
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _store(kept: Path, key: str, found: tuple[Any, Any]) -> None:
    """Keeps latents for the next start, readable by their owner alone; where the folder may not be written, nothing."""
    with suppress(OSError), TemporaryDirectory(dir=kept.parent, prefix=".") as place:
        whole = Path(place) / kept.name
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            np.savez(file, key=np.array(key), latents=found[0], embedding=found[1])
        os.replace(whole, kept)


def main() -> None:
    """Speaks until the parent has gone. Nothing is fetched: the weights are there, or it ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), required=True)
    parser.add_argument("--threads", type=int, required=True)
    asked = parser.parse_args()
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    serve(lambda: Engine(asked.folder, asked.device, asked.threads), lambda engine: {"speakers": list(engine.own)})


if __name__ == "__main__":
    main()
