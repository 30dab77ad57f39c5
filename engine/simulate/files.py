"""Talk files and the flows that they are about, found and read from disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import AuthorError, Finding, Position, SettingsError
from engine.shipped import find_flow, shipped_flows
from engine.simulate.stage import Stage, languages_of, load_stage, variants_in
from engine.talk import model
from engine.talk.transcripts import read_conversation
from engine.talk.writer import write_line


def read_file(file: Path) -> model.Talk:
    """The talk or transcript in a file. Raises AuthorError with its faults, SettingsError when it cannot be read."""
    return read_conversation(text_of(file), str(file))


def text_of(file: Path) -> str:
    """The text of a file. Raises AuthorError where it is none, SettingsError when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        message, hint = "this file is not UTF-8 text", "Save it as UTF-8."
        finding = Finding("talk.encoding", "error", message, Position(str(file)), hint)
        raise AuthorError((finding,)) from error


def flow_of(talk: model.Talk, file: Path, otherwise: str | None = None) -> Path:
    """The flow file that a talk is about: as given, else `../flow.yaml`, else `otherwise`. Raises AuthorError."""
    given = next((line for line in talk.lines if isinstance(line, model.GivenFlow)), None)
    if given is not None:
        for text in (str(file.parent / given.path), given.path):
            try:
                return find_flow(text).resolve()
            except SettingsError:
                continue
        source = write_line(given)
        column = source.rindex(given.path) + 1
        hint = f"Give a file, a folder, or a shipped name: {', '.join(shipped_flows())}."
        at, message = replace(given.at, column=column), f"there is no flow at `{given.path}`"
        raise AuthorError((Finding("talk.flow", "error", message, at, hint, source, len(given.path)),))
    above = file.resolve().parent.parent / "flow.yaml"
    if above.is_file():
        return above
    if otherwise is not None:
        return find_flow(otherwise).resolve()
    hint = "Say it in the file (`given flow trattoria`) or with `--flow`."
    message = "there is no flow.yaml in the folder above, and the file names none"
    raise AuthorError((Finding("talk.flow", "error", message, Position(str(file)), hint),))


def stage_of(talk: model.Talk, file: Path, otherwise: str | None = None) -> Stage:
    """The flow that a talk is about, ready, in the talk's language and variant. Raises AuthorError and
    SettingsError."""
    given = next((line for line in talk.lines if isinstance(line, model.GivenLanguage)), None)
    compared = next((line for line in talk.lines if isinstance(line, model.GivenVariant)), None)
    flow = flow_of(talk, file, otherwise)
    language, variant = given and given.language, compared and compared.variant
    if given is not None and language not in languages_of(flow):
        hint = f"It speaks {', '.join(languages_of(flow))}."
        raise _unknown(given, given.language, "language", f"the flow does not speak `{language}`", hint)
    if compared is not None and variant not in variants_in(flow):
        hint = f"Its variants: {', '.join(variants_in(flow)) or 'none'}."
        raise _unknown(compared, compared.variant, "variant", f"the flow has no variant `{variant}`", hint)
    return load_stage(flow, language, variant)


def _unknown(line: model.GivenLanguage | model.GivenVariant, name: str, what: str, why: str, hint: str) -> AuthorError:
    at = replace(line.at, column=len(f"given {what} ") + 1)
    return AuthorError((Finding(f"talk.{what}", "error", why, at, hint, write_line(line), len(name)),))


def find_talks(paths: list[str]) -> list[Path]:
    """The talk files that are meant: files as they are, all `*.talk` below folders, those of shipped flows by name.

    Raises SettingsError for a path that holds none.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if path.is_file():
            found[path] = None
            continue
        if not path.is_dir():
            try:
                path = find_flow(text).parent
            except SettingsError as error:
                raise SettingsError(f"there is no talk, folder or shipped flow called {text}") from error
        here = Path.cwd()
        path = path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
        below = sorted(path.rglob("*.talk"))
        if not below:
            raise SettingsError(f"there is no talk file (*.talk) below {path}")
        found.update(dict.fromkeys(below))
    return list(found)
