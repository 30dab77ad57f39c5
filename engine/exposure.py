"""Whether others on this machine can read the secrets of a settings file, or change it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from engine.yaml.nodes import data
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

SECRETS: Final[tuple[tuple[str, ...], ...]] = (
    ("asterisk", "secret"),
    ("asterisk", "ari", "password"),
    ("model", "key"),
)
"""Where a secret may stand in the settings file itself."""


def exposed(path: Path) -> tuple[str, str] | None:
    """What is wrong with the permissions of a settings file, and what to do; None where nothing is. Whoever can write
    it decides who answers, whoever can read a secret in it can open calls."""
    mode = path.stat().st_mode
    if mode & stat.S_IWOTH:
        return f"{path} may be changed by everybody", f"Run `chmod o-w {path}`."
    kept = _secrets_in(path) if mode & (stat.S_IRWXG | stat.S_IRWXO) else []
    if kept:
        advice = f"Run `chmod 600 {path}`, or move it to a file of its own ({kept[0]}_file)."
        return f"{path} holds {' and '.join(kept)}, and others may read it", advice
    return None


def _secrets_in(path: Path) -> list[str]:
    root = read_yaml(path.read_text(encoding="utf-8"), str(path), Report())
    tree = data(root) if root is not None else {}
    return [keys[-1] for keys in SECRETS if _stands(tree, keys)]


def _stands(tree: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return bool(tree)
