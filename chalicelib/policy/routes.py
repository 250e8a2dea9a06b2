"""HTTP of policy: the catalog (归集目录) of the caller's jurisdiction, in the version in force or
in any earlier one that a record is pinned to."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.comparing import Change, changes
from chalicelib.policy.model import Category, Mechanism, Pack, RecordType
from chalicelib.policy.programme import (
    Area,
    Assessment,
    Conduct,
    InformationClass,
    RatingBar,
    Register,
    SupervisionClass,
    Task,
)
from chalicelib.policy.reported import ReportedFigure
from chalicelib.policy.service import catalog_of, pack_for, pack_version, versions_of
from chalicelib.policy.templates import TemplateForm, template_link
from chalicelib.web import request
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer, Outbound
from chalicelib.web.routes import Routes

routes = Routes(
    "归集目录",
    errors=[
        ErrorPage(
            "unknown_policy",
            404,
            "没有这个版本的政策包",
            "给出的地区或版本没有政策包，或者那一天还没有生效的政策包。",
            "从 GET /v1/catalog 的 versions 中选择版本。",
        ),
        ErrorPage(
            "unknown_record_type",
            404,
            "目录中没有这个信息类型",
            "这个版本的归集目录不包含这个信息类型。",
            "在 GET /v1/catalog 中查找正确的类型代码。",
        ),
        ErrorPage(
            "unknown_layout",
            404,
            "这个信息类型没有这种列名方案",
            "columns 指定的列名方案（如 national_2018）不属于这个信息类型。",
            "不填 columns 取中文列名的模板；可用的方案见 GET /v1/catalog/{type} 的 layouts。",
        ),
    ],
)

_CACHE_SECONDS = 60
"""The catalog changes with an effective date, and its ETag with its content."""

_BASIS = {
    "document": "行政许可法",
    "clause": "第四十条",
    "verified": True,
    "note": "",
}
_ENTRIES = (
    "areas",
    "classes",
    "conduct",
    "supervision",
    "tasks",
    "registers",
    "assessments",
    "rating_bars",
    "reported_figures",
)
_CATEGORY = {
    "code": "double_publicity",
    "title": "双公示",
    "file": "body",
    "order": 10,
    "basis": _BASIS,
}
_FIELD = {"code": "decided_on", "title": "许可决定日期", "kind": "date", "required": True}
_TYPE = {
    "code": "administrative_licence",
    "title": "行政许可",
    "category": "double_publicity",
    "about": ["enterprise"],
    "reported_by": "作出许可决定的单位",
    "registration": "first_sight",
    "fields": [_FIELD],
    "natural_key": ["decided_on"],
    "date_field": "decided_on",
    "disclosure": {"scope": "public", "basis": _BASIS},
    "retention": {"years": 5, "basis": _BASIS},
    "update_frequency": "realtime",
    "legal_basis": [_BASIS],
    "verified": True,
}
_EXAMPLE_FRAME = {
    "jurisdiction": "nanjing",
    "title": "南京市",
    "version": "2024-09-13",
    "effective_from": "2024-09-13",
    "digest": "5f1d",
}

Version = Annotated[
    str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="目录版本；不填为今天有效的版本")
]


class CatalogOut(Outbound):
    """归集目录: what is collected here, by whom, about whom, and how it is shown."""

    jurisdiction: str
    title: str
    version: str
    effective_from: date
    digest: str
    document: LegalBasis
    categories: tuple[Category, ...]
    types: tuple[RecordType, ...]
    versions: tuple[str, ...]
    """Every version there is, the oldest first."""


class CatalogTypeOut(Outbound):
    """One entry of the catalog, with the version it belongs to."""

    jurisdiction: str
    version: str
    digest: str
    category: Category
    type: RecordType


@routes.get(
    "/v1/catalog",
    operation="catalog.read",
    summary="归集目录",
    answers={200: CatalogOut},
    examples={
        200: {
            **_EXAMPLE_FRAME,
            "document": _BASIS,
            "categories": [_CATEGORY],
            "types": [_TYPE],
            "versions": ["2024-09-13"],
        }
    },
)
def show_catalog(version: Version = "") -> Answer:
    """本地区的归集目录：信息类型、报送单位、字段、时限、公开属性、公示期和依据。

    信息、案件和评价都固定在当时的版本上，用 version 可以查看任何一个版本。
    """
    pack = _pack(version)
    catalog = catalog_of(pack)
    body = CatalogOut(
        **{name: getattr(catalog, name) for name in type(catalog).model_fields},
        versions=versions_of(pack.jurisdiction),
    )
    return Answer(200, body, version=pack.digest, cache_seconds=_CACHE_SECONDS)


class ChangesOut(Outbound):
    """What changes, and for whom, from one version of the caller's policy to another."""

    jurisdiction: str
    before: str
    """The earlier version."""
    after: str
    """The later version."""
    changes: tuple[Change, ...]


class PolicyOut(Outbound):
    """What the document sets out beyond the catalog, in one version."""

    jurisdiction: str
    title: str
    version: str
    effective_from: date
    digest: str
    document: LegalBasis
    replaces: tuple[str, ...]
    mechanisms: tuple[Mechanism, ...]
    areas: tuple[Area, ...]
    classes: tuple[InformationClass, ...]
    conduct: tuple[Conduct, ...]
    supervision: tuple[SupervisionClass, ...]
    tasks: tuple[Task, ...]
    registers: tuple[Register, ...]
    assessments: tuple[Assessment, ...]
    rating_bars: tuple[RatingBar, ...]
    reported_figures: tuple[ReportedFigure, ...]


