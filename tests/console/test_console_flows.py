"""The pages of flows: checked while they are written, saved as versions, published when every promise holds, tried."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from engine.actions.store import Store
from engine.console import audit
from engine.console.app import console
from engine.console.bench import Bench
from engine.console.examining import Examined, look
from engine.console.parts import ConsoleParts, Streams
from engine.console.texts import read
from engine.settings import Settings, load_settings
from tests.console.browser import BASE, Browser

KIOSK = Path(__file__).parent / "kiosk"
UNREACHABLE = ("no_answer: leave", "no_answer: bye")
"""A change that breaks a promise: whoever asks for a person can be cut off."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Processes that are started once."""
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(KIOSK, tmp_path / "kiosk")
    (tmp_path / "frontdesk.yaml").write_text(
        "frontdesk: 1\nlines: {front: {flow: kiosk/flow.yaml, numbers: [100]}, trattoria: {flow: trattoria}}\n"
    )
    return load_settings(tmp_path / "frontdesk.yaml", {})


@pytest.fixture
def mine(parts: ConsoleParts, bench: Bench) -> ConsoleParts:
    return replace(parts, bench=bench)


@pytest.fixture
def operator(mine: ConsoleParts) -> Browser:
    return Browser(console(mine), mine, "operator")


@pytest.fixture
def file(settings: Settings) -> Path:
    assert settings.path is not None
    return settings.path.parent / "kiosk/flow.yaml"


def send(browser: Browser, path: str, **told: Any) -> Any:
    """What a script of ours sends."""
    return browser.post(path, json=told, headers={"origin": BASE, "x-csrf-token": browser.csrf})


def changed(file: Path, old: str, new: str) -> dict[str, str]:
    assert old in file.read_text()
    return {"flow.yaml": file.read_text().replace(old, new)}


def save(browser: Browser, file: Path, old: str, new: str) -> int:
    base = browser.get("/flows/kiosk/files").json()["token"]
    told = send(browser, "/flows/kiosk/save", files=changed(file, old, new), base=base, message=f"{new}, not {old}")
    assert told.status_code == 200, told.text
    return int(told.json()["version"])


def publish(browser: Browser, version: int) -> Any:
    page = browser.get(f"/flows/kiosk/versions/{version}").text
    live = page.partition('name="live" value="')[2].partition('"')[0]
    return browser.send_form(f"/flows/kiosk/versions/{version}/publish", {"live": live})


def test_findings_name_the_place(operator: Browser, file: Path) -> None:
    told = send(operator, "/flows/kiosk/check", files=changed(file, "type: party_size", "typo: party_size")).json()
    assert not told["sound"]
    assert "cannot get this version" in told["summary"]
    first = told["findings"][0]
    assert (first["file"], first["line"], first["column"], first["severity"]) == ("flow.yaml", 9, 5, "error")
    assert not any("/tmp" in str(value) for found in told["findings"] for value in found.values())


def test_promises_are_told_in_plain_sentences(operator: Browser, file: Path) -> None:
    told = send(operator, "/flows/kiosk/check", files={}, prove=True).json()
    assert told["sound"]
    assert told["summary"] == "All 13 promises hold. A caller who is not understood gets help after at most 8 prompts."
    assert {"words": "every call can end", "result": "holds"} in told["proofs"]
    broken = send(operator, "/flows/kiosk/check", files=changed(file, *UNREACHABLE), prove=True).json()
    assert [proof["words"] for proof in broken["proofs"] if proof["result"] == "fails"] == [
        "a person, or a message out of hours, is reachable from everywhere"
    ]


def test_a_persona_is_checked_too(operator: Browser) -> None:
    files = {"personas/clerk.yaml": "persona: clerk\npase: 160\n"}
    told = send(operator, "/flows/kiosk/check", files=files).json()
    assert [(found["file"], found["line"]) for found in told["findings"]] == [("personas/clerk.yaml", 2)]


def test_an_opening_is_changed_and_published(operator: Browser, file: Path, store: Store) -> None:
    version = save(operator, file, "max: 8", "max: 12")
    assert "max: 8" in file.read_text(), "callers notice nothing of a save"
    assert "is saved and not published" in operator.get("/flows/kiosk").text
    page = operator.get(f"/flows/kiosk/versions/{version}").text
    assert "max: 12" in page
    assert "What callers notice" in page
    assert publish(operator, version).status_code == 303
    assert "max: 12" in file.read_text()
    assert "have this one" in operator.get("/flows/kiosk/versions").text
    assert [deed.what for deed in audit.deeds(store)] == ["flow.publish", "flow.save"]


def test_a_broken_promise_is_not_published(operator: Browser, file: Path) -> None:
    version = save(operator, file, *UNREACHABLE)
    before = file.read_text()
    answer = publish(operator, version)
    assert answer.status_code == 422
    assert "callers could be harmed" in answer.text
    assert "can be cut off" in answer.text
    assert file.read_text() == before


def test_going_back(operator: Browser, file: Path) -> None:
    publish(operator, save(operator, file, "max: 8", "max: 12"))
    answer = operator.send_form("/flows/kiosk/versions/1/restore")
    assert answer.headers["location"] == "/flows/kiosk/versions/3"
    assert publish(operator, 3).status_code == 303
    assert "max: 8" in file.read_text()


def test_a_change_by_hand_meanwhile_is_told(operator: Browser, file: Path) -> None:
    base = operator.get("/flows/kiosk/files").json()["token"]
    file.write_text(file.read_text().replace("See you soon.", "Bye."))
    told = send(operator, "/flows/kiosk/save", files={"flow.yaml": "x"}, base=base)
    assert told.status_code == 409
    assert "Bye." in told.json()["files"]["flow.yaml"]


