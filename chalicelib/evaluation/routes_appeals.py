"""HTTP of appeals against results of evaluations."""

from __future__ import annotations

from chalicelib.evaluation import appeals, service
from chalicelib.evaluation.routes import RunId, SubjectId
from chalicelib.evaluation.views_notices import AppealIn, AppealOut
from chalicelib.web import request
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes(
    "政务诚信评价",
    errors=[
        ErrorPage(
            "already_appealed",
            409,
            "已经提出过复核",
            "一个结果只能提出一次复核；撤回的、不予受理的，期限内可以再提出。",
            "查看案件的进展和结论。",
        ),
        ErrorPage(
            "appeal_not_open",
            409,
            "不能提出复核",
            "评价办法没有规定复核，或者这次评价已由新的评价取代。",
            "对新的评价结果提出，或者对所依据的信用信息提出异议。",
        ),
        ErrorPage(
            "appeal_over",
            409,
            "复核期限已过",
            "复核应在被告知后的规定期限内提出。",
            "所依据的信用信息有误的，仍可以随时提出异议。",
        ),
        ErrorPage(
            "not_an_indicator",
            0,
            "没有这个指标",
            "给出的指标不在评价办法内。",
            "从提示列出的指标中选择。",
        ),
    ],
)


@routes.post(
    "/v1/evaluations/{run_id}/results/{subject_id}/appeals",
    operation="evaluations.appeal",
    summary="对评价结果提出复核",
    answers={201: AppealOut},
    errors=(404, 409, 422),
    replay=Replay.SERVICE,
)
def appeal_result(run_id: RunId, subject_id: SubjectId, appeal: AppealIn) -> Answer:
    """只有被评价的单位、本人可以提出，期限见评价办法；受理后结果标注“复核中”，由信用办审查。

    告知期内提出的，结果在作出结论前不对外公布。办理经过见案件（Location）。
    """
    platform, caller, scope = request.platform(), request.caller(), request.scope()

    def present(done: appeals.Appealed) -> Answer:
        body = AppealOut(
            case_id=done.case_id, run_id=run_id, subject_id=subject_id, appeal_by=done.appeal_by
        )
        location = f"/v1/cases/{done.case_id}"
        return Answer(201, body, version=done.version, location=location)

    run = service.find_run(platform, caller, scope, run_id)
    wanted = appeals.Appeal(
        run,
        subject_id,
        appeal.indicators,
        appeal.grounds,
        dict(appeal.evidence),
        request.raw_body(),
    )
    return appeals.make_appeal(
        platform, caller, scope, wanted, claim=request.idempotency_claim(), present=present
    )
