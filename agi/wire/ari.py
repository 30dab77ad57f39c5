"""ARI as messages: the events of Asterisk's websocket as types, our requests as method, path and parameters.

A call enters our application with StasisStart and leaves it with StasisEnd, whoever ended it. The channels that we make
ourselves (for sound, for people) enter it too, so they are told by their ids. What becomes of a telephone that we ring
comes twice: `Dial` with a word, ChannelDestroyed with a cause (ITU-T Q.850). Where somebody declines, the word says
NOANSWER and only the cause tells the truth. Every other event is ignored; `EVENTS` names those that we ask for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote, urlencode
from uuid import UUID

from engine.errors import PeerError

LONGEST_EVENT: Final = 65536
LONGEST_VALUE: Final = 2000
LONGEST_ID: Final = 150
EVENTS: Final = ("StasisStart", "StasisEnd", "ChannelDestroyed", "Dial", "ApplicationReplaced")

NARROW: Final = frozenset(
    ("ulaw", "alaw", "gsm", "g729", "g723", "g726", "g726aal2", "ilbc", "adpcm", "lpc10", "slin", "speex", "amr")
)
"""Asterisk's names of codecs with 8000 samples a second."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONNECTION = re.compile(r"[A-Za-z0-9-]{8,64}")
_FUNCTION = re.compile(r"(__?)?[A-Za-z][A-Za-z0-9_]{0,79}(\([A-Za-z0-9_,-]*\))?")


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call; `caller` and `called` are numbers, None where Asterisk does not know them."""

    id: str
    caller: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """A channel is ours from now on; `args` are those of the dialplan's Stasis()."""

    channel: Channel
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A channel is ours no more: hung up, or given back to the dialplan."""

    channel: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A channel is gone, for a cause of ITU-T Q.850 (16 normal, 17 busy, 19 no answer, 21 rejected; 0 unknown)."""

    channel: str
    cause: int = 0


