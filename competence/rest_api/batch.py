"""Many checks at once: from prepared answers where there are such, the rest evaluated, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_noop as _
from ninja import Body, Router

from competence.explain import Names, load_names
from competence.given_answers import as_json
from competence.models.machine_client import Scope
from competence.rest_api import answers
from competence.rest_api.answers import State
from competence.rest_api.auth import Caller, OAuth2, caller_of, count_answers
from competence.rest_api.batch_prepared import PreparedBatch
from competence.rest_api.given import Given, about, evaluate, write_down
from competence.rest_api.media import NDJSON, wanted_media_type
from competence.rest_api.middleware import WRITE_SECONDS
from competence.rest_api.openapi.declared import tells
from competence.rest_api.prepared import can_prepare
from competence.rest_api.problems import Problem, problem_of
from competence.rest_api.questions import Question, check_question, read_instant
from competence.rest_api.schemas import Batch, BatchOut, Check
from lms.lib.deadline import database_deadline

router = Router(tags=["eligibility"])
CHUNK = 2_000
# So few that the time limit does not take working them out for a database that hangs.
EVALUATED_AT_ONCE = 250
_LINES = _("A result on each line. A last line with a problem and no id: the rest could not be answered.")


@router.post(
    "/eligibility/batch",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=BatchOut,
    operation_id="check_eligibility_of_many",
    summary=_("May these people order?"),
    description=_(
        "Up to 10,000 checks of the same state. Each result equals the answer to the single check, "
        "or is the problem that it would give. With Accept: application/x-ndjson each result is a line of its own, "
        "sent as soon as it is there."
    ),
    openapi_extra=tells(media={NDJSON: {"schema": {"type": "string", "description": _LINES}}}),
)
def check_eligibility_of_many(request: HttpRequest, batch: Body[Batch]) -> HttpResponseBase:
    caller = caller_of(request)
    valid_at, known_at = read_instant("valid_at", batch.valid_at), read_instant("known_at", batch.known_at)
    count_answers(request, len(batch.checks))
    run = _Run(answers.state_for(batch.at_least), load_names(), caller, valid_at, known_at)
    if _wants_lines(request):
        # The first chunk is worked out before the first byte goes, so that a database that is away is still a 503.
        chunks = run.chunks(batch.checks)
        first = next(chunks)
        lines = _lines(first, chunks, translation.get_language() or "sv")
        return StreamingHttpResponse(lines, content_type=NDJSON)
    # Put together at one go: each time, it would be twenty megabytes of a full batch.
    results = run.all_results(batch.checks)
    results[0] = b'{"results":[' + results[0]
    results[-1] += b'],"revision":%d}' % run.state.moment.revision
    return HttpResponse(b",".join(results), content_type="application/json")


class _Run:
    """One batch: asked without an instant, all are answered as of the same one."""

    def __init__(
        self, state: State, names: Names, caller: Caller, valid_at: datetime | None, known_at: datetime | None
    ) -> None:
        self.state = state
        self.names = names
        self.caller = caller
        self.valid_at = valid_at
        self.known_at = known_at
        self.is_now = valid_at is None and known_at is None
        self.prepared = PreparedBatch(caller, state, names)

    def chunks(self, checks: Iterable[Check]) -> Iterator[list[bytes]]:
        """The results, as JSON in UTF-8, of some checks after the others; logged before they are handed over."""
        rest = iter(checks)
        while chunk := list(islice(rest, CHUNK)):
            yield self.results(chunk)

    def all_results(self, checks: list[Check]) -> list[bytes]:
        """The results of all checks, logged before they are handed over: what is prepared by one commit, for none of
        it goes before all of it is there."""
        results: list[bytes] = []
        with transaction.atomic() if can_prepare() else nullcontext():
            for start in range(0, len(checks), CHUNK):
                results += self.prepared_results(checks[start : start + CHUNK])
        return self.completed(checks, results)

    def results(self, checks: list[Check]) -> list[bytes]:
        """The results of one chunk."""
        return self.completed(checks, self.prepared_results(checks))

    def prepared_results(self, checks: list[Check]) -> list[bytes]:
        """What is prepared, by one query; b"" for the others."""
        return self.prepared.results(checks) if self.is_now else [b""] * len(checks)

    def completed(self, checks: list[Check], results: list[bytes]) -> list[bytes]:
        """`results` with those that are not prepared, some queries for each slice of them."""
        asked: dict[int, Question] = {}
        for position in [position for position, result in enumerate(results) if not result]:
            check = checks[position]
            try:
                asked[position] = self.question(check)
            except Problem as problem:
                results[position] = _problem_text(check, problem)
        rest = iter(asked.items())
        while some := dict(islice(rest, EVALUATED_AT_ONCE)):
            given = self.evaluated(checks, some, results)
            if given:
                write_down(given)
        return results

    def evaluated(self, checks: list[Check], asked: dict[int, Question], results: list[bytes]) -> list[Given]:
        """The answers that have to be worked out, which are put into `results`."""
        given: list[Given] = []
        holders = answers.holders_of(question.hsa_id for question in asked.values())
        known = about((holder.person for holder in holders.values()), self.state)
        for position, one in asked.items():
            question, person = answers.asked_about(one, holders)
            try:
                answer = evaluate(question, known[person], self.caller, self.state, self.names)
            except Problem as problem:
                results[position] = _problem_text(checks[position], problem)
                continue
            given.append(answer)
            results[position] = f'{{"id":{as_json(checks[position].id)},{answer.text[1:]}'.encode()
        return given

    def question(self, check: Check) -> Question:
        """The check as a question. Raises Problem."""
        question = Question(
            hsa_id=check.hsa_id,
            right=check.right,
            customer_number=check.customer_number,
            product_group=check.product_group,
            valid_at=read_instant("valid_at", check.valid_at) or self.valid_at,
            known_at=self.known_at,
            principals=self.caller.principals,
        )
        check_question(question, self.caller, self.names.book, self.state.moment)
        return question


def _wants_lines(request: HttpRequest) -> bool:
    return wanted_media_type(request) == NDJSON


def _lines(first: list[bytes], chunks: Iterator[list[bytes]], language: str) -> Iterator[bytes]:
    """A line for each result. What goes wrong on the way is told in a last line, which has a problem and no id."""
    chunk: list[bytes] | None = first
    while chunk is not None:
        yield b"\n".join([*chunk, b""])
        # The middleware's work is over when these lines are asked for: language and time limit are set anew.
        try:
            with translation.override(language), database_deadline(WRITE_SECONDS):
                chunk = next(chunks, None)
        except Exception as error:
            problem = problem_of(error) or Problem("server_error")
            with translation.override(language):
                yield f"{as_json({'problem': problem.as_dict()})}\n".encode()
            raise


def _problem_text(check: Check, problem: Problem) -> bytes:
    return as_json({"id": check.id, "problem": problem.as_dict()}).encode()
