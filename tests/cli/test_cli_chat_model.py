"""`frontdesk chat --model`: the same tier as on the telephone, with a fake server beside it."""

from __future__ import annotations

import io
import json

import pytest

from engine.cli.main import main
from tests.understanding.chat_server import chat_server_beside

ODD = "my lot fancy a bite at yours"
ANSWER = json.dumps({"acts": [{"act": "want", "intent": "book", "words": "fancy a bite"}]})


def chat(lines: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    with pytest.raises(SystemExit) as left:
        main(["chat", "trattoria", "--now", "2026-10-01T11:00", *options])
    return int(left.value.code or 0)


def test_what_only_the_model_understood_moves_the_conversation_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with chat_server_beside(ANSWER) as server:
        assert chat(f"no\n{ODD}\n", monkeypatch, "--model", server.url) == 0
        assert len(server.questions) == 1
    out = capsys.readouterr().out
    assert "understood: want(book) (by the model)" in out
    assert "How many of you will there be?" in out


def test_events_tell_the_tier(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with chat_server_beside(ANSWER) as server:
        chat(f"no\n{ODD}\n", monkeypatch, "--json", "--model", server.url)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["tier"] for event in events if event.get("event") == "Heard"] == ["recognisers", "model"]


def test_without_its_server_the_caller_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(f"no\n{ODD}\n", monkeypatch, "--model", "http://127.0.0.1:9") == 0
    shown = capsys.readouterr()
    assert "by the model" not in shown.out
    assert "the model gave no answer: http://127.0.0.1:9" in shown.err
