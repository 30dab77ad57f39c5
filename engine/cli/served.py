"""A model server for one command: named on the command line, opened in the command's loop, closed at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from engine.understanding.model import Model, ModelSettings, base_of

F = TypeVar("F", bound=Callable[..., Any])
KEY = "FRONTDESK_MODEL_KEY"


def model_options(command: F) -> F:
    """Adds `--model URL` and `--model-name NAME` to a command, as parameters `model` and `model_name`."""
    name = click.option("--model-name", metavar="NAME", default="", help="The served model; the first unless given.")
    url = click.option(
        "--model",
        metavar="URL",
        help=f"Ask a model server for what is not understood without it; its key comes from {KEY}.",
    )
    return url(name(command))


def model_settings(url: str, name: str, environment: Mapping[str, str] = os.environ) -> ModelSettings:
    """Settings from the command line. Raises SettingsError where the address is none."""
    return ModelSettings(base_of(url), name, environment.get(KEY, ""))


@dataclass(frozen=True, slots=True)
class Served:
    """An open model with the loop that it lives in."""

    model: Model
    runner: asyncio.Runner


@contextmanager
def served(runner: asyncio.Runner, url: str | None, name: str) -> Iterator[Served | None]:
    """The model at an address while the body runs; None where no address was given."""
    if url is None:
        yield None
        return
    from engine.understanding.client import open_model

    model = open_model(model_settings(url, name))
    try:
        yield Served(model, runner)
    finally:
        runner.run(model.close())
