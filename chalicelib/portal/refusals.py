"""Refusals as pages: who reads the site with a browser is told in a page what a client is told in
problem+json."""

from __future__ import annotations

from chalicelib.kernel.errors import GovcreditError
from chalicelib.portal.rendering import page
from chalicelib.web.model import Answer

_TITLES = {
    400: "请求无法读取",
    404: "没有找到这个页面",
    405: "这个页面不支持这种访问方式",
    410: "这个页面的内容已不再公示",
    413: "提交的内容过大",
    422: "提交的内容有误",
    429: "访问过于频繁",
    503: "暂时无法提供服务",
}
_REMEDIES = {
    400: "请检查地址是否完整，或者从下面的入口重新进入。",
    404: "地址可能抄写有误，或者这条信息从未公开。可以按名称、代码检索，或者回到首页。",
    405: "请从下面的入口重新进入。",
    410: "公示期满或者依法撤下的信息不再显示内容。",
    413: "请减少文字或附件后再次提交。",
    422: "请按提示改正后再试。",
    429: "请稍等片刻再试。",
    503: "没有数据丢失，请几秒钟后刷新页面。",
}
_BY_CODE = {
    "search_too_slow": "请把检索词写得更具体，或者先选定主体、类型、区划或日期再检索。",
    "catching_up": "数据正在装载，请几秒钟后刷新页面。",
}
_OTHER = "平台遇到了意外的问题，请稍后再试；如果一直这样，请联系运营单位。"


def is_of_the_site(path: str) -> bool:
    """Whether people look at `path` with a browser."""
    return path in ("/", "/site") or path.startswith("/site/")


def refusal_page(error: GovcreditError, path: str) -> Answer | None:
    """The page that tells `error` to whoever opened `path`; None where no page belongs."""
    if not is_of_the_site(path):
        return None
    return page(
        "refused.html",
        None,
        status=error.status,
        cache_seconds=0,
        status_title=_TITLES.get(error.status, "出现了问题"),
        detail=error.detail,
        faults=error.faults,
        remedy=_BY_CODE.get(error.code) or _REMEDIES.get(error.status, _OTHER),
    )
