"""Whisper models by name: which there are, and fetching one where there is a network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from engine.errors import PeerError, SettingsError


def names() -> tuple[str, ...]:
    """The models that faster-whisper knows by name, small ones first. Raises SettingsError where it is missing."""
    if importlib.util.find_spec("faster_whisper") is None:
        raise SettingsError("faster-whisper is not installed; run `pip install 'frontdesk[whisper]'`")
    from faster_whisper.utils import available_models

    return tuple(available_models())


def fetch(name: str, folder: Path) -> Path:
    """Downloads a model into a folder and answers where it lies. Raises PeerError where it cannot be had."""
    if name not in names():
        raise SettingsError(f"there is no model {name!r}; there are: {', '.join(names())}")
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(name, output_dir=str(folder)))
    except (OSError, ValueError) as fault:
        first = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
        raise PeerError(
            f"the model {name} could not be fetched: {first}\nOn a machine without a network, copy its folder"
            f" (config.json, model.bin, tokenizer.json, vocabulary) from one that has it to {folder}."
        ) from fault
