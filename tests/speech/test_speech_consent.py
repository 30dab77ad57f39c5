"""Nobody's voice is used without their consent written down beside the recording."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import AuthorError, SettingsError
from engine.speech.audio import write_wav
from engine.speech.consent import read_consent, speakers_in

TODAY = date(2026, 11, 21)
CASES = yaml.safe_load((Path(__file__).parent / "consent_cases.yaml").read_text())
AGREED = CASES[0]["text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_consent(case: dict[str, Any], tmp_path: Path) -> None:
    sample = tmp_path / "anna.wav"
    if "text" in case:
        sample.with_suffix(".yaml").write_text(case["text"])
    if "agreed" in case:
        consent = read_consent(sample, TODAY)
        assert {key: str(getattr(consent, key)) for key in case["agreed"]} == case["agreed"]
        return
    with pytest.raises(AuthorError) as refused:
        read_consent(sample, TODAY)
    for words in case["says"]:
        assert words in str(refused.value)


def test_all_missing_consents_are_said_at_once(tmp_path: Path) -> None:
    for name in ("anna", "bert", "cleo"):
        write_wav(tmp_path / f"{name}.wav", bytes(8 * 16000), 16000)
    (tmp_path / "bert.yaml").write_text(AGREED)
    with pytest.raises(AuthorError) as refused:
        speakers_in(tmp_path, TODAY)
    assert [Path(finding.at.file).name for finding in refused.value.findings] == ["anna.yaml", "cleo.yaml"]


@pytest.mark.parametrize(("sound", "why"), [(bytes(2 * 16000), "shorter than 3 s"), (None, "as a WAV file")])
def test_a_recording_of_which_no_voice_can_be_made(sound: bytes | None, why: str, tmp_path: Path) -> None:
    sample = tmp_path / "anna.wav"
    sample.with_suffix(".yaml").write_text(AGREED)
    if sound is None:
        sample.write_text("no sound")
    else:
        write_wav(sample, sound, 16000)
    with pytest.raises(SettingsError, match=why):
        speakers_in(tmp_path, TODAY)


def test_speakers_have_the_name_of_their_file(tmp_path: Path) -> None:
    for name in ("bert", "anna"):
        write_wav(tmp_path / f"{name}.wav", bytes(8 * 16000), 16000)
        (tmp_path / f"{name}.yaml").write_text(AGREED)
    assert list(speakers_in(tmp_path, TODAY)) == ["anna", "bert"]
