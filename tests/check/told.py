"""Counterexamples played by `frontdesk simulate`: what they show must really happen."""

from __future__ import annotations

from engine.dialogue.machine import compile_flow
from engine.flow.model import Flow
from engine.persona.persona import Persona
from engine.simulate.matching import prompts_of
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import Stage
from engine.talk.reader import read_talk
from engine.understanding.cascade import Understanding


def fails_as_told(flow: Flow, text: str) -> None:
    """The talk runs against the faulty flow as told, up to where the fault shows: a value that is missing, a tool that
    is refused, a call that spins, or what it expects at its end."""
    talk = read_talk(text, "counterexample.talk")
    stage = Stage(flow, compile_flow(flow), Persona("plain"), prompts_of(flow), Understanding(flow))
    result = run_script(bind(talk, flow), stage)
    assert not result.faults
    assert result.difference is not None, text
    told = ("no value", "was refused", "no wait within")
    shows = any(words in result.difference.message for words in told)
    assert result.difference.source.startswith("expect") or shows, (
        f"{result.difference.source}: {result.difference.message}\n{text}"
    )
