"""espeak-ng in a process of its own (its licence is the GPL): reads what to say from stdin, writes sound to stdout."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from engine.speech.vendors.speaking import Samples, serve

SYNCHRONOUS: Final = 2
UTF8: Final = 1
RATE, PITCH, RANGE, WORDGAP = 1, 3, 4, 7  # espeak_PARAMETER

_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Voice(ctypes.Structure):
    """The start of espeak_VOICE; `languages` is a priority byte and a language code, repeated."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
    )


class Engine:
    """The library: one voice at a time in the whole process, hence one thread."""

    def __init__(self) -> None:
        import espeakng_loader  # only here: the GPL stays in this process

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Info.restype = ctypes.c_char_p
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate: int = self._library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if self.rate <= 0:
            raise OSError("espeak-ng could not open its data")
        self._sink: Callable[[Samples], bool] = lambda samples: False
        self._callback = _SynthCallback(self._arrived)  # kept alive for the library
        self._library.espeak_SetSynthCallback(self._callback)
        self._by_language = self._languages()

    @property
    def version(self) -> str:
        return bytes(self._library.espeak_Info(None)).decode()

    def prepare(self, request: Mapping[str, Any]) -> None:
        """Takes the voice and the prosody of a request."""
        self.choose(request["voice"], request["language"])
        for parameter, name in ((RATE, "pace"), (PITCH, "pitch"), (RANGE, "range"), (WORDGAP, "gap")):
            self._library.espeak_SetParameter(parameter, int(request[name]), 0)

    def choose(self, name: str, language: str) -> None:
        """Takes a voice by name, by language code, or else for the language. Raises LookupError where there is none."""
        base, plus, variant = (name or language).partition("+")
        for candidate in (base, self._by_language.get(base.lower()), None if name else language.split("-")[0]):
            if candidate and self._library.espeak_SetVoiceByName(f"{candidate}{plus}{variant}".encode()) == 0:
                return
        raise LookupError(f"espeak-ng has no voice {name or language!r}")

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        """Gives the sound of `text` to `sink` in pieces of about 60 ms until it answers False."""
        self._sink = sink
        data = text.encode()
        if self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, UTF8, None, None) != 0:
            raise OSError("espeak-ng failed")

    def _arrived(self, samples: Any, count: int, events: Any) -> int:
        if count <= 0 or not samples:
            return 0
        return 0 if self._sink(np.ctypeslib.as_array(samples, (count,)).copy()) else 1

    def _languages(self) -> dict[str, str]:
        voices = self._library.espeak_ListVoices(None)
        found: dict[str, str] = {}
        index = 0
        while voices[index]:
            voice = voices[index].contents
            found.setdefault(voice.languages[1:].decode().lower(), voice.identifier.decode())
            index += 1
        return found


if __name__ == "__main__":
    serve(Engine, lambda engine: {"version": engine.version, "rate": engine.rate})
