"""Versions of a flow: nothing is lost, whoever changes it where; what is kept can be copied back by hand."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.console.shelf import ON_DISK, Conflict, Shelf
from engine.console.texts import is_name, read, token_of
from engine.errors import SettingsError

KIOSK = Path(__file__).parent / "kiosk"
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shutil.copytree(KIOSK, tmp_path / "kiosk")
    return Shelf(tmp_path / "kiosk", tmp_path / "kiosk/frontdesk.yaml")


def flow(shelf: Shelf) -> str:
    return (shelf.home / "flow.yaml").read_text()


def change(shelf: Shelf, words: str, base: str | None = None) -> int:
    head = shelf.head()
    text = head.texts["flow.yaml"].replace("Kiosk, hello.", words)
    return shelf.save(base or head.token, {"flow.yaml": text}, "maria", words, NOW).number


def publish(shelf: Shelf, number: int) -> None:
    shelf.publish(number, token_of(shelf.live()), "maria", NOW)


def test_the_first_save_keeps_what_was_there_before(shelf: Shelf) -> None:
    before = shelf.live()
    assert change(shelf, "Hello there.") == 2
    first, second = reversed(shelf.versions())
    assert (first.author, second.author, second.message) == (ON_DISK, "maria", "Hello there.")
    assert shelf.texts(1) == before
    assert shelf.live() == before, "callers notice nothing of a save"


def test_publishing_puts_a_version_where_callers_are_answered_by_it(shelf: Shelf) -> None:
    publish(shelf, change(shelf, "Hello there."))
    assert "Hello there." in flow(shelf)
    assert shelf.head().live
    assert [(one.number, one.by) for one in shelf.published()] == [(2, "maria")]


def test_what_went_before_is_had_again(shelf: Shelf) -> None:
    before = shelf.live()
    publish(shelf, change(shelf, "Hello there."))
    again = shelf.restore(1, "ann", NOW)
    assert (again.number, again.message) == (3, "Back to version 1")
    publish(shelf, 3)
    assert shelf.live() == before


def test_a_change_on_disk_is_noticed_and_kept(shelf: Shelf) -> None:
    number = change(shelf, "Hello there.")
    mine = shelf.head().token
    (shelf.home / "flow.yaml").write_text(flow(shelf).replace("See you soon.", "Bye."))
    head = shelf.head()
    assert head.by_hand
    assert "Bye." in head.texts["flow.yaml"]
    with pytest.raises(Conflict, match="on disk"):
        shelf.save(mine, {"flow.yaml": "x"}, "maria", "", NOW)
    change(shelf, "Good day.", head.token)
    kept = {version.number: version.author for version in shelf.versions()}
    assert kept == {1: ON_DISK, number: "maria", 3: ON_DISK, 4: "maria"}
    assert "Bye." in shelf.texts(3)["flow.yaml"]
    assert "Hello there." in shelf.texts(number)["flow.yaml"]


def test_publishing_over_a_change_on_disk_is_refused(shelf: Shelf) -> None:
    number = change(shelf, "Hello there.")
    seen = token_of(shelf.live())
    (shelf.home / "flow.yaml").write_text(flow(shelf).replace("See you soon.", "Bye."))
    with pytest.raises(Conflict):
        shelf.publish(number, seen, "maria", NOW)
    assert "Bye." in flow(shelf)


def test_of_two_who_save_the_second_is_told(shelf: Shelf) -> None:
    both = shelf.head().token
    change(shelf, "Hello there.", both)
    with pytest.raises(Conflict, match="maria saved version 2"):
        shelf.save(both, {"flow.yaml": "other"}, "ann", "", NOW)


def test_versions_are_plain_files(shelf: Shelf) -> None:
    change(shelf, "Hello there.")
    folder = shelf.home / ".versions/0002/files"
    assert "Hello there." in (folder / "flow.yaml").read_text()
    assert (folder / "personas/clerk.yaml").is_file()
    assert not (folder / "talks").exists()
    shutil.copy(folder / "flow.yaml", shelf.home / "flow.yaml")
    assert shelf.head().live, "a version copied back by hand is known"


def test_files_are_added_and_taken_away(shelf: Shelf) -> None:
    head = shelf.head()
    shelf.save(head.token, {"prompts.de.yaml": "prompts: {}\n", "personas/clerk.yaml": None}, "maria", "", NOW)
    assert set(shelf.head().texts) == {"flow.yaml", "prompts.de.yaml"}
    publish(shelf, 2)
    assert set(read(shelf.home)) == {"flow.yaml", "prompts.de.yaml"}
    assert (shelf.home / "talks/guests.talk").is_file()


@pytest.mark.parametrize(
    "name",
    ["../x.yaml", "/etc/x.yaml", ".hidden.yaml", "a/../b.yaml", "x.py", "a/b/c.yaml", "", "x.yaml\n", "a\0.yaml",
     "frontdesk.yaml", "talks/x.yaml", ".versions/x.yaml", "a\\..\\b.yaml"],
)  # fmt: skip
def test_files_that_are_none_of_the_flows_are_refused(name: str, shelf: Shelf) -> None:
    (shelf.home / "frontdesk.yaml").write_text("asterisk: {secret: s}\n")
    before = shelf.live()
    assert "frontdesk.yaml" not in before
    with pytest.raises(SettingsError):
        shelf.save(shelf.head().token, {name: "flow: evil\n"}, "maria", "", NOW)
    assert shelf.live() == before
    assert shelf.versions() == []


@given(st.text(max_size=30))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    if is_name(name):
        assert (KIOSK / name).resolve().is_relative_to(KIOSK)


def test_links_that_lead_out_are_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("secret: s\n")
    (shelf.home / "linked.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "linked.yaml" not in shelf.live()


def test_a_folder_that_cannot_be_written_is_told(shelf: Shelf) -> None:
    (shelf.home / ".versions").write_text("a file")
    with pytest.raises(SettingsError, match="cannot read"):
        shelf.head()


def test_ends_of_lines_do_not_matter(shelf: Shelf) -> None:
    change(shelf, "Hello there.")
    (shelf.home / "flow.yaml").write_bytes(flow(shelf).replace("\n", "\r\n").encode())
    assert not shelf.head().by_hand
