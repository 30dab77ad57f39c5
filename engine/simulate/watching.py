"""Which talks must run again when files change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.errors import FrontdeskError
from engine.simulate.files import find_talks, flow_of, read_file
from engine.simulate.stage import languages_of, load_stage, variants_in

_WRITTEN: Final = (".yaml", ".yml")


@dataclass(slots=True)
class Watched:
    """Talks below some paths, each with the folder of its flow."""

    paths: tuple[str, ...]
    flow: str | None
    keep: Callable[[Sequence[Path]], list[Path]]
    """Leaves out talks that are not asked for."""
    folders: dict[Path, Path | None] = field(default_factory=dict)

    def look(self) -> list[Path]:
        """All talks as they are now, and where their flows lie."""
        talks = self.keep(find_talks(list(self.paths)))
        self.folders = {talk: self._folder(talk) for talk in talks}
        return talks

    def _folder(self, talk: Path) -> Path | None:
        try:
            return flow_of(read_file(talk), talk, self.flow).parent
        except FrontdeskError:
            return None

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders in which something may change."""
        given = (Path(path) for path in self.paths)
        here = {path if path.is_dir() else path.parent for path in given if path.exists()}
        return tuple(sorted({path.resolve() for path in (*here, *filter(None, self.folders.values()))}))

    def affected(self, changed: Iterable[Path]) -> list[Path]:
        """The talks that changed files are about: the talks themselves, and those of flows whose files changed."""
        paths = {path.resolve() for path in changed}
        before = dict(self.folders)
        talks = self.look()
        written = [path for path in paths if path.suffix in _WRITTEN]
        if written:
            load_stage.cache_clear()
            languages_of.cache_clear()
            variants_in.cache_clear()
        return [
            talk
            for talk in talks
            if talk.resolve() in paths
            or talk not in before
            or any(path.is_relative_to(folder) for path in written if (folder := self.folders[talk]) is not None)
        ]


def rounds(watched: Watched, changes: Iterable[Iterable[Path]]) -> Iterator[list[Path]]:
    """All talks first, then after each change those that it affects."""
    yield watched.look()
    for changed in changes:
        talks = watched.affected(changed)
        if talks:
            yield talks
