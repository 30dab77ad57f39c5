"""A language model that knows nothing: a tokenizer of single bytes, and a tiny model with random weights. What it
answers is garbage, in whatever form the server's grammar allows."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SPECIAL = ("<pad>", "<s>", "</s>")
CHAT = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def write_random_model(folder: Path, seed: int = 1) -> Path:
    """Writes such a model, and gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_weights(folder / "model.safetensors", seed)
    for name, data in (("config", CONFIG), ("tokenizer", _tokenizer()), ("tokenizer_config", TOKENIZER_CONFIG)):
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


WIDTH, INNER, LAYERS, HEADS, WORDS = 128, 256, 2, 2, 512
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "max_position_embeddings": 8192,
    "vocab_size": WORDS,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 8192,
    "pad_token": "<pad>",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "chat_template": CHAT,
}


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every weight of the model by its name in the file."""
    yield "model.embed_tokens.weight", (WORDS, WIDTH)
    yield "lm_head.weight", (WORDS, WIDTH)
    yield "model.norm.weight", (WIDTH,)
    for layer in (f"model.layers.{number}" for number in range(LAYERS)):
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{layer}.{norm}.weight", (WIDTH,)
        for part in "qkvo":
            yield f"{layer}.self_attn.{part}_proj.weight", (WIDTH, WIDTH)
        yield f"{layer}.mlp.gate_proj.weight", (INNER, WIDTH)
        yield f"{layer}.mlp.up_proj.weight", (INNER, WIDTH)
        yield f"{layer}.mlp.down_proj.weight", (WIDTH, INNER)


def _write_weights(path: Path, seed: int) -> None:
    """A safetensors file: the length of its header, the header as JSON, the numbers. They are large enough for what
    comes next to depend on what came before."""
    random, header, body, at = np.random.default_rng(seed), {}, [], 0
    for name, shape in _shapes():
        values = np.ones(shape) if len(shape) == 1 else random.normal(0.0, 0.3, shape)
        body.append(values.astype("<f4").tobytes())
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(body[-1])]}
        at += len(body[-1])
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))


def _byte_signs() -> list[str]:
    """The sign that stands for each byte in byte-level vocabularies: printable ones for themselves."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(other)) for byte in range(256)]


def _tokenizer() -> dict[str, object]:
    special = [
        {"id": number, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True}
        for number, name in enumerate(SPECIAL)
    ]  # fmt: skip
    vocabulary = {sign: number for number, sign in enumerate((*SPECIAL, *_byte_signs()))}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary, "merges": [],
        },
    }  # fmt: skip
