"""A talk file that no longer holds, with its new text: for people to look at before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import AuthorError
from engine.simulate.files import stage_of, text_of
from engine.simulate.review import Review, diff, updated
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.talk.reader import read_talk


@dataclass(frozen=True, slots=True)
class Renewed:
    """A talk file and the text that it should have; `diff` shows what changes."""

    file: Path
    text: str
    diff: tuple[str, ...]


def renew(file: Path, flow: str | None = None) -> Renewed | None:
    """The file with all `agent:` and `=` lines as they are now; None where none would change, and for files that are no
    talk (tables, JSON). Raises SettingsError when it cannot be read."""
    try:
        text = text_of(file)
        talk = read_talk(text, str(file))
        stage = stage_of(talk, file, flow)
        script = bind(talk, stage.flow)
    except AuthorError:
        return None
    review = Review()
    run_script(script, stage, review=review)
    new = updated(text, talk, review.changes())
    return None if new == text else Renewed(file, new, tuple(diff(str(file), text, new)))
