"""Installs what the project needs, and nothing twice: the virtual environment, Python and front-end packages.

Usage: python3 -m tools.install [--dev]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.steps import BIN, ROOT, VENV, Stop, find_program, fingerprint, is_stamped, put_stamp, run, say, step

NODE_MODULES = ROOT / "node_modules"
SYSTEM_PACKAGES = {"chromium": "chromium", "initdb": "postgresql", "redis-server": "redis-server"}


def python_is_right(program: str) -> bool:
    check = "import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))"
    return subprocess.run([program, "-c", check], capture_output=True, check=False).returncode == 0


def find_python() -> str:
    """A Python between 3.11 and 3.13: the one that runs this, or another on the path."""
    for name in (sys.executable, "python3.13", "python3.12", "python3.11"):
        program = shutil.which(name)
        if program and python_is_right(program):
            return program
    raise Stop(
        f"Python 3.11, 3.12 or 3.13 is needed; this is {sys.version.split()[0]}. "
        "Install one (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.13 run"
    )


def install_python_packages(*, dev: bool) -> None:
    """The locked packages, with hashes, in `.venv`."""
    if VENV.is_symlink():  # a shared environment belongs to whoever made it
        return
    if not (BIN / "python").exists() or not python_is_right(str(BIN / "python")):
        with step("Creating the virtual environment .venv"):
            shutil.rmtree(VENV, ignore_errors=True)
            made = subprocess.run([find_python(), "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
            if made.returncode:
                raise Stop(f"{made.stdout}{made.stderr}\nThe venv module is needed (Debian: apt install python3-venv).")
    for name in ("requirements.txt", "requirements-dev.txt") if dev else ("requirements.txt",):
        stamp, value = VENV / f".{name}.stamp", fingerprint([ROOT / name])
        if is_stamped(stamp, value):
            continue
        with step(f"Installing the Python packages of {name}"):
            run([BIN / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", name])
        put_stamp(stamp, value)


def install_front_end(*, dev: bool) -> None:
    """The locked npm packages, with integrity hashes and without running their scripts."""
    if NODE_MODULES.is_symlink():
        return
    lock = fingerprint([ROOT / "package-lock.json"])
    stamp = NODE_MODULES / ".stamp"
    wanted = ["with development parts " + lock] if dev else ["with development parts " + lock, lock]
    if any(is_stamped(stamp, value) for value in wanted):
        return
    if not find_program("node") or not find_program("npm"):
        raise Stop("Node.js 20 or newer with npm is needed for the front-end parts (Debian: apt install nodejs npm).")
    with step("Installing the front-end parts (npm)"):
        options = [] if dev else ["--omit=dev"]
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options])
    put_stamp(stamp, wanted[-1])


def initdb() -> str | None:
    """PostgreSQL's initdb, which Debian keeps off the path: the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return str(found[-1]) if found else find_program("initdb")


def install_system_packages() -> None:
    """Chromium, PostgreSQL and Redis, where this machine has apt and lets us."""
    from tools.steps import chromium

    here = {"chromium": chromium(), "initdb": initdb(), "redis-server": find_program("redis-server")}
    lacking = [SYSTEM_PACKAGES[name] for name, program in here.items() if not program]
    if not lacking:
        return
    apt = find_program("apt-get")
    may = [] if os.geteuid() == 0 else ["sudo", "-n"]
    sudo_works = (
        bool(find_program("sudo"))
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    )
    if not apt or (may and not sudo_works):
        say(f"==> Not installed, and not allowed to install here: {', '.join(lacking)}")
        return
    with step(f"Installing system packages: {', '.join(lacking)}"):
        quiet = {"capture_output": True, "text": True, "check": False}
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            [*may, apt, "update", "-q"],
            [*may, apt, "install", "-q", "-y", "--no-install-recommends", *lacking],
        ):
            done = subprocess.run(command, env=env, **quiet)  # type: ignore[call-overload]
            if done.returncode:
                say(f"{done.stdout}{done.stderr}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    options = parser.parse_args()
    install_python_packages(dev=options.dev)
    install_front_end(dev=options.dev)


if __name__ == "__main__":
    main()
