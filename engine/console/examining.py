"""What `check` says about texts that are not on disk yet, and their picture; run by the processes of the bench."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.check.advice import why
from engine.check.changes import changes
from engine.check.graph import picture
from engine.check.report import FlowReport
from engine.console.texts import Texts, write
from engine.dialogue.machine import compile_flow
from engine.drawing import svg
from engine.errors import AuthorError, Finding, FrontdeskError, SettingsError
from engine.flow.loader import load_flow, read_path
from engine.soundness import check_path, glance


@dataclass(frozen=True, slots=True)
class Proof:
    """A promise in words and what came of it: `holds`, `fails`, or `open`."""

    words: str
    result: str


@dataclass(frozen=True, slots=True)
class Examined:
    """`findings` name files as they are called in the flow's folder. `proofs` are empty where nothing was proven."""

    findings: tuple[Finding, ...]
    reasons: Mapping[str, str]
    """Why a kind of finding matters, by its code."""
    proofs: tuple[Proof, ...] = ()
    states: int | None = None
    worst_case_prompts: int | None = None

    @property
    def errors(self) -> int:
        return sum(found.severity == "error" for found in self.findings)

    @property
    def sound(self) -> bool:
        """Whether callers may be answered by it: no error, and no promise that fails."""
        return self.errors == 0


def look(main: str, texts: Texts) -> Examined:
    """What reading alone finds; takes a fraction of a second."""
    with laid_out(main, texts) as path:
        return _told(_report(lambda: glance(path)), path.parent)


def prove(main: str, texts: Texts) -> Examined:
    """All of `check`; takes seconds."""
    with laid_out(main, texts) as path:
        return _told(_report(lambda: check_path(path).report), path.parent)


def draw(main: str, texts: Texts) -> str | None:
    """The picture as an SVG element; None where the texts are no flow, or Graphviz is missing."""
    with laid_out(main, texts) as path:
        flow = read_path(path).flow
    if flow is None:
        return None
    try:
        return svg(picture(compile_flow(flow)))
    except FrontdeskError:
        return None


def compare(main: str, old: Texts, new: Texts) -> tuple[str, ...] | None:
    """What callers notice that is different; None where one of them is no sound flow."""
    try:
        with laid_out(main, old) as before, laid_out(main, new) as after:
            return tuple(str(change) for change in changes(load_flow(before), load_flow(after)))
    except (AuthorError, OSError):
        return None


@contextmanager
def laid_out(main: str, texts: Texts) -> Iterator[Path]:
    """The flow's file in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        home = Path(folder).resolve() / "flow"
        home.mkdir()
        write(home, texts)
        yield home / main


def _report(check: Callable[[], FlowReport]) -> FlowReport:
    try:
        return check()
    except OSError as fault:
        raise SettingsError(f"the flow's own file is missing: {fault.strerror}") from fault


def _told(report: FlowReport, home: Path) -> Examined:
    findings = tuple(without(found, home) for found in report.findings)
    proofs = tuple(Proof(proof["words"], proof["result"]) for proof in report.proofs)
    reasons = {found.code: why(found.code) for found in findings}
    return Examined(findings, reasons, proofs, report.states, report.worst_case_prompts)


def without(found: Finding, home: Path) -> Finding:
    """A finding with the names of files as people know them."""
    root = f"{home}/"
    at = replace(found.at, file=found.at.file.removeprefix(root))
    return replace(found, at=at, message=found.message.replace(root, ""), hint=found.hint.replace(root, ""))
