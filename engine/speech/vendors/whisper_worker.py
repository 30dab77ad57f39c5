"""The process that runs faster-whisper: segments come in on stdin, readings with their confidence go out on stdout."""

from __future__ import annotations

import argparse
import math
import sys
import zlib
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from engine.speech.audio import resample, to_array
from engine.speech.vendors.messages import step_back
from engine.speech.vendors.processes import serve

RATE: Final = 16000
"""What the model wants; narrower sound is upsampled."""
BEAM: Final = 5
READINGS: Final = 5
LONGEST: Final = 96
"""Tokens of one answer: some 70 words, more than anybody says in one breath."""
NO_SPEECH: Final = 0.6
UNLIKELY: Final = -1.0
REPETITIVE: Final = 2.4
"""Whisper's own three signs of words that nobody said: the model itself hears no speech, the words are unlikely (mean
log probability of a token), or they repeat themselves so much that they compress well."""


class Decoding:
    """One model; not safe for threads."""

    def __init__(self, model: str, device: str, compute: str, threads: int) -> None:
        self._model = WhisperModel(model, device, compute_type=compute, cpu_threads=threads, local_files_only=True)
        self._tokenizers: dict[str, Tokenizer] = {}

    def hear(self, samples: bytes, header: dict[str, Any]) -> dict[str, Any]:
        """Readings of one segment, best first, each with its mean log probability; an empty header asks for nothing."""
        if not header or not samples:
            return {"readings": []}
        tokenizer = self._tokenizer(header["language"])
        wide = to_array(resample(samples, header["rate"], RATE)).astype(np.float32) / 32768
        features = pad_or_trim(self._model.feature_extractor(wide)[..., :-1])
        context = tokenizer.encode(" " + header["context"]) if header["context"] else []
        prompt = self._model.get_prompt(tokenizer, context, without_timestamps=True)
        result = self._model.model.generate(
            self._model.encode(features), [prompt], beam_size=BEAM, num_hypotheses=READINGS,
            max_length=min(self._model.max_length, len(prompt) + LONGEST), return_scores=True,
            return_no_speech_prob=True, suppress_blank=True,
        )[0]  # fmt: skip
        return judged(
            [tokenizer.decode(ids).strip() for ids in result.sequences_ids], result.scores, result.no_speech_prob
        )

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            spoken = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, spoken, task="transcribe", language=language if spoken else "en"
            )
        return self._tokenizers[language]


def judged(texts: list[str], scores: list[float], no_speech: float) -> dict[str, Any]:
    """The readings that somebody may have said, each once, with a probability (0 to 1); none where the best is not
    to be believed."""
    if not texts or (no_speech > NO_SPEECH and scores[0] < UNLIKELY / 2) or scores[0] < UNLIKELY or _repeats(texts[0]):
        return {"readings": []}
    readings: dict[str, float] = {}
    for text, score in zip(texts, scores, strict=True):
        if text:
            readings.setdefault(text, round(math.exp(min(0.0, score)), 4))
    return {"readings": [list(reading) for reading in readings.items()]}


def _repeats(text: str) -> bool:
    plain = text.encode()
    return len(plain) / len(zlib.compress(plain)) > REPETITIVE if plain else False


def main() -> None:
    """Answers requests until the parent closes the pipe."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--compute", required=True)
    parser.add_argument("--threads", type=int, required=True)
    asked = parser.parse_args()
    step_back()
    serve(sys.stdin.buffer, sys.stdout.buffer, Decoding(asked.model, asked.device, asked.compute, asked.threads).hear)


if __name__ == "__main__":
    main()
