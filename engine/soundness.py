"""All that `frontdesk check` finds in a flow on disk: in each of its languages and variants, and in its personas."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.check.report import FlowReport, check_languages, check_variants
from engine.check.rules import examine
from engine.errors import AuthorError, Finding, SettingsError
from engine.flow.loader import read_languages, read_variants
from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.persona.persona import persona_beside
from engine.yaml.position import best_first


@dataclass(frozen=True, slots=True)
class Checked:
    """`flow` is the flow in its own language as it stands; None where its files cannot be read as one."""

    report: FlowReport
    flow: Flow | None


def check_path(path: Path) -> Checked:
    """Reads the flow file at `path`, examines it and proves its promises. Raises OSError where it cannot be read."""
    begun = time.perf_counter()
    readings, variants = read_languages(path), read_variants(path)
    report = check_variants(check_languages(readings, time.perf_counter), variants, time.perf_counter)
    found = best_first((*report.findings, *_personas(readings[0], variants)))
    return Checked(replace(report, findings=found, seconds=time.perf_counter() - begun), readings[0].flow)


def glance(path: Path) -> FlowReport:
    """What reading alone finds, a fraction of the time of `check_path`: nothing is proven. Raises OSError."""
    begun = time.perf_counter()
    readings, variants = read_languages(path), read_variants(path)
    found = dict.fromkeys(one for reading in (*readings, *variants) for one in examine(reading))
    everything = best_first((*found, *_personas(readings[0], variants)))
    return FlowReport(readings[0].path, everything, seconds=time.perf_counter() - begun)


def _personas(own: Reading, variants: Sequence[Reading]) -> dict[Finding, None]:
    """What is wrong with the personas; that there is no file for one is the reading's to say."""
    flows = [one.flow for one in (own, *variants) if one.flow is not None]
    return dict.fromkeys(found for flow in flows for found in _persona(flow))


def _persona(flow: Flow) -> tuple[Finding, ...]:
    try:
        return persona_beside(flow.path, flow.persona).warnings
    except AuthorError as error:
        return error.findings
    except SettingsError:
        return ()
