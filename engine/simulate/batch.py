"""Many talks run one after the other, or in several processes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Final

from engine.errors import AuthorError
from engine.simulate.files import read_file
from engine.simulate.result import Result
from engine.simulate.runner import run_file

WORTH_A_PROCESS: Final = 60
"""Talks for which another process pays for its start."""
_CHUNK: Final = 64
"""Talks that a process is given at once, at the most: small enough that results come steadily."""


@dataclass(frozen=True, slots=True)
class Batch:
    """How talks are run. Without `whole`, results of talks that passed come without their conversation."""

    flow: str | None = None
    jobs: int | None = None
    """Processes; as many as pay, if None."""
    watched: bool = False
    whole: bool = True

    def run(self, files: Sequence[Path]) -> Iterator[Result]:
        """One result a talk, in their order. Each process loads a flow once."""
        one = partial(_one, batch=self)
        workers = self.jobs or max(1, min(os.cpu_count() or 1, len(files) // WORTH_A_PROCESS))
        if workers == 1 or len(files) < 2:
            yield from map(one, files)
            return
        with ProcessPoolExecutor(workers) as pool:
            chunk = max(1, min(_CHUNK, len(files) // (workers * 4)))
            try:
                yield from pool.map(one, files, chunksize=chunk)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _one(file: Path, batch: Batch) -> Result:
    result = run_file(file, batch.flow, batch.watched)
    return result if batch.whole or not result.passed else replace(result, entries=(), positions=())


def chosen(files: Sequence[Path], pattern: str | None) -> list[Path]:
    """The talks whose path or title holds a pattern, whatever its case; `*` and `?` stand for any signs."""
    if pattern is None:
        return list(files)
    wanted = f"*{pattern.casefold()}*"
    return [file for file in files if any(fnmatchcase(text.casefold(), wanted) for text in _names(file))]


def _names(file: Path) -> Iterator[str]:
    yield str(file)
    yield file.stem
    try:
        yield read_file(file).title
    except AuthorError:
        return
