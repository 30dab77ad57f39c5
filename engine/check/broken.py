"""A good and a bad case of each promise, laid over a small sound flow as those of the rules: shown in the docs, and
tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.check.examples import Example

CASES: Final[Mapping[str, Example]] = {
    "ends": Example(
        "steps: {to_human: {message: {ask: Please speak.}, then: bye}}",
        "steps: {to_human: {message: {ask: Please speak.}, then: to_human}}",
    ),
    "human": Example(
        """
steps:
  to_human:
    transfer: {to: desk}
    on: {connected: end, busy: box, no_answer: box, declined: box, closed: box, failed: box}
  box: {message: {ask: Please speak.}, then: bye}
""",
        """
steps:
  to_human:
    transfer: {to: desk}
    on: {connected: end, busy: bye, no_answer: bye, declined: bye, closed: bye, failed: bye}
""",
    ),
    "bounded": Example(
        """
steps:
  menu:
    say: How can I help?
    listen: {book: {hear: [a table], key: 1, go: book}}
    nomatch: [Pardon?]
    then: to_human
""",
        """
steps:
  menu:
    say: How can I help?
    listen: {book: {hear: [a table], key: 1, go: book}}
    nomatch: [Pardon?]
    then: menu
""",
    ),
    "confirmed": Example(
        "steps: {sure: {confirm: [party_size], yes: store, gave_up: to_human}}",
        """
slots: {name: {type: person_name, ask: Your name?, confirm: explicit}}
tools: {book_table: {with: [party_size, name], outcomes: {booked: {}}, commits: 'yes'}}
steps: {book: {form: [party_size, name], then: sure}}
""",
    ),
    "once": Example(
        """
slots: {party_size: {type: party_size, ask: How many?, confirm: never}}
steps: {sure: {ask: 'Shall I book a table for {party_size}?', yes: store, no: bye}}
""",
        """
slots: {party_size: {type: party_size, ask: How many?, confirm: never}}
steps: {sure: {ask: 'Shall I book a table for {party_size}?', yes: bye, no: store}}
""",
    ),
    "fresh": Example(
        """
slots: {name: {type: person_name, ask: Your name?}}
steps:
  book:
    form: [party_size, name]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
  sure: {confirm: [party_size, name], yes: store, gave_up: to_human}
""",
        """
slots: {name: {type: person_name, ask: Your name?}}
steps:
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: to_human}}, then: who}
  who: {form: [name], then: sure}
  sure: {confirm: [party_size, name], yes: store, gave_up: to_human}
""",
    ),
    "awake": Example(
        """
steps:
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: sorry}}, then: sure}
  sorry: {say: Let me try once more., clear: [party_size], then: book}
""",
        """
steps:
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: to_human}}, then: thanks}
  thanks: {say: Thank you., then: book}
""",
    ),
    "filled": Example(
        """
steps:
  hello:
    say: [{if: party_size is known, text: 'A table for {party_size}.'}, {text: Hello.}]
    then: menu
  to_human: {message: {ask: Please speak.}, then: hello}
""",
        "steps: {hello: {say: 'A table for {party_size}.', then: menu}}",
    ),
    "total": Example(
        """
steps:
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: to_human}}, then: large}
  large: {choose: [{if: party_size > 8, go: to_human}], else: sure}
""",
        """
steps:
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: to_human}}, then: large}
  large: {choose: [{if: party_size > 8 and party_size < 4, go: to_human}], else: sure}
""",
    ),
    "private": Example(
        """
slots: {phone: {type: phone, ask: Your number?, confirm: never, sensitive: {log: mask, speech: last3}}}
tools: {book_table: {with: [party_size, phone], outcomes: {booked: {reference: phone}}, commits: 'yes'}}
steps:
  book:
    form: [party_size, phone]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
  store: {call: book_table, on: {booked: done, failed: to_human, unknown: to_human}}
  done: {say: 'We have your number {reference:last3}.', then: bye}
""",
        """
slots: {phone: {type: phone, ask: Your number?, confirm: never, sensitive: {log: mask, speech: last3}}}
tools: {book_table: {with: [party_size, phone], outcomes: {booked: {reference: phone}}, commits: 'yes'}}
steps:
  book:
    form: [party_size, phone]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
  store: {call: book_table, on: {booked: done, failed: to_human, unknown: to_human}}
  done: {say: 'We have your number {reference}.', then: bye}
""",
    ),
    "open": Example(
        "calendars: {tables: {mon-fri: ['12:00-22:00'], sat-sun: closed}}",
        "calendars: {tables: {mon-fri: closed, sat-sun: closed}}",
    ),
}

SAID_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "distinct": ("same-phrase", "same-key", "key-zero", "same-intent"),
    "wired": ("unwired-outcome", "to-itself"),
}
"""Promises whose faults findings of the flow's text name before any proof is tried."""
OUR_OWN: Final = ("order", "clean")
"""Promises that no flow can break: the proofs watch over frontdesk itself."""
