#!/usr/bin/env python
# ruff: noqa: UP031
"""A classic pyst2 script as people have them: it asks for a card number and leaves what it found in variables."""

import sys

from asterisk.agi import AGI


def main():
    agi = AGI()
    agi.verbose("loyalty for %s" % agi.env["agi_callerid"], 3)
    number = agi.get_data("tt-monkeys", 2000, 4)
    if not number:
        agi.set_variable("FD_RESULT", "none")
        sys.exit(0)
    points = agi.get_variable("POINTS_%s" % number)
    agi.set_variable("FD_RESULT", "found")
    agi.set_variable("CARD", number)
    agi.set_variable("POINTS", points or 0)


if __name__ == "__main__":
    main()
