"""A real Asterisk 22 on loopback for tests: python script/asterisk fetch | up | down.

    frontdesk dialplan > /tmp/plan.conf
    python script/asterisk up --dialplan /tmp/plan.conf    prints the process id
    python script/asterisk down

Needs apt-get, dpkg-deb and debian-archive-keyring; neither root nor a container. Settings come from the
environment: ASTERISK_ROOT, ASTERISK_RUN, ASTERISK_SUITE, ASTERISK_MIRROR, ASTERISK_SIP_PORT, ASTERISK_HUMAN_PORT,
ASTERISK_RTP_START, ASTERISK_RTP_END, ASTERISK_HTTP_PORT.
Ask the running one with `$ASTERISK_RUN/ast -rx 'core show channels'`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from instance import down, up
from packages import fetch
from settings import Failed, read_settings


def main() -> int:
    """Answers 0, or 2 when the work could not be done; results on stdout, talk on stderr."""
    parser = argparse.ArgumentParser(
        prog="script/asterisk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="get Debian's packages, if they are not there; prints the directory")
    starting = commands.add_parser("up", help="start it and wait until it takes calls; prints the process id")
    starting.add_argument("--dialplan", type=Path, required=True, help="what `frontdesk dialplan` printed")
    commands.add_parser("down", help="stop it")
    arguments = parser.parse_args()
    try:
        settings = read_settings()
        if arguments.command == "down":
            print("down" if down(settings) else "not up", file=sys.stderr)
            return 0
        if arguments.command == "fetch":
            print(fetch(settings))
            return 0
        dialplan = arguments.dialplan.read_text()
        fetch(settings)
        print(up(settings, dialplan))
    except (Failed, OSError) as fault:
        print(f"script/asterisk: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
