"""A Piper voice of random weights in the real format: it runs all of Piper's code and says nothing anybody knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE = 16000
PER_PHONEME = 512
"""Samples that one phoneme lasts at length 1."""


def make(folder: Path, name: str, language: str = "en-gb", seed: int = 0) -> Path:
    """Writes `name`.onnx and its description into the folder, and answers the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model = _graph(np.random.default_rng(seed))
    checker.check_model(model)
    save(model, str(folder / f"{name}.onnx"))
    about = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": {"en-gb": "en-gb-x-rp"}.get(language, language)},
        "language": {"code": language.replace("-", "_")},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "num_symbols": 256,
        "num_speakers": 1,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(about))
    return folder


def _graph(random: np.random.Generator) -> object:
    """Each phoneme is a row of noise; `scales[1]` stretches the whole, as the length scale of a real voice does."""
    sounds = random.normal(0, 0.2, (256, PER_PHONEME)).astype(np.float32)
    constants = {
        "sounds": sounds,
        "flat": np.array([1, 1, -1], np.int64),
        "second": np.array([1], np.int64),
        "ones": np.ones(2, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["sounds", "input"], ["rows"]),
        helper.make_node("Reshape", ["rows", "flat"], ["line"]),
        helper.make_node("Gather", ["scales", "second"], ["length"]),
        helper.make_node("Concat", ["ones", "length"], ["stretch"], axis=0),
        helper.make_node("Resize", ["line", "", "stretch"], ["output"], mode="linear"),
    ]
    graph = helper.make_graph(
        nodes,
        "random voice",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, "time"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
