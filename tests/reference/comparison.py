"""Both evaluations, asked the same: where do they differ? And the smallest history in which they still do."""

from __future__ import annotations

import copy
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from competence.policy.decision import ANYWHERE, EligibilityDecision
from competence.policy.document import compile_rules
from competence.policy.evaluate import UnanswerableQuestion, decide
from competence.policy.rules import NoRules, Publication, RuleBook, rule_book
from tests.reference.documents import Document, NoAnswer, Published
from tests.reference.evaluation import answer
from tests.reference.histories import History, Question
from tests.reference.situation import LISTS

ASSESSED = ("outcome", "reasons", "missing", "role", "employment", "granting_right", "policy_version")
TELLING = (*ASSESSED, "valid_until", "next", "valid_from")
NO_ANSWER = {"outcome": "no answer"}
Said = dict[str, Any]


def compiled(history: History) -> RuleBook:
    """The history's rules as the product compiles them."""
    return rule_book(
        [Publication(compile_rules(v.document, v.version), v.in_force_from, v.published_at) for v in history.versions]
    )


def said_by_product(history: History, question: Question, book: RuleBook) -> Said:
    """What `competence.policy` says."""
    try:
        decision = decide(
            history.facts,
            book,
            question.right,
            valid_at=question.valid_at,
            known_at=question.known_at,
            context=question.context,
        )
    except (NoRules, UnanswerableQuestion):
        return NO_ANSWER
    return said_in(decision)


def said_in(decision: EligibilityDecision) -> Said:
    """What a decision says, to be compared."""
    said = {name: getattr(decision, name) for name in (*ASSESSED, "valid_from", "valid_until")}
    said["next"] = None if decision.next is None else {name: getattr(decision.next, name) for name in ASSESSED}
    return said


def said_by_reference(history: History, question: Question) -> Said:
    """What the second evaluation says."""
    try:
        found = answer(
            history.facts,
            list(history.versions),
            question.right,
            valid_at=question.valid_at,
            known_at=question.known_at,
            context=question.context,
        )
    except NoAnswer:
        return NO_ANSWER
    said = {name: getattr(found.now, name) for name in ASSESSED}
    said |= {"valid_from": found.valid_from, "valid_until": found.valid_until}
    said["next"] = None if found.next is None else {name: getattr(found.next, name) for name in ASSESSED}
    return said


def differences(history: History, mix: Counter[str] | None = None) -> list[str]:
    """What the two say differently; empty when they agree. `mix` counts what the answers are made of."""
    try:
        book = compiled(history)
        pairs = [(said_by_product(history, q, book), said_by_reference(history, q)) for q in history.questions]
    except Exception:
        return [traceback.format_exc(limit=-4)]
    found = []
    for product, reference in pairs:
        for name in sorted(set(product) | set(reference)):
            if product.get(name) != reference.get(name):
                found.append(f"{name}:\n   product   {product.get(name)}\n   reference {reference.get(name)}")
        if mix is not None:
            mix.update(made_of(reference))
    return found


def made_of(said: Said) -> set[str]:
    """The outcome, codes and turns of an answer, to be counted."""
    found = {str(said["outcome"])}
    if said is NO_ANSWER:
        return found
    found.update(str(reason.code) for reason in said["reasons"])
    found.update(str(step.code) for step in said["missing"])
    for name in ("valid_until", "next", "employment"):
        found.add(f"{name} {'none' if said[name] is None else 'given'}")
    for step in said["missing"]:
        if step.requirement is not None:
            found.add(f"alternatives {min(len(step.alternatives), 3)}")
            found.add(f"also_meets {min(len(step.also_meets), 2)}")
            found.add(f"after {min(len(step.after), 2)}")
            found.add("blocks" if step.is_blocking else "does not block")
        elif step.code == "REVOKED":
            found.add("REVOKED appointment" if step.role is not None else "REVOKED right")
    return found


def minimised(history: History) -> History:
    """The history with everything left out without which the two still differ, in the most telling of what differs."""
    first = differences(history)
    telling = next((name for name in TELLING if any(line.startswith(f"{name}:") for line in first)), "")
    while True:
        for smaller in _smaller(history):
            if _still_differs(smaller, telling):
                history = smaller
                break
        else:
            return history


def _still_differs(history: History, telling: str) -> bool:
    try:
        compiled(history)
    except Exception:
        return False  # leaving this out made no document of it
    return any(line.startswith(telling) for line in differences(history))


def _smaller(history: History) -> Iterator[History]:
    if len(history.questions) > 1:
        yield from (replace(history, questions=(question,)) for question in history.questions)
    if len(history.versions) > 1:
        for index in range(len(history.versions)):
            yield replace(history, versions=_without(history.versions, index))
    for name in LISTS:
        rows = getattr(history.facts, name)
        for index, fact in enumerate(rows):
            yield _with_rows(history, name, _without(rows, index))
            if fact.end is not None:
                yield _with_rows(history, name, _with(rows, index, replace(fact, end=None)))
            for ending in range(len(fact.endings)):
                fewer = replace(fact, endings=_without(fact.endings, ending))
                yield _with_rows(history, name, _with(rows, index, fewer))
    for index, version in enumerate(history.versions):
        for document in _smaller_documents(version.document):
            smaller: Published = replace(version, document=document)
            yield replace(history, versions=_with(history.versions, index, smaller))
    question = history.questions[0]
    for field in fields(question.context):
        if getattr(question.context, field.name) is not None:
            changes: dict[str, Any] = {field.name: getattr(ANYWHERE, field.name)}
            asked = replace(question, context=replace(question.context, **changes))
            yield replace(history, questions=(asked, *history.questions[1:]))


def _smaller_documents(document: Document) -> Iterator[Document]:
    """The document without one thing: an entry of a list or mapping, or an optional field of it."""
    for name in ("systems", "closed_courses", "roles", "rights", "requirements", "equivalences"):
        entries = document[name]
        for key in list(entries) if isinstance(entries, dict) else range(len(entries)):
            smaller = copy.deepcopy(document)
            del smaller[name][key]
            yield smaller
            if not isinstance(entries[key], dict):
                continue
            for field, value in entries[key].items():
                smaller = copy.deepcopy(document)
                del smaller[name][key][field]
                yield smaller
                for index in range(len(value) if isinstance(value, list) else 0):
                    smaller = copy.deepcopy(document)
                    del smaller[name][key][field][index]
                    yield smaller
                    if isinstance(value[index], dict):
                        for part in value[index]:
                            smaller = copy.deepcopy(document)
                            del smaller[name][key][field][index][part]
                            yield smaller


def _without(rows: Any, index: int) -> Any:
    return (*rows[:index], *rows[index + 1 :])


def _with(rows: Any, index: int, row: Any) -> Any:
    return (*rows[:index], row, *rows[index + 1 :])


def _with_rows(history: History, name: str, rows: Any) -> History:
    changes: dict[str, Any] = {name: rows}
    return replace(history, facts=replace(history.facts, **changes))
