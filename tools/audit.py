"""Known vulnerabilities in the locked Python packages: `make audit`.

pip-audit is strict: a package that it cannot find is a failure too. Without a network it says so and ends with 2.

Usage: python -m tools.audit
"""

from __future__ import annotations

import argparse
import subprocess

from tools.steps import BIN, ROOT, STRICT, say

NO_NETWORK = ("ConnectionError", "Max retries exceeded", "Failed to establish", "Temporary failure", "ConnectTimeout")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    code = 0
    for name in ("requirements.txt", "requirements-dev.txt"):
        words = [str(BIN / "pip-audit"), "--strict", "--require-hashes", "--disable-pip", "-r", name]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        say(f"==> {name}\n{done.stdout}{done.stderr}")
        if done.returncode and any(word in done.stderr for word in NO_NETWORK):
            say("Not audited: the vulnerability service could not be reached.")
            code = max(code, 2 if STRICT else 0)
        elif done.returncode:
            code = 1
    raise SystemExit(code)


if __name__ == "__main__":
    main()
