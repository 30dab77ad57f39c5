"""Talks run with a model server: pass rates over repeats, answers recorded and given again, stale ones refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.simulate.answers import FILE
from engine.simulate.stage import load_stage
from tests.understanding.chat_server import chat_server_beside, completion, http

BISTRO = Path(__file__).parent / "cases" / "bistro"
WORDS = "we fancy sitting down at yours with some grub"
TALK = f"""# Only a model knows what this means.
given now 2026-10-01 13:00
agent: menu
caller: {WORDS}
  = book
agent: party_size.ask
"""
WANTS_BOOK = json.dumps({"acts": [{"act": "want", "intent": "book", "words": "sitting down"}]})


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    (tmp_path / "talks").mkdir()
    (tmp_path / "personas").mkdir()
    for name in ("flow.yaml", "personas/plain.yaml"):
        (tmp_path / name).write_text((BISTRO / name).read_text("utf-8"), "utf-8")
    file = tmp_path / "talks" / "a.talk"
    file.write_text(TALK, "utf-8")
    return file


def test_a_model_is_asked_for_what_is_not_understood(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", talk) == 1
    capsys.readouterr()
    with chat_server_beside(WANTS_BOOK) as server:
        code = frontdesk("simulate", talk, "--with-llm", server.url, "--repeat", "3")
    out = capsys.readouterr().out
    assert code == 0, out
    assert f"3/3     {talk}" in out
    assert "3 of 3 runs passed (100.0 %); the model was asked 3 times" in out


def test_pass_rates_are_told_and_may_be_less_than_all(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [0]

    async def every_other(writer: asyncio.StreamWriter) -> None:
        said[0] += 1
        writer.write(http(completion(WANTS_BOOK if said[0] % 2 else '{"acts": []}')))

    def run(*more: str) -> int:
        with chat_server_beside(every_other) as server:
            return frontdesk("simulate", talk, "--with-llm", server.url, "--repeat", "4", "--jobs", "1", *more)

    assert run() == 1
    out = capsys.readouterr().out
    assert f"2/4     {talk}" in out
    assert "1 of 1 talks passed less often than 100 %; 2 of 4 runs passed (50.0 %)" in out
    assert "agent: party_size.ask" in out or "= book" in out
    assert run("--pass-rate", "50") == 0
    capsys.readouterr()
    assert run("--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["runs"], data["pass_rate"], data["talks"][0]["pass_rate"]) == (4, 0.5, 0.5)


def record(talk: Path) -> dict[str, Any]:
    with chat_server_beside(WANTS_BOOK) as server:
        assert frontdesk("simulate", talk, "--with-llm", server.url, "--record") == 0
    found: dict[str, Any] = json.loads((talk.parent / FILE).read_text("utf-8"))
    return found


def test_recorded_answers_are_given_again_without_a_server(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = record(talk)["answers"].values()
    assert entry["answers"] == [WANTS_BOOK]
    assert WORDS in entry["asked"]
    assert frontdesk("simulate", talk, "--with-llm", "recorded", "--repeat", "2") == 0
    assert f"2/2     {talk}" in capsys.readouterr().out


def test_a_stale_recording_is_an_error(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(talk)
    flow = talk.parents[1] / "flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("parking:", "car_park:", 1), "utf-8")
    assert "car_park:" in flow.read_text("utf-8")
    load_stage.cache_clear()  # as in another process
    assert frontdesk("simulate", talk, "--with-llm", "recorded", "--pass-rate", "0") == 1
    out = capsys.readouterr().out
    assert "error[talk.recording]" in out
    assert "the flow or the prompt has changed since" in out
    assert "--record" in out


def test_words_that_were_never_asked_are_an_error(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(talk)
    talk.write_text(TALK.replace(WORDS, "something quite different to chew on"), "utf-8")
    assert frontdesk("simulate", talk, "--with-llm", "recorded") == 1
    assert "it was never asked" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", [None, "", "[]", '{"version": 7, "answers": {}}', '{"version": 1, "answers": {"a": {}}}']
)
def test_a_recording_that_cannot_be_used(text: str | None, talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if text is not None:
        (talk.parent / FILE).write_text(text, "utf-8")
    assert frontdesk("simulate", talk, "--with-llm", "recorded") == 2
    assert FILE in capsys.readouterr().err


def test_a_server_that_is_not_there_could_not_be_used(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with chat_server_beside() as server:
        url = server.url
    assert frontdesk("simulate", talk, "--with-llm", url) == 2
    assert frontdesk("simulate", talk, "--with-llm", "no address") == 2
    assert frontdesk("simulate", talk, "--with-llm", "recorded", "--record") == 2
