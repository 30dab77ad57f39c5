"""Files that a flow includes: they belong to it as if they stood in it, and never lie outside its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.flow.loader import load_flow, read_path

EXAMPLE = Path(__file__).parent / "cases" / "language_example"
SLOT = '  note: {type: text, optional: yes, ask: "Anything we should know?"}\n'
DESK = "  desk: {daily: [10:00-22:30]}      # when a person answers\n"
MORE = f"""frontdesk: 1
calendars:
{DESK}slots:
{SLOT}  size: {{type: number, max: {{value: 5, then: to_human}}, ask: Which size?}}
anywhere:
  late: {{hear: [I'm running late], go: to_human}}
answers:
  dogs: {{hear: [can I bring my dog], say: Yes.}}
tools:
  look: {{with: [note], outcomes: {{found: {{}}}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example with a part of it in a file of its own."""
    copy = Path(shutil.copytree(EXAMPLE, tmp_path / "flow"))
    text = (copy / "flow.yaml").read_text(encoding="utf-8")
    assert SLOT in text
    assert DESK in text
    text = text.replace(SLOT, "").replace(DESK, "").replace("start: hello", "include: [more.yaml]\nstart: hello")
    (copy / "flow.yaml").write_text(text, encoding="utf-8")
    (copy / "more.yaml").write_text(MORE, encoding="utf-8")
    return copy


def change(folder: Path, old: str, new: str, file: str = "flow.yaml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def errors(folder: Path) -> list[str]:
    found = [found for found in read_path(folder).findings if found.severity == "error"]
    return [f"{found.code} {Path(found.at.file).name}:{found.at.line}:{found.at.column}" for found in found]


def test_what_is_included_belongs_to_the_flow(folder: Path) -> None:
    flow = load_flow(folder)
    assert {"note", "size"} <= set(flow.slots)
    assert flow.slots["size"].max is not None
    assert flow.slots["size"].max.then == "to_human"
    assert flow.calendars["desk"].name == "desk"
    assert flow.anywhere["late"].go == "to_human"
    assert "dogs" in flow.answers
    assert flow.tools["look"].does == "booking.lookup"
    assert flow.slots["size"].at.file.endswith("more.yaml")


def test_a_change_in_an_included_file_is_another_version(folder: Path) -> None:
    before = load_flow(folder).hash
    change(folder, "Yes.", "No.", "more.yaml")
    assert load_flow(folder).hash != before


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("[more.yaml]", "[mroe.yaml]", ["no-file flow.yaml:71:11"]),
        ("[more.yaml]", "[../more.yaml]", ["include flow.yaml:71:11"]),
        ("[more.yaml]", "[/etc/passwd]", ["include flow.yaml:71:11"]),
        ("[more.yaml]", "[flow.yaml]", ["include flow.yaml:71:11"]),
        ("[more.yaml]", "[./more.yaml, more.yaml, more.yaml]", ["duplicate-item flow.yaml:71:1"]),
    ],
)
def test_an_included_file_stands_beside_the_flow(folder: Path, old: str, new: str, found: list[str]) -> None:
    change(folder, old, new)
    assert errors(folder)[0] in found


def test_a_link_out_of_the_folder_is_no_file(folder: Path) -> None:
    outside = folder.parent / "secret.yaml"
    outside.write_text(MORE, encoding="utf-8")
    (folder / "more.yaml").unlink()
    (folder / "more.yaml").symlink_to(outside)
    assert errors(folder)[0] == "no-file flow.yaml:71:11"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("go: to_human", "go: to_humen", "unknown-step more.yaml:8:40"),
        ("  note: {", "  day: {", "name-clash more.yaml:5:3"),
        ("  desk: {", "  tables: {", "name-clash more.yaml:3:3"),
        ("frontdesk: 1", "frontdesk: 1\nsteps: {}", "unknown-key more.yaml:2:1"),
        ("frontdesk: 1\n", "", "missing-key more.yaml:1:1"),
        ("frontdesk: 1", "frontdesk: 3", "version more.yaml:1:12"),
        ("[note]", "[nota]", "unknown-slot more.yaml:12:17"),
    ],
)
def test_a_fault_in_an_included_file_is_found_there(folder: Path, old: str, new: str, found: str) -> None:
    change(folder, old, new, "more.yaml")
    assert found in errors(folder)
