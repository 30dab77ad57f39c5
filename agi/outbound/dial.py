"""`frontdesk dial`: one call, made now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from agi.outbound.dialler import Outcome
from agi.outbound.opening import never_called, outbound, sound_flow, target_of
from agi.outbound.plan import plain
from engine.errors import SettingsError
from engine.flow.model import Flow
from engine.settings import Settings, load_settings
from engine.shipped import find_flow
from engine.slots.registry import type_of


def about_of(flow: Flow, given: tuple[str, ...]) -> dict[str, Any]:
    """The values of `--set name=value`, checked against what the flow's `call.about` tool declares."""
    tools = [tool for tool in flow.tools.values() if tool.does == "call.about"]
    declared = tools[0].outcomes.get("given", {}) if tools else {}
    values: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in declared:
            known = ", ".join(declared) or "nothing: it has no tool that does `call.about`"
            raise SettingsError(f"--set {text}: the flow {flow.name} is told {known}")
        try:
            values[name] = _data(declared[name], value)
        except ValueError as fault:
            raise SettingsError(f"--set {text}: {value!r} is no {declared[name]}: {fault}") from fault
    missing = [name for name in declared if name not in values]
    if values and missing:
        raise SettingsError(f"--set: the flow {flow.name} also has to be told {', '.join(missing)}")
    return values


def _data(kind: str, text: str) -> Any:
    """JSON data of a type from what was typed: a number where the type takes one, else text."""
    data: Any = int(text) if kind in ("number", "party_size") and text.lstrip("-").isdigit() else text
    type_of(kind).from_json(data)
    return data


async def _dial(settings: Settings, flow: Flow, number: str, about: Mapping[str, Any], ring: float, say: str | None,
                caller_id: str | None) -> Outcome:  # fmt: skip
    async with outbound(settings, flow) as ours:
        return await ours.dialler.call(ours.wish(number, about, ring, caller_id, say), ours.desk, flow.name)


@click.command("dial")
@click.argument("number")
@click.option("--flow", required=True, help="The flow that speaks: a file, a folder, or a shipped one.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="What the call is about; give it again.")
@click.option("--ring", type=click.FloatRange(1, 120), default=30.0, show_default=True, help="Seconds that it rings.")
@click.option("--caller-id", help="The number that the person sees; default `asterisk: caller_id`.")
@click.option("--machine", "say", metavar="TEXT", help="Left where a machine answers; else we hang up.")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def command(number: str, flow: str, given: tuple[str, ...], ring: float, caller_id: str | None, say: str | None,
            config: Path | None, as_json: bool) -> None:  # fmt: skip
    """Call a number now, and let a flow speak.

    Exits 0 when a conversation was held or words were left on a machine, 1 when nobody was reached.

    \b
    frontdesk dial +441632960123 --flow reminder --set patient="Maria Rossi" --set reference=582034 \\
      --set booked_day=2026-10-05 --set booked_time=09:30 --set booked_service="a blood test"
    """
    settings = load_settings(config)
    if plain(number) in never_called(settings):
        raise SettingsError(f"{number} is on the list of numbers that are never called ({settings.do_not_call})")
    target_of(settings, number)
    loaded = sound_flow(find_flow(flow))
    about = about_of(loaded, given)
    outcome = asyncio.run(_dial(settings, loaded, number, about, ring, say, caller_id))
    result = {"number": number, "outcome": outcome.outcome, "why": outcome.why, "call": outcome.call_id}
    ended = f" ({outcome.why})" if outcome.why else ""
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else f"{number}: {outcome.outcome}{ended}")
    raise SystemExit(0 if outcome.outcome in ("talked", "message") else 1)
