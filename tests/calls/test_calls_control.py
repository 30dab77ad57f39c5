"""Whole calls over every way in: hung up anywhere, given to people who do and do not take them, messages, recordings
that keep no secret, an end that comes politely."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from engine.dialogue.state import State
from engine.effects import Note, Say
from engine.events import HungUp, Recorded, Transferred
from engine.people import Person
from engine.speech.audio import to_array
from engine.speech.vendors.scripted import Scripted
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipCall
from tests.agi.ways import WAYS, Way, may_hang, telephone
from tests.calls.calling import FrontDesk, KeyCaller, front_desk, place_call, spoken

pytestmark = pytest.mark.asterisk
FLOW = Path(__file__).parent / "flows/control"
LINES = {"trattoria": FLOW}
CASES: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "control_cases.yaml").read_text())
ALL = CASES["keys"]
CALLER = "+441632960320"


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way in."""
    found: Way = request.param
    return found


async def quiet_channels(asterisk: Asterisk) -> str:
    """Asterisk's channels once none is left, or after a while."""
    said = ""
    for _ in range(50):
        said = await asyncio.to_thread(asterisk.ask, "core show channels count")
        if "0 active channels" in said:
            break
        await asyncio.sleep(0.1)
    return said


def test_a_caller_may_hang_up_in_every_step(asterisk: Asterisk, way: Way, tmp_path: Path) -> None:
    """All at once: the steps in which each hangs up are those that a call passes."""

    async def one(here: FrontDesk, index: int, prompt: str) -> State:
        number = f"+4416329602{index:02d}"
        caller = KeyCaller({**ALL, **CASES["detours"].get(prompt, {})}, leaves=prompt)
        await place_call(asterisk, here, caller, number, way.numbers["trattoria"])
        assert prompt in caller.heard, f"{caller.heard} came, {prompt} did not"
        assert any(isinstance(event, HungUp) for event in caller.events), f"a hang-up in {prompt} was not seen"
        return here.ended[number]

    async def main() -> None:
        async with front_desk(asterisk, tmp_path, None, way, LINES, recogniser=Scripted({})) as here:
            ended = await asyncio.gather(*(one(here, *pair) for pair in enumerate(CASES["steps"])))
            assert all(state.ended for state in ended)
            assert here.desk.running == 0
        assert "0 active channels" in await quiet_channels(asterisk)

    asyncio.run(main())


