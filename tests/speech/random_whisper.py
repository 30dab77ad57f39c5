"""A Whisper model of random weights in the real format: it runs all of faster-whisper's code and knows nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, LAYERS, HEADS, MELS = 64, 2, 2, 80
POSITIONS_HEARD, POSITIONS_SAID = 1500, 448


def make(folder: Path, seed: int = 0) -> Path:
    """Writes the model (1.2 MB) and answers its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    random = np.random.default_rng(seed)
    spec = whisper_spec.WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill_encoder(spec.encoder, random)
    _fill_decoder(spec.decoder, random, tokenizer.get_vocab_size())
    number = tokenizer.token_to_id
    spec.config.suppress_ids = [
        number(f"<|{name}|>") for name in ("translate", "transcribe", "startoflm", "startofprev")
    ]
    spec.config.suppress_ids_begin = [number("<|endoftext|>")]
    spec.config.lang_ids = [number(f"<|{code}|>") for code in _LANGUAGE_CODES]
    spec.config.alignment_heads = [(LAYERS - 1, head) for head in range(HEADS)]
    spec.register_vocabulary([token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])])
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    sound = {"feature_size": MELS, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(sound))
    return folder


def _tokenizer() -> Tokenizer:
    """Bytes as words, and Whisper's own marks in the order of its vocabulary."""
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={sign: number for number, sign in enumerate(signs)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tasks = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
    marks = ("endoftext", "startoftranscript", *_LANGUAGE_CODES, *tasks)
    tokenizer.add_special_tokens([AddedToken(f"<|{mark}|>", special=True, normalized=False) for mark in marks])
    tokenizer.add_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", normalized=False) for step in range(1501)])
    return tokenizer


def _weights(random: np.random.Generator, *shape: int, scale: float | None = None) -> np.ndarray:
    drawn: np.ndarray = random.standard_normal(shape, dtype=np.float32)
    return drawn * np.float32(scale if scale is not None else 1 / np.sqrt(shape[-1]))


def _linear(layer: common_spec.LinearSpec, random: np.random.Generator, wide: int, out: int) -> None:
    layer.weight, layer.bias = _weights(random, out, wide), np.zeros(out, np.float32)


def _norm(layer: common_spec.LayerNormSpec) -> None:
    layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _block(layer: object, random: np.random.Generator, crossed: bool) -> None:
    own = layer.self_attention  # type: ignore[attr-defined]
    _norm(own.layer_norm)
    _linear(own.linear[0], random, WIDTH, 3 * WIDTH)
    _linear(own.linear[1], random, WIDTH, WIDTH)
    if crossed:
        other = layer.attention  # type: ignore[attr-defined]
        _norm(other.layer_norm)
        _linear(other.linear[0], random, WIDTH, WIDTH)
        _linear(other.linear[1], random, WIDTH, 2 * WIDTH)
        _linear(other.linear[2], random, WIDTH, WIDTH)
    forward = layer.ffn  # type: ignore[attr-defined]
    _norm(forward.layer_norm)
    _linear(forward.linear_0, random, WIDTH, 4 * WIDTH)
    _linear(forward.linear_1, random, 4 * WIDTH, WIDTH)


def _fill_encoder(encoder: whisper_spec.WhisperEncoderSpec, random: np.random.Generator) -> None:
    for convolution, width in ((encoder.conv1, MELS), (encoder.conv2, WIDTH)):
        convolution.weight = _weights(random, WIDTH, width, 3, scale=0.05)
        convolution.bias = np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = _weights(random, POSITIONS_HEARD, WIDTH, scale=0.5)
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _block(layer, random, crossed=False)


def _fill_decoder(decoder: whisper_spec.WhisperDecoderSpec, random: np.random.Generator, words: int) -> None:
    decoder.embeddings.weight = _weights(random, words, WIDTH, scale=0.16)
    decoder.projection.weight = decoder.embeddings.weight
    decoder.position_encodings.encodings = _weights(random, POSITIONS_SAID, WIDTH, scale=0.02)
    decoder.scale_embeddings = False
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _block(layer, random, crossed=True)
