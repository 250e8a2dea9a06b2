"""The public API: ratings of third parties, each with what proves whose it is."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.feed import service as feed
from chalicelib.feed.model import ProofView
from chalicelib.replica import examples, examples_ratings, queries_ratings
from chalicelib.replica.answering import (
    AS_OF,
    current_reading,
    kept_seconds,
    page,
    place_in,
    single,
)
from chalicelib.replica.model import LoggedRating, LoggedRatingList
from chalicelib.replica.queries_ratings import RatingQuery
from chalicelib.replica.routes import Body, Id
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, read_page_token
from chalicelib.web.model import Answer, RawJson
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开", headers=[AS_OF])


@routes.get(
    "/public/v1/third-party-ratings",
    operation=PUBLIC,
    summary="第三方评价",
    answers={200: LoggedRatingList},
    examples={200: examples_ratings.RATING_LIST_EXAMPLE},
)
def get_ratings(
    subject: Body = None,
    system: Annotated[
        str | None, Query(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="指标体系代码")
    ] = None,
    period: Annotated[
        str | None, Query(pattern=r"^[0-9HQ-]{4,7}$", description="评价周期，如 2025、2025-Q3")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """信用服务机构、高等院校等第三方的评价，新的在前。由机构自行作出并签名，与官方的评价结果并列公布；
    评价办法没有写明采用的，不并入官方结果。

    核对一个评价：以 verification.rating 的字节为叶（前加 0x00 求 SHA-256），按 index、count、proof
    （RFC 6962）求出根，应等于声明中的 root；声明是 statement（JWS，ES256）的载荷，用 key 验证。
    """
    place = place_in(read_page_token(page_token), str, str)
    reading = current_reading()
    query = RatingQuery(subject or "", system or "", period or "")
    found = queries_ratings.search_ratings(reading, query, limit, place)
    return page(reading, found.items, found.after)


@routes.get(
    "/public/v1/third-party-ratings/{system}/{period}/{code}",
    operation=PUBLIC,
    summary="一个第三方评价",
    answers={200: LoggedRating},
    examples={200: examples_ratings.LOGGED_RATING_EXAMPLE},
    errors=(404, 410),
)
def get_rating(system: Id, period: Id, code: Id) -> Answer:
    """分数、等级、各指标得分、评价方法，以及机构的签名和公钥。"""
    reading = current_reading()
    return single(reading, queries_ratings.find_rating(reading, system, period, code))


@routes.get(
    "/public/v1/third-party-ratings/{system}/{period}/{code}/proof",
    operation=PUBLIC,
    summary="第三方评价的证明",
    answers={200: ProofView},
    examples={200: examples.PROOF},
    errors=(404, 410),
)
def get_rating_proof(system: Id, period: Id, code: Id) -> Answer:
    """一个第三方评价在公开日志中的证明，格式与公示信息的证明相同。"""
    reading = current_reading()
    shown = queries_ratings.find_rating(reading, system, period, code)
    proof = feed.prove(request.platform(), shown.seq)
    text = proof.shown(shown.document.encode(), bytes.fromhex(shown.salt)).decode()
    return Answer(200, RawJson(text), cache_seconds=kept_seconds(reading, [shown.until]))
