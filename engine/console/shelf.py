"""The files of a flow with all their versions, kept beside it as plain files that can be copied back by hand."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine.console.texts import Texts, check_names, clean, read, refused, token_of, write, writing
from engine.errors import FrontdeskError, SettingsError

FOLDER: Final = ".versions"
ON_DISK: Final = "on disk"
"""The author of a version that was not made here."""


class Conflict(FrontdeskError):
    """The files are not those that a change was made to: somebody else changed them meanwhile."""


@dataclass(frozen=True, slots=True)
class Version:
    """`token` stands for the content; `message` is what its author said about it."""

    number: int
    author: str
    at: datetime
    message: str
    token: str


@dataclass(frozen=True, slots=True)
class Published:
    """That a version was given to callers."""

    number: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What somebody who opens the flow goes on from: the newest version, or the files on disk where these were changed
    outside of the console since. `version` is None where the content is not kept as a version yet; `live` says
    whether callers have it already; `by_hand` whether the files on disk are of no version although there are some."""

    texts: Texts
    token: str
    version: Version | None
    live: bool
    by_hand: bool


class Shelf:
    """One flow's folder. Everything blocks; changes are made one at a time. Raises SettingsError where files cannot be
    read or written."""

    def __init__(self, home: Path, without: Path | None = None) -> None:
        """`without` is a file in the folder that belongs to somebody else: the settings."""
        self.home = home
        self._without = without
        self._lock = threading.Lock()

    # reading

    def live(self) -> dict[str, str]:
        """The files that callers are answered by."""
        return read(self.home, self._without)

    def versions(self) -> list[Version]:
        """Newest first."""
        folder = self.home / FOLDER
        numbers = sorted((one for one in _listed(folder) if one.isdigit()), reverse=True)
        return [_version(folder / number / "version.json", int(number)) for number in numbers]

    def texts(self, number: int) -> dict[str, str]:
        """The files of a version. Raises KeyError where there is none of this number."""
        folder = self.home / FOLDER / f"{number:04}" / "files"
        if not folder.is_dir():
            raise KeyError(number)
        return read(folder)

    def published(self) -> list[Published]:
        """What was given to callers and when, newest first."""
        try:
            lines = (self.home / FOLDER / "published.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise refused("read", self.home, fault) from fault
        found = (json.loads(line) for line in lines if line.strip())
        return [Published(one["number"], one["by"], datetime.fromisoformat(one["at"])) for one in found][::-1]

    def head(self) -> Head:
        """What a change goes on from."""
        live, versions = self.live(), self.versions()
        token = token_of(live)
        if not versions:
            return Head(live, token, None, True, False)
        newest = versions[0]
        if all(version.token != token for version in versions):
            return Head(live, token, None, True, True)
        if newest.token == token:
            return Head(live, token, newest, True, False)
        return Head(self.texts(newest.number), newest.token, newest, False, False)

    # changing

    def save(self, base: str, changed: Mapping[str, str | None], author: str, message: str, now: datetime) -> Version:
        """Keeps a new version: the one with the token `base` with some files changed, added, or (None) taken away.

        Callers notice nothing. Raises Conflict where `base` is no longer what changes go on from, and SettingsError
        for names that a flow's file cannot have.
        """
        with self._lock:
            head = self.head()
            if head.token != base:
                raise Conflict(self._conflict(head))
            texts = {**head.texts, **{name: clean(text) for name, text in changed.items() if text is not None}}
            texts = {name: text for name, text in texts.items() if changed.get(name, "") is not None}
            check_names(texts)
            self._check_strangers(texts.keys() - head.texts.keys())
            self._keep_disk(now)
            if head.version is not None and token_of(texts) == head.token:
                return head.version
            return self._keep(texts, author, message, now)

    def restore(self, number: int, author: str, now: datetime) -> Version:
        """Makes a version with the content of an older one. Raises KeyError where there is none of this number."""
        with self._lock:
            self._keep_disk(now)
            return self._keep(self.texts(number), author, f"Back to version {number}", now)

    def publish(self, number: int, live: str, by: str, now: datetime) -> None:
        """Puts the files of a version where callers are answered by them. `live` is the token of the files that they
        replace. Raises Conflict where these were changed meanwhile, KeyError where there is no such version."""
        with self._lock:
            before = self.live()
            if token_of(before) != live:
                raise Conflict("The files on disk were changed meanwhile. Look at what changed, then publish again.")
            self._keep_disk(now)
            texts = self.texts(number)
            self._check_strangers(texts.keys() - before.keys())
            write(self.home, texts, gone=before.keys() - texts.keys())
            line = json.dumps({"number": number, "by": by, "at": now.astimezone(UTC).isoformat()})
            with writing(self.home), (self.home / FOLDER / "published.jsonl").open("a", encoding="utf-8") as log:
                log.write(f"{line}\n")

    def _check_strangers(self, new: Iterable[str]) -> None:
        """A new file must not take the place of one that is not the flow's."""
        for name in new:
            if (self.home / name).exists():
                raise SettingsError(f"{name} is no file of this flow; take another name")

    def _keep_disk(self, now: datetime) -> None:
        """What lies on disk is never lost: it becomes a version where it is none yet."""
        live, versions = self.live(), self.versions()
        if all(version.token != token_of(live) for version in versions):
            message = "Changed on disk, outside of this console" if versions else "As it was before the first change"
            self._keep(live, ON_DISK, message, now)

    def _keep(self, texts: Texts, author: str, message: str, now: datetime) -> Version:
        number = max((version.number for version in self.versions()), default=0) + 1
        version = Version(number, author, now.astimezone(UTC), message.strip()[:300], token_of(texts))
        folder = self.home / FOLDER
        new = folder / f"new-{secrets.token_hex(4)}"
        about = {**asdict(version), "at": version.at.isoformat()}
        with writing(self.home):
            new.mkdir(parents=True)
            try:
                write(new / "files", texts)
                (new / "version.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", "utf-8")
                new.rename(folder / f"{number:04}")
            except (OSError, SettingsError):
                shutil.rmtree(new, ignore_errors=True)
                raise
        return version

    def _conflict(self, head: Head) -> str:
        if head.version is None:
            return "The files were changed on disk, outside of this console, while you worked on them."
        return f"{head.version.author} saved version {head.version.number} while you worked: “{head.version.message}”."


def _listed(folder: Path) -> list[str]:
    try:
        return [one.name for one in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise refused("read", folder, fault) from fault


def _version(path: Path, number: int) -> Version:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(told["at"])
        return Version(number, str(told["author"]), at, str(told["message"]), str(told["token"]))
    except (OSError, ValueError, KeyError) as fault:
        raise SettingsError(f"{path} cannot be read ({fault}); take its folder away if it was made by hand") from fault
