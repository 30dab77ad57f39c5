"""The reader is safe: what is meant to break it gets one error that helps, quickly and in little memory."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest

from engine.check.rules import examine
from engine.flow.loader import read_path
from engine.flow.reading import read_flow
from engine.yaml.reader import DEEPEST, LARGEST
from tests.check.fuzzing import BOMBS, Memory, broken, judge, seeds

FLOW = (
    b"frontdesk: 1\nflow: x\nlanguage: en-GB\ntimezone: Europe/London\nstart: a\noperator: a\n"
    b"steps: {a: {hangup: yes}}\n"
)
USE = FLOW.replace(b"steps: {", b"steps: {b: {use: %s, exits: {done: a}}, ")
TRAPS: dict[str, tuple[bytes, str, str, str]] = {
    "an alias bomb": (BOMBS[0], "anchor", "1:4", "no anchors"),
    "a list in a list in a list": (b"a: " + b"[" * 5000, "too-deep", f"1:{3 + DEEPEST}", "Nothing needs that"),
    "a table in a table in a table": (b"a: " + b"{a: " * 5000, "too-deep", f"1:{4 * DEEPEST}", "Nothing needs that"),
    "ten megabytes": (b"a: b\n" * 2_000_000, "too-large", "1:1", "Split it"),
    "one byte more than there may be": (b"#" * (LARGEST + 1), "too-large", "1:1", "Split it"),
    "nothing but a comment": (b"#" * LARGEST, "empty", "1:1", "Start with"),
    "UTF-16": (FLOW.decode().encode("utf-16"), "encoding", "1:1", "UTF-8"),
    "UTF-16 without a mark": (FLOW.decode().encode("utf-16-le"), "character", "1:2", "Remove it"),
    "UTF-32": (FLOW.decode().encode("utf-32"), "encoding", "1:1", "UTF-8"),
    "Latin-1": (FLOW + "# caf\u00e9\n".encode("latin-1"), "encoding", "8:6", "UTF-8"),
    "half a letter at the end": (FLOW + "# \u00e9".encode()[:-1], "encoding", "8:3", "UTF-8"),
    "a letter in too many bytes": (FLOW + b"# \xc0\xaf\n", "encoding", "8:3", "UTF-8"),
    "a null byte": (FLOW + b"# \x00\n", "character", "8:3", "Remove it"),
    "a file of this computer": (USE % b"/etc/passwd", "use", "7:18", "stands beside the flow"),
    "a file above the flow": (USE % b"a/../../x.yaml", "use", "7:18", "stands beside the flow"),
    "a file of another system": (USE % b"'..\\x.yaml'", "use", "7:18", "stands beside the flow"),
    "an object of Python": (FLOW + b"persona: !!python/object/apply:os.system [ls]\n", "tag", "8:10", "no tags"),
    "itself": (USE % b"flow.yaml", "use", "7:18", "does not use itself"),
    "an included file above the flow": (FLOW + b"include: [../x.yaml]\n", "include", "8:11", "stands beside"),
    "resources above the flow": (FLOW + b"resources: ../x.yaml\n", "no-file", "8:12", "in its own folder"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_gets_an_error_that_helps(trap: str) -> None:
    content, code, at, hint = TRAPS[trap]
    tracemalloc.start()
    reading = read_flow(Memory({"flow.yaml": content}), "flow.yaml")
    found = examine(reading)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reading.flow is None or reading.report.has_errors
    first = next(finding for finding in found if finding.code == code)
    assert f"{first.at.line}:{first.at.column}" == at
    assert hint in first.hint
    assert len(found) <= 20
    assert most < 50e6


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "flow.yaml").open("wb") as file:
        file.truncate(10_000_000_000)  # a hole: it takes no room on the disk
    tracemalloc.start()
    [found] = read_path(tmp_path).findings
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()
    assert found.code == "too-large"


@pytest.mark.parametrize("bomb", range(len(BOMBS)))
def test_a_bomb_is_judged(bomb: int) -> None:
    assert judge({"flow.yaml": BOMBS[bomb]}) > 0


@pytest.mark.parametrize("seed", range(12))
def test_flows_broken_at_random_are_judged(seed: int) -> None:
    """The short form of `make fuzz`."""
    flows = seeds()
    for case in range(10):
        judge(broken(flows, random.Random(1000 * seed + case)))


def test_faults_of_one_long_line_are_told_without_it() -> None:
    """Every finding with its line would be hundreds of megabytes here."""
    reading = read_flow(Memory({"flow.yaml": b"flow: {" + b"a: b, " * 60_000 + b"}\n"}), "flow.yaml")
    found = examine(reading)
    assert len(found) > 100
    assert sum(len(str(finding)) for finding in found) < 500_000
    assert len({finding.at for finding in found}) == len(found)
