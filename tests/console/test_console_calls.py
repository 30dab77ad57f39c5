"""Calls: found, shown with their sound and times, replayed, and made into tests."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.actions import schema
from engine.actions.store import Store
from engine.console import audit
from engine.console.calls import A_PAGE, tone, why_ended
from engine.console.parts import ConsoleParts
from engine.console.plots import round_up, stacked
from engine.console.transcript import answers, shown_lines
from engine.events import Interrupted
from engine.settings import LineSettings
from engine.shipped import find_flow
from tests.console.browser import Browser, Clock
from tests.console.history import add_sound, write_history
from tests.console.talking import BOOKING, STAGES, Talk


@pytest.fixture
def talk(store: Store, clock: Clock) -> Talk:
    """A call in which a table was booked, with leave to record it."""
    over = Talk(store, "over", clock.now).say_all(["yes", *BOOKING[1:]])
    store.archive.flush()
    return over


def found(browser: Browser, **asked: str) -> list[str]:
    answer = browser.get("/calls", params=asked)
    assert answer.status_code == 200
    return re.findall(r'href="/(?:today/)?calls/([\w-]+)">', answer.text)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["person", "parking", "booked"]),
        ({"text": "park"}, ["parking"]),
        ({"text": "Fríd four"}, ["booked"]),
        ({"text": "aeroplane"}, []),
        ({"number": "0456"}, []),
        ({"number": "456"}, ["parking"]),
        ({"outcome": "transfer connected"}, ["person"]),
        ({"flow": "trattoria", "outcome": "goodbye"}, ["parking", "booked"]),
        ({"flow": "clinic"}, []),
        ({"variant": "brisk"}, []),
        ({"since": "2026-11-02"}, ["person", "parking"]),
        ({"until": "2026-11-01"}, ["booked"]),
        ({"since": "yesterday", "until": "9999-12-31"}, ["person", "parking", "booked"]),
        ({"page": "-3"}, ["person", "parking", "booked"]),
        ({"page": "2"}, []),
        ({"page": "9" * 30}, []),
    ],
)
def test_calls_are_found(asked: dict[str, str], ids: list[str], store: Store, clock: Clock, operator: Browser) -> None:
    Talk(store, "booked", clock.now - timedelta(days=1)).say_all(BOOKING)
    Talk(store, "parking", clock.now, caller="+441632960456").say_all(["no", "where can I park"]).end("goodbye")
    Talk(store, "person", clock.now + timedelta(minutes=5)).say_all(["no"]).end("transfer connected")
    store.archive.flush()
    assert found(operator, **asked) == ids


def test_many_calls_come_page_by_page(store: Store, clock: Clock, operator: Browser) -> None:
    write_history(store, 120, clock.now)
    seen = [one for page in "123" for one in found(operator, page=page)]
    assert len(seen) == len(set(seen)) == 120
    assert len(found(operator, page="1")) == A_PAGE
    second = operator.get("/calls", params={"page": "2", "flow": "trattoria"}).text
    assert 'href="/calls?flow=trattoria&amp;page=1"' in second
    assert f"{A_PAGE + 1}–{2 * A_PAGE} of 120 calls" in second


def test_a_call_is_shown_with_why_it_ended_and_its_times(talk: Talk, operator: Browser) -> None:
    page = operator.get("/calls/over").text
    assert "a table for four on friday at half past seven" in page
    assert "The caller said goodbye." in page
    assert "party_size = 4" in page
    assert 'class="part-endpoint"' in page
    assert '<td class="number">210</td>' in page
    assert "no recording was made" in page
    assert "960123" not in page


def test_the_recording_is_played_in_parts_and_listening_is_audited(talk: Talk, store: Store, operator: Browser) -> None:
    assert operator.get("/calls/over/recording").status_code == 404
    add_sound(store, "over", 20)
    assert '<audio controls preload="none" src="/calls/over/recording"' in operator.get("/calls/over").text
    whole = operator.get("/calls/over/recording")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    part = operator.get("/calls/over/recording", headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"
    assert operator.get("/calls/over/recording", headers={"range": "bytes=99999999-"}).status_code == 416
    assert [(deed.what, deed.about) for deed in audit.deeds(store)] == [("call.listen", "over")]


@pytest.mark.parametrize("path", ["../frontdesk.yaml", "/etc/passwd", "nothing/call.wav", ""])
def test_nothing_beside_the_recordings_is_served(path: str, talk: Talk, store: Store, operator: Browser) -> None:
    assert store.recordings is not None
    store.recordings.mkdir(exist_ok=True)
    changed = sa.update(schema.calls).values(recording=path)
    store.write(lambda connection: connection.execute(changed))
    assert operator.get("/calls/over/recording").status_code == 404
    assert operator.get("/calls/over").status_code == 200


def test_lines_have_their_place_in_the_recording(talk: Talk, store: Store) -> None:
    lines = shown_lines(store.archive.entries("over"), "en-GB", 12.0)
    places = {shown.line.text: shown.sound for shown in lines}
    assert places["How can I help?"] == 0.0
    assert places["a table for four on friday at half past seven"] == 2.0
    assert places["Thank you for calling Trattoria Sole. Goodbye."] is None, "it lies after the end of the recording"
    assert all(shown.sound is None for shown in shown_lines(store.archive.entries("over"), "en-GB", None))


def test_a_call_without_leave_has_no_places(store: Store, clock: Clock) -> None:
    Talk(store, "over", clock.now).say_all(BOOKING)
    assert all(shown.sound is None for shown in shown_lines(store.archive.entries("over"), "en-GB", 60.0))


def test_what_was_not_heard_for_an_interruption_is_marked(store: Store, clock: Clock, operator: Browser) -> None:
    talk = Talk(store, "over", clock.now)
    talk.take(Interrupted(1, 1))
    talk.end("hung_up")
    store.archive.flush()
    page = operator.get("/calls/over").text
    assert re.search(r"<del [^>]*><span class=\"unseen\">not heard: </span>[^<]*May we record", page)
    assert "talked over" in page


def test_every_answer_is_measured_by_its_stages(talk: Talk, store: Store) -> None:
    measured = answers(store.archive.entries("over"))
    assert [one.to for one in measured] == ["yes", *BOOKING[1:]]
    assert dict(measured[0].stages) == {name: STAGES[name] for name in ("endpoint", "words", "step", "speak")}
    assert (measured[0].total or 0) >= 280


def test_bars_are_drawn_to_one_scale() -> None:
    plot = stacked([("a", (("x", 100.0), ("y", 150.0)), 400.0), ("b", (("y", 50.0),), None)], ("x", "y"), "all")
    assert plot.most == 500
    assert [(piece.x, piece.width) for piece in plot.rows[0].pieces] == [(0, 200), (200, 300)]
    assert [row.mark for row in plot.rows] == [800, None]


@pytest.mark.parametrize(("value", "end"), [(0, 1), (0.3, 0.5), (1, 1), (7, 10), (21, 25), (260, 500), (99, 100)])
def test_an_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert round_up(value) == pytest.approx(end)


def test_the_way_is_marked_on_the_picture(talk: Talk, operator: Browser) -> None:
    part = operator.get("/calls/over/way").text
    assert "<html" not in part
    if shutil.which("dot"):
        assert re.search(r'data-visited="may_record menu booking [\w ]*"', part)
        assert 'data-step="booking"' in part


@pytest.mark.parametrize("which", ["", "now"])
def test_a_call_is_replayed(which: str, talk: Talk, operator: Browser) -> None:
    assert "The call would go as it went" in operator.get("/calls/over/replay", params={"flow": which}).text


# tests made of calls


@pytest.fixture
def own(parts: ConsoleParts, tmp_path: Path) -> Path:
    """The console's trattoria is a copy that may be written to."""
    folder = tmp_path / "trattoria"
    shutil.copytree(find_flow("trattoria").parent, folder)
    lines = dict(parts.lines.settings)
    lines["trattoria"] = LineSettings("trattoria", folder / "flow.yaml")
    parts.lines.settings = lines
    return folder