@routes.get(
    "/v1/policy",
    operation="catalog.read",
    summary="本地文件的机制、重点领域、失信行为情形、任务分工和台账",
    answers={200: PolicyOut},
    examples={
        200: {
            **_EXAMPLE_FRAME,
            "document": _BASIS,
            "replaces": [],
            "mechanisms": [
                {"code": "leads", "title": "失信线索发现督促", "state": "own", "basis": _BASIS}
            ],
            **{name: [] for name in _ENTRIES},
        }
    },
)
def show_policy(version: Version = "") -> Answer:
    """文件在归集目录之外的规定：每项机制的有无（own 本地自有、base 按全国规定、off 没有）和依据，
    重点领域、信用信息分类、失信行为情形及处理办法、分类监管、任务分工、台账、归集工作考核、
    评优限制。"""
    pack = _pack(version)
    body = PolicyOut(
        jurisdiction=pack.jurisdiction,
        title=pack.title,
        version=pack.version,
        effective_from=pack.effective_from,
        digest=pack.digest,
        document=pack.document,
        replaces=pack.replaces,
        mechanisms=tuple(pack.mechanisms.values()),
        **{name: tuple(getattr(pack, name).values()) for name in _ENTRIES},
    )
    return Answer(200, body, version=pack.digest, cache_seconds=_CACHE_SECONDS)


@routes.get(
    "/v1/catalog/changes",
    operation="catalog.read",
    summary="两个版本之间有什么变化、对谁",
    answers={200: ChangesOut},
    examples={
        200: {
            "jurisdiction": "nanjing",
            "before": "2024-01-01",
            "after": "2024-09-13",
            "changes": [
                {
                    "affects": "public",
                    "section": "types",
                    "entry": "statistics_fabrication",
                    "kind": "added",
                    "text": "新增公开的信息“统计造假”",
                }
            ],
        }
    },
    errors=(404,),
)
def show_changes(
    before: Annotated[
        str,
        Query(alias="from", pattern=r"^\d{4}-\d{2}-\d{2}$", description="较早的目录版本"),
    ],
    after: Annotated[
        str,
        Query(
            alias="to",
            pattern=r"^(\d{4}-\d{2}-\d{2})?$",
            description="较晚的目录版本；不填为今天有效的版本",
        ),
    ] = "",
) -> Answer:
    """逐句说明新增、取消和改变了什么，并指明影响到报送单位、政务主体、公职人员、公众还是信用办。

    只是比较：此前按旧版本作出的处理和评价不会因此改变。
    """
    earlier, later = _pack(before), _pack(after)
    body = ChangesOut(
        jurisdiction=later.jurisdiction,
        before=earlier.version,
        after=later.version,
        changes=changes(earlier, later),
    )
    digest = f"{earlier.digest[:32]}{later.digest[:32]}"
    return Answer(200, body, version=digest, cache_seconds=_CACHE_SECONDS)


@routes.get(
    "/v1/catalog/{type}",
    operation="catalog.read",
    summary="归集目录中的一个信息类型",
    answers={200: CatalogTypeOut},
    examples={
        200: {
            "jurisdiction": "nanjing",
            "version": "2024-09-13",
            "digest": "5f1d",
            "category": _CATEGORY,
            "type": _TYPE,
        }
    },
    errors=(404,),
)
def show_catalog_type(
    type: Annotated[str, Path(description="信息类型代码", max_length=64)], version: Version = ""
) -> Answer:
    """字段、必填条件、取值、别名（国家数据标准的列名）和各项依据。"""
    pack = _pack(version)
    found = _type_in(pack, type)
    body = CatalogTypeOut(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        digest=pack.digest,
        category=pack.categories[found.category],
        type=found,
    )
    return Answer(200, body, version=pack.digest, cache_seconds=_CACHE_SECONDS)


@routes.get(
    "/v1/catalog/{type}/template",
    operation="catalog.read",
    summary="填报模板",
    answers={303: None},
    errors=(404,),
)
def show_template(
    type: Annotated[str, Path(description="信息类型代码", max_length=64)],
    form: Annotated[
        TemplateForm, Query(alias="format", description="csv 或 xlsx（带下拉列表和填写说明）")
    ] = "xlsx",
    columns: Annotated[
        str,
        Query(
            pattern=r"^([a-z][a-z0-9_]{0,63})?$",
            description="列名方案，如 national_2018；不填用中文列名",
        ),
    ] = "",
    version: Version = "",
) -> Answer:
    """转到一个五分钟内有效的下载地址。

    模板的列就是报送文件可以有的列；xlsx 的表头带有批注（形式、长度、必填条件、依据），
    另有“填写说明”一页和虚构的示例。
    """
    pack = _pack(version)
    link = template_link(request.platform(), pack, _type_in(pack, type), form, columns)
    return Answer(303, None, location=link)


def _type_in(pack: Pack, code: str) -> RecordType:
    found = pack.types.get(code)
    if found is None:
        raise NotFound(f"“{pack.title}”的归集目录中没有这个信息类型", code="unknown_record_type")
    return found


def _pack(version: str) -> Pack:
    jurisdiction = request.caller().jurisdiction
    if version:
        return pack_version(jurisdiction, version)
    return pack_for(jurisdiction, civil_date(request.platform().clock()))
