"""Snapshots on demand."""

from __future__ import annotations

from chalicelib.snapshots import service
from chalicelib.snapshots.model import BuildOrderOut
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

INDEX = "/public/v1/snapshots"

routes = Routes("开放数据")


@routes.post(
    "/v1/snapshots",
    operation="snapshots.build",
    summary="立即生成快照",
    answers={202: BuildOrderOut},
)
def build_snapshot() -> Answer:
    """受理后在后台生成当前全部公示内容的快照，通常几分钟内完成，结果见 /public/v1/snapshots。
    公示内容自上次以来没有变化、也没有公示期满的，沿用现有快照。重复请求不会重复生成。"""
    accepted_at = service.ask(request.platform())
    text = "已受理。公示内容没有变化的，沿用现有快照。"
    order = BuildOrderOut(accepted_at=accepted_at, index=INDEX, text=text)
    return Answer(202, order.model_dump(mode="json"), location=INDEX)
