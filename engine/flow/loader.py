"""Reads a flow from disk: the one door through which an author's files come in."""

from __future__ import annotations

from pathlib import Path

from engine.errors import AuthorError
from engine.flow.model import Flow
from engine.flow.reading import Reading, read_flow


class DiskFolder:
    """A folder on disk; links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._inside = root.resolve()

    def read(self, name: str, most: int) -> bytes | None:
        """Up to `most` bytes of a file in the folder, or None."""
        try:
            path = (self.root / name).resolve()
            if not path.is_relative_to(self._inside) or not path.is_file():
                return None
            with path.open("rb") as file:
                return file.read(most)
        except (OSError, ValueError):
            return None

    def shown(self, name: str) -> str:
        return str(self.root / name)


def read_path(path: str | Path, language: str | None = None) -> Reading:
    """What came of reading the flow file at `path` in one of its languages (its first if None), with everything that
    was found.

    Raises OSError when the file itself cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        file /= "flow.yaml"
    with file.open("rb"):
        return read_flow(DiskFolder(file.parent), file.name, language)


def read_languages(path: str | Path) -> tuple[Reading, ...]:
    """The flow file at `path` as it is read in each of its languages, its own first. Raises as `read_path` does."""
    own = read_path(path)
    return (own, *(read_path(path, language) for language in own.languages[1:]))


def load_flow(path: str | Path, language: str | None = None) -> Flow:
    """The flow in a file (or in the `flow.yaml` of a folder), in one of its languages (its first if None).

    Raises AuthorError with all findings when anything in its files is wrong, OSError when there is no such file.
    """
    reading = read_path(path, language)
    if reading.flow is None or reading.report.has_errors:
        raise AuthorError(tuple(found for found in reading.findings if found.severity == "error"))
    return reading.flow
