"""ARI: does it let us in, and which ways does this Asterisk offer?"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from engine.doctor.registry import Row, look
from engine.settings import Ari, Settings

WITHIN: Final = 5.0
LONGEST: Final = 2_000_000
"""Bytes of the list of modules."""
WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "FastAGI with AudioSocket, 8 kHz": ("res_agi", "app_audiosocket"),
    "ARI with media websocket, 16 kHz": ("app_stasis", "res_ari_channels", "res_ari_bridges", "chan_websocket"),
    "ARI with AudioSocket, 16 kHz": ("app_stasis", "res_ari_channels", "res_ari_bridges", "chan_audiosocket"),
}
"""The modules that each way in needs."""
MEDIA: Final = {"chan_websocket": "websocket", "chan_audiosocket": "audiosocket"}


@look("ARI")
def ari(settings: Settings) -> Iterator[Row]:
    ours = settings.asterisk.ari
    if ours is None:
        advice = "Set `asterisk.ari.url` to have Stasis() answered too, with sound at 16 kHz."
        yield Row("ARI", "off", "calls come over FastAGI alone", advice)
        return
    try:
        modules = _modules(ours)
    except (httpx.HTTPError, OSError, ValueError) as fault:
        advice = "Is Asterisk up, `enabled = yes` in http.conf and ari.conf, and `asterisk.ari.url` its address?"
        yield Row("ARI", "error", f"{ours.url} does not answer: {str(fault) or type(fault).__name__}", advice)
        return
    if isinstance(modules, Row):
        yield modules
        return
    yield Row("ARI", "ok", f"{ours.url} lets {ours.user!r} in")
    for way, needed in WAYS.items():
        missing = sorted(set(needed) - modules)
        if missing:
            advice = f"Run `asterisk -rx 'module load {missing[0]}.so'`, and see modules.conf."
            yield Row(way, "off", f"this Asterisk lacks {', '.join(missing)}", advice)
        else:
            yield Row(way, "ok", "this Asterisk offers it")
    wanted = [module for module, media in MEDIA.items() if ours.media in ("auto", media)]
    if not any({*WAYS["ARI with AudioSocket, 16 kHz"][:3], module} <= modules for module in wanted):
        advice = f"Load {' or '.join(wanted)} with app_stasis, res_ari_channels and res_ari_bridges."
        yield Row("sound", "error", f"Stasis() calls would have no sound with `media: {ours.media}`", advice)


def _modules(ours: Ari) -> frozenset[str] | Row:
    """The modules that run; a row where Asterisk does not tell them."""
    verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ours.ca_file) if ours.ca_file else True
    url = f"{ours.url.rstrip('/').removesuffix('/ari')}/ari/asterisk/modules"
    with httpx.Client(timeout=WITHIN, trust_env=False, verify=verify, auth=(ours.user, ours.password)) as client:
        reply = client.get(url)
    if reply.status_code == 401:
        advice = "Compare user and password with ari.conf; `asterisk -rx 'module reload res_ari'` reads it again."
        return Row("ARI", "error", f"{ours.url} does not let {ours.user!r} in", advice)
    if reply.status_code == 404:
        advice = "Load res_ari and res_ari_asterisk, and set `enabled = yes` in ari.conf."
        return Row("ARI", "error", "there is no ARI, or it does not tell its modules", advice)
    if reply.status_code != 200 or len(reply.content) > LONGEST:
        return Row("ARI", "error", f"{ours.url} answers {reply.status_code}", "See Asterisk's log.")
    found: Any = reply.json()
    return frozenset(
        str(module["name"]).removesuffix(".so")
        for module in (found if isinstance(found, list) else ())
        if isinstance(module, dict) and module.get("status") == "Running" and "name" in module
    )
