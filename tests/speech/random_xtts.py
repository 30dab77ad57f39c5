"""An XTTS model of random weights in the real format: all of XTTS's code runs on it, and it says nothing anybody knows.

Run with the Python of .venv-xtts, with a folder it writes the model there, with `-m MODULE` it runs the module on such
models. Both make the decoder small, which takes a processor seconds for a second of sound: the one size that no setting
of the format holds.
"""

from __future__ import annotations

import functools
import runpy
import string
import sys
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "de")
CODES = 32
"""Sounds that the model knows; two more numbers begin and end what it says."""
LENGTH = 44
"""Tokens of sound that every piece of text lasts (2 s), since the model never ends by itself."""
WIDTH = 64
DECODER = 32


def shrink() -> None:
    """Makes the decoder of every model in this process small."""
    from TTS.tts.models import xtts

    xtts.HifiDecoder = functools.partial(xtts.HifiDecoder, upsample_initial_channel_decoder=DECODER)


def make(folder: Path) -> None:
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
        gpt_max_audio_tokens=LENGTH,
        gpt_num_audio_tokens=CODES + 2,
        gpt_start_audio_token=CODES,
        gpt_stop_audio_token=CODES + 1,
        decoder_input_dim=WIDTH,
    )
    config = XttsConfig(model_args=sizes, languages=list(LANGUAGES))
    torch.manual_seed(0)
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(vocabulary))
    model.init_models()
    _liven(model)
    model.gpt.mel_head.bias.data[CODES + 1] = -1e4
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    torch.save({name: _speaker(torch) for name in ("Ada Own", "Ben Own")}, folder / "speakers_xtts.pth")


def _liven(model: Any) -> None:
    """Random weights of the usual size hum the same whatever goes in; with these, words and speakers are heard."""
    model.gpt.mel_head.weight.data *= 50
    sound = model.hifigan_decoder.waveform_decoder
    for name, part in sound.named_parameters():
        if name.endswith("bias"):
            part.data.zero_()
    for layer, factor in ((sound.conv_pre, 20), (sound.cond_layer, 20), (sound.conv_post, 4)):
        layer.weight.data *= factor


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
    shrink()
    if sys.argv[1] == "-m":
        module, sys.argv = sys.argv[2], sys.argv[2:]
        runpy.run_module(module, run_name="__main__")
    else:
        make(Path(sys.argv[1]))