def test_calls_are_given_to_people_or_come_back(
    asterisk: Asterisk, way: Way, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """All at once; each caller reaches a line of their own, whose reception is another person."""
    may_hang(way, request)
    cases = {f"+4416329603{index:02d}": case for index, case in enumerate(CASES["transfers"])}
    callers = {number: KeyCaller(ALL | {"menu": "0"}) for number in cases}
    people = {f"p{number[1:]}": Person(case["to"], 1, case.get("whisper", False)) for number, case in cases.items()}
    lines: dict[str, Path] = {}
    for name in people:
        lines[name] = tmp_path / name / "flow.yaml"
        lines[name].parent.mkdir()
        lines[name].write_text((FLOW / "flow.yaml").read_text().replace("to: reception", f"to: {name}"))

    async def person(call: SipCall) -> None:
        assert call.invite is not None
        (case,) = [case for number, case in cases.items() if number in call.invite.get("From")]
        await call.quiet(0.3)
        call.press(case["presses"])
        await call.played()
        await asyncio.sleep(3.0)  # longer than it may take until they are together

    async def main() -> dict[str, State]:
        async with (
            telephone(asterisk, person),
            front_desk(asterisk, tmp_path, None, way, {**LINES, **lines}, people, Scripted({})) as here,
        ):
            here.lines.update(zip(cases, people, strict=True))
            calls = [place_call(asterisk, here, callers[number], number, way.numbers["trattoria"]) for number in cases]
            assert {call.ended_by for call in await asyncio.gather(*calls)} == {"them"}
            return here.ended

    ended = asyncio.run(main())
    assert {cases[number]["name"]: outcomes(caller) for number, caller in callers.items()} == {
        case["name"]: [case["outcome"]] for case in cases.values()
    }
    assert all(state.ended for state in ended.values())
    assert {number for number, caller in callers.items() if "message" in caller.heard} == {
        number for number, case in cases.items() if case["outcome"] != "connected"
    }


def outcomes(caller: KeyCaller) -> list[str]:
    """What came of the transfers of a call."""
    return [event.outcome for event in caller.events if isinstance(event, Transferred)]


def test_a_message_is_kept_no_longer_than_it_may_be_and_named_in_the_log(
    asterisk: Asterisk, way: Way, tmp_path: Path
) -> None:
    words = "this is a message for the people at the front desk and it takes much longer than two seconds to say"
    caller = KeyCaller({"may_record": "2", "menu": "2"}, says=spoken("awb", words, tmp_path))

    async def main() -> list[Any]:
        async with front_desk(asterisk, tmp_path, None, way, LINES, recogniser=Scripted({})) as here:
            await place_call(asterisk, here, caller, CALLER, way.numbers["trattoria"])
            return list(here.store.archive.entries(here.ended[CALLER].call_id))

    entries = asyncio.run(main())
    (kept,) = [event for event in caller.events if isinstance(event, Recorded)]
    assert kept.seconds == pytest.approx(2.0, abs=0.1)
    with wave.open(str(tmp_path / "recordings" / kept.ref)) as file:
        samples = to_array(file.readframes(file.getnframes()))
        assert len(samples) / file.getframerate() == pytest.approx(2.0, abs=0.1)
    assert np.abs(samples.astype(np.int32)).max() > 3000
    assert any(kept.ref in str(entry.body) for entry in entries)
    assert any(isinstance(effect, Note) and kept.ref in effect.text for effect in caller.did)


def test_a_recording_is_silent_where_a_secret_is_asked_keyed_and_read_back(
    asterisk: Asterisk, way: Way, tmp_path: Path
) -> None:
    """Both sides are silent from the question to the end of its confirmation, and speak before and after."""
    caller = KeyCaller(ALL | {"more": "2"})

    async def main() -> float:
        async with front_desk(asterisk, tmp_path, None, way, LINES, recogniser=Scripted({})) as here:
            call = await place_call(asterisk, here, caller, CALLER, way.numbers["trattoria"])
            return call.ended_at - call.answered_at

    lasted = asyncio.run(main())
    (path,) = (tmp_path / "recordings").glob("*/call.wav")
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        sides = to_array(file.readframes(file.getnframes())).reshape(-1, 2)
    assert len(sides) / rate < lasted
    spoken = [bool(loud) for loud in loudness(sides, rate)]
    silent = longest_run(spoken, False)
    assert any(spoken[: silent.start])
    assert any(spoken[silent.stop :])
    secret = [effect for effect in caller.did if isinstance(effect, Say) and reads_secret(effect)]
    assert secret, "the number was not read back"
    assert (silent.stop - silent.start) * 0.1 > 1.5


def reads_secret(say: Say) -> bool:
    return any(typed.sensitive for prompt in say.prompts for typed in prompt.values.values())


def loudness(sides: NDArray[np.int16], rate: int) -> NDArray[np.bool_]:
    """For each tenth of a second whether anything is heard on either side."""
    step = rate // 10
    whole = sides[: len(sides) // step * step].astype(np.int32)
    found: NDArray[np.bool_] = np.abs(whole).reshape(-1, step * 2).max(axis=1) > 0
    return found


def longest_run(values: list[bool], wanted: bool) -> range:
    best = run = range(0)
    for index, value in enumerate(values):
        run = range(run.start if run.stop == index and run else index, index + 1) if value == wanted else range(0)
        best = max(best, run, key=len)
    return best


def test_a_call_that_lasts_too_long_ends_politely(asterisk: Asterisk, tmp_path: Path) -> None:
    way, caller = WAYS[0], KeyCaller({"may_record": "2"})

    async def main() -> SipCall:
        async with front_desk(asterisk, tmp_path, None, way, LINES, recogniser=Scripted({}), longest_call=2.0) as here:
            return await place_call(asterisk, here, caller, CALLER, way.numbers["trattoria"])

    call = asyncio.run(main())
    assert call.ended_by == "them"
    assert "engine.too_long" in caller.heard
    assert outcomes(caller) == ["connected"]