def test_a_version_that_was_overtaken_is_not_published(operator: Browser, file: Path) -> None:
    version = save(operator, file, "max: 8", "max: 12")
    answer = operator.send_form(f"/flows/kiosk/versions/{version}/publish", {"live": "of another day"})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert "max: 8" in file.read_text()


@pytest.mark.parametrize("name", ["../frontdesk.yaml", "frontdesk.yaml/../../x.yaml", "talks/x.yaml", "x.sh"])
def test_no_other_file_is_written(name: str, operator: Browser, file: Path) -> None:
    base = operator.get("/flows/kiosk/files").json()["token"]
    assert send(operator, "/flows/kiosk/save", files={name: "x: 1"}, base=base).status_code == 422
    assert send(operator, "/flows/kiosk/check", files={name: "x: 1"}).status_code == 422


def test_a_shipped_flow_is_copied_before_it_is_changed(operator: Browser, settings: Settings) -> None:
    base = operator.get("/flows/trattoria/files").json()["token"]
    assert send(operator, "/flows/trattoria/save", files={}, base=base).status_code == 404
    assert operator.send_form("/flows/trattoria/adopt").status_code == 303
    assert settings.path is not None
    assert (settings.path.parent / "trattoria/flow.yaml").is_file()
    assert "until frontdesk is started again" in operator.get("/flows/trattoria").text
    assert load_settings(settings.path, {}).lines["trattoria"].flow.parent == settings.path.parent / "trattoria"


def test_script_in_a_message_is_shown_as_text(operator: Browser, file: Path) -> None:
    version = save(operator, file, "Kiosk, hello.", "<script>alert(1)</script>")
    for page in ("/flows/kiosk/versions", f"/flows/kiosk/versions/{version}", "/flows"):
        assert "<script>alert" not in operator.get(page).text


def test_talks_are_run_on_what_is_in_the_editor(operator: Browser, file: Path) -> None:
    told = send(operator, "/flows/kiosk/rehearse", files={}).json()
    assert told["failed"] == 0
    assert "All 1 talks go as they are written" in told["html"]
    files = changed(file, "form: [guests]\n    then: bye", "form: [guests]\n    then: to_person")
    told = send(operator, "/flows/kiosk/rehearse", files=files).json()
    assert told["failed"] == 1
    assert "talks/guests.talk, line 7" in told["html"]


def test_what_fits_is_offered(operator: Browser, file: Path) -> None:
    told = send(operator, "/flows/kiosk/complete", file="flow.yaml", text="slots:\n  a:\n    type: ", line=3, column=11)
    assert "party_size" in [one["label"] for one in told.json()["suggestions"]]
    assert send(operator, "/flows/kiosk/complete", file=1, text=[], line="x").status_code == 200


def trial(browser: Browser, how: str, name: str = "kiosk") -> Any:
    return browser.websocket_connect(f"/flows/{name}/{how}", headers={"origin": BASE})


def shown(socket: Any, until: str) -> str:
    """What the page shows, until it holds these words or the trial is over."""
    text = ""
    while until not in text:
        told = socket.receive_json()
        text += told.get("lines", "") + told.get("problem", "")
        if told.get("over") is True and "lines" not in told:
            break
    assert until in text
    return text


def test_a_caller_types(operator: Browser, file: Path) -> None:
    files = changed(file, "Kiosk, hello.", "A very good day.")
    with trial(operator, "type") as socket:
        socket.send_json({"files": files, "caller": "+441632960123"})
        assert "A very good day." in shown(socket, "How many of you")
        socket.send_json({"silence": True})
        shown(socket, "(silence)")
        socket.send_json({"say": "four of us"})
        assert "guests = 4" in shown(socket, "See you soon.")


def test_a_person_who_does_not_answer_is_tried(operator: Browser) -> None:
    with trial(operator, "type") as socket:
        socket.send_json({"transfers": "no_answer"})
        shown(socket, "How many of you")
        socket.send_json({"say": "operator"})
        shown(socket, "leave a message after the tone")


@pytest.mark.parametrize("how", ["type", "speak"])
def test_a_flow_with_errors_cannot_be_tried(how: str, operator: Browser, file: Path) -> None:
    with trial(operator, how) as socket:
        socket.send_json({"files": changed(file, "then: bye", "then: nowhere")})
        problem = shown(socket, "cannot be tried")
        assert "flow.yaml, line" in problem
        assert "/tmp" not in problem


@pytest.mark.parametrize("first", ["no json", "[1]", '{"files": 3}', '{"language": "xx"}', '{"variant": "xx"}'])
def test_whatever_a_trial_begins_with_is_answered(first: str, operator: Browser) -> None:
    with trial(operator, "type") as socket:
        socket.send_text(first)
        assert socket.receive_json()


def test_only_so_many_speak_at_a_time(mine: ConsoleParts) -> None:
    full = replace(mine, speaking=Streams(0))
    with trial(Browser(console(full), full, "operator"), "speak") as socket:
        shown(socket, "As many trials as this server takes")


def test_a_flow_that_is_not_there_cannot_be_tried(operator: Browser) -> None:
    with trial(operator, "type", "nothing") as socket:
        socket.send_json({})
        shown(socket, "no such flow")


def test_a_trial_ends_with_the_browser(operator: Browser) -> None:
    with trial(operator, "type") as socket:
        socket.send_json({})
        shown(socket, "How many of you")
        socket.send_json({"hang_up": True})
        while socket.receive_json() != {"over": True}:
            pass
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_what_is_examined_is_pure(tmp_path: Path) -> None:
    """The same texts give the same findings wherever they lie."""
    texts = {**read(KIOSK), "flow.yaml": "frontdesk: 1\nflow: x\n"}
    once: Examined = look("flow.yaml", texts)
    assert once == look("flow.yaml", texts)
    assert once.findings
