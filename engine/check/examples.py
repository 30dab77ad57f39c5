"""A good and a bad case for each code of the reading, as rules have their own: shown in the docs, and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Way: TypeAlias = Literal["part", "lines", "file"]
"""A `part` is laid over a small sound flow, `lines` are written below it as they are, a `file` stands for all of it."""


@dataclass(frozen=True, slots=True)
class Example:
    good: str
    bad: str
    way: Way = "part"
    beside: str = ""
    """The name of the file that the bad case is about, where it is not the flow's."""
    text: str = ""
    """What stands in that file."""


def _lines(good: str, bad: str) -> Example:
    return Example(good, bad, "lines")


_SMALL: Final = """frontdesk: 1
flow: bell
language: en-GB
timezone: Europe/London
start: bye
steps: {bye: {hangup: 'yes', say: Nobody is in.}}
"""

EXAMPLES: Final[Mapping[str, Example]] = {
    "alias": _lines('answers: {key: {hear: [which key], say: "*0 is a person."}}',
                    "answers: {key: {hear: [which key], say: *star}}"),
    "anchor": _lines('answers: {shop: {hear: [who are you], say: "&Sons."}}',
                     "answers: {shop: {hear: [who are you], say: &Sons we are}}"),
    "bracket": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}", "answers: {dogs: {hear: [dogs, say: Yes.}}"),
    "calendar-days": Example("calendars: {desk: {mon-fri: ['09:00-17:00'], sat-sun: closed}}",
                             "calendars: {desk: {mon-fri: ['09:00-17:00']}}"),
    "character": _lines('answers: {dogs: {hear: [dogs], say: "Yes."}}',
                        'answers: {dogs: {hear: [dogs], say: "\\ud800"}}'),
    "colon": _lines('answers:\n  dogs:\n    hear: [dogs]\n    say: "Dogs: yes."',
                    "answers:\n  dogs:\n    hear: [dogs]\n    say: Dogs: yes."),
    "comment": _lines('answers:\n  key:\n    hear: [how do I end]\n    say: "Press # to end."',
                      "answers:\n  key:\n    hear: [how do I end]\n    say: Press # to end."),
    "condition": Example("steps: {hello: {say: [{if: party_size > 4, text: Hello.}, {text: Hi.}], then: menu}}",
                         "steps: {hello: {say: [{if: guests > 4, text: Hello.}, {text: Hi.}], then: menu}}"),
    "date": Example("calendars: {tables: {daily: ['12:00-22:00'], except: {2026-02-28: closed}}}",
                    "calendars: {tables: {daily: ['12:00-22:00'], except: {2026-02-30: closed}}}"),
    "document": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}", "---\nanswers: {dogs: {hear: [dogs], say: Yes.}}"),
    "duplicate-item": Example("steps: {book: {form: [party_size], then: sure}}",
                              "steps: {book: {form: [party_size, party_size], then: sure}}"),
    "duplicate-key": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}",
                            "answers: {dogs: {hear: [dogs], say: Yes., say: No.}}"),
    "duration": Example("tools: {find_table: {with: [party_size], outcomes: {free: {}}, deadline: 2 s}}",
                        "tools: {find_table: {with: [party_size], outcomes: {free: {}}, deadline: 2 parsecs}}"),
    "empty": Example("frontdesk: 1", "# nothing yet", "file"),
    "include": Example("language: en-GB", "include: [../other/slots.yaml]"),
    "indent": _lines("answers:\n  dogs:\n    hear: [dogs]\n    say: Yes.",
                     "answers:\n  dogs:\n    hear: [dogs]\n   say: Yes."),
    "key": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}", "answers\nprompts: {engine.filler: Wait.}"),
    "language": Example("languages: [en-GB]", "languages: [en-US]"),
    "limit": Example("slots: {stay: {type: duration, max: 3 hours, ask: How long?}}",
                     "slots: {stay: {type: duration, max: 180, ask: How long?}}"),
    "merge-key": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}",
                        "answers: {dogs: {<<: {hear: [dogs]}, hear: [dogs], say: Yes.}}"),
    "missing-key": Example("answers: {dogs: {hear: [dogs], say: Yes.}}", "answers: {dogs: {hear: [dogs]}}"),
    "module-version": Example("steps: {hello: {say: Hello., then: menu}}",
                              "steps: {hello: {use: part.yaml, version: 1, exits: {done: menu}}}", beside="part.yaml",
                              text="frontdesk: 1\nflow: part\nversion: 2\nexits: [done]\nstart: tell\n"
                                   "steps: {tell: {say: Hello., then: done}}\n"),
    "name": Example("answers: {our_dogs: {hear: [dogs], say: Yes.}}", "answers: {Our dogs: {hear: [dogs], say: Yes.}}"),
    "name-clash": Example("slots: {size: {type: number, ask: Which?}}", "slots: {hello: {type: number, ask: Which?}}"),
    "no-action": Example("tools: {find_table: {with: [party_size], outcomes: {free: {}}}}",
                         "tools: {table: {with: [party_size], outcomes: {free: {}}}}"),
    "no-ask": Example("slots: {party_size: {type: party_size, ask: How many?}}",
                      "slots: {party_size: {type: party_size}}"),
    "no-effect": Example("""
resources:
  room:
    calendar: tables
    services: {cut: {say: a haircut, minutes: 30}}
    practitioners: {anna: {say: Anna}}
""", """
resources:
  room:
    calendar: tables
    services: {cut: {say: a haircut, minutes: 30, length: 30 min}}
    practitioners: {anna: {say: Anna}}
"""),
    "no-file": Example("language: en-GB", "include: [more.yaml]"),
    "no-operator": Example(_SMALL + "operator: bye\n", _SMALL, "file"),
    "not-shared": Example("steps: {hello: {say: Hello., then: menu}}",
                          "steps: {hello: {use: part.yaml, exits: {done: menu}}}", beside="part.yaml",
                          text="frontdesk: 1\nflow: part\nexits: [done]\nstart: ask\n"
                               "steps: {ask: {form: [party_size], then: done}}\n"),
    "no-persona": Example("language: en-GB", "persona: nobody"),
    "no-resource": Example("tools: {find_table: {with: [party_size], outcomes: {free: {}}}}", """
resources:
  hall: {calendar: tables, units: [{seats: 9}]}
  room: {calendar: tables, units: [{seats: 4}]}
"""),
    "no-value": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}", "answers: {dogs: {hear: [dogs], say: }}"),
    "opening-order": Example("calendars: {tables: {daily: ['12:00-14:00', '18:00-22:00']}}",
                             "calendars: {tables: {daily: ['12:00-19:00', '18:00-22:00']}}"),
    "quote": _lines("answers: {dogs: {hear: [dogs], say: \"We're fond of them.\"}}",
                    "answers: {dogs: {hear: [dogs], say: 'Yes.}}"),
    "special-start": _lines('answers: {dogs: {hear: [dogs], say: "@home."}}',
                            "answers: {dogs: {hear: [dogs], say: @home.}}"),
    "step-kind": Example("steps: {hello: {say: Hello., then: menu}}", "steps: {hello: {then: menu}}"),
    "syntax": _lines('answers: {dogs: {hear: [dogs], say: "Yes."}}',
                     'answers: {dogs: {hear: [dogs], say: "\\U00990000"}}'),
    "tab": _lines("answers:\n  dogs: {hear: [dogs], say: Yes.}", "answers:\n\tdogs: {hear: [dogs], say: Yes.}"),
    "tag": _lines('answers: {dogs: {hear: [dogs], say: "!Yes."}}', "answers: {dogs: {hear: [dogs], say: !yes Yes.}}"),
    "timezone": Example("timezone: Europe/London", "timezone: Europe/Londn"),
    "too-deep": _lines("answers: {dogs: {hear: [dogs], say: Yes.}}", "answers: " + "[" * 70 + "]" * 70),
    "two-kinds": Example("steps: {hello: {say: Hello., then: menu}}",
                         "steps: {hello: {ask: Hello?, call: find_table}}"),
    "type": Example("slots: {party_size: {type: party_size, ask: How many?}}",
                    "slots: {party_size: {type: party_size, ask: 7}}"),
    "unknown-calendar": Example("slots: {day: {type: date, open: tables, ask: Which day?}}",
                                "slots: {day: {type: date, open: tabels, ask: Which day?}}"),
    "unknown-key": Example("answers: {dogs: {hear: [dogs], say: Yes.}}",
                           "answers: {dogs: {hear: [dogs], say: Yes., price: 5}}"),
    "unknown-outcome": Example("steps: {store: {call: book_table, on: {booked: bye, failed: bye, unknown: bye}}}",
                               "steps: {to_human: {transfer: {to: desk}, on: {connected: end, busy: bye, "
                               "no_answer: bye, declined: bye, closed: bye, failed: bye, asleep: bye}}}"),
    "unknown-prompt": Example("steps: {hello: {say: Hello., then: menu}}",
                              "steps: {hello: {say: Hello., then: menu}}", beside="prompts.en-GB.yaml",
                              text="prompts: {helo: Good morning.}\n"),
    "unknown-resource": Example("slots: {who: {type: choice, choices: [you, me], ask: Who?}}",
                                "slots: {who: {type: choice, choices: shop.services, ask: What?}}"),
    "unknown-result": Example("slots: {time: {type: time, ask: When?}}",
                              "steps: {hello: {say: When?, choose_slot: {party_size: sizes}, then: menu}}"),
    "unknown-service": Example("resources: {room: {calendar: tables, units: [{seats: 4}]}}", """
resources:
  room:
    calendar: tables
    services: {cut: {say: a haircut, minutes: 30}}
    practitioners: {anna: {say: Anna, services: [colour]}}
"""),
    "unknown-slot": Example("steps: {book: {form: [party_size], then: sure}}",
                            "steps: {book: {form: [party_sise], then: sure}}"),
    "unknown-step": Example("steps: {hello: {say: Hello., then: menu}}", "steps: {hello: {say: Hello., then: meun}}"),
    "unknown-tool": Example("steps: {store: {call: book_table, on: {booked: bye, failed: bye, unknown: bye}}}",
                            "steps: {store: {call: book_tabel, on: {booked: bye, failed: bye, unknown: bye}}}"),
    "untranslated": Example("languages: [en-GB]", "languages: [en-GB, en-US]"),
    "unwired-outcome": Example("steps: {store: {call: book_table, on: {booked: bye, failed: bye, unknown: bye}}}",
                               "steps: {store: {call: book_table, on: {booked: bye, failed: bye}}}"),
    "use": Example("language: en-GB", "steps: {hello: {use: ../other/flow.yaml, exits: {done: menu}}}"),
    "value": Example("slots: {party_size: {type: party_size, ask: How many?}}",
                     "slots: {party_size: {type: partysize, ask: How many?}}"),
    "version": Example("frontdesk: 1", "frontdesk: 2"),
    "wrong-type": Example("""
tools:
  book_table: {with: [party_size], outcomes: {booked: {reference: digits}}, commits: 'yes'}
""", """
tools:
  book_table: {with: [party_size], outcomes: {booked: {reference: digits}}, commits: 'yes'}
  look_up: {with: [party_size], outcomes: {found: {reference: text}}}
"""),
}  # fmt: skip
