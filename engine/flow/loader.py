"""Reads a flow from disk: the one door through which an author's files come in."""

from __future__ import annotations

from collections.abc import Mapping
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


class TextFolder:
    """The files of a flow that was read before, under the same names."""

    def __init__(self, root: Path, texts: Mapping[str, str]) -> None:
        self.root, self._texts = root, texts

    def read(self, name: str, most: int) -> bytes | None:
        """Up to `most` bytes of a file that was read, or None."""
        text = self._texts.get(name)
        return None if text is None else text.encode()[:most]

    def shown(self, name: str) -> str:
        return str(self.root / name)


def read_path(path: str | Path, language: str | None = None, variant: str | None = None) -> Reading:
    """What came of reading the flow file at `path` in one of its languages (its first if None) and variants (as it
    stands if None), with everything that was found.

    Raises OSError when the file itself cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        file /= "flow.yaml"
    with file.open("rb"):
        return read_flow(DiskFolder(file.parent), file.name, language, variant)


def read_languages(path: str | Path) -> tuple[Reading, ...]:
    """The flow file at `path` as it is read in each of its languages, its own first. Raises as `read_path` does."""
    own = read_path(path)
    return (own, *(read_path(path, language) for language in own.languages[1:]))


def read_variants(path: str | Path, language: str | None = None) -> tuple[Reading, ...]:
    """The flow file at `path` as it is read in each of its variants; none where it has none. Raises as `read_path`."""
    names = read_path(path, language).variants
    return tuple(read_path(path, language, name) for name in names)


def load_flow(path: str | Path, language: str | None = None, variant: str | None = None) -> Flow:
    """The flow in a file (or in the `flow.yaml` of a folder), in one of its languages (its first if None) and one of
    its variants (as it stands if None).

    Raises AuthorError with all findings when anything in its files is wrong, OSError when there is no such file.
    """
    return _sound(read_path(path, language, variant))


def variants_of(flow: Flow) -> tuple[Flow, ...]:
    """A flow in each of its variants, from the files that were read for it; itself where it has none. Raises
    AuthorError where one of them has errors."""
    file = Path(flow.path)
    folder = TextFolder(file.parent, flow.sources)
    found = (read_flow(folder, file.name, flow.language, name) for name in flow.variants)
    return tuple(_sound(reading) for reading in found) or (flow,)


def _sound(reading: Reading) -> Flow:
    if reading.flow is None or reading.report.has_errors:
        raise AuthorError(tuple(found for found in reading.findings if found.severity == "error"))
    return reading.flow
