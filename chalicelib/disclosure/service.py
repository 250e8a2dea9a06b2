"""What the public may ask of disclosure itself: how fresh its decisions are, and which keys verify.

What is public is asked of the replica, which follows the feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from chalicelib.aws.platform import Platform
from chalicelib.disclosure import store
from chalicelib.kernel.errors import NotFound

MEASURED: Final = (
    "last_change_at、projected_at：最近一次进入公开库的变更及其进入的时刻；lag_seconds：两者之差，"
    "每次公开时实测；checked_at、behind：平台每小时将近几小时的变更与公开库逐条核对，"
    "behind 为当次发现尚未反映、已安排补做的条数；head：答复时读取的日志最新序号，"
    "as_of_seq：公开接口这个部件已载入的序号，每秒至多核对一次。"
)


def freshness(platform: Platform) -> dict[str, Any]:
    """How far behind the tables the projection is."""
    item = store.find_freshness(platform)
    lag = item.get("lag_ms")
    return {
        "last_change_at": item.get("last_change_at"),
        "projected_at": item.get("projected_at"),
        "lag_seconds": f"{lag // 1000}.{lag % 1000:03d}" if isinstance(lag, int) else None,
        "checked_at": item.get("checked_at"),
        "behind": item.get("behind"),
        "measured": MEASURED,
    }


def public_keys(platform: Platform) -> Mapping[str, Any]:
    """The keys with which receipts and the log are verified. Raises NotFound before `setup`."""
    item = store.find_keys(platform)
    if item is None:
        raise NotFound("平台尚未公布验证公钥")
    return cast("Mapping[str, Any]", item["document"])