@dataclass(frozen=True, slots=True)
class Dialled:
    """How far a channel that we ring has come: RINGING, ANSWER, BUSY, NOANSWER, CONGESTION, CHANUNAVAIL, CANCEL."""

    channel: str
    status: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another program took the name of our application; no more events come over this connection."""


Event: TypeAlias = Entered | Left | Destroyed | Dialled | Replaced


def parse_event(text: str | bytes) -> Event | None:
    """The event in one message; None for one that is not for us. PeerError for what no Asterisk sends."""
    if len(text) > LONGEST_EVENT:
        raise PeerError(f"ARI: an event of {len(text)} bytes is longer than {LONGEST_EVENT}")
    tree = _tree(text)
    match tree.get("type"):
        case "StasisStart":
            return Entered(_channel(_object(tree, "channel")), _words(tree.get("args", []), "the arguments of a call"))
        case "StasisEnd":
            return Left(_id(_object(tree, "channel")))
        case "ChannelDestroyed":
            return Destroyed(_id(_object(tree, "channel")), _whole(tree.get("cause", 0)))
        case "Dial" if tree.get("dialstatus"):
            return Dialled(_id(_object(tree, "peer")), _text(tree, "dialstatus"))
        case "ApplicationReplaced":
            return Replaced()
    return None


def media_path(reply: Mapping[str, Any]) -> str:
    """Where the websocket of a channel's sound is, from the reply to `sound_by_websocket`; PeerError where it says
    nothing of the kind."""
    variables = reply.get("channelvars")
    identity = variables.get("MEDIA_WEBSOCKET_CONNECTION_ID") if isinstance(variables, dict) else None
    if not isinstance(identity, str) or not _CONNECTION.fullmatch(identity):
        raise PeerError("ARI made a channel for a media websocket, but did not say where it is")
    return f"/media/{identity}"


def channels_of(reply: Mapping[str, Any]) -> frozenset[str]:
    """The channels that an application hears of, from the reply to `application`: those in it, and some that were."""
    return frozenset(_words(reply.get("channel_ids", []), "the channels of an application"))


def bridges_of(reply: Mapping[str, Any]) -> frozenset[str]:
    """The bridges of an application, from the same reply."""
    return frozenset(_words(reply.get("bridge_ids", []), "the bridges of an application"))


def parse_reply(text: str | bytes) -> Mapping[str, Any]:
    """The object in the reply to a request; empty where the reply is. PeerError where it is none."""
    return _tree(text) if text else {}


def _tree(text: str | bytes) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise PeerError(f"ARI: this is no JSON: {text[:80]!r}") from fault
    if not isinstance(tree, dict):
        raise PeerError(f"ARI: this is no object: {text[:80]!r}")
    return tree


def _object(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = tree.get(key)
    if not isinstance(value, dict):
        raise PeerError(f"ARI: {tree.get('type')!r} came without its {key}")
    return value


def _text(tree: Mapping[str, Any], key: str) -> str:
    value = tree.get(key)
    if not isinstance(value, str):
        raise PeerError(f"ARI: {key!r} of {str(tree.get('type'))[:40]!r} is no text")
    return value


def _id(channel: Mapping[str, Any]) -> str:
    value = _text(channel, "id")
    if not 0 < len(value) <= LONGEST_ID:
        raise PeerError(f"ARI: {value[:80]!r} is not the id of a channel")
    return value


def _words(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise PeerError(f"ARI: {what} are no texts")
    return tuple(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PeerError("ARI: the cause of an end is no number")
    return value


def _channel(tree: Mapping[str, Any]) -> Channel:
    caller, dialplan = tree.get("caller"), tree.get("dialplan")
    return Channel(
        _id(tree),
        caller=_number(caller, "number"),
        called=_number(dialplan, "exten"),
    )


def _number(tree: object, key: str) -> str | None:
    value = tree.get(key) if isinstance(tree, dict) else None
    return value[:LONGEST_ID] if isinstance(value, str) and value else None


# requests


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of Asterisk: the path within ARI with its parameters; `body` is sent as JSON where there is one."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and parameters, encoded: nothing in a value can become a part of the path or another parameter."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path


def answer(channel: str) -> Request:
    return Request("POST", f"/channels/{_part(channel)}/answer")


def hang_up(channel: str, reason: str = "normal") -> Request:
    return Request("DELETE", f"/channels/{_part(channel)}", {"reason": reason})


def ring(channel: str) -> Request:
    """The caller hears that it rings."""
    return Request("POST", f"/channels/{_part(channel)}/ring")


def play_music(channel: str, name: str = "") -> Request:
    """The caller hears music on hold, of the class `name` or the channel's own."""
    return Request("POST", f"/channels/{_part(channel)}/moh", {"mohClass": name} if name else {})


def stop_music(channel: str) -> Request:
    return Request("DELETE", f"/channels/{_part(channel)}/moh")


def stop_ringing(channel: str) -> Request:
    return Request("DELETE", f"/channels/{_part(channel)}/ring")


def set_variable(channel: str, name: str, value: str) -> Request:
    """ValueError for a name that is none, and for a value with control signs in it: a line break would begin another
    header where the variable becomes one."""
    body = {"variable": _name(name), "value": _value(name, value)}
    return Request("POST", f"/channels/{_part(channel)}/variable", body=body)


def codecs(channel: str) -> Request:
    """In which codecs the telephone of a channel speaks, for `rate_of`."""
    return Request("GET", f"/channels/{_part(channel)}/variable", {"variable": "CHANNEL(audionativeformat)"})


def rate_of(reply: Mapping[str, Any]) -> int:
    """Samples a second that are worth their while: 8000 where the telephone has none but codecs of that rate, which
    a reply such as `(ulaw|alaw)` names; else 16000."""
    found = set(re.findall(r"[a-z0-9]+", str(reply.get("value", ""))[:LONGEST_VALUE]))
    return 8000 if found and found <= NARROW else 16000


def go_on(channel: str, place: tuple[str, str] | None = None) -> Request:
    """The dialplan goes on: after its Stasis(), or at priority 1 of `place` (context, extension)."""
    context = {} if place is None else {"context": place[0], "extension": place[1], "priority": "1"}
    return Request("POST", f"/channels/{_part(channel)}/continue", context)


