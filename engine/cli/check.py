"""`frontdesk check`: is this flow sound?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib.metadata import version
from textwrap import indent
from typing import Literal

import click

from engine.check.advice import why
from engine.check.changes import changes
from engine.check.formats import as_github, as_sarif
from engine.check.report import FlowReport, as_json, proofs_in_words, summary
from engine.errors import Finding
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.shipped import find_flow
from engine.soundness import check_path

COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}


@click.command("check", short_help="Is this flow sound?")
@click.argument("flows", metavar="FLOW...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How to say it.",
)
@click.option("--against", metavar="OLD", help="Says what callers of FLOW notice that was different in OLD.")
@click.pass_context
def command(
    context: click.Context,
    flows: tuple[str, ...],
    form: Literal["text", "json", "sarif", "github"],
    against: str | None,
) -> None:
    """Reads flows and reports everything that is wrong with them, all at once.

    A FLOW is a file, a folder with a flow.yaml, or the name of a shipped flow. Exits 0 when all are sound (warnings
    are no fault), 1 when one has errors, 2 when one could not be read.

    \b
    Example:
      frontdesk check trattoria clinic
      frontdesk check --format json my/flow.yaml
      frontdesk check --against last-week/ my/flow.yaml
    """
    if against is not None and len(flows) > 1:
        raise click.UsageError("--against compares one flow with another: give one FLOW")
    reports = [_check(name, against) for name in flows]
    if form == "json":
        print(json.dumps(as_json(reports), ensure_ascii=False, indent=2))
    elif form == "sarif":
        print(json.dumps(as_sarif(reports, version("frontdesk"), os.getcwd()), ensure_ascii=False, indent=2))
    elif form == "github":
        for line in as_github(reports):
            print(line)
    else:
        _print(reports, False if "NO_COLOR" in os.environ else context.color)
    context.exit(0 if all(report.sound for report in reports) else 1)


def _check(name: str, against: str | None) -> FlowReport:
    path = find_flow(name)
    try:
        checked = check_path(path)
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {error.strerror}") from error
    if against is None or checked.flow is None:
        return checked.report
    return replace(checked.report, changes=changes(_old(against), checked.flow))


def _old(name: str) -> Flow:
    """The flow to compare with; its warnings matter no more, but with errors it is no flow."""
    path = find_flow(name)
    try:
        return load_flow(path)
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {error.strerror}") from error


def _print(reports: list[FlowReport], color: bool | None) -> None:
    """Findings with their lines; why a kind of finding matters, and a call that shows it, are given once."""
    told: set[str] = set()
    for report in reports:
        for finding in report.findings:
            click.echo(_text(finding, finding.code not in told), color=color)
            told.add(finding.code)
        for change in report.changes or ():
            click.echo(f"  {change}", color=color)
        if report.changes == ():
            click.echo("  callers notice no difference", color=color)
        for line in proofs_in_words(report):
            click.echo(f"  {line}", color=color)
        click.secho(summary(report), fg="green" if report.sound else "red", bold=True, color=color)


def _text(finding: Finding, explain: bool) -> str:
    colour = COLOURS[finding.severity]
    lines = [f"{finding.at}: {click.style(finding.severity, fg=colour, bold=True)}[{finding.code}] {finding.message}"]
    if finding.source:
        caret = " " * (finding.at.column - 1) + "^" * finding.width
        lines += [f"    {finding.source}", f"    {click.style(caret, fg=colour)}"]
    if explain and (reason := why(finding.code)):
        lines.append(f"  Why: {reason}")
    if finding.hint:
        lines.append(f"  Fix: {finding.hint}")
    if finding.talk and explain:
        lines.append("  A call that shows it (saved here as fault.talk, `frontdesk simulate fault.talk` plays it):")
        lines.append(indent(finding.talk.rstrip(), "    "))
    elif finding.talk:
        lines.append("  `--format json` has the call that shows it.")
    return "\n".join(lines) + "\n"
