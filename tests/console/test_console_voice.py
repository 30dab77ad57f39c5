"""Voice: sliders that change one setting of a file, sentences that are heard, variants with how calls ended."""

from __future__ import annotations

import io
import shutil
import wave
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from engine.console.voice import likely
from engine.console.voicing import SLIDERS, changes_of, with_values
from engine.persona.persona import parse_persona
from engine.settings import Settings, load_settings
from tests.console.browser import BASE, Browser

CASES = yaml.safe_load((Path(__file__).parent / "voicing.yaml").read_text())
KIOSK = Path(__file__).parent / "kiosk"
CLERK = (KIOSK / "personas/clerk.yaml").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_slider_changes_its_setting_alone(case: dict[str, Any]) -> None:
    assert with_values(case["text"], "?", case["values"]) == case["after"]


@tries(max_examples=30)
@given(st.dictionaries(st.sampled_from([slider.key for slider in SLIDERS]), st.floats(-10, 3000)))
def test_whatever_sliders_say_is_what_is_heard(values: dict[str, float]) -> None:
    after = parse_persona(with_values(CLERK, "?", values), "?")
    for field, value in changes_of(values).items():
        assert getattr(after.plain, field) == pytest.approx(value, abs=0.011)
    assert after.situations.keys() == {"apology"}


@pytest.mark.parametrize(("hits", "calls", "low", "high"), [(0, 0, 0, 100), (5, 10, 24, 76), (500, 1000, 47, 53)])
def test_few_calls_say_little(hits: int, calls: int, low: int, high: int) -> None:
    assert likely(hits, calls) == (low, high)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(KIOSK, tmp_path / "kiosk")
    flow = tmp_path / "kiosk/flow.yaml"
    flow.write_text(flow.read_text().replace("slots:", "variants: {calm: {weight: 3}, lively: {weight: 1}}\nslots:", 1))
    (tmp_path / "frontdesk.yaml").write_text("frontdesk: 1\nlines: {front: {flow: kiosk/flow.yaml}}\n")
    return load_settings(tmp_path / "frontdesk.yaml", {})


def send(browser: Browser, path: str, **told: Any) -> Any:
    return browser.post(path, json=told, headers={"origin": BASE, "x-csrf-token": browser.csrf})


def seconds(content: bytes, rate: int) -> float:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, 1, 2)
        return sound.getnframes() / rate


def test_a_sentence_is_heard_at_once(operator: Browser) -> None:
    words = "We have a table for four on Saturday evening."
    with operator:
        usual = send(operator, "/voice/kiosk/clerk/hear", text=words, rate=16000)
        slow = send(operator, "/voice/kiosk/clerk/hear", text=words, rate=8000, values={"pace": 100})
        assert usual.headers["content-type"] == "audio/wav"
        assert seconds(slow.content, 8000) > 1.2 * seconds(usual.content, 16000)
        for told in ({"text": " "}, {"text": 3, "rate": "x", "language": [], "values": [1]}, {}):
            assert send(operator, "/voice/kiosk/clerk/hear", **told).status_code in (200, 422)
        assert operator.portal is not None
        operator.portal.call(operator.parts.speaker.close)


def test_sliders_are_saved_as_a_version(operator: Browser, settings: Settings) -> None:
    base = operator.get("/flows/kiosk/files").json()["token"]
    told = send(operator, "/voice/kiosk/clerk/save", base=base, values={"pace": 140})
    assert told.json()["version"] == 2
    kept = operator.get("/flows/kiosk/files").json()["files"]["personas/clerk.yaml"]
    assert "pace: 140   # slow enough for everybody" in kept
    assert settings.path is not None
    assert "pace: 160" in (settings.path.parent / "kiosk/personas/clerk.yaml").read_text()
    assert send(operator, "/voice/kiosk/clerk/save", base=base, values={"pace": 150}).status_code == 409


def test_variants_are_shown_with_their_weights(operator: Browser) -> None:
    page = operator.get("/voice").text
    assert "calm" in page
    assert "75 %" in page
    assert "no call yet" in page


@pytest.mark.parametrize("path", ["/voice/kiosk/nobody", "/voice/nothing/clerk", "/voice/kiosk/..%2fflow"])
def test_only_personas_are_shown(path: str, operator: Browser) -> None:
    assert operator.get(path).status_code == 404


def test_a_persona_with_errors_is_told(operator: Browser, settings: Settings) -> None:
    assert settings.path is not None
    (settings.path.parent / "kiosk/personas/clerk.yaml").write_text("persona: clerk\npase: 1\n")
    page = operator.get("/voice/kiosk/clerk")
    assert "Mend it" in page.text
    assert send(operator, "/voice/kiosk/clerk/hear", text="Hello.").status_code == 422
