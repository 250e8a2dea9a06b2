"""The public side of snapshots: what there is to take away. The files come from the bucket itself,
through the front door."""

from __future__ import annotations

from chalicelib.snapshots import examples, service
from chalicelib.snapshots.model import SnapshotsView
from chalicelib.snapshots.rules_views import snapshots_view
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

_CACHE_SECONDS = 30

routes = Routes("开放数据")


@routes.get(
    "/public/v1/snapshots",
    operation=PUBLIC,
    summary="批量下载",
    answers={200: SnapshotsView},
    examples={200: examples.SNAPSHOTS},
)
def get_snapshots() -> Answer:
    """全部公示内容的快照，每晚零时后生成，次日取代；有内容撤回时随即重新生成并删除旧文件。
    每份快照对应公示日志的一个序号，从 changes 给出的地址继续读取变更，就能一直与本站保持一致。
    首次生成之前 items 为空。"""
    snapshot = service.current_snapshot(request.platform())
    tag = "none"
    if snapshot is not None:
        tag = f"{snapshot.seq}-{snapshot.built_at}-{snapshot.expires_at}"
    body = snapshots_view(snapshot).model_dump(mode="json")
    return Answer(200, body, version=tag, cache_seconds=_CACHE_SECONDS)
