"""One settings file, `frontdesk.yaml`: read once, at the door, into one frozen dataclass per room."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.actions.outside import Outside
from engine.actions.retention import USUAL, Keep
from engine.connections import read_outside
from engine.errors import SettingsError
from engine.flow.duration import parse_duration
from engine.flow.loader import read_path
from engine.flow.reading import Reading
from engine.people import Person
from engine.secret import read_secret
from engine.settings_file import override, read_tree
from engine.shipped import find_flow
from engine.speech.engines import Listening
from engine.speech.vendors.xtts_settings import Xtts
from engine.understanding.model import ModelSettings, base_of

SHORTEST_RING = 3.0
SHORTEST_CALL = 30.0


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class LineSettings:
    """One line: an AGI path, the numbers that lead there, and the flow that answers."""

    name: str
    flow: Path
    numbers: tuple[str, ...] = ()
    overflow: str | None = None
    language: str | None = None
    """One of the flow's languages; None for its own."""
    before_answer: str | None = None
    """A sound of Asterisk's that callers hear before the call is answered."""


@dataclass(frozen=True, slots=True)
class Ari:
    """Where Asterisk's web server is, and how we log in; `ca_file` has the certificates that vouch for an https one."""

    url: str
    user: str = "frontdesk"
    password: str = ""
    app: str = "frontdesk"
    """The name by which the dialplan's Stasis() reaches us."""
    media: str = "auto"
    """How the sound comes: `websocket`, `audiosocket`, or `auto` for the first of them that Asterisk has."""
    rate: int | None = None
    """Samples a second of the sound; None for what the caller's telephone has."""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Asterisk:
    agi: Address = Address("127.0.0.1", 4573)
    audiosocket: Address = Address("127.0.0.1", 9092)
    audiosocket_address: str | None = None
    secret: str = ""
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1")
    """Addresses and networks from which Asterisk connects."""
    people_context: str = "from-internal"
    ring: float = 25.0
    """Seconds that a person's telephone rings."""
    hold: str = "ringing"
    """What the caller hears meanwhile: `ringing`, `music`, or `music/CLASS` of musiconhold.conf."""
    dial: str = ""
    """The dial string of calls that we make, with {number}; empty where none are made."""
    caller_id: str = ""
    """The number that people see whom we call."""
    ari: Ari | None = None
    """None where calls come over FastAGI alone."""


@dataclass(frozen=True, slots=True)
class Speech:
    listening: Listening = field(default_factory=Listening)
    voice: str = "espeak"
    voices: Path | None = None
    """The folder of voices that are read from disk."""
    cache: Path | None = None
    xtts: Xtts = field(default_factory=Xtts)


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """How browsers reach the console: plain on this machine alone, by HTTPS of ours, or by that of a proxy."""

    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: str | None = None
    """Addresses of the proxy, by commas: who a visitor is, is believed of these alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a server needs to know. Paths are absolute; times are seconds unless they say days."""

    path: Path | None = None
    database: str = "frontdesk.db"
    lines: Mapping[str, LineSettings] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    asterisk: Asterisk = Asterisk()
    speech: Speech = Speech()
    model: ModelSettings | None = None
    recordings: Path = Path("recordings")
    keep: Keep = USUAL
    most_calls: int = 20
    processes: int = 1
    """How many processes answer calls."""
    do_not_call: Path | None = None
    """A file of numbers that are never called, one a line."""
    longest_call: float | None = None
    """Seconds after which a call is brought to its end; None leaves it to the flow."""
    drain: float = 60.0
    web: Address = Address("127.0.0.1", 8089)
    console: ConsoleSettings = ConsoleSettings()
    metrics_token: str = ""
    """What other machines must send for /metrics."""
    traces: str | None = None
    outside: Outside = field(default_factory=Outside)


