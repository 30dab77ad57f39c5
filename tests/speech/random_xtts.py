"""Writes an XTTS model of random weights in the real format (run it with the Python of .venv-xtts): all of XTTS's code
runs on it, and it says nothing anybody knows."""

from __future__ import annotations

import argparse
import string
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "de")
CODES = 32
"""Sounds that the model knows; two more numbers begin and end what it says."""
LONGEST = 60
"""Tokens of sound that it says at most: with random weights that is what it says."""
WIDTH = 64


def make(folder: Path, seed: int = 0) -> None:
    """config.json, model.pth and vocab.json, and two speakers of its own in speakers_xtts.pth."""
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "vocab.json"
    _vocabulary(vocabulary)
    sizes = XttsArgs(
        tokenizer_file=str(vocabulary),
        gpt_layers=1,
        gpt_n_model_channels=WIDTH,
        gpt_n_heads=2,
        gpt_max_audio_tokens=LONGEST,
        gpt_num_audio_tokens=CODES + 2,
        gpt_start_audio_token=CODES,
        gpt_stop_audio_token=CODES + 1,
        decoder_input_dim=WIDTH,
    )
    config = XttsConfig(model_args=sizes, languages=list(LANGUAGES))
    torch.manual_seed(seed)
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(vocabulary))
    model.init_models()
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    torch.save({name: _speaker(torch) for name in ("Ada Own", "Ben Own")}, folder / "speakers_xtts.pth")


def _speaker(torch: Any) -> dict[str, Any]:
    return {"gpt_cond_latent": torch.randn(1, 32, WIDTH), "speaker_embedding": torch.randn(1, 512, 1)}


def _vocabulary(path: Path) -> None:
    """One token for each sign, beside XTTS's own marks."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

    marks = ["[STOP]", "[UNK]", "[SPACE]", "[START]", *(f"[{language}]" for language in LANGUAGES)]
    signs = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    known = {token: number for number, token in enumerate([*marks, *signs])}
    tokenizer = Tokenizer(models.BPE(vocab=known, merges=[], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens([AddedToken(mark, normalized=False) for mark in marks])
    tokenizer.save(str(path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    make(asked.folder, asked.seed)
