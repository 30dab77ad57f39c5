"""Takes Debian's own build of Asterisk and unpacks it in a directory: no root, no chroot, nothing installed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from settings import TEMPLATES, Failed, Settings

# What the binary and the modules of tests/agi/etc/modules.conf link against. Where Debian renames one of these,
# `missing` notices and everything that apt would install is taken.
WANTED = re.compile(
    r"asterisk(-modules)?|libbsd0|libc6|libcap2|libcrypt1|libedit2|libgcc-s1|libjansson4|libmd0|libsqlite3-0"
    r"|libssl\d.*|libstdc\+\+6|libsystemd0|libtinfo6|liburiparser1|libuuid1|libxml2.*|libxslt1.*|libzstd1|zlib1g"
)
KEYRINGS = tuple(Path(f"/usr/share/keyrings/debian-archive-keyring.{end}") for end in ("gpg", "pgp"))
APT_CONF = """\
Dir::State "{work}";
Dir::State::status "{work}/status";
Dir::State::lists "{work}/lists";
Dir::Cache "{work}/cache";
Dir::Etc::sourcelist "{work}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
"""


def fetch(settings: Settings) -> Path:
    """The directory with Asterisk in it, fetched if it is not there yet; two at once wait for each other."""
    root = settings.root
    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_name(root.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "usr/sbin/asterisk").exists():
            _fetch_into(root, settings)
    return root


def library_folder(root: Path) -> Path:
    """Where the tree keeps its libraries, for instance usr/lib/x86_64-linux-gnu."""
    for found in root.glob("usr/lib/*/asterisk"):
        return found.parent
    raise Failed(f"no Asterisk under {root}: remove it and fetch again")


def loader(root: Path) -> Path:
    """The tree's own dynamic loader, which makes it independent of the libraries of this machine."""
    for pattern in ("usr/lib64/ld-linux-*.so.*", "usr/lib/ld-linux-*.so.*", "usr/lib/*/ld-linux-*.so.*"):
        for found in sorted(root.glob(pattern)):
            return found
    raise Failed(f"no dynamic loader under {root}: remove it and fetch again")


def _fetch_into(root: Path, settings: Settings) -> None:
    work, fresh = root.with_name(root.name + ".work"), root.with_name(root.name + ".new")
    for folder in (work, fresh, root):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (work / "lists/partial", work / "cache/archives/partial", work / "debs", fresh):
        folder.mkdir(parents=True)
    (work / "status").touch()
    (work / "apt.conf").write_text(APT_CONF.format(work=work))
    (work / "sources.list").write_text(_source_line(settings))
    _apt(work, "-qq", "update")
    listing = _apt(work, "-s", "install", "asterisk")
    every = sorted(set(re.findall(r"^Inst (\S+)", listing, re.MULTILINE)))
    _take(work, fresh, (name for name in every if WANTED.fullmatch(name)))
    if lacking := _missing(fresh):
        print(f"the short list lacks {', '.join(lacking)}: taking every package", file=sys.stderr)
        _take(work, fresh, (name for name in every if not WANTED.fullmatch(name)))
        if lacking := _missing(fresh):
            raise Failed(f"Debian's {settings.suite} lacks {', '.join(lacking)}")
    for name in ("doc", "man", "locale", "lintian", "bug"):
        shutil.rmtree(fresh / "usr/share" / name, ignore_errors=True)
    (fresh / "PACKAGES").write_text("\n".join(sorted(deb.name for deb in (work / "debs").glob("*.deb"))) + "\n")
    fresh.rename(root)
    shutil.rmtree(work)


def _source_line(settings: Settings) -> str:
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    if keyring is None:
        raise Failed("the package debian-archive-keyring is missing: install it")
    mirror = settings.mirror or _system_mirror()
    if mirror is None:
        raise Failed("no Debian mirror in this system's apt sources: set ASTERISK_MIRROR to one")
    machine = _run(["dpkg", "--print-architecture"]).strip()
    return f"deb [arch={machine} signed-by={keyring}] {mirror} {settings.suite} main\n"


def _system_mirror() -> str | None:
    apt = Path("/etc/apt")
    files = [*apt.glob("sources.list.d/*.sources"), apt / "sources.list", *apt.glob("sources.list.d/*.list")]
    for file in (file for file in files if file.exists()):
        for line in file.read_text().splitlines():
            if not re.match(r"(URIs:|deb )", line):
                continue
            for word in line.split():
                if re.fullmatch(r"\w+://\S+/debian/?", word):
                    return word
    return None


def _take(work: Path, fresh: Path, names: Iterable[str]) -> None:
    before = set((work / "debs").glob("*.deb"))
    _apt(work, "-qq", "download", *names, folder=work / "debs")
    for deb in set((work / "debs").glob("*.deb")) - before:
        _run(["dpkg-deb", "-x", str(deb), str(fresh)])


def _missing(root: Path) -> list[str]:
    """Modules that are not there and libraries that they and the binary link against but do not find."""
    folder, lacking = library_folder(root), set()
    wanted = re.findall(r"^load = (\S+)", (TEMPLATES / "modules.conf").read_text(), re.MULTILINE)
    trace = [str(loader(root)), "--library-path", str(folder)]
    for file in (root / "usr/sbin/asterisk", *(folder / "asterisk/modules" / name for name in wanted)):
        if not file.exists():
            lacking.add(file.name)
            continue
        environment = {**os.environ, "LD_TRACE_LOADED_OBJECTS": "1"}
        found = subprocess.run([*trace, str(file)], env=environment, capture_output=True, text=True, check=False)
        lacking.update(re.findall(r"(\S+) => not found", found.stdout))
    return sorted(lacking)


def _apt(work: Path, *arguments: str, folder: Path | None = None) -> str:
    return _run(["apt-get", *arguments], folder, APT_CONFIG=str(work / "apt.conf"))


def _run(command: list[str], folder: Path | None = None, **environment: str) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Failed(f"{command[0]} is missing: this works on Debian and its relatives") from None
    if done.returncode:
        raise Failed(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-600:]}")
    return done.stdout
