"""HTTP of the list of unified codes that fail their check and are genuine all the same."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.access import exceptions
from chalicelib.access.model_exceptions import (
    CodeException,
    CodeExceptionIn,
    CodeExceptionList,
    CodeExceptionOut,
    RevocationIn,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes(
    "身份与权限",
    errors=[
        ErrorPage(
            "code_is_valid",
            0,
            "代码通过校验",
            "例外名单只收校验不通过、但确由登记机关赋予的统一社会信用代码。",
            "这个代码可以直接使用，不必列入名单。",
        ),
        ErrorPage(
            "already_revoked",
            409,
            "例外已经撤销",
            "这个代码已经从例外名单撤销。",
            "确需恢复的，重新列入并说明理由。",
        ),
    ],
)

UnifiedCodePath = Annotated[str, Path(description="统一社会信用代码", max_length=18)]


@routes.get(
    "/v1/code-exceptions",
    operation="code_exceptions.read",
    summary="例外代码名单",
    answers={200: CodeExceptionList},
)
def list_exceptions(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """校验不通过、但确由登记机关赋予的统一社会信用代码，已撤销的也列出。"""
    page = exceptions.list_exceptions(request.platform(), limit, read_page_token(page_token))
    return listing([_out(entry) for entry in page.items], page.next_start)


@routes.post(
    "/v1/code-exceptions",
    operation="code_exceptions.manage",
    summary="列入例外代码",
    answers={200: CodeExceptionOut, 201: CodeExceptionOut},
    errors=(409,),
)
def add_exception(body: CodeExceptionIn) -> Answer:
    """须写明理由和证明材料，留下审计记录；一分钟内在各处生效。

    只免除校验位的检查，长度、字符和登记管理部门代码仍须合规；同样的内容再次提交，返回已有的（200）。
    """
    entry, is_new = exceptions.add_exception(request.platform(), request.caller(), body)
    return _answer(entry, 201 if is_new else 200)


@routes.get(
    "/v1/code-exceptions/{unified_code}",
    operation="code_exceptions.read",
    summary="一个例外代码",
    answers={200: CodeExceptionOut},
    errors=(404,),
)
def read_exception(unified_code: UnifiedCodePath) -> Answer:
    """返回列入的理由、证明材料，以及撤销的理由。"""
    return _answer(exceptions.find_exception(request.platform(), unified_code), 200)


@routes.post(
    "/v1/code-exceptions/{unified_code}/revocation",
    operation="code_exceptions.manage",
    summary="撤销例外代码",
    answers={200: CodeExceptionOut},
    errors=(404, 409),
    edits=True,
)
def revoke_exception(unified_code: UnifiedCodePath, body: RevocationIn) -> Answer:
    """撤销后一分钟内不再放行；此前已经受理的信用信息不受影响。"""
    version = request.if_match()
    platform, caller = request.platform(), request.caller()
    entry = exceptions.revoke_exception(platform, caller, unified_code, body.reason, version)
    return _answer(entry, 200)


def _answer(entry: CodeException, status: int) -> Answer:
    location = f"/v1/code-exceptions/{entry.unified_code}" if status == 201 else None
    return Answer(status, _out(entry), version=entry.version, location=location)


def _out(entry: CodeException) -> CodeExceptionOut:
    return CodeExceptionOut(
        unified_code=entry.unified_code,
        name=entry.name,
        reason=entry.reason,
        evidence=entry.evidence,
        region=entry.region,
        added_by=entry.added_by,
        added_at=entry.added_at,
        active=entry.active,
        revocation_reason=entry.revocation_reason or None,
        revoked_at=entry.revoked_at or None,
        version=entry.version,
    )
