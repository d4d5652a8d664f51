"""Locks the packages again: requirements.txt, requirements-dev.txt (with hashes) and package-lock.json.

No index address and no host name gets into the files, so that they install from any mirror.

Usage: python -m tools.lock [--upgrade]
"""

from __future__ import annotations

import argparse

from tools.steps import BIN, ROOT, Stop, run, step

OPTIONS = [
    "--quiet",
    "--allow-unsafe",
    "--generate-hashes",
    "--strip-extras",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--no-emit-options",
]


def check(name: str) -> None:
    """Refuse a lock file that names an address or does not give a hash for every package."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if "://" in text or "--index" in text or "--extra-index" in text:
        raise Stop(f"{name} names an address; it must install from any index.")
    pins = sum("==" in line and not line.startswith((" ", "#")) for line in text.splitlines())
    if text.count(" \\\n    --hash=") < pins:
        raise Stop(f"{name} has a package without a hash.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upgrade", action="store_true", help="take newer versions where pyproject.toml allows them")
    more = ["--upgrade"] if parser.parse_args().upgrade else []
    with step("requirements.txt"):
        run([BIN / "pip-compile", *OPTIONS, *more, "--output-file", "requirements.txt", "pyproject.toml"])
        check("requirements.txt")
    with step("requirements-dev.txt"):
        dev = ["--extra", "dev", "--constraint", "requirements.txt", "--output-file", "requirements-dev.txt"]
        run([BIN / "pip-compile", *OPTIONS, *more, *dev, "pyproject.toml"])
        check("requirements-dev.txt")
    with step("package-lock.json"):
        run(["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"])
        if '"resolved"' in (ROOT / "package-lock.json").read_text(encoding="utf-8"):
            raise Stop("package-lock.json names addresses: .npmrc must have omit-lockfile-registry-resolved=true")


if __name__ == "__main__":
    main()
