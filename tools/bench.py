"""Runs everything in tests/benchmarks, prints the table and writes it into docs/benchmarks.md: `make bench`.

Usage: python3 -m tools.bench [name …]      only the modules bench_<name>.py
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import subprocess
import sys

from tools.install import install_front_end, install_python_packages, install_system_packages
from tools.run import compile_messages
from tools.steps import BIN, ROOT, VENV, Stop, say

FOLDER = ROOT / "tests" / "benchmarks"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
INTRODUCTION = """# Measured

By `make bench` on {date}: {machine}. PostgreSQL with durable commits, production settings, the load from the
same machine. Machines differ and are busy: what counts is the **ratio** to the baseline, which was measured in turns
with it in the same run. Each figure is the median of {rounds} rounds of {seconds} seconds.

"""


def measure(names: list[str]) -> None:
    from tests.benchmarks import harness

    figures = []
    for name in names:
        say(f"==> {name}")
        with harness.set_stage() as stage:  # a database of its own: what one leaves behind is in the others' way
            for figure in importlib.import_module(f"tests.benchmarks.{name}").figures(stage):
                figures.append(figure)
                say(f"    {figure.name}: {figure.load.rate:,.0f}/s, {figure.ratio:.2f} x {figure.baseline}")
    table = "\n".join([harness.HEADER, *(figure.row() for figure in figures)])
    say(f"\n{table}")
    introduction = INTRODUCTION.format(
        date=datetime.date.today().isoformat(),  # noqa: DTZ011  (the day where it was measured)
        machine=harness.machine(),
        rounds=harness.ROUNDS,
        seconds=harness.SECONDS,
    )
    DOCUMENT.write_text(f"{introduction}{table}\n", encoding="utf-8")
    say(f"\nWritten to {DOCUMENT.relative_to(ROOT)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="the benchmarks to run; all without one")
    options = parser.parse_args()
    if sys.prefix != str(VENV.resolve()) and sys.prefix != str(VENV):
        install_system_packages()
        install_python_packages(dev=True)
        install_front_end(dev=True)
        compile_messages()
        env = {**os.environ, "ENVIRONMENT": "test"}
        raise SystemExit(
            subprocess.run(
                [BIN / "python", "-m", "tools.bench", *options.names], cwd=ROOT, env=env, check=False
            ).returncode
        )
    there = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    wanted = [f"bench_{name}" for name in options.names] or there
    if unknown := set(wanted) - set(there):
        raise Stop(f"There is no {', '.join(sorted(unknown))} in {FOLDER.relative_to(ROOT)}.")
    measure(wanted)


if __name__ == "__main__":
    main()
