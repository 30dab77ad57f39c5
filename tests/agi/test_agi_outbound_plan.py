"""Whom a campaign calls and when, and who answered: decided in pure code."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agi.outbound.campaign import read_campaign, zones_of
from agi.outbound.greeting import FRAME_SECONDS, Greeting, MachineListens, pitch_of
from agi.outbound.plan import AGAIN, Attempt, Callee, Rules, due, next_moment, plain
from engine.errors import AuthorError
from engine.flow.calendar import Calendar, Hours
from tests.agi.tones import tone

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/outbound.yaml").read_text())
START = datetime(2026, 10, 1, 6, 0, tzinfo=UTC)
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Europe/Berlin")
OUTCOMES = ("talked", "message", "machine", "busy", "no_answer", "declined", "failed", None)
WEEK = {day: (Hours(time(9), time(12, 30)), Hours(time(14), time(19))) for day in range(6)} | {6: ()}


@st.composite
def campaigns(draw: st.DrawFn) -> tuple[Rules, list[Callee]]:
    numbers = [f"+4416329600{index:02d}" for index in range(draw(st.integers(1, 6)))]
    callees = [
        Callee(f"{index}", draw(st.sampled_from(numbers)), tuple(draw(st.lists(st.sampled_from(ZONES), min_size=1))))
        for index in range(draw(st.integers(1, 8)))
    ]
    rules = Rules(
        Calendar("hours", "UTC", WEEK),
        tries=draw(st.integers(1, 4)),
        wait=timedelta(minutes=draw(st.integers(1, 300))),
        at_once=draw(st.integers(1, 3)),
        never=frozenset(draw(st.lists(st.sampled_from(numbers), max_size=2))),
    )
    return rules, callees


@settings(deadline=None, max_examples=60)
@given(campaigns(), st.data())
def test_a_campaign_keeps_its_rules_whatever_comes_of_its_calls(
    plan: tuple[Rules, list[Callee]], data: st.DataObject
) -> None:
    """A week is played: calls end as hypothesis says, or never, as when a process dies."""
    rules, callees = plan
    attempts: list[Attempt] = []
    going: list[int] = []
    now: datetime | None = START
    while now is not None and now < START + timedelta(days=7):
        for callee in due(rules, callees, attempts, now, len(going)):
            mine = [attempt for attempt in attempts if attempt.key == callee.key]
            assert plain(callee.number) not in rules.never
            assert len(mine) < rules.tries
            assert all(attempt.outcome in AGAIN and now - attempt.at >= rules.wait for attempt in mine)
            assert all(is_day(now, zone) for zone in callee.zones)
            attempts.append(Attempt(callee.key, now))
            going.append(len(attempts) - 1)
            assert len(going) <= rules.at_once
        for index in going:
            old = attempts[index]
            attempts[index] = Attempt(old.key, old.at, data.draw(st.sampled_from(OUTCOMES)))
        going.clear()
        later = next_moment(rules, callees, attempts, now)
        assert later is None or later >= now
        now = later if later is None or later > now else now + timedelta(minutes=1)


def is_day(moment: datetime, zone: str) -> bool:
    here = moment.astimezone(ZoneInfo(zone))
    return here.weekday() < 6 and (time(9) <= here.time() < time(12, 30) or time(14) <= here.time() < time(19))


@settings(deadline=None, max_examples=30)
@given(campaigns())
def test_everybody_who_never_answers_is_called_as_often_as_may_be(plan: tuple[Rules, list[Callee]]) -> None:
    rules, callees = plan
    attempts: list[Attempt] = []
    now = next_moment(rules, callees, attempts, START)
    while now is not None and now < START + timedelta(days=40):
        attempts += [Attempt(callee.key, now, "no_answer") for callee in due(rules, callees, attempts, now, 0)]
        later = next_moment(rules, callees, attempts, now)
        now = later if later is None or later > now else now + timedelta(minutes=1)
    called = {callee.key: sum(attempt.key == callee.key for attempt in attempts) for callee in callees}
    reachable = {callee.key for callee in callees if plain(callee.number) not in rules.never and meet(callee.zones)}
    assert called == {callee.key: rules.tries if callee.key in reachable else 0 for callee in callees}


def meet(zones: tuple[str, ...]) -> bool:
    """Whether there is a moment in a week that is right in all zones."""
    moments = (START + timedelta(minutes=15 * quarter) for quarter in range(7 * 96))
    return any(all(is_day(moment, zone) for zone in zones) for moment in moments)


@pytest.mark.parametrize("case", CASES["greetings"], ids=lambda case: case["name"])
def test_who_answered(case: dict[str, Any]) -> None:
    greeting = Greeting.begin()
    for number, (speech, pitch) in enumerate(frames(case["hears"])):
        if (found := greeting.feed(speech, pitch)) is not None:
            assert (found, number * FRAME_SECONDS) == (case["is"], pytest.approx(case["after"], abs=0.05))
            return
    pytest.fail("nobody was found")


@pytest.mark.parametrize("case", CASES["machines"], ids=lambda case: case["name"])
def test_when_a_machine_records(case: dict[str, Any]) -> None:
    waiting = MachineListens.begin()
    for number, (speech, pitch) in enumerate(frames(case["hears"])):
        if waiting.feed(speech, pitch):
            assert number * FRAME_SECONDS == pytest.approx(case["after"], abs=0.05)
            return
    pytest.fail("it never did")


def frames(parts: list[list[Any]]) -> list[tuple[float, float | None]]:
    """Frames of what is heard: `speech`, `silence` or a beep's pitch, each for so many seconds."""
    found: list[tuple[float, float | None]] = []
    for what, seconds in parts:
        pitch = float(what) if isinstance(what, int) else None
        found += [(1.0 if what == "speech" else 0.0, pitch)] * round(seconds / FRAME_SECONDS)
    return found


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_pure_tone_has_a_pitch_and_noise_and_voices_have_none(rate: int) -> None:
    at = np.arange(rate // 50) / rate
    for hertz in (440, 1000, 1400, 2000):
        samples = (8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes()
        assert pitch_of(samples, rate) == pytest.approx(hertz, abs=40)
    voiced = sum(4000 / k * np.sin(2 * np.pi * 140 * k * at) for k in range(1, 12)).astype("<i2").tobytes()
    noise = np.random.default_rng(1).integers(-6000, 6000, rate // 50).astype("<i2").tobytes()
    assert [pitch_of(each, rate) for each in (voiced, noise, bytes(rate // 25))] == [None] * 3
    assert pitch_of(tone(1000, 0.02, 100).tobytes(), 8000) is None


@pytest.mark.parametrize("case", CASES["files"], ids=lambda case: case["name"])
def test_a_campaign_is_read(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text(case["text"])
    if "says" in case:
        with pytest.raises(AuthorError) as refused:
            read_campaign(file)
        assert all(words in str(refused.value) for words in case["says"]), str(refused.value)
        return
    campaign = read_campaign(file, ["+44 1632 960999"])
    assert {name: getattr(campaign, name) for name in case["gives"]} == case["gives"]
    assert "+441632960999" in campaign.rules.never


def test_a_number_whose_place_is_not_known_may_be_in_several_zones() -> None:
    assert zones_of("+441632960123") == ("Europe/London",)
    assert len(zones_of("+18005550100")) > 3
    assert zones_of("0163") == ()
