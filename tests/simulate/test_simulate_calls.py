"""Calls from the log: replayed to the last effect, exported as talks that run, masked where that is asked for."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.actions.store import Store, open_store
from engine.cli.main import main
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.simulate.export import export
from engine.simulate.files import find_talks
from engine.simulate.kept import kept_call
from engine.simulate.replay import replay
from engine.simulate.report import failure_lines
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import load_stage
from engine.talk.reader import read_talk
from engine.talk.writer import write_talk
from tests.simulate.logged import log_talk

BISTRO = Path(__file__).parent / "cases" / "bistro"
CHAT = ("chat", "trattoria", "--now", "2026-10-01T11:05", "--caller", "+441632960123")
SHIPPED = [
    talk
    for name in ("trattoria", "clinic")
    for stem in ("straight", "keys_only", "silence", "hang_up", "talks_over_the_echo", "wrong_identity")
    if (talk := find_flow(name).parent / "talks" / f"{stem}.talk").exists()
]


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "calls.db") as opened:
        yield opened


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A database with one call of the clinic."""
    database = tmp_path / "calls.db"
    with open_store(database) as opened:
        log_talk(opened, find_flow("clinic").parent / "talks" / "straight.talk")
    return database


@pytest.mark.parametrize("talk", [*find_talks([str(BISTRO)]), *SHIPPED], ids=lambda talk: talk.stem)
def test_a_call_goes_again_as_it_went_and_its_export_runs(talk: Path, store: Store) -> None:
    call = kept_call(store.archive, log_talk(store, talk))
    assert call.flow is not None
    again = replay(call, call.flow)
    assert again.parted is None, again.parted
    assert (again.same, again.worded, again.lesser) == (len(call.turns), (), ())
    stage = load_stage(talk.resolve().parents[1] / "flow.yaml")
    for mask in (False, True):
        text = write_talk(export(call, stage, call.own, mask))
        assert read_talk(text) == read_talk(write_talk(read_talk(text)))
        result = run_script(bind(read_talk(text, "export"), stage.flow), stage)
        assert result.passed, [text, *failure_lines(result)]


def test_another_version_is_compared_effect_by_effect(store: Store, tmp_path: Path) -> None:
    call = kept_call(store.archive, log_talk(store, BISTRO / "talks" / "words.talk"))
    flow = (BISTRO / "flow.yaml").read_text("utf-8")
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "plain.yaml").write_text((BISTRO / "personas" / "plain.yaml").read_text("utf-8"), "utf-8")
    changed = tmp_path / "flow.yaml"

    changed.write_text(flow.replace("How can I help?", "What can I do for you?"), "utf-8")
    found = replay(call, load_flow(changed))
    assert found.parted is None
    assert [(one.id, one.now) for one in found.worded] == [
        ("menu", "We are closed now. What can I do for you?")
    ]

    changed.write_text(flow.replace("form: [party_size, day", "form: [day, party_size"), "utf-8")
    assert "form: [day, party_size" in changed.read_text("utf-8")
    other = replay(call, load_flow(changed))
    assert other.parted is None or other.parted.was != other.parted.now


def test_what_the_log_masks_is_made_up(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("export", "clinic-straight", "--db", kept) == 0
    out = capsys.readouterr().out
    assert "given flow clinic\n" in out
    assert "given now Thursday 2026-10-01 09:05\n" in out
    assert "caller: half past nine\n" in out
    assert "acts: fill(date_of_birth, 1980-01-31" in out
    assert "expect book_appointment once with service=consultation" in out
    assert "1984" not in out


def test_private_values_are_masked_on_request(store: Store, tmp_path: Path) -> None:
    call = kept_call(store.archive, log_talk(store, find_flow("trattoria").parent / "talks" / "straight.talk"))
    stage = load_stage(find_flow("trattoria").resolve())
    plain, masked = (write_talk(export(call, stage, call.own, mask)) for mask in (False, True))
    lost = kept_call(store.archive, log_talk(store, find_flow("trattoria").parent / "talks" / "not_understood.talk"))
    unclear = write_talk(export(lost, stage, lost.own, True))
    assert "acts: nothing\n" in unclear
    assert "  = nothing\n" not in unclear
    assert "caller: Maria Rossi" in plain
    assert "caller: Maria Rossi" not in masked
    assert "acts: fill(name, " in masked
    reference = re.search(r"booked\(reference=\"?(\w+)", plain)
    assert reference is not None
    assert len(reference[1]) >= 4
    assert reference[1] not in masked
    assert "booked(reference=" in masked


def test_an_export_becomes_a_file_beside_its_flow(kept: Path, tmp_path: Path) -> None:
    talk = tmp_path / "straight.talk"
    assert frontdesk("export", "clinic-straight", "--db", kept, "-o", talk) == 0
    assert frontdesk("simulate", talk) == 0


def test_replay_tells_that_nothing_changed(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("replay", "clinic-straight", "--db", kept) == 0
    assert "clinic-straight goes as it went" in capsys.readouterr().out


def test_replay_shows_the_first_difference(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("replay", "clinic-straight", "--db", kept, "--flow", "trattoria") == 1
    out = capsys.readouterr().out
    assert "leads elsewhere" in out
    assert "≠ say menu" in out or "≠ " in out
    assert frontdesk("replay", "clinic-straight", "--db", kept, "--flow", "trattoria", "--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert data["parted"]["number"] == data["same"] + 1
    assert data["parted"]["was"] != data["parted"]["now"] or data["parted"]["apart"]


@pytest.mark.parametrize("command", ["export", "replay"])
def test_a_call_that_is_not_there_could_not_be_used(
    command: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frontdesk(command, "nobody", "--db", kept) == 2
    assert "there is no call nobody" in capsys.readouterr().err


def test_bookings_are_exported_as_well(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("export", "bookings", "--db", kept) == 0
    assert capsys.readouterr().out.startswith("reference,status,")
    assert frontdesk("export", "bookings", "--db", kept, "-o", tmp_path / "week.ics") == 0
    assert (tmp_path / "week.ics").read_text("utf-8").startswith("BEGIN:VCALENDAR")
    assert frontdesk("export", "bookings", "--db", kept, "-o", tmp_path / "week.xml") == 2
    assert frontdesk("export", "bookings", "--db", kept, "--mask") == 2
    assert frontdesk("export", "clinic-straight", "--db", kept, "--all") == 2


@pytest.mark.parametrize("command", ["export", "replay", "convert", "format"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk(command, "--help") == 0
    assert f"frontdesk {command} " in capsys.readouterr().out.split("Example:")[1]


def test_a_typed_call_is_kept_and_becomes_a_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "chat.db"
    lines = "yes\na table for two on Saturday at eight\nMaria Rossi\nyes\nyes\nno thank you\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert frontdesk(*CHAT, "--db", database) == 0
    told = capsys.readouterr().err
    call = told.split("kept as ")[1].split(":")[0]
    talk = tmp_path / "chat.talk"
    assert frontdesk("replay", call, "--db", database) == 0
    assert frontdesk("export", call, "--db", database, "-o", talk) == 0
    assert "caller: a table for two on Saturday at eight\n" in talk.read_text("utf-8")
    assert frontdesk("simulate", talk) == 0