def move(channel: str, app: str, args: Sequence[str] = ()) -> Request:
    """Another application has the channel from now on, as if Stasis() had given it there with `args`; where it is not
    connected, the channel stays, and nothing says so. ValueError for an argument that would be read as two."""
    if any("," in argument for argument in args):
        raise ValueError("an argument of Stasis() holds no comma")
    return Request("POST", f"/channels/{_part(channel)}/move", {"app": app, "appArgs": ",".join(args)})


def sound_by_websocket(app: str, channel: str, form: str) -> Request:
    """A channel whose sound we fetch at `/media/{MEDIA_WEBSOCKET_CONNECTION_ID}`, which the reply names."""
    return _external(app, channel, form, "websocket", "none", "INCOMING", connection_type="server", data="f(json)")


def sound_by_audiosocket(app: str, channel: str, form: str, address: str, identity: UUID) -> Request:
    """A channel that connects to the AudioSocket server at `address` (host:port) and says its id."""
    return _external(app, channel, form, "tcp", "audiosocket", address, connection_type="client", data=str(identity))


def _external(  # one for each parameter of the request
    app: str, channel: str, form: str, transport: str, encapsulation: str, host: str, *, connection_type: str, data: str
) -> Request:
    params = {
        "app": app,
        "channelId": channel,
        "external_host": host,
        "encapsulation": encapsulation,
        "transport": transport,
        "connection_type": connection_type,
        "format": form,
        "direction": "both",
    }
    key = "transport_data" if transport == "websocket" else "data"
    return Request("POST", "/channels/externalMedia", {**params, key: data})


def originate(  # one for each parameter of the request
    app: str, channel: str, endpoint: str, *, caller: str, within: int, variables: Mapping[str, str], of: str
) -> Request:
    """Rings `endpoint` (PJSIP/reception, Local/200@people) for `within` seconds; whoever answers enters our
    application. `of` is the channel for which we do it, empty for none. Values as in `set_variable`."""
    params = {"endpoint": endpoint, "app": app, "channelId": channel, "timeout": str(within)}
    if of:
        params["originator"] = of
    if caller:
        params["callerId"] = _value("callerId", caller)
    values = {_name(name): _value(name, value) for name, value in variables.items()}
    return Request("POST", "/channels", params, {"variables": values})


def make_bridge(bridge: str) -> Request:
    return Request("POST", f"/bridges/{_part(bridge)}", {"type": "mixing"})


def remove_bridge(bridge: str) -> Request:
    return Request("DELETE", f"/bridges/{_part(bridge)}")


def join(bridge: str, *channels: str) -> Request:
    return Request("POST", f"/bridges/{_part(bridge)}/addChannel", {"channel": ",".join(map(_checked, channels))})


def module(name: str) -> Request:
    """Whether a module (`chan_websocket.so`) is running."""
    return Request("GET", f"/asterisk/modules/{_part(name)}")


def application(app: str) -> Request:
    """Which channels and bridges an application has."""
    return Request("GET", f"/applications/{_part(app)}")


def choose_events(app: str) -> Request:
    """Asterisk sends only what we read: of a call's hundred variables none."""
    allowed = {"allowed": [{"type": name} for name in EVENTS]}
    return Request("PUT", f"/applications/{_part(app)}/eventFilter", body=allowed)


def events_target(app: str) -> str:
    """Path and parameters of the websocket of events."""
    return "/events?" + urlencode({"app": app, "subscribeAll": "false"})


def _checked(identity: str) -> str:
    if not 0 < len(identity) <= LONGEST_ID or "," in identity or _CONTROL.search(identity):
        raise ValueError(f"{identity[:80]!r} is not the id of a channel or bridge")
    return identity


def _part(identity: str) -> str:
    """An id as one part of a path; a part that climbs is none."""
    if _checked(identity) in (".", ".."):
        raise ValueError(f"{identity!r} is not the id of a channel or bridge")
    return quote(identity, safe="")


def _name(name: str) -> str:
    if not _FUNCTION.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a channel variable")
    return name


def _value(name: str, value: str) -> str:
    if _CONTROL.search(value) or len(value) > LONGEST_VALUE:
        raise ValueError(f"the value of {name} holds control signs or more than {LONGEST_VALUE} characters")
    return value
