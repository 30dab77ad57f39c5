"""The files of a flow as texts: read from a folder and written into one, with nothing half done."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from engine.errors import SettingsError
from engine.yaml.reader import LARGEST

MOST_FILES: Final = 60
_OTHERS: Final = ("callers", "talks")
"""Folders beside a flow that are about it but no part of it."""
_NAME: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,80}/)?[A-Za-z0-9_][\w.-]{0,80}\.yaml", re.ASCII)

Texts: TypeAlias = Mapping[str, str]
"""The files of a flow by their names in its folder, with `/` between folders; lines end in a line feed."""


def token_of(texts: Texts) -> str:
    """Stands for the content of files."""
    whole = json.dumps(sorted(texts.items()), ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:24]


def is_name(text: str) -> bool:
    """Whether a file of a flow can be called so: a YAML file at most one folder deep, not hidden."""
    return _NAME.fullmatch(text) is not None and ".." not in text and text.partition("/")[0] not in _OTHERS


def check_names(texts: Texts) -> None:
    """Raises SettingsError for names, sizes and numbers of files that a flow cannot have."""
    bad = [name for name in texts if not is_name(name)]
    if bad:
        raise SettingsError(f"a flow's file cannot be called {bad[0]!r}: use letters, digits, - and _, and .yaml")
    if len(texts) > MOST_FILES:
        raise SettingsError(f"a flow has at most {MOST_FILES} files")
    large = [name for name, text in texts.items() if len(text.encode()) > LARGEST]
    if large:
        raise SettingsError(f"{large[0]} has more than {LARGEST // 1024} kB: split it with `use:` or `include:`")


def clean(text: str) -> str:
    """A text whose lines end in a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(folder: Path, without: Path | None = None) -> dict[str, str]:
    """The YAML files of a flow's folder and of those in it; left alone are links that lead out of it, recordings of
    callers, folders of other flows, and the file `without`."""
    inside = folder.resolve()
    found: dict[str, str] = {}
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml"))):
        name, real = path.relative_to(folder).as_posix(), path.resolve()
        other = path.parent != folder and (path.parent / "flow.yaml").exists()
        if is_name(name) and not other and path.is_file() and real.is_relative_to(inside) and real != without:
            found[name] = _text(path, folder)
    return found


def _text(path: Path, folder: Path) -> str:
    try:
        return clean(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise refused("read", folder, fault) from fault
    except UnicodeDecodeError as fault:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8 in your editor") from fault


def write(folder: Path, texts: Texts, gone: Iterable[str] = ()) -> None:
    """Writes the files that differ, all beside their places first, so that a full disk leaves everything as it was."""
    with writing(folder):
        ready: list[tuple[Path, Path]] = []
        try:
            for name, text in texts.items():
                path = folder / name
                if path.is_file() and path.read_bytes() == text.encode():
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                ready.append((new, path))
                new.write_bytes(text.encode())
                if path.exists():
                    shutil.copymode(path, new)
            for new, path in ready:
                os.replace(new, path)
            for name in gone:
                (folder / name).unlink(missing_ok=True)
        finally:
            for new, _ in ready:
                new.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Says in our words what the disk refuses in the body."""
    try:
        yield
    except OSError as fault:
        raise refused("write into", folder, fault) from fault


def refused(what: str, folder: Path, fault: OSError) -> SettingsError:
    """What the disk said, and what to do."""
    why = fault.strerror or str(fault)
    return SettingsError(f"cannot {what} {folder}: {why}. The account that runs frontdesk needs that folder.")
