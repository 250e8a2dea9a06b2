"""HTTP by which an institution submits its ratings, and those who may read them back."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.errors import NotFound
from chalicelib.third_parties import examples, keeping, presenting, store, submitting
from chalicelib.third_parties.model import Rating, Submission
from chalicelib.third_parties.rules_signing import statement_bytes
from chalicelib.third_parties.submitting import Sent
from chalicelib.third_parties.views import (
    RatingList,
    RatingOut,
    ReasonIn,
    StatementIn,
    StatementOut,
    SubmissionIn,
    SubmissionList,
    SubmissionOut,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("第三方评价")

SystemKey = Annotated[str, Path(description="指标体系代码", max_length=40)]
PeriodKey = Annotated[str, Path(description="评价周期", max_length=16)]
BodyCode = Annotated[str, Path(description="被评价单位的统一社会信用代码", max_length=18)]
SubmissionKey = Annotated[str, Path(description="提交编号", max_length=64)]
SystemQuery = Annotated[
    str, Query(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="指标体系代码", max_length=40)
]
PeriodQuery = Annotated[str, Query(pattern=r"^[0-9HQ-]{4,7}$", description="评价周期")]


@routes.post(
    "/v1/third-party-ratings/statement",
    operation="third_party_ratings.submit",
    summary="试算评分，取得要签名的声明",
    answers={200: StatementOut},
    examples={0: examples.STATEMENT_IN, 200: examples.STATEMENT},
    errors=(404, 409, 422),
    replay=Replay.NONE,
)
def prepare(sent: StatementIn) -> Answer:
    """什么都不保存：逐行检查，返回要签名的声明。声明可以自己算出：各评分的规范 JSON
    （五个成员都要有，没有的为空）为叶，按 RFC 6962 求树根。文件与逐条给出的同样的评分，声明相同：
    签名的是评分，不是文件的写法。"""
    return _prepared(presenting.sent_of(sent))


@routes.post(
    "/v1/third-party-ratings",
    operation="third_party_ratings.submit",
    summary="提交第三方评分",
    answers={201: SubmissionOut, 200: SubmissionOut},
    examples={0: examples.SUBMISSION_IN, 201: examples.SUBMISSION, 200: examples.SUBMISSION},
    errors=(404, 409, 422),
)
def submit(sent: SubmissionIn) -> Answer:
    """逐条给出，最多 200 个；或者以文件给出，最多 5000 行：CSV（列：unified_code、score、grade、
    note、indicators.<指标代码>）或 JSON Lines，文件有一行无法读取，全部不采用。

    由机构的密钥签名，签名不成立的全部不采用。每个评分单独检查，不合要求的单独退回；以后的提交
    取代以前的。同样的内容再次提交，返回第一次的结果（200）。

    评分和签名一起归档，作为第三方评价公布；评价办法没有写明采用的，不并入官方的评价结果。
    """
    return _submitted(presenting.sent_of(sent), sent.signature)


@routes.get(
    "/v1/third-party-ratings",
    operation="third_party_ratings.read",
    summary="一个周期的第三方评分",
    answers={200: RatingList},
    examples={200: examples.RATINGS},
    errors=(404,),
)
def list_ratings(
    system: SystemQuery,
    period: PeriodQuery,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """按统一社会信用代码排列，撤回的也在内，标明状态。"""
    _see_system(system)
    start = read_page_token(page_token)
    page = store.page_of_ratings(request.platform(), system, period, limit, start)
    found = [presenting.rating_out(store.rating_from(item)) for item in page.items]
    return listing(found, page.next_start)


@routes.get(
    "/v1/third-party-ratings/{system}/{period}/{code}",
    operation="third_party_ratings.read",
    summary="一个第三方评分",
    answers={200: RatingOut},
    examples={200: examples.RATING},
    errors=(404,),
)
def show_rating(system: SystemKey, period: PeriodKey, code: BodyCode) -> Answer:
    """现行的版本。"""
    return _rating(_find_rating(system, period, code))


@routes.post(
    "/v1/third-party-ratings/{system}/{period}/{code}/withdrawal",
    operation="third_party_ratings.withdraw",
    summary="撤回一个第三方评分",
    answers={200: RatingOut},
    examples={0: examples.REASON_IN, 200: examples.RATING},
    errors=(404, 409, 422),
    edits=True,
)
def withdraw(system: SystemKey, period: PeriodKey, code: BodyCode, sent: ReasonIn) -> Answer:
    """写明理由，不再公布；机构撤回自己的，信用办可以撤回管辖范围内的。以后可以重新评分。"""
    rating, version = _find_rating(system, period, code), request.if_match()
    return _rating(submitting.withdraw_rating(request.platform(), rating, version, sent.reason))


@routes.get(
    "/v1/third-party-submissions",
    operation="third_party_ratings.read",
    summary="一套指标体系的提交记录",
    answers={200: SubmissionList},
    examples={200: examples.SUBMISSIONS},
    errors=(404,),
)
def list_submissions(
    system: SystemQuery, limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """新的在前。"""
    _see_system(system)
    start = read_page_token(page_token)
    page = store.page_of_submissions(request.platform(), system, limit, start)
    found = [presenting.submission_out(store.submission_from(item)) for item in page.items]
    return listing(found, page.next_start)


@routes.get(
    "/v1/third-party-submissions/{submission_id}",
    operation="third_party_ratings.read",
    summary="一次提交的结果",
    answers={200: SubmissionOut},
    examples={200: examples.SUBMISSION},
    errors=(404,),
)
def show_submission(submission_id: SubmissionKey) -> Answer:
    """采用了多少、退回了哪些、为什么，以及机构的签名。"""
    found = store.load_submission(request.platform(), submission_id)
    if found is None:
        raise NotFound("没有这次提交")
    _see_system(found.system)
    return _submission(found, 200)


def _see_system(code: str) -> None:
    platform, caller = request.platform(), request.caller()
    keeping.find_visible_system(platform, caller, request.scope(), code)


def _find_rating(system: str, period: str, code: str) -> Rating:
    _see_system(system)
    found = store.load_rating(request.platform(), system, period, code)
    if found is None:
        raise NotFound("没有这个评分")
    return found


def _prepared(sent: Sent) -> Answer:
    platform = request.platform()
    examined = submitting.examine(platform, request.caller(), sent)
    judged = submitting.judge(platform, examined)
    body = StatementOut(
        statement=statement_bytes(examined.statement).decode(),
        root=examined.statement.root,
        accepted=len(sent.rows) - len(judged.faults),
        refused=len(judged.faults),
        refusals=presenting.refusals_out(submitting.refusals_of(examined, judged)),
    )
    return Answer(200, body)


def _submitted(sent: Sent, signature: str) -> Answer:
    found, is_new = submitting.submit(request.platform(), request.caller(), sent, signature)
    return _submission(found, 201 if is_new else 200)


def _submission(found: Submission, status: int) -> Answer:
    location = f"/v1/third-party-submissions/{found.submission_id}" if status == 201 else None
    return Answer(status, presenting.submission_out(found), location=location)


def _rating(rating: Rating) -> Answer:
    return Answer(200, presenting.rating_out(rating), version=rating.version)