def test_a_call_becomes_a_test_once(talk: Talk, own: Path, operator: Browser, store: Store) -> None:
    page = operator.get("/calls/over/test").text
    assert "The test passes with the flow of today." in page
    saved = operator.send_form("/calls/over/test", {"name": "friday-for-four"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/calls/over")
    text = (own / "talks" / "friday-for-four.talk").read_text()
    assert "caller: a table for four on friday at half past seven" in text
    assert [deed.details["file"] for deed in audit.deeds(store)] == ["friday-for-four.talk"]
    again = operator.send_form("/calls/over/test", {"name": "friday-for-four"})
    assert again.status_code == 422
    assert "There is a test called friday-for-four already" in again.text


@pytest.mark.parametrize("name", ["", "../flow", "a/b", "..", "A", "x" * 61, "a\nb", ".hidden", "flow.yaml"])
def test_a_test_has_no_other_place(name: str, talk: Talk, own: Path, operator: Browser) -> None:
    before = sorted(own.rglob("*"))
    assert operator.send_form("/calls/over/test", {"name": name}).status_code == 422
    assert sorted(own.rglob("*")) == before


def test_a_changed_flow_is_told_by_replay_and_test(talk: Talk, own: Path, operator: Browser) -> None:
    file = own / "flow.yaml"
    text = file.read_text()
    file.write_text(
        text.replace("ask: How many of you will there be?", "ask: How many?").replace(
            "max: {value: 12", "max: {value: 3"
        )
    )
    parted = operator.get("/calls/over/replay?flow=now").text
    assert "leads elsewhere" in parted
    assert "this test fails" in operator.get("/calls/over/test").text
    assert "The call would go as it went" in operator.get("/calls/over/replay").text


def test_a_flow_that_no_line_has_is_told(talk: Talk, parts: ConsoleParts, operator: Browser) -> None:
    parts.lines.settings = {}
    assert "No line has this flow any more" in operator.get("/calls/over/replay?flow=now").text
    assert "so there is no place to save it" in operator.get("/calls/over/test").text
    assert operator.send_form("/calls/over/test", {"name": "a"}).status_code == 422


def test_a_call_whose_words_are_gone_is_still_shown(talk: Talk, store: Store, clock: Clock, operator: Browser) -> None:
    store.purge(clock.now + timedelta(days=60))
    assert "What was said is no longer kept" in operator.get("/calls/over").text
    assert "no longer kept" in operator.get("/calls/over/test").text
    assert operator.get("/calls/over/way").status_code == 200


@pytest.mark.parametrize("path", ["", "/way", "/recording", "/replay", "/test"])
def test_a_call_that_is_none_is_not_found(path: str, operator: Browser) -> None:
    assert operator.get(f"/calls/nobody{path}").status_code == 404


@pytest.mark.parametrize(
    ("outcome", "colour", "told"),
    [
        ("goodbye", "good", "said goodbye"),
        ("hung_up", "warn", "hung up"),
        ("transfer connected", "info", "A person took the call"),
        ("failed", "bad", "failed on our side"),
        ("thanks", "good", "step “thanks”"),
    ],
)
def test_why_a_call_ended_is_a_sentence(outcome: str, colour: str, told: str, talk: Talk, store: Store) -> None:
    row = store.archive.call("over")
    assert row is not None
    assert told in why_ended(replace(row, outcome=outcome))
    assert tone(outcome) == colour
