"""What every error code means and what to do about it: the text behind /docs/errors/<code>.

Codes of the kernel and of this room stand here; a capability hands its own to its `Routes`. They
travel inside the OpenAPI document (`x-error-codes`), so that the page and the document agree.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.web.error_page import ErrorPage
from chalicelib.web.field_pages import FIELD_PAGES

__all__ = ["BASE_PAGES", "ErrorPage", "pages_by_code"]

BASE_PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        "malformed",
        400,
        "请求无法读取",
        "请求的格式不符合约定，平台无法理解。",
        "对照接口文档检查请求头、查询参数和正文的写法后重新发送。",
    ),
    ErrorPage(
        "not_json",
        400,
        "正文不是有效的 JSON",
        "正文为空、不是 UTF-8、不符合 JSON 语法、有重复的字段名，或含有 NaN 等 JSON 没有的值。",
        "用 JSON 工具生成正文，不要手工拼接；提示中的位置是出错的字符序号。",
    ),
    ErrorPage(
        "not_form",
        400,
        "表单无法读取",
        "网页表单的内容不是 UTF-8 编码，字段重复或者过多；正常的浏览器不会这样提交。",
        "重新打开页面填写后提交；程序请使用 JSON 接口。",
    ),
    ErrorPage(
        "foreign_form",
        403,
        "表单来自别的网站",
        "浏览器表明这个表单是从别的网站提交的。为防止有人借您的浏览器提交内容，平台不接受。",
        "打开本站的页面重新填写；程序请使用 JSON 接口。",
    ),
    ErrorPage(
        "page_token",
        400,
        "翻页令牌无效",
        "翻页令牌被改动，或用在了另一个接口、另一组查询条件、另一个客户端上。",
        "从第一页重新开始，原样使用上一页给出的 next_page_token，且不要改变查询条件。",
    ),
    ErrorPage(
        "etag_malformed",
        400,
        "If-Match 写法不对",
        'If-Match 应是读取时 ETag 给出的一个版本，例如 "3"（含引号）。',
        "先读取资源，把响应头 ETag 的值原样放进 If-Match。",
    ),
    ErrorPage(
        "idempotency_key_malformed",
        400,
        "Idempotency-Key 写法不对",
        "Idempotency-Key 应是 1 至 200 个可见的 ASCII 字符。",
        "每个新的操作用一个新的随机值（例如 UUID），重试时沿用原值。",
    ),
    ErrorPage(
        "unauthenticated",
        401,
        "身份未通过验证",
        "没有携带令牌，或令牌的签名、签发者、受众、有效期有一项不符。",
        "向统一身份认证重新获取令牌，以 Authorization: Bearer 方式携带。",
    ),
    ErrorPage(
        "unknown_client",
        401,
        "客户端没有登记",
        "令牌是真的，但这个客户端没有在平台登记，或已经停用。",
        "请所在地信用办登记这个客户端及其角色。",
    ),
    ErrorPage(
        "forbidden",
        403,
        "没有权限",
        "这个客户端的角色不包含该操作，或者对象不在其管辖范围内。",
        "确认所用的客户端；确需权限的，请所在地信用办调整角色。",
    ),
    ErrorPage(
        "not_found",
        404,
        "没有找到",
        "没有这个对象，或者它不向您开放；两者不作区分。",
        "核对编号；编号无误而仍看不到的，说明它不在您的可见范围内。",
    ),
    ErrorPage(
        "no_such_path",
        404,
        "没有这个接口",
        "请求的地址不是平台的接口。",
        "对照 /docs 检查地址；查询参数放在问号之后。",
    ),
    ErrorPage(
        "method_not_allowed",
        405,
        "接口不支持这种方法",
        "地址存在，但不接受所用的 HTTP 方法。",
        "响应头 Allow 列出了可用的方法。",
    ),
    ErrorPage(
        "gone",
        410,
        "已不再提供",
        "这里的内容曾经公开，现已不再提供。",
        "不必重试。",
    ),
    ErrorPage(
        "conflict",
        409,
        "与现有数据冲突",
        "平台上已有的数据与本次请求不能同时成立。",
        "先读取现有数据，按提示更正后再提交。",
    ),
    ErrorPage(
        "idempotency_key_reused",
        409,
        "Idempotency-Key 已用于另一个请求",
        "同一个 Idempotency-Key 在 24 小时内已经用于内容不同的请求。",
        "新的请求换一个新的 Idempotency-Key；重试原请求则内容须与第一次完全相同。",
    ),
    ErrorPage(
        "erased",
        410,
        "个人数据已删除",
        "该主体的个人数据已依法删除，原值无法恢复。",
        "无需处理；与删除有关的依据可向所在地信用办查询。",
    ),
    ErrorPage(
        "stale_version",
        412,
        "数据已被更新",
        "If-Match 注明的版本不是当前版本，别人先改过了。",
        "重新读取，确认改动仍然需要，再用新的 ETag 提交。",
    ),
    ErrorPage(
        "too_large",
        413,
        "内容超过大小上限",
        "正文超过单个请求的大小上限。",
        "分批报送，或者改用文件上传。",
    ),
    ErrorPage(
        "unsupported_media_type",
        415,
        "不支持的内容类型",
        "有正文的请求必须注明 Content-Type: application/json。",
        "正文用 UTF-8 编码的 JSON，并加上这个请求头。",
    ),
    ErrorPage(
        "invalid",
        422,
        "内容不符合要求",
        "请求读懂了，但有的字段不符合规则；errors 逐条给出位置、规则和说明。",
        "按 errors 中的 pointer 找到字段，按 message 更正后重新提交。",
    ),
    ErrorPage(
        "precondition_required",
        428,
        "缺少 If-Match",
        "修改时必须注明所依据的版本。",
        "先读取资源，把响应头 ETag 的值放进 If-Match。",
    ),
    ErrorPage(
        "too_many_requests",
        429,
        "请求过于频繁",
        "超过了调用配额（见响应头 RateLimit-Policy）。",
        "等待 Retry-After 给出的秒数后再试，并降低频率。",
    ),
    ErrorPage(
        "internal",
        500,
        "系统内部错误",
        "平台出现了未预料的错误，请求没有留下半成品。",
        "稍后重试；仍不成功的，把 instance 中的编号告诉运维人员。",
    ),
    ErrorPage(
        "misconfigured",
        500,
        "平台配置不正确",
        "平台的配置缺失或不安全，已拒绝提供服务。",
        "请运维人员按部署说明检查配置。",
    ),
    ErrorPage(
        "unavailable",
        503,
        "服务暂时不可用",
        "平台依赖的某项服务暂时没有应答，请求没有生效。",
        "等待 Retry-After 给出的秒数后原样重试；重试是安全的。",
    ),
    *FIELD_PAGES,
)


def pages_by_code(added: Iterable[ErrorPage] = ()) -> dict[str, ErrorPage]:
    """All pages by code; a room may say more of a base code than the base does.
    Raises ValueError when two rooms disagree about one code."""
    found: dict[str, ErrorPage] = {}
    for page in added:
        if found.setdefault(page.code, page) != page:
            raise ValueError(f"error code {page.code} is documented twice")
    return {page.code: page for page in BASE_PAGES} | found
