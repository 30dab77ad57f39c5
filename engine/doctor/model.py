"""The model server: is it there, does it serve the model, keep to our schema, and answer in time?"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from engine.doctor.registry import Row, look
from engine.flow.loader import load_flow
from engine.settings import Settings
from engine.shipped import find_flow
from engine.understanding.client import ModelServer, open_model
from engine.understanding.model import ModelFault, ModelSettings
from engine.understanding.tier import ModelTier

SAID = (
    "we are hoping to come by with the whole family",
    "is there somewhere to leave the car",
    "me and my better half",
    "could you tell me once more",
    "not sure yet what is good for us",
)
START = "See docs/model.md for how to start one."


@look("model")
def model(settings: Settings) -> Iterator[Row]:
    if settings.model is None:
        yield Row("model server", "off", "none is set up; what is not understood without one is asked again")
        return
    yield place(settings.model)
    yield from asyncio.run(_asked(settings, settings.model))


def place(model: ModelSettings) -> Row:
    """What callers say is sent there."""
    parts = urlsplit(model.url)
    where = _reach(parts.hostname or "")
    advice = "Run the server on a machine of your own, and set `model.url` to it."
    if where == "here":
        return Row("where", "ok", f"{model.url} is this machine: no caller's words leave it")
    if where == "near":
        text = f"{model.url} is another machine of your network: callers' words go there"
        if parts.scheme == "http":
            return Row("where", "warning", f"{text} unencrypted", "Use https, or a network that nobody else is on.")
        return Row("where", "ok", text)
    if where == "far" and parts.scheme == "http":
        return Row("where", "error", f"{model.url}: callers' words would cross the Internet unencrypted", advice)
    return Row("where", "warning", f"{model.url} is not in your network: callers' words go there", advice)


def _reach(host: str) -> str:
    """Whether a host is `here`, `near` (a private address) or `far`; `unknown` when it has no address."""
    try:
        found = {ipaddress.ip_address(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, ValueError):
        return "unknown"
    if all(address.is_loopback for address in found):
        return "here"
    return "near" if all(address.is_private for address in found) else "far"


async def _asked(settings: Settings, chosen: ModelSettings) -> list[Row]:
    server = open_model(chosen)
    try:
        names = await server.served()
    except ModelFault as fault:
        await server.close()
        return [Row("model server", "error", str(fault), f"Calls go on without it. {START}")]
    shown = ", ".join(names) or "nothing"
    if chosen.name and chosen.name not in names:
        await server.close()
        return [Row("model server", "error", f"it does not serve {chosen.name}, but {shown}", "Set `model.name`.")]
    try:
        rows = [Row("model server", "ok", f"it serves {shown}")]
        return [*rows, *await _answers(server, ModelTier(load_flow(_flow(settings)), server), chosen)]
    finally:
        await server.close()


def _flow(settings: Settings) -> Path:
    lines = list(settings.lines.values())
    return lines[0].flow if lines else find_flow("trattoria")


async def _answers(server: ModelServer, tier: ModelTier, chosen: ModelSettings) -> list[Row]:
    began = time.perf_counter()
    await server.warm(tier.warming, tier.schema)
    warmed = time.perf_counter() - began
    if server.is_open:
        return [Row("answers", "error", "it does not answer the first question about a flow", START)]
    times, texts, faults = [], [], []
    for said in SAID:
        began = time.perf_counter()
        try:
            texts.append(await server.ask(tier.prompt(said), tier.schema))
            times.append(time.perf_counter() - began)
        except ModelFault as fault:
            faults.append(fault)
    return [_form(texts), _speed(times, faults, warmed, chosen.deadline)]


def _form(texts: Sequence[str]) -> Row:
    whole = sum(_is_whole(text) for text in texts)
    if whole == len(texts) and texts:
        return Row("answers", "ok", "they keep to our JSON schema")
    advice = "Use a server with structured output (vLLM has it), without blank space in it, and an instruct model."
    return Row("answers", "warning", f"{whole} of {len(texts)} answers keep to our JSON schema", advice)


def _is_whole(text: str) -> bool:
    try:
        data = json.loads(text, strict=False)
    except ValueError:
        return False
    return isinstance(data, dict) and isinstance(data.get("acts"), list)


def _speed(times: Sequence[float], faults: Sequence[ModelFault], warmed: float, deadline: float) -> Row:
    if not times:
        return Row("speed", "error", f"no answer within {deadline:g} s: {faults[0]}", "See docs/model.md, “Speed”.")
    middle, worst = statistics.median(times), max(times)
    text = f"{middle * 1000:.0f} ms in the middle, {worst * 1000:.0f} ms at worst, of {deadline * 1000:.0f} ms;"
    text += f" the first question took {warmed:.1f} s"
    if faults:
        late = f"{len(faults)} of {len(times) + len(faults)} answers came too late. "
        return Row("speed", "warning", late + text, "See docs/model.md, “Speed”.")
    return Row("speed", "ok", text)
