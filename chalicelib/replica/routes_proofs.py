"""The public API: for every document, the file with which anybody checks that the log holds it."""

from __future__ import annotations

from chalicelib.feed import service as feed
from chalicelib.feed.model import ProofView
from chalicelib.kernel.errors import NotFound
from chalicelib.replica import examples, queries_bodies, queries_results
from chalicelib.replica.answering import AS_OF, current_reading, kept_seconds
from chalicelib.replica.queries import find_record
from chalicelib.replica.reading import Reading, Shown
from chalicelib.replica.routes import Id
from chalicelib.web import request
from chalicelib.web.model import Answer, RawJson
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开", headers=[AS_OF])


@routes.get(
    "/public/v1/records/{record_id}/proof",
    operation=PUBLIC,
    summary="公示信息的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_record_proof(record_id: Id) -> Answer:
    """这条信息在公开日志中的证明：内容（规范 JSON）、盐值、日志条目、包含证明和有签名的检查点。
    存成文件即可用 python -m chalicelib.tlog.verify 或任何实现 RFC 6962 的工具验证，
    不必信任本平台。"""
    reading = current_reading()
    return _proof(reading, find_record(reading, record_id))


@routes.get(
    "/public/v1/subjects/{code}/proof",
    operation=PUBLIC,
    summary="信用主体基本信息的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_subject_proof(code: Id) -> Answer:
    """已登记主体的基本信息在公开日志中的证明，格式与公示信息的证明相同。"""
    reading = current_reading()
    return _proof(reading, queries_bodies.find_body(reading, code))


@routes.get(
    "/public/v1/evaluations/{run}/proof",
    operation=PUBLIC,
    summary="评价的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_evaluation_proof(run: Id) -> Answer:
    """一次评价在公开日志中的证明，格式与公示信息的证明相同。"""
    reading = current_reading()
    return _proof(reading, queries_results.find_run(reading, run))


@routes.get(
    "/public/v1/evaluations/{run}/results/{code}/proof",
    operation=PUBLIC,
    summary="评价结果的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_result_proof(run: Id, code: Id) -> Answer:
    """一个单位的评价结果及其依据在公开日志中的证明，格式与公示信息的证明相同。所列信息有已不公示的，
    日志中的内容不再提供，答复 404。"""
    reading = current_reading()
    found = queries_results.explain_result(reading, run, code)
    if found.document != found.logged.document:
        raise NotFound("所列信息有已不公示的，重新公布前没有证明")
    return _proof(reading, found.logged)


@routes.get(
    "/public/v1/supervision-results/{case_id}/proof",
    operation=PUBLIC,
    summary="办理结果的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_supervision_result_proof(case_id: Id) -> Answer:
    """一项公开的办理结果在公开日志中的证明，格式与公示信息的证明相同。"""
    reading = current_reading()
    return _proof(reading, queries_results.find_result(reading, case_id))


def _proof(reading: Reading, shown: Shown) -> Answer:
    proof = feed.prove(request.platform(), shown.seq)
    text = proof.shown(shown.document.encode(), bytes.fromhex(shown.salt)).decode()
    return Answer(200, RawJson(text), cache_seconds=kept_seconds(reading, [shown.until]))
