"""HTTP by which a credit office registers institutions and their indicator systems."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import region_covers, significant_part
from chalicelib.aws.attributes import Item
from chalicelib.kernel.errors import Forbidden
from chalicelib.third_parties import examples, keeping, presenting, store
from chalicelib.third_parties.model import Institution, RatingSystem
from chalicelib.third_parties.pages import PAGES
from chalicelib.third_parties.views import (
    InstitutionIn,
    InstitutionList,
    InstitutionOut,
    KeyIn,
    ReasonIn,
    SystemContentIn,
    SystemIn,
    SystemList,
    SystemOut,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer, Scope
from chalicelib.web.routes import Routes

routes = Routes("第三方评价", errors=PAGES)

InstitutionCode = Annotated[str, Path(description="机构的统一社会信用代码", max_length=18)]
SystemKey = Annotated[str, Path(description="指标体系代码", max_length=40)]
KeyId = Annotated[str, Path(description="公钥编号", max_length=64)]
Area = Annotated[str, Query(pattern=r"^(\d{6})?$", description="行政区划及以下")]


@routes.post(
    "/v1/third-parties",
    operation="third_parties.manage",
    summary="登记第三方评价机构",
    answers={201: InstitutionOut, 200: InstitutionOut},
    examples={0: examples.INSTITUTION_IN, 201: examples.INSTITUTION, 200: examples.INSTITUTION},
    errors=(403, 404, 409, 422),
)
def register_institution(sent: InstitutionIn) -> Answer:
    """机构先作为单位登记，角色为 third_party；在此登记种类和签名用的公钥。

    公钥公开，任何人都可以用它验证评分。同样的内容再次提交返回 200。
    """
    one, is_new = keeping.register_institution(
        request.platform(),
        request.caller(),
        sent.unified_code,
        sent.kind,
        sent.key.model_dump(),
    )
    return _institution(one, 201 if is_new else 200)


@routes.get(
    "/v1/third-parties",
    operation="third_parties.read",
    summary="第三方评价机构名册",
    answers={200: InstitutionList},
    examples={200: examples.INSTITUTIONS},
    errors=(403,),
)
def list_institutions(
    region: Area = "", limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """管辖范围内登记的机构；机构自己只看到自己。"""
    platform, caller = request.platform(), request.caller()
    if request.scope() is Scope.OWN:
        own = store.load_institution(platform, caller.agency_code)
        return listing([] if own is None else [presenting.institution_out(own)], None)
    place, start = _place(region), read_page_token(page_token)
    page = store.page_of_institutions(platform, caller.jurisdiction, place, limit, start)
    found = [presenting.institution_out(store.institution_from(item)) for item in page.items]
    return listing(found, page.next_start)


@routes.get(
    "/v1/third-parties/{code}",
    operation="third_parties.read",
    summary="一个第三方评价机构",
    answers={200: InstitutionOut},
    examples={200: examples.INSTITUTION},
    errors=(404,),
)
def show_institution(code: InstitutionCode) -> Answer:
    """机构的种类和全部公钥，包括已停用的。"""
    return _institution(_find(code), 200)


@routes.post(
    "/v1/third-parties/{code}/keys",
    operation="third_parties.manage",
    summary="增加机构的公钥",
    answers={200: InstitutionOut},
    examples={0: examples.KEY_IN, 200: examples.INSTITUTION},
    errors=(404, 409, 422),
    edits=True,
)
def add_key(code: InstitutionCode, sent: KeyIn) -> Answer:
    """更换密钥时先增加新的，再停用旧的；停用的公钥保留，用于验证以前的签名。"""
    one, version = _find(code), request.if_match()
    return _institution(
        keeping.add_key(request.platform(), one, sent.model_dump(), version), 200
    )


@routes.post(
    "/v1/third-parties/{code}/keys/{kid}/retirement",
    operation="third_parties.manage",
    summary="停用机构的公钥",
    answers={200: InstitutionOut},
    examples={200: examples.INSTITUTION},
    errors=(404,),
    edits=True,
)
def retire_key(code: InstitutionCode, kid: KeyId) -> Answer:
    """停用后不能再用它签名提交；以前的签名仍然有效。"""
    one, version = _find(code), request.if_match()
    return _institution(keeping.retire_key(request.platform(), one, kid, version), 200)


@routes.post(
    "/v1/rating-systems",
    operation="third_parties.manage",
    summary="登记第三方指标体系",
    answers={201: SystemOut, 200: SystemOut},
    examples={0: examples.SYSTEM_IN, 201: examples.SYSTEM, 200: examples.SYSTEM},
    errors=(404, 409, 422),
)
def register_system(sent: SystemIn) -> Answer:
    """指标、权重、方法、量程、等级、评价对象和周期都由机构自定，随评分公开；权重合计须为 100。

    同样的内容再次提交返回 200。
    """
    one = _find(sent.institution)
    content = presenting.content_of(sent)
    system, is_new = keeping.register_system(request.platform(), one, sent.code, content)
    return _system(system, 201 if is_new else 200)


@routes.get(
    "/v1/rating-systems",
    operation="third_parties.read",
    summary="第三方指标体系清单",
    answers={200: SystemList},
    examples={200: examples.SYSTEMS},
    errors=(403,),
)
def list_systems(
    region: Area = "", limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """管辖范围内的指标体系，停用的也在内；机构自己只看到自己的。"""
    platform, caller = request.platform(), request.caller()
    is_own = request.scope() is Scope.OWN
    place = f"{caller.region}#{caller.agency_code}#" if is_own else _place(region)
    start: Item | None = read_page_token(page_token)
    page = store.page_of_systems(platform, caller.jurisdiction, place, limit, start)
    found = [presenting.system_out(store.system_from(item)) for item in page.items]
    return listing(found, page.next_start)


@routes.get(
    "/v1/rating-systems/{system}",
    operation="third_parties.read",
    summary="一套第三方指标体系",
    answers={200: SystemOut},
    examples={200: examples.SYSTEM},
    errors=(404,),
)
def show_system(system: SystemKey) -> Answer:
    """现行的版本。"""
    return _system(_find_system(system), 200)


@routes.put(
    "/v1/rating-systems/{system}",
    operation="third_parties.manage",
    summary="修改第三方指标体系",
    answers={200: SystemOut},
    examples={0: examples.CONTENT_IN, 200: examples.SYSTEM},
    errors=(404, 409, 422),
    edits=True,
)
def change_system(system: SystemKey, sent: SystemContentIn) -> Answer:
    """成为新的版本；已有的评分仍按评分时的版本展示。"""
    found, version = _find_system(system), request.if_match()
    content = presenting.content_of(sent)
    return _system(keeping.change_system(request.platform(), found, content, version), 200)


@routes.post(
    "/v1/rating-systems/{system}/withdrawal",
    operation="third_parties.manage",
    summary="停用第三方指标体系",
    answers={200: SystemOut},
    examples={0: examples.REASON_IN, 200: examples.SYSTEM},
    errors=(404, 409, 422),
    edits=True,
)
def withdraw_system(system: SystemKey, sent: ReasonIn) -> Answer:
    """写明理由；停用后不再接受评分，已公布的评分不受影响。"""
    found, version = _find_system(system), request.if_match()
    after = keeping.withdraw_system(request.platform(), found, sent.reason, version)
    return _system(after, 200)


def _find(code: str) -> Institution:
    platform, caller = request.platform(), request.caller()
    return keeping.find_institution(platform, caller, request.scope(), code)


def _find_system(code: str) -> RatingSystem:
    platform, caller = request.platform(), request.caller()
    return keeping.find_visible_system(platform, caller, request.scope(), code)


def _place(region: str) -> str:
    caller, scope = request.caller(), request.scope()
    wanted = region or ("" if scope is Scope.ALL else caller.region)
    if scope is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划及以下的机构", code="outside_region")
    return significant_part(wanted) if wanted else ""


def _institution(one: Institution, status: int) -> Answer:
    location = f"/v1/third-parties/{one.code}" if status == 201 else None
    body = presenting.institution_out(one)
    return Answer(status, body, version=one.version, location=location)


def _system(system: RatingSystem, status: int) -> Answer:
    location = f"/v1/rating-systems/{system.code}" if status == 201 else None
    body = presenting.system_out(system)
    return Answer(status, body, version=system.version, location=location)
