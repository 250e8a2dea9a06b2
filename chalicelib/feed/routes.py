"""The log itself, for whoever checks it. Tiles are files (infra/front-door.json), not answers."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.feed import examples, proving
from chalicelib.feed.logfiles import CHECKPOINT_SECONDS
from chalicelib.feed.model import ConsistencyView
from chalicelib.kernel.canonical import MAX_EXACT_INTEGER
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开")


@routes.get(
    "/public/v1/log/checkpoint",
    operation=PUBLIC,
    summary="日志的检查点",
    media_type="text/plain",
    errors=(404,),
)
def get_checkpoint() -> Answer:
    """公开日志当前的检查点：日志名称、条数、根哈希和签名（C2SP tlog-checkpoint）。切片和条目在
    /public/v1/log/tile/ 之下（C2SP tlog-tiles），验证公钥见 /public/v1/keys。"""
    note = proving.current_checkpoint(request.platform())
    return Answer(
        200,
        note,
        cache_seconds=CHECKPOINT_SECONDS,
        media_type="text/plain; charset=utf-8",
    )


@routes.get(
    "/public/v1/log/consistency",
    operation=PUBLIC,
    summary="日志只增不改的证明",
    answers={200: ConsistencyView},
    examples={200: examples.CONSISTENCY},
    errors=(404,),
)
def get_consistency(
    old: Annotated[
        int, Query(alias="from", ge=0, le=MAX_EXACT_INTEGER, description="以前的检查点的条数")
    ],
    new: Annotated[
        int | None,
        Query(alias="to", ge=0, le=MAX_EXACT_INTEGER, description="后来的条数；不给为当前检查点"),
    ] = None,
) -> Answer:
    """前 from 条原样是前 to 条的开头的证明（RFC 6962 §2.1.2），附当前检查点。"""
    proof = proving.prove_consistency(request.platform(), old, new)
    body = {
        "from": proof.old,
        "to": proof.new,
        "proof": [step.hex() for step in proof.steps],
        "checkpoint": proof.checkpoint,
    }
    return Answer(200, body, cache_seconds=CHECKPOINT_SECONDS)
