"""HTTP of checks: ask, read one's own again, tell what was done; and what the offices see of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.checks import examples, feedback, presenting, service, store
from chalicelib.checks.bodies import (
    CheckFeedbackIn,
    CheckIn,
    CheckList,
    CheckOut,
    CheckReminderList,
    CheckSceneList,
    CheckStatisticsOut,
    LateCheckList,
)
from chalicelib.checks.model import Check, Done
from chalicelib.checks.pages import PAGES
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("核查", errors=PAGES)

CheckId = Annotated[str, Path(description="核查编号", max_length=64)]
_REPLAYED = "Idempotency-Replayed"


def _today() -> date:
    return civil_date(request.platform().clock())


def _pack() -> Pack:
    return pack_for(request.caller().jurisdiction, _today())


def _answer(check: Check, status: int = 200, *, repeated: bool = False) -> Answer:
    return Answer(
        status,
        presenting.check_out(check, _pack(), _today()),
        version=check.version,
        location=f"/v1/checks/{check.check_id}" if status == 201 else None,
        headers={_REPLAYED: "true"} if repeated else {},
    )


@routes.post(
    "/v1/checks",
    operation="checks.ask",
    summary="核查主体（最多 100 个）",
    answers={201: CheckOut},
    examples={0: examples.CHECK_IN, 201: examples.CHECK},
    errors=(409,),
    replay=Replay.SERVICE,
)
def ask(check: CheckIn) -> Answer:
    """业务系统在决定之前核查：对每个主体回答 allow（通过）、restrict（限制）或 refer
    （转人工研究），并给出现行措施、在该场景中的含义、依据和期限。

    没有信用档案的主体回答 allow 并注明；给出的名称与档案不符的回答 refer。任何一个代码有误，
    整个请求被拒绝，什么也不记录。被核查的个人能看到谁、何时、为何查询（/v1/me/readers）；
    公民身份号码只用于查找，不保存、不回显。结论要求采取措施的，须在期限内反馈处理结果。
    """
    kept = service.check(
        request.platform(), request.caller(), check, request.idempotency_claim()
    )
    return _answer(kept.check, 201, repeated=kept.repeated)


@routes.get(
    "/v1/checks",
    operation="checks.read",
    summary="本系统的核查",
    answers={200: CheckList},
    examples={200: {"items": [examples.BRIEF], "next_page_token": None}},
)
def list_checks(
    feedback: Annotated[
        Literal["", "due", "overdue", "given"],
        Query(description="只看待反馈、逾期未反馈或已反馈的；一页可能不足 limit 条"),
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """最近的在前。只有提出核查的客户端能看到。"""
    page = service.page_of(
        request.platform(), request.caller(), feedback, limit, read_page_token(page_token)
    )
    pack, today = _pack(), _today()
    checks = [store.check_from(item) for item in page.items]
    return listing([presenting.check_brief(one, pack, today) for one in checks], page.next_start)


@routes.get(
    "/v1/checks/{check_id}",
    operation="checks.read",
    summary="一次核查及其反馈",
    answers={200: CheckOut},
    examples={200: examples.CHECK},
    errors=(404,),
)
def show_check(check_id: CheckId) -> Answer:
    """按当时的回答原样给出；措施可能已经变化，据以决定前请重新核查。"""
    return _answer(service.find(request.platform(), request.caller(), check_id))


@routes.put(
    "/v1/checks/{check_id}/feedback",
    operation="checks.feedback",
    summary="反馈处理结果",
    answers={200: CheckOut},
    examples={0: examples.FEEDBACK, 200: examples.CHECK},
    errors=(404, 409),
    edits=True,
)
def give_feedback(check_id: CheckId, given: CheckFeedbackIn) -> Answer:
    """对结论要求采取措施的每个主体写明怎样处理的（自动监督）。

    与结论不一致的处理须写明理由，并计入统计。可以更正，以最后一次为准。
    """
    platform = request.platform()
    check = service.find(platform, request.caller(), check_id)
    done = [Done(one.number, one.act, one.reason.strip()) for one in given.done]
    return _answer(feedback.give(platform, check, done, request.if_match()))


@routes.get(
    "/v1/check-scenes",
    operation="catalog.read",
    summary="核查场景",
    answers={200: CheckSceneList},
    examples={200: examples.SCENES},
)
def list_scenes() -> Answer:
    """当地有哪些核查场景，可以反馈哪些处理方式，几个工作日内反馈。"""
    pack = _pack()
    scenes = sorted(pack.scenes.values(), key=lambda scene: scene.order)
    body = CheckSceneList(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        items=tuple(presenting.scene_out(scene) for scene in scenes),
    )
    return Answer(200, body)


@routes.get(
    "/v1/check-reminders",
    operation="checks.read",
    summary="反馈提醒",
    answers={200: CheckReminderList},
    examples={200: {"items": [examples.REMINDER], "next_page_token": None}},
)
def list_reminders(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """到期前一个工作日和逾期时各提醒一次，最近的在前。"""
    page = store.reminder_page(
        request.platform(), request.caller().client_id, limit, read_page_token(page_token)
    )
    return listing([presenting.reminder_out(item) for item in page.items], page.next_start)


@routes.get(
    "/v1/check-statistics",
    operation="checks.supervise",
    summary="核查和处理的统计（自动监督）",
    answers={200: CheckStatisticsOut},
    examples={200: examples.STATISTICS},
)
def show_statistics(
    month: Annotated[
        str, Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$", description="核查的月份，如 2026-06")
    ] = "",
) -> Answer:
    """各场景、各单位核查多少、限制多少、处理与结论是否一致、逾期未反馈多少。不含主体的身份。"""
    platform, pack = request.platform(), _pack()
    reach = service.reach_of(request.caller(), request.scope())
    wanted = month or _today().isoformat()[:7]
    parts = store.tallies(platform, pack.jurisdiction, wanted)
    return Answer(
        200, presenting.statistics_out(pack, wanted, (one for one in parts if reach.covers(one)))
    )


@routes.get(
    "/v1/late-checks",
    operation="checks.supervise",
    summary="逾期未反馈的核查",
    answers={200: LateCheckList},
    examples={200: {"items": [examples.LATE], "next_page_token": None}},
)
def list_late(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """逾期最久的在前。不含主体的身份。一页可能不足 limit 条。"""
    pack, today = _pack(), _today()
    reach = service.reach_of(request.caller(), request.scope())
    page = store.overdue_page(
        request.platform(), pack.jurisdiction, limit, read_page_token(page_token)
    )
    shown = [presenting.late_out(item, pack, today) for item in page.items if reach.covers(item)]
    return listing(shown, page.next_start)
