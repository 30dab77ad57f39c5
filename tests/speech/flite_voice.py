"""Speech for tests, made by flite; 8 kHz, through a telephone's mu-law."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from engine.speech.audio import linear_to_mulaw, mulaw_to_linear, read_wav

RATE = 8000
VOICES = ("slt", "awb", "rms")
QUIET = b"\0" * RATE
"""Half a second of nothing, in bytes of 16 bits."""


@cache
def spoken(voice: str, text: str) -> bytes:
    """Half a second of silence, the words, and two seconds of silence."""
    flite = shutil.which("flite")
    assert flite, "this test needs flite to speak: apt-get install flite"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([flite, "-voice", voice, "-o", path, "-t", text], check=True)
        return mulaw_to_linear(linear_to_mulaw(QUIET + read_wav(path, RATE).samples + QUIET * 4))
