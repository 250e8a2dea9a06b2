"""The public API: the feed, how fresh the answers are, figures, catalog and keys."""

from __future__ import annotations

import json
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.disclosure import service as disclosure
from chalicelib.disclosure.model import KeySet
from chalicelib.disclosure.rules import CACHE_CEILING
from chalicelib.feed import service as feed
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy import service as policy
from chalicelib.policy.service import Catalog
from chalicelib.replica import examples
from chalicelib.replica.answering import AS_OF, composed, current_reading, say_as_of, tag_of
from chalicelib.replica.catalog import double_publicity
from chalicelib.replica.changes import changes
from chalicelib.replica.figures import figures
from chalicelib.replica.model import ChangeList, Figures, Freshness
from chalicelib.replica.reading import Reading
from chalicelib.replica.service import CatchingUp, newest_snapshot
from chalicelib.web import request
from chalicelib.web.answer import MAX_LIMIT
from chalicelib.web.model import Answer, RawJson
from chalicelib.web.routes import PUBLIC, Routes

FRESH_SECONDS = 5
"""How long an answer about the head of the log may be kept."""
MOST_EXACT = 2**53 - 1

routes = Routes("公开")


@routes.get(
    "/public/v1/changes",
    operation=PUBLIC,
    summary="变更流",
    answers={200: ChangeList},
    examples={200: examples.CHANGE_LIST},
    headers=(AS_OF, "Retry-After"),
)
def get_changes(
    after: Annotated[
        int, Query(ge=0, le=MOST_EXACT, description="已处理的最后一个序号；0 为从头开始")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="最多条数")] = 100,
) -> Answer:
    """序号大于 after 的日志条目，按序号排列，没有缺号。条目的内容和盐值只在该版本仍在公示时给出；
    撤回的（kind 为 withdraw）应当从转载中删除，已过 until 的应当自行停止展示。
    到达最新序号时，Retry-After 说明何时再来；after 超过最新序号的答复 400。
    条目先给出、几秒后才由检查点（/public/v1/log/checkpoint）签名：撤回因此不必等待；检查点的条数达到某一
    序号，该序号才不再改变，长期依赖序号的应当核对检查点。"""
    platform = request.platform()
    found = changes(platform, after, limit)
    say_as_of(found.head)
    text = f'{{"items":[{",".join(found.items)}],"head":{found.head}}}'
    now = platform.clock()
    left = [(parse_instant(until) - now).total_seconds() for until in found.untils]
    return Answer(
        200,
        RawJson(text),
        version=tag_of([text]),
        cache_seconds=int(max(0.0, min([FRESH_SECONDS, *left]))),
        headers={"Retry-After": str(FRESH_SECONDS)} if found.last >= found.head else {},
    )


@routes.get(
    "/public/v1/freshness",
    operation=PUBLIC,
    summary="公开数据的新鲜程度",
    answers={200: Freshness},
    examples={200: examples.FRESHNESS},
    headers=(AS_OF,),
)
def get_freshness() -> Answer:
    """公开日志的最新序号、答复依据的序号、最近一份整库下载，最近一次变更何时进入公开库、迟了多久，
    以及这些数字如何测得。答复的部件正在装载时，as_of_seq 和 behind_seqs 为空。"""
    platform = request.platform()
    as_of = _loaded_seq()
    head = feed.head(platform)
    snapshot = newest_snapshot(platform)
    body = {
        "head": head.seq,
        "head_at": head.at or None,
        "as_of_seq": as_of,
        "behind_seqs": None if as_of is None else max(0, head.seq - as_of),
        "last_snapshot": snapshot and {"seq": snapshot.seq, "built_at": snapshot.built_at},
        **disclosure.freshness(platform),
    }
    return Answer(200, body, cache_seconds=FRESH_SECONDS)


def _loaded_seq() -> int | None:
    """The number this worker answers from; None while it is loading."""
    try:
        return current_reading().seq
    except CatchingUp:
        return None


@routes.get(
    "/public/v1/figures",
    operation=PUBLIC,
    summary="统计数字",
    answers={200: Figures},
    examples={200: examples.FIGURES},
    headers=(AS_OF,),
)
def get_figures() -> Answer:
    """公示中信息的数量：失信按地区、层级、等级，历年数量，双公示的及时率，各类数量，最近一次评价的各等级
    数量。"""
    reading = current_reading()
    text = figures_text(reading)
    return composed(reading, text, [text], [reading.next_end])


def figures_text(reading: Reading) -> str:
    """The JSON of the figures."""
    return json.dumps(
        figures(reading, double_publicity()), ensure_ascii=False, separators=(",", ":")
    )


@routes.get(
    "/public/v1/keys",
    operation=PUBLIC,
    summary="验证公钥",
    answers={200: KeySet},
    examples={200: examples.KEYS},
    errors=(404,),
)
def get_keys() -> Answer:
    """验证报送回执（JWS，ES256）所用的公钥集（RFC 7517），包括已停用的旧密钥；
    公开日志检查点的验证公钥。"""
    # From the table: a verifier needs them before anything else, and while a worker is loading.
    keys = disclosure.public_keys(request.platform())
    tag = tag_of([json.dumps(keys, sort_keys=True)])
    return Answer(200, keys, version=tag, cache_seconds=CACHE_CEILING)


@routes.get(
    "/public/v1/catalog",
    operation=PUBLIC,
    summary="归集目录",
    answers={200: Catalog},
    errors=(404,),
)
def get_catalog(
    jurisdiction: Annotated[
        str, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="适用地区")
    ] = policy.BASE,
) -> Answer:
    """现行归集目录：归集哪些信息、由谁报送、关于谁、是否公开及依据。"""
    today = civil_date(request.platform().clock())
    pack = policy.pack_for(jurisdiction, today)
    body = policy.catalog_of(pack).model_dump(mode="json")
    tag = f"{pack.version}-{pack.digest[:16]}"
    return Answer(200, body, version=tag, cache_seconds=CACHE_CEILING)