def load_settings(path: str | Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads a settings file; None takes `frontdesk.yaml` of this folder if there is one, else the defaults.

    `FRONTDESK_<SECTION>_<KEY>` in the environment overrides one value. Raises AuthorError with every fault of the file,
    SettingsError where a value cannot be used.
    """
    environment = os.environ if environment is None else environment
    file = Path(path) if path is not None else Path("frontdesk.yaml")
    tree = read_tree(file) if path is not None or file.is_file() else {}
    override(tree, environment)
    return _settings(tree, file.resolve() if file.is_file() else None, environment)


def _settings(tree: Mapping[str, Any], file: Path | None, environment: Mapping[str, str]) -> Settings:
    base = file.parent if file else Path.cwd()
    plain = Settings()
    asterisk: Mapping[str, Any] = tree.get("asterisk", {})
    speech: Mapping[str, Any] = tree.get("speech", {})
    recordings: Mapping[str, Any] = tree.get("recordings", {})
    calls: Mapping[str, Any] = tree.get("calls", {})
    default, heard = Asterisk(), Listening()
    ring = _seconds(asterisk.get("ring"), default.ring, "asterisk.ring", SHORTEST_RING)
    return Settings(
        path=file,
        database=_database(str(tree.get("database", plain.database)), base),
        lines={name: _line(name, line, base) for name, line in tree.get("lines", {}).items()},
        people={name: _person(name, to, ring) for name, to in tree.get("people", {}).items()},
        asterisk=Asterisk(
            agi=_address(asterisk.get("agi"), default.agi, "asterisk.agi"),
            audiosocket=_address(asterisk.get("audiosocket"), default.audiosocket, "asterisk.audiosocket"),
            audiosocket_address=asterisk.get("audiosocket_address"),
            secret=read_secret(asterisk, "secret", base, "asterisk"),
            allow=_list(asterisk.get("allow"), default.allow),
            people_context=str(asterisk.get("people_context", default.people_context)),
            ring=ring,
            hold=str(asterisk.get("hold", default.hold)),
            dial=str(asterisk.get("dial", "")),
            caller_id=str(asterisk.get("caller_id", "")),
            ari=_ari(asterisk.get("ari", {}), base),
        ),
        speech=Speech(
            listening=Listening(
                recogniser=str(speech.get("recogniser", heard.recogniser)),
                workers=_whole(speech.get("workers"), heard.workers, "speech.workers"),
                model=base / str(speech["model"]) if "model" in speech else None,
                device=str(speech.get("device", heard.device)),
                compute=str(speech.get("compute", heard.compute)),
            ),
            voice=str(speech.get("voice", "espeak")),
            voices=base / str(speech["voices"]) if "voices" in speech else None,
            cache=base / str(speech["cache"]) if "cache" in speech else None,
            xtts=_xtts(speech.get("xtts", {}), base),
        ),
        model=_model(tree.get("model", {}), base),
        recordings=base / str(recordings.get("folder", plain.recordings)),
        keep=_keep(tree),
        most_calls=_whole(calls.get("most"), plain.most_calls, "calls.most"),
        processes=_whole(calls.get("processes"), plain.processes, "calls.processes"),
        do_not_call=base / str(calls["do_not_call"]) if "do_not_call" in calls else None,
        longest_call=_seconds(calls["longest"], 0.0, "calls.longest", SHORTEST_CALL) if "longest" in calls else None,
        drain=_seconds(calls.get("drain"), plain.drain, "calls.drain"),
        web=_address(tree.get("web"), plain.web, "web"),
        console=_console(tree.get("console", {}), base),
        metrics_token=read_secret(tree.get("metrics", {}), "token", base, "metrics"),
        traces=tree.get("traces"),
        outside=read_outside(tree, base, environment),
    )


def _keep(tree: Mapping[str, Any]) -> Keep:
    """How long each kind of data is kept: transcripts as recordings and numbers as transcripts, unless it is said."""
    told = {kind: tree.get(kind, {}).get("keep") for kind in ("recordings", "transcripts", "numbers", "bookings")}
    recordings = _days(told["recordings"], USUAL.recordings, "recordings.keep")
    transcripts = _days(told["transcripts"], recordings, "transcripts.keep")
    numbers = _days(told["numbers"], transcripts, "numbers.keep")
    bookings = None if told["bookings"] is None else _days(told["bookings"], 0, "bookings.keep")
    return Keep(recordings, transcripts, numbers, bookings)


def _days(value: object, default: int, key: str) -> int:
    return round(_seconds(value, default * 86400.0, key) / 86400)


def _ari(ari: Mapping[str, Any], base: Path) -> Ari | None:
    """None where no address is given."""
    if not ari.get("url"):
        return None
    plain = Ari(str(ari["url"]))
    return Ari(
        plain.url,
        user=str(ari.get("user", plain.user)),
        password=read_secret(ari, "password", base, "asterisk.ari"),
        app=str(ari.get("app", plain.app)),
        media=str(ari.get("media", plain.media)),
        rate=None if ari.get("rate", "auto") == "auto" else _whole(ari["rate"], 0, "asterisk.ari.rate"),
        ca_file=base / str(ari["ca_file"]) if "ca_file" in ari else None,
    )


def _person(name: str, person: object, ring: float) -> Person:
    if not isinstance(person, Mapping):
        return Person(str(person), ring)
    return Person(
        to=str(person["to"]),
        ring=_seconds(person.get("ring"), ring, f"people.{name}.ring", SHORTEST_RING),
        whisper=person.get("whisper") == "yes",
        blind=person.get("how") == "blind",
    )


def _console(console: Mapping[str, Any], base: Path) -> ConsoleSettings:
    files = {name: base / str(console[name]) for name in ("certificate", "key") if name in console}
    if len(files) == 1:
        raise SettingsError("console: HTTPS needs both `certificate` and `key`; write the other one as well")
    for name, path in files.items():
        if not path.is_file():
            raise SettingsError(f"console.{name}: there is no file {path}")
    return ConsoleSettings(files.get("certificate"), files.get("key"), console.get("behind_proxy"))


def _database(text: str, base: Path) -> str:
    return text if "://" in text or text == ":memory:" else str(base / text)


def _line(name: str, line: Mapping[str, Any], base: Path) -> LineSettings:
    flow = str(line["flow"])
    beside = base / flow
    path = find_flow(beside if beside.exists() else flow)
    numbers = tuple(str(number) for number in line.get("numbers", ()))
    return LineSettings(
        name=name,
        flow=path.resolve(),
        numbers=numbers,
        overflow=line.get("overflow"),
        language=line.get("language"),
        before_answer=line.get("before_answer"),
    )


def read_line(line: LineSettings) -> Reading:
    """The flow of a line as it is read in the line's language. Raises SettingsError when the flow does not speak it,
    OSError when the flow cannot be read."""
    reading = read_path(line.flow, line.language)
    if line.language is not None and reading.languages and line.language not in reading.languages:
        spoken = " and ".join(reading.languages)
        raise SettingsError(
            f"lines.{line.name}.language is {line.language}, but {line.flow} speaks {spoken}: write one of these, or "
            f"add prompts.{line.language}.yaml beside the flow and name the language under its `languages`"
        )
    return reading


def _address(value: object, default: Address, key: str) -> Address:
    if value is None:
        return default
    host, colon, port = str(value).rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{key}: {value!r} is no address; write host:port, such as {default}")
    return Address(host.strip("[]") or default.host, int(port))


def _seconds(value: object, default: float, key: str, least: float = 0.0) -> float:
    if value is None:
        return default
    try:
        length: timedelta = parse_duration(str(value))
    except ValueError as fault:
        raise SettingsError(f"{key}: {fault}") from fault
    if length.total_seconds() < least:
        raise SettingsError(f"{key}: {value} is too short; give at least {least:g} s")
    return length.total_seconds()


def _list(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    """A list of the file, or words with commas from the environment."""
    if value is None:
        return default
    return tuple(str(each).strip() for each in (value if isinstance(value, list) else str(value).split(",")))


def _whole(value: object, default: int, key: str) -> int:
    if value is None:
        return default
    text = str(value)
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{key}: {value!r} is no whole number above 0")
    return int(text)


def _xtts(xtts: Mapping[str, Any], base: Path) -> Xtts:
    plain = Xtts()
    deadline = _seconds(xtts.get("deadline"), plain.deadline, "speech.xtts.deadline")
    if not 0.2 <= deadline <= 300:
        raise SettingsError(f"speech.xtts.deadline: {deadline:g} s; give 200 ms to 300 s")
    return Xtts(
        accept_licence=xtts.get("accept_licence") in (True, "yes"),
        model=base / str(xtts["model"]) if "model" in xtts else None,
        python=base / str(xtts["python"]) if "python" in xtts else None,
        device=str(xtts.get("device", plain.device)),
        streams=_whole(xtts.get("streams"), plain.streams, "speech.xtts.streams"),
        deadline=deadline,
    )


def _model(model: Mapping[str, Any], base: Path) -> ModelSettings | None:
    """None where no server is named: then nothing but the embedded understanding is used."""
    if not model.get("url"):
        return None
    plain = ModelSettings("")
    try:
        url = base_of(str(model["url"]))
    except SettingsError as fault:
        raise SettingsError(f"model.url: {fault}") from fault
    deadline = _seconds(model.get("deadline"), plain.deadline, "model.deadline")
    if not 0.05 <= deadline <= 10:
        raise SettingsError(f"model.deadline: {deadline:g} s; give 50 ms to 10 s, since a caller waits in silence")
    return ModelSettings(
        url=url,
        name=str(model.get("name", plain.name)),
        key=read_secret(model, "key", base, "model"),
        deadline=deadline,
        max_tokens=_whole(model.get("max_tokens"), plain.max_tokens, "model.max_tokens"),
    )
