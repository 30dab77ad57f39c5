"""The Asterisk configuration to install, as text with comments; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agi.destination import checked_context, dial_string, is_number
from agi.token import DIALPLAN_TIME, dialplan_query
from engine.errors import SettingsError

_EXTENSION = re.compile(r"\+?[0-9*#]{1,32}|s|_[0-9XZN.!\[\]*#-]{1,40}")
_SOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,99}")
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_APP = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADDRESS = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
HANDOVER = "frontdesk-handover"
SCRIPTS = "frontdesk-scripts"
PASSED_ON = "frontdesk-pass-on"
WHISPER = "frontdesk-whisper"

Flavour: TypeAlias = Literal["plain", "freepbx"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that frontdesk answers: `path` is the line's AGI path, `person` who is rung when frontdesk is away
    (a number of the people's context, or a dial string); without one the caller hears the busy tone."""

    number: str
    path: str
    person: str | None = None
    before_answer: str | None = None
    """A sound of Asterisk's that is played before the call is answered."""
    app: str | None = None
    """The ARI application that answers; while it is away, FastAGI does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`agi` is the `host:port` at which Asterisk reaches FastAGI."""

    entries: tuple[Entry, ...]
    agi: str = "127.0.0.1:4573"
    context: str = "frontdesk"
    people_context: str = "from-internal"
    secret: str = ""
    flavour: Flavour = "plain"
    ring: int = 30
    """Seconds for which the safety net rings a dial string."""
    scripts: tuple[str, ...] = ()
    """Names of AGI scripts that the dialplan may run."""


def write_dialplan(plan: Plan) -> str:
    """The text of extensions.conf (plain) or extensions_custom.conf (FreePBX); SettingsError for what cannot stand in
    it: whatever comes out is one dialplan, whoever wrote the settings."""
    _check(plan)
    parts = [_head(plan), f"[{plan.context}]"]
    parts += [_entry(plan, entry) for entry in plan.entries]
    parts += [_handover(), _whisper(), _pass_on(plan)]
    if plan.scripts:
        parts.append(_scripts(plan))
    if plan.flavour == "freepbx":
        parts.append(_freepbx(plan))
    return "\n".join(parts)


def _check(plan: Plan) -> None:
    if not plan.entries:
        raise SettingsError("no line is configured: give at least one number and the flow that answers it")
    if not _ADDRESS.fullmatch(plan.agi):
        raise SettingsError(f"{plan.agi!r} is not a host:port at which Asterisk could reach FastAGI")
    checked_context(plan.context)
    checked_context(plan.people_context)
    seen: set[str] = set()
    for entry in plan.entries:
        if not _EXTENSION.fullmatch(entry.number):
            raise SettingsError(f"{entry.number!r} is not a number or pattern that Asterisk can match")
        if entry.number in seen:
            raise SettingsError(f"the number {entry.number} is configured twice")
        if not _PATH.fullmatch(entry.path):
            raise SettingsError(f"{entry.path!r} is not an AGI path: letters, digits, `-`, `_`, `.` and `/`")
        seen.add(entry.number)
        if entry.person is not None:
            dial_string(entry.person, plan.people_context)
        if entry.app is not None and not _APP.fullmatch(entry.app):
            raise SettingsError(f"{entry.app!r} is not the name of an ARI application: letters, digits, `-` and `_`")
        if entry.before_answer is not None and not _SOUND.fullmatch(entry.before_answer):
            raise SettingsError(f"{entry.before_answer!r} is no name of a sound: letters, digits, `_`, `.`, `-`, `/`")


def _head(plan: Plan) -> str:
    file = "extensions.conf" if plan.flavour == "plain" else "extensions_custom.conf"
    return f"""\
; Printed by `frontdesk dialplan` for {file}. After a change of numbers, ports or the secret print it again,
; then run `asterisk -rx 'dialplan reload'`. Needs Asterisk 18 or later with the modules res_agi, app_audiosocket,
; app_dial, app_exec, app_stack, app_verbose, func_channel, func_sha1 and func_uri.
;
; Frontdesk sets FD_OUTCOME when it ends a call properly. Where it is empty, frontdesk was away, full, or died in the
; middle (AGISTATUS would say SUCCESS even then): the caller is put through to a person.
{_keys(plan)}{_ari(plan)}"""


def _keys(plan: Plan) -> str:
    if not plan.secret:
        return ""
    return """\
;
; SHA1(...) makes a key for each call, of keys that stand for the secret, the channel and the time. It is good once, and
; for 30 s by the clocks of both machines. Keep this file to Asterisk alone: `chown asterisk: FILE`, `chmod 600 FILE`.
"""


