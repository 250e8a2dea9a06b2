"""Submitting records: one, or a batch in which each stands for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.access.service import allowed_codes
from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key, Put, Write, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake import uploads
from chalicelib.intake.acceptance import Joined, accept
from chalicelib.intake.answers import (
    BatchResult,
    CorrectionIn,
    RecordResult,
    UploadIn,
    result_of,
    upload_out,
)
from chalicelib.intake.answers_preflight import PreflightResult, outlook_out, row_out
from chalicelib.intake.exports import resend_exports
from chalicelib.intake.foreseeing import foresee
from chalicelib.intake.jobs import records_of_chunk, resend_open, results_of
from chalicelib.intake.judging import conflict_fault
from chalicelib.intake.lookup import Known, keys_of, look_up, places_of
from chalicelib.intake.model import (
    Candidate,
    Outcome,
    Reporter,
    SentForm,
    Submission,
    SubmissionKind,
)
from chalicelib.intake.recounting import send_recounts
from chalicelib.intake.revising import (
    Revision,
    must_be_settled,
    revise,
    revision_as,
    revision_writes,
    withdrawn,
)
from chalicelib.intake.rules import examine
from chalicelib.intake.rules_preflight import Tally, settled
from chalicelib.intake.store import Upload
from chalicelib.intake.uploads import find_upload, finished_uploads, upload_chunks
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Invalid
from chalicelib.policy.service import pack_for
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller

__all__ = [
    "CorrectionIn",
    "Revision",
    "find_upload",
    "finished_uploads",
    "keep",
    "must_be_settled",
    "preflight_batch",
    "records_of_chunk",
    "reporter_of",
    "resend_exports",
    "resend_open",
    "results_of",
    "revise",
    "revision_as",
    "revision_writes",
    "send_recounts",
    "start_upload",
    "submission_of",
    "submit_batch",
    "submit_record",
    "take_with",
    "upload_chunks",
    "withdrawn",
]


def reporter_of(caller: Caller) -> Reporter:
    """The agency a caller reports for."""
    return Reporter(
        caller.agency_code, caller.jurisdiction, caller.region, caller.roles, caller.client_id
    )


def submission_of(
    platform: Platform, reporter: Reporter, kind: SubmissionKind, body: bytes
) -> Submission:
    """The frame of what has just been received from `reporter`."""
    now = platform.clock()
    today = civil_date(now)
    return Submission(
        kind=kind,
        reporter=reporter,
        pack=pack_for(reporter.jurisdiction, today),
        received_at=instant_text(now),
        received_on=today.isoformat(),
        received_sha256=hashlib.sha256(body).hexdigest(),
        stored_at=instant_text(now),
    )


def submit_record(
    platform: Platform,
    caller: Caller,
    sent: Mapping[str, JsonValue],
    body: bytes,
    claim: IdempotencyClaim | None,
) -> Answer:
    """Take one record: 201 with a receipt, 200 with the first receipt for a duplicate.

    Raises Invalid with every fault, Conflict when the fact is there with other content. In three
    AWS calls for a known subject: one read, the archive, one write (the claim included).
    """
    submission = submission_of(platform, reporter_of(caller), "record", body)
    today, allowed = date.fromisoformat(submission.received_on), allowed_codes(platform)
    examined = examine(submission.pack, submission.reporter, sent, today, allowed)
    candidates = [Candidate(0, SentForm(sent), examined)]
    places = places_of(platform, submission, candidates)
    found = batch_get([*keys_of(platform, places), *_claim_key(claim)])
    if claim is not None:
        kept = claim.replay(found.get(claim.key))
        if kept is not None:
            return kept
    if isinstance(examined, tuple):
        raise Invalid(f"有 {len(examined)} 处不符合要求", faults=examined)

    kept_answer: list[Answer] = []

    def joined(record: Record) -> Sequence[Write]:
        if claim is None:
            return ()
        kept_answer[:] = [_record_answer(platform, Outcome(0, "accepted", record), submission)]
        return (claim.item_write(kept_answer[0]),)

    try:
        outcome = accept(platform, submission, candidates, Known(places, found), joined)[0]
    except ConditionFailed:
        return _kept_meanwhile(claim)
    if outcome.verdict == "rejected":
        raise Invalid(outcome.faults[0].message, faults=outcome.faults)
    if outcome.verdict == "conflict":
        raise Conflict(outcome.faults[0].message, code="record_conflict", faults=outcome.faults)
    if outcome.verdict == "accepted" and kept_answer:
        return kept_answer[0]
    answer = _record_answer(platform, outcome, submission)
    return answer if claim is None else keep(claim, answer)


def take_with(
    platform: Platform,
    reporter: Reporter,
    sent: Mapping[str, JsonValue],
    body: bytes,
    joined: Joined,
    items: Mapping[Key, Item],
) -> Outcome:
    """Take one record that a larger use case establishes: `joined` are the writes of that use
    case, which happen with the record or not at all. They do not happen where the outcome is
    `duplicate`: the fact is on file already. `items` is what the use case has read before.

    Raises Invalid, Conflict, and ConditionFailed where a joined write's condition does not hold.
    """
    submission = submission_of(platform, reporter, "record", body)
    today, allowed = date.fromisoformat(submission.received_on), allowed_codes(platform)
    examined = examine(submission.pack, reporter, sent, today, allowed)
    if isinstance(examined, tuple):
        raise Invalid(f"有 {len(examined)} 处不符合要求", faults=examined)
    candidates = [Candidate(0, SentForm(sent), examined)]
    places = places_of(platform, submission, candidates)
    missing = [place.subject for place in places.values() if place.subject not in items]
    found = batch_get(missing) if missing else {}
    # Whether the fact is on file already is told by the write itself.
    known = Known(places, {**items, **found})
    outcome = accept(platform, submission, candidates, known, joined)[0]
    if outcome.verdict == "rejected":
        raise Invalid(outcome.faults[0].message, faults=outcome.faults)
    if outcome.verdict == "conflict":
        raise Conflict(outcome.faults[0].message, code="record_conflict", faults=outcome.faults)
    return outcome


def submit_batch(
    platform: Platform,
    caller: Caller,
    sent: Sequence[Mapping[str, JsonValue]],
    body: bytes,
    claim: IdempotencyClaim | None,
) -> Answer:
    """Take up to 500 records, each atomic by itself: 200 with results in the order sent.

    Safe to send again after a crash: what was stored is then a duplicate with its first receipt.
    """
    if claim is not None:
        kept = claim.find()
        if kept is not None:
            return kept
    submission = submission_of(platform, reporter_of(caller), "batch", body)
    candidates = _candidates(platform, submission, sent)
    known = look_up(platform, submission, candidates)
    outcomes = accept(platform, submission, candidates, known)
    results = [_result(platform, outcome, submission, working=False) for outcome in outcomes]
    verdicts = [result.outcome for result in results]
    answer = Answer(
        200,
        BatchResult(
            accepted=verdicts.count("accepted"),
            duplicate=verdicts.count("duplicate"),
            rejected=verdicts.count("rejected") + verdicts.count("conflict"),
            results=results,
        ),
    )
    return answer if claim is None else keep(claim, answer)


def _candidates(
    platform: Platform, submission: Submission, sent: Sequence[Mapping[str, JsonValue]]
) -> list[Candidate]:
    pack, reporter, allowed = submission.pack, submission.reporter, allowed_codes(platform)
    today = date.fromisoformat(submission.received_on)
    return [
        Candidate(index, SentForm(one), examine(pack, reporter, one, today, allowed))
        for index, one in enumerate(sent)
    ]


def preflight_batch(
    platform: Platform, caller: Caller, sent: Sequence[Mapping[str, JsonValue]]
) -> Answer:
    """What would become of up to 500 records, in the order sent; nothing is stored."""
    submission = submission_of(platform, reporter_of(caller), "batch", b"")
    candidates = _candidates(platform, submission, sent)
    rows = settled(foresee(platform, submission, candidates, ""))
    tally = Tally()
    for row in rows:
        tally.add(row)
    pack = submission.pack
    return Answer(
        200,
        PreflightResult(
            outlook=outlook_out(pack, tally),
            results=[row_out(pack, *pair) for pair in zip(candidates, rows, strict=True)],
        ),
    )


def start_upload(
    platform: Platform, caller: Caller, wanted: UploadIn, claim: IdempotencyClaim | None
) -> Answer:
    """A place for one file and the form to post it with. The kept answer is written with the
    upload: its id is random, and a second request must not leave a second one behind."""
    kept = None if claim is None else claim.find()
    if kept is not None:
        return kept
    answers: list[Answer] = []

    def joined(upload: Upload, form: PresignedPost) -> Sequence[Put]:
        body = upload_out(platform, upload, form=form)
        location = f"/v1/uploads/{upload.upload_id}"
        answers.append(Answer(201, body, version=upload.version, location=location))
        return () if claim is None else (claim.item_write(answers[0]),)

    try:
        uploads.start_upload(
            platform,
            reporter_of(caller),
            caller.agency_name,
            record_type=wanted.type or "",
            form=wanted.format,
            file_name=wanted.file_name,
            joined=joined,
        )
    except ConditionFailed:
        return _kept_meanwhile(claim)
    return answers[0]


def keep(claim: IdempotencyClaim, answer: Answer) -> Answer:
    """Keep `answer` under the claim; if another request was faster, its answer."""
    try:
        commit([claim.item_write(answer)])
    except ConditionFailed:
        return _kept_meanwhile(claim)
    return answer


def _kept_meanwhile(claim: IdempotencyClaim | None) -> Answer:
    kept = None if claim is None else claim.find()
    if kept is None:
        raise Conflict("同一个请求正在处理，请稍后重试", code="in_progress", retry_after=1)
    return kept


def _claim_key(claim: IdempotencyClaim | None) -> tuple[Key, ...]:
    return () if claim is None else (claim.key,)


def _record_answer(platform: Platform, outcome: Outcome, submission: Submission) -> Answer:
    result = _result(platform, outcome, submission, working=True)
    location = f"/v1/records/{result.record_id}"
    status = 201 if outcome.verdict == "accepted" else 200
    # The tag is that of the record as it stands: what an edit has to be based on.
    version = outcome.record.version if outcome.record is not None else result.version
    return Answer(status, result, version=version, location=location)


def _result(
    platform: Platform, outcome: Outcome, submission: Submission, *, working: bool
) -> RecordResult:
    """The result. A duplicate is shown the version it equals, with that version's receipt, and
    how the record stands now."""
    if outcome.verdict == "accepted":
        return result_of(platform, outcome, sha256=submission.received_sha256, working=working)
    current = outcome.record
    if outcome.verdict != "duplicate" or current is None:
        return result_of(platform, outcome, working=working)
    equal = replace(outcome, record=_equal_version(platform, current, outcome))
    result = result_of(platform, equal, working=working)
    if current.status == "withdrawn":
        note = f"{conflict_fault(current).message}。本次报送没有恢复它"
    elif current.content_mac == outcome.content_mac and result.version != current.version:
        note = (
            f"内容与第 {result.version} 版相同；内容此后没有更正，"
            f"标注、送达等情况有变化，现行为第 {current.version} 版"
        )
    elif result.version != current.version:
        note = (
            f"内容与第 {result.version} 版相同；这条信息此后已更正，现行为第 {current.version} 版"
        )
    else:
        return result
    return result.model_copy(update={"status": current.status, "note": note})


def _equal_version(platform: Platform, current: Record, outcome: Outcome) -> Record:
    version = current.known.get(outcome.content_mac, current.version)
    if version == current.version:
        return current
    versions = files.find_versions(platform, current.record_id)
    return next((one for one in versions if one.version == version), current)
