"""behorighet-client: ask, and keep a copy, from a terminal. The secret comes from BEHORIGHET_CLIENT_SECRET."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence

from behorighet_client.client import MOST_CHANGES, Client
from behorighet_client.copy import Copy
from behorighet_client.errors import BehorighetError
from behorighet_client.follow import differences, keep, verify_statements
from behorighet_client.statements import Verifier

RIGHTS = (
    "websesam.unit",
    "websesam.health-care",
    "websesam.social-care",
    "sesamlmn.order",
    "sesamlmn.withdrawal",
)
EXIT_OK, EXIT_DIFFERS, EXIT_FAILED, EXIT_USAGE = 0, 1, 3, 2


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m behorighet_client",
        description="Asks who may order medical aids, and keeps a copy of the answers.",
        epilog="Exit code: 0 well, 1 not allowed or the copy differs, 2 wrong usage, 3 the service did not answer.",
    )
    found.add_argument("--base-url", default=os.environ.get("BEHORIGHET_BASE_URL", ""), help="where the service is")
    found.add_argument("--client-id", default=os.environ.get("BEHORIGHET_CLIENT_ID", ""), help="your client id")
    found.add_argument("--language", choices=["sv", "en"], default="sv", help="of the texts")
    found.add_argument("--attempts", type=int, default=6, help="how often a request is sent before giving up")
    jobs = found.add_subparsers(dest="job", required=True)

    ask = jobs.add_parser("check", help="may this person order? exit code 0: yes, 1: no")
    ask.add_argument("hsa_id")
    ask.add_argument("right")
    ask.add_argument("--customer-number")

    play = jobs.add_parser(
        "follow",
        help="play an ordering system: keep a copy of who may order what",
        description="Takes a snapshot of the holders of the rights, follows the feed of changes, and keeps both in a "
        "file of SQLite. May be killed at any moment: the next start goes on from where the file says.",
    )
    play.add_argument("--copy", required=True, help="the file (made if it is not there)")
    play.add_argument("--right", action="append", help=f"which rights; can be repeated (default: {', '.join(RIGHTS)})")
    play.add_argument("--from-start", action="store_true", help="read the whole feed instead of taking a snapshot")
    play.add_argument("--once", action="store_true", help="read the feed to its end and stop")
    play.add_argument(
        "--check", action="store_true", help="then compare the copy with the service, question by question"
    )
    play.add_argument("--statements", type=int, default=0, metavar="N", help="then verify N signed statements offline")
    play.add_argument("--interval", type=float, default=1.0, help="seconds between two looks at the feed")
    play.add_argument("--page", type=int, default=MOST_CHANGES, help="changes to a page")
    return found


def main(words: Sequence[str] | None = None) -> int:
    options = parser().parse_args(words)
    secret = os.environ.get("BEHORIGHET_CLIENT_SECRET", "")
    if not (options.base_url and options.client_id and secret):
        print("--base-url, --client-id and BEHORIGHET_CLIENT_SECRET are needed", file=sys.stderr)
        return EXIT_USAGE
    try:
        with Client(
            options.base_url, options.client_id, secret, language=options.language, attempts=options.attempts
        ) as client:
            return _check(client, options) if options.job == "check" else _follow(client, options)
    except BehorighetError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_FAILED


def _check(client: Client, options: argparse.Namespace) -> int:
    answer = client.check(options.hsa_id, options.right, customer_number=options.customer_number)
    print(json.dumps(answer.raw, ensure_ascii=False, indent=2))
    return EXIT_OK if answer.allowed else EXIT_DIFFERS


def _follow(client: Client, options: argparse.Namespace) -> int:
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopped.append(received))
    copy = Copy(options.copy)
    try:
        rights = None if options.from_start else options.right or RIGHTS
        until = None if options.once else lambda: bool(stopped)
        keep(client, copy, _say, rights=rights, until=until, interval=options.interval, limit=options.page)
        wrong = 0
        if options.check:
            found = differences(client, copy, _say)
            for one in found[:20]:
                _say(f"differs: {one.check}: here {one.here}, there {one.there}")
            wrong += len(found)
        if options.statements:
            verifier = Verifier(issuer=options.base_url, audience=options.client_id, fetch=client.key_set)
            wrong += verify_statements(client, copy, verifier, _say, count=options.statements)
        _say(f"at {copy.cursor}, {copy.applied} changes applied in all")
        return EXIT_DIFFERS if wrong else EXIT_OK
    finally:
        copy.close()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