def _ari(plan: Plan) -> str:
    if all(entry.app is None for entry in plan.entries):
        return ""
    return """\
;
; Stasis() gives calls over ARI; while frontdesk is not connected, FastAGI answers. Needs also app_stasis, res_ari,
; res_ari_applications, res_ari_asterisk, res_ari_bridges, res_ari_channels, res_ari_events, and for the sound
; chan_websocket or chan_audiosocket. http.conf: `enabled = yes`, `bindaddr = 127.0.0.1`, `sessionlimit = 1000`.
; ari.conf: `enabled = yes`, and a section named as `asterisk.ari.user` with `type = user`, `read_only = no` and the
; password of the settings.
"""


def _address(plan: Plan, path: str) -> tuple[str, str]:
    """Where AGI calls for a path, and what the dialplan must run before it."""
    address = f"agi://{plan.agi}/{path}" + (f"?{dialplan_query(plan.secret, path)}" if plan.secret else "")
    return address, "".join(f" same => n,{application}\n" for application in DIALPLAN_TIME) if plan.secret else ""


def _scripts(plan: Plan) -> str:
    parts = [
        f"""
; AGI scripts of frontdesk.yaml: `Gosub({SCRIPTS},NAME,1(argument))` runs one and comes back; FD_OUTCOME is then
; script_done, script_failed or script_late, and empty when the caller hung up or frontdesk was away.
[{SCRIPTS}]"""
    ]
    for name in plan.scripts:
        address, before = _address(plan, f"script/{name}")
        parts.append(f"""\
exten => {name},1,Set(FD_OUTCOME=)
{before} same => n,AGI({address},${{ARG1}})
 same => n,Return()""")
    return "\n".join(parts) + "\n"


def _entry(plan: Plan, entry: Entry) -> str:
    path = entry.path.strip("/")
    address, before = _address(plan, path)
    if entry.app is not None:
        before = f"""\
 same => n,Stasis({entry.app},{path})
 same => n,GotoIf($["${{FD_OUTCOME}}" != ""]?done)
 same => n,GotoIf($["${{STASISSTATUS}}" = "SUCCESS"]?lost)
{before}"""
    if entry.before_answer is not None:
        before = f" same => n,Progress()\n same => n,Playback({entry.before_answer},noanswer)\n{before}"
    status = "AGISTATUS=${AGISTATUS}" + (" STASISSTATUS=${STASISSTATUS}" if entry.app else "")
    if entry.person is None:
        person = "Busy(10)"
    elif is_number(entry.person):
        person = f"Goto({plan.people_context},{entry.person},1)"
    else:
        person = f"Dial({entry.person},{plan.ring})"
    return f"""
; {entry.number}: the line {path}; when frontdesk is away: {entry.person or "busy tone (the line has no `overflow`)"}
exten => {entry.number},1,Set(FD_OUTCOME=)
 same => n,Set(DIALSTATUS=)
{before} same => n,AGI({address})
 same => n,GotoIf($["${{FD_OUTCOME}}" != "" | "${{DIALSTATUS}}" = "ANSWER"]?done)
 same => n(lost),Log(WARNING,frontdesk did not finish this call: {status})
 same => n,{person}
 same => n(done),Hangup()"""


def _handover() -> str:
    return f"""
; Runs on the telephone that is dialled by a transfer. What the caller said travels in inherited variables: FD_<NAME>,
; and all of them URL-encoded in FD_CONTEXT. They must never stand in an application's arguments, where commas and
; brackets would be read as options.
[{HANDOVER}]
exten => s,1,GotoIf($["${{CHANNEL(channeltype)}}" != "PJSIP"]?done)
 same => n,Set(PJSIP_HEADER(add,X-Frontdesk-Context)=${{FD_CONTEXT}})
 same => n,Set(PJSIP_HEADER(add,X-Frontdesk-Summary)=${{URIENCODE(${{FD_SUMMARY}})}})
 same => n(done),Return()
"""


def _whisper() -> str:
    return f"""
; Runs on the telephone of a person with `whisper: yes` once they answer: they hear over AudioSocket what the call is
; about (ARG1 is the id of that sound, ARG2 where it comes from). When they do not take the call, AudioSocket fails,
; and the caller goes back to frontdesk.
[{WHISPER}]
exten => s,1,TryExec(AudioSocket(${{ARG1}},${{ARG2}}))
 same => n,ExecIf($["${{TRYSTATUS}}" != "SUCCESS"]?Set(GOSUB_RESULT=CONTINUE))
 same => n,Return()
"""


def _pass_on(plan: Plan) -> str:
    return f"""
; A call that is given away for good (`how: blind`) to a dial string of the settings goes on here.
[{PASSED_ON}]
exten => s,1,Dial(${{FD_TO}},{plan.ring},b({HANDOVER}^s^1))
 same => n,Hangup()
"""


def _freepbx(plan: Plan) -> str:
    first = plan.entries[0].number
    return f"""\
; For FreePBX: extensions dial the numbers above directly. For calls from outside add a Custom Destination
; (Admin, Custom Destinations) with the target `{plan.context},{first},1` and choose it in the Inbound Route.
[from-internal-custom]
include => {plan.context}
"""
