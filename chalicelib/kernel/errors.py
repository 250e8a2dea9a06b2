"""Everything that can be refused, in one hierarchy.

The HTTP edge maps it to problem+json, queue handlers to retry or not.

    GovcreditError
    ├── Malformed 400              the request cannot be read
    ├── Unauthenticated 401        who are you
    ├── Forbidden 403              you may not
    ├── NotFound 404               there is nothing you may see here
    ├── Gone 410                   it was there for all to see, and is no more
    ├── Conflict 409               the state of things stands against it
    ├── PreconditionFailed 412     If-Match names an old version
    ├── TooLarge 413
    ├── UnsupportedMediaType 415
    ├── Invalid 422                read, understood, and against a rule (carries faults)
    ├── PreconditionRequired 428   If-Match is missing
    ├── TooManyRequests 429
    ├── Misconfigured 500          the platform must not run like this
    └── Unavailable 503            a service behind us failed; retrying is safe
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (JSON pointer), which rule, what to do in Chinese."""

    pointer: str
    code: str
    message: str


class GovcreditError(Exception):
    """A refusal: a stable code (see /docs/errors/<code>) and a Chinese explanation."""

    status: int = 500
    code: str = "internal"
    title: str = "系统内部错误"
    members: Mapping[str, object] = {}
    """What else the refusal tells programs: further members of its JSON (RFC 9457 §3.2)."""

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        faults: Sequence[Fault] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.code = code or type(self).code
        self.faults = tuple(faults)
        self.retry_after = retry_after


class Malformed(GovcreditError):
    """The request cannot be read."""

    status, code, title = 400, "malformed", "请求无法读取"


class Unauthenticated(GovcreditError):
    """No valid token."""

    status, code, title = 401, "unauthenticated", "身份未通过验证"


class Forbidden(GovcreditError):
    """A valid identity without the right to this operation or object."""

    status, code, title = 403, "forbidden", "没有权限"


class NotFound(GovcreditError):
    """Unknown, or not visible to this caller; the two are never distinguished."""

    status, code, title = 404, "not_found", "没有找到"


class Gone(GovcreditError):
    """It was public and is no more. Nothing else tells the unknown from the hidden."""

    status, code, title = 410, "gone", "已不再提供"


class Conflict(GovcreditError):
    """The stored state stands against the request."""

    status, code, title = 409, "conflict", "与现有数据冲突"


class PreconditionFailed(GovcreditError):
    """If-Match names a version that is no longer current."""

    status, code, title = 412, "stale_version", "数据已被更新，请重新读取后再改"


class TooLarge(GovcreditError):
    """The body is over the limit."""

    status, code, title = 413, "too_large", "内容超过大小上限"


class UnsupportedMediaType(GovcreditError):
    """The Content-Type is not one the operation takes."""

    status, code, title = 415, "unsupported_media_type", "不支持的内容类型"


class Invalid(GovcreditError):
    """Understood, and against a rule. `faults` names each field and rule."""

    status, code, title = 422, "invalid", "内容不符合要求"


class PreconditionRequired(GovcreditError):
    """An edit without If-Match."""

    status, code, title = 428, "precondition_required", "修改时必须用 If-Match 注明所依据的版本"


class TooManyRequests(GovcreditError):
    """Over the quota."""

    status, code, title = 429, "too_many_requests", "请求过于频繁"


class Misconfigured(GovcreditError):
    """The platform refuses to run with this configuration."""

    status, code, title = 500, "misconfigured", "平台配置不正确，已停止服务"


class Unavailable(GovcreditError):
    """A service behind the platform failed; nothing is half done and a retry is safe."""

    status, code, title = 503, "unavailable", "服务暂时不可用，请稍后重试"
