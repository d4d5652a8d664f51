"""Changes competence/policy in one small place at a time, and sees whether a test notices: `make mutate`.

A change (a mutant) is tried, until something notices it, against
  1. the reference's answers about random histories (tests/reference),
  2. the tests of the policy,
  3. those of the rule documents, if the module reads documents; else the properties, with a few examples each.
Each mutant has a process of its own and never touches a file. Those that nothing noticed are listed at the end, and
kept in var/mutation.json; docs/mutation.md says of each why it stays.

Usage: python -m tools.mutate [module …]     such as: requirements timeline; all without one
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import json
import os
import pickle
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from tools.mutants import Mutant, mutants_of, tree_with
from tools.steps import ROOT, VAR

POLICY = ROOT / "competence" / "policy"
FOUND = VAR / "mutation.json"
SEED = 4711
READING = {"document", "reading", "requirement_document", "coherence"}
UNIT_TESTS = ("tests/competence/policy",)
TESTS_OF_READING = (
    "tests/competence/rules/test_check.py",
    "tests/competence/rules/test_examples.py",
    "tests/properties/test_rule_documents.py",
)
PROPERTIES = ("tests/properties/test_decision.py",)
BY_REFERENCE, BY_TESTS, BY_PROPERTIES, SURVIVED = 11, 12, 13, 14
VERDICTS = {
    BY_REFERENCE: "noticed by the reference",
    BY_TESTS: "noticed by the tests",
    BY_PROPERTIES: "noticed by the properties",
    SURVIVED: "survived",
}
BY_TIME = "noticed by taking too long"


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated module to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, name: str, *_rest: object) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self, origin=str(self.path)) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)  # noqa: S102  our own source, changed a little


def reference_answers(histories: int) -> list[str]:
    """What the reference says, worked out in a process that is thrown away: the policy must not be imported here."""
    with tempfile.NamedTemporaryFile() as kept:
        child = os.fork()
        if child == 0:
            from tests.reference.comparison import said_by_reference
            from tests.reference.histories import make_history

            made = [make_history(SEED, number, 1) for number in range(histories)]
            said = [repr(sorted(said_by_reference(one, one.questions[0]).items())) for one in made]
            Path(kept.name).write_bytes(pickle.dumps(said))
            os._exit(0)
        os.waitpid(child, 0)
        answers: list[str] = pickle.loads(Path(kept.name).read_bytes())  # noqa: S301  written four lines above
        return answers


def verdict_on(mutant: Mutant | None, answers: list[str]) -> int:
    """In a process of its own: what notices the mutant first. None: the policy as it is."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    if mutant is not None:
        path = POLICY / f"{mutant.module}.py"
        tree = tree_with(path.read_text(encoding="utf-8"), mutant.number)
        sys.meta_path.insert(0, Mutated(f"competence.policy.{mutant.module}", path, tree))
    try:
        from tests.reference.comparison import compiled, said_by_product
        from tests.reference.histories import make_history

        for number, answer in enumerate(answers):
            history = make_history(SEED, number, 1)
            said = said_by_product(history, history.questions[0], compiled(history))
            if repr(sorted(said.items())) != answer:
                return BY_REFERENCE
    except BaseException:
        return BY_REFERENCE
    import pytest
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "mutation",
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")
    plain = [
        "--noconftest",
        "-p",
        "no:django",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "-x",
        "-q",
    ]
    plain += ["--rootdir", str(ROOT)]
    if pytest.main([*plain, *UNIT_TESTS]) != 0:
        return BY_TESTS
    if mutant is None or mutant.module in READING:
        try:
            import django

            django.setup()  # the check of rule documents has words
        except Exception:
            return BY_TESTS
        if pytest.main([*plain, *TESTS_OF_READING]) != 0:
            return BY_TESTS
    if (mutant is None or mutant.module not in READING) and pytest.main([*plain, *PROPERTIES]) != 0:
        return BY_PROPERTIES
    return SURVIVED


def try_all(
    mutants: list[Mutant | None], options: argparse.Namespace, answers: list[str]
) -> Iterator[tuple[Mutant | None, str]]:
    """Each mutant with its verdict, as they come."""
    waiting, running = list(reversed(mutants)), dict[int, Mutant | None]()
    while waiting or running:
        while waiting and len(running) < options.processes:
            mutant = waiting.pop()
            child = os.fork()
            if child == 0:
                signal.alarm(options.timeout)
                os._exit(verdict_on(mutant, answers))
            running[child] = mutant
        child, status = os.wait()
        if child in running:
            code = os.waitstatus_to_exitcode(status)
            yield running.pop(child), VERDICTS.get(code, BY_TIME)


@dataclass
class Tally:
    """How many had which verdict, and which survived."""

    verdicts: Counter[str]
    survivors: list[Mutant]

    def line(self) -> str:
        total = self.verdicts.total()
        noticed = total - len(self.survivors)
        return f"{noticed:,} of {total:,} mutants noticed ({100 * noticed / max(total, 1):.1f} %)"


def run(options: argparse.Namespace) -> int:
    modules = options.modules or sorted(path.stem for path in POLICY.glob("*.py") if path.stem != "__init__")
    sources = {module: (POLICY / f"{module}.py").read_text(encoding="utf-8") for module in modules}
    mutants = [mutant for module, source in sources.items() for mutant in mutants_of(module, source)]
    if options.survivors:
        before = {(one["module"], one["what"]) for one in json.loads(FOUND.read_text())}
        mutants = [m for m in mutants if (m.module, m.what) in before]
    if options.list:
        print("\n".join(str(mutant) for mutant in mutants))
        return 0
    began, tally = time.monotonic(), Tally(Counter(), [])
    answers = reference_answers(options.histories)
    [(_none, as_it_is)] = try_all([None], options, answers)
    if as_it_is != VERDICTS[SURVIVED]:
        print(f"The policy as it is does not pass: {as_it_is}.")
        return 2
    for mutant, verdict in try_all(list(mutants), options, answers):
        assert mutant is not None
        tally.verdicts[verdict] += 1
        if verdict == VERDICTS[SURVIVED]:
            tally.survivors.append(mutant)
            print(f"survived  {mutant}", flush=True)
        if tally.verdicts.total() % 50 == 0:
            print(f"          {tally.line()}, {time.monotonic() - began:,.0f} s", flush=True)
    print(f"\n{tally.line()}, {time.monotonic() - began:,.0f} s")
    for verdict, number in tally.verdicts.most_common():
        print(f"{number:>6}  {verdict}")
    by_module = Counter(mutant.module for mutant in mutants), Counter(mutant.module for mutant in tally.survivors)
    for module in modules:
        print(f"{module:<22} {by_module[0][module]:>5} mutants {by_module[1][module]:>4} survived")
    VAR.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps([asdict(mutant) for mutant in tally.survivors], indent=1))
    return 1 if tally.survivors else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="modules of competence/policy; all without one")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--histories", type=int, default=1500, help="random histories for the reference (default 1500)")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one mutant (default 300)")
    parser.add_argument("--survivors", action="store_true", help="only those that survived the last run")
    parser.add_argument("--list", action="store_true", help="say what would be tried")
    options = parser.parse_args()
    os.environ.setdefault("ENVIRONMENT", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    sys.exit(run(options))


if __name__ == "__main__":
    main()
