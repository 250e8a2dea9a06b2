"""HTTP of precedents: earlier decisions on exemption, anonymised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from chalicelib.cases import precedents
from chalicelib.cases.model_results import Precedent
from chalicelib.policy.base import SEVERITY_TITLES, SUBJECT_KINDS
from chalicelib.policy.service import pack_version
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer, Outbound
from chalicelib.web.routes import Routes

routes = Routes("案件办理")

_CODE = r"^([a-z][a-z0-9_]{0,63})?$"
_OUTCOMES = {"recognised": "认定容错", "refused": "不予容错"}


class PrecedentOut(Outbound):
    """One earlier decision, without anything that leads back to its case."""

    precedent_id: str
    year: int = Field(description="决定的年度")
    outcome: Literal["recognised", "refused"]
    outcome_title: str
    ground: str = Field(description="主张的容错情形")
    ground_title: str
    record_type: str = Field(description="信息类型")
    record_type_title: str
    severity: str | None
    severity_title: str | None
    subject_kind: str
    subject_kind_title: str
    sphere: str | None = Field(description="所涉领域")
    sphere_title: str | None
    reasons: str = Field(description="认定或者不予认定的理由，已隐去名称、编号、数额和日期")


class PrecedentList(Outbound):
    """One page of precedents, the newest year first."""

    items: list[PrecedentOut]
    next_page_token: str | None


EXAMPLE = {
    "items": [
        {
            "precedent_id": "pr_5b1cqk3vwtz2m7h4n6p8rs2d4e",
            "year": 2025,
            "outcome": "recognised",
            "outcome_title": "认定容错",
            "ground": "exploration",
            "ground_title": "改革创新中的探索性失误",
            "record_type": "commitment_breach",
            "record_type_title": "违约失信",
            "severity": "general",
            "severity_title": "一般",
            "subject_kind": "department",
            "subject_kind_title": "政府部门",
            "sphere": "procurement",
            "sphere_title": "政府采购",
            "reasons": "首次试点，程序完备，未谋取私利，有关当事方及时纠正",
        }
    ],
    "next_page_token": None,
}


@routes.get(
    "/v1/exemption-precedents",
    operation="precedents.read",
    summary="容错的先例",
    answers={200: PrecedentList},
    examples={200: EXAMPLE},
    errors=(404, 422),
)
def list_precedents(
    ground: Annotated[str, Query(pattern=_CODE, description="容错情形")] = "",
    type: Annotated[str, Query(pattern=_CODE, description="信息类型代码")] = "",
    outcome: Annotated[
        Literal["", "recognised", "refused"], Query(description="认定容错或者不予容错")
    ] = "",
    sphere: Annotated[str, Query(pattern=_CODE, description="所涉领域")] = "",
    subject_kind: Annotated[str, Query(pattern=_CODE, description="主体类别")] = "",
    text: Annotated[str, Query(max_length=50, description="理由中出现的文字")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """本地区已经决定的容错案件，认定的和不予认定的都在，新的年度在前；不含可以识别当事人的内容。

    一页可能不足 limit 条，有 next_page_token 就还有下一页。本地文件没有容错的，答复 404。
    """
    platform, place = request.platform(), request.caller().jurisdiction
    wanted = precedents.Wanted(ground, type, outcome, sphere, subject_kind, text.strip())
    start = read_page_token(page_token)
    found, cursor = precedents.search_precedents(platform, place, wanted, limit, start)
    titles = precedents.ground_titles(platform, place)
    return listing([_precedent_out(one, titles) for one in found], cursor)


def _precedent_out(one: Precedent, titles: dict[str, str]) -> PrecedentOut:
    record_type = pack_version(one.jurisdiction, one.pack).types.get(one.record_type)
    spheres = {
        choice.code: choice.title
        for field in (() if record_type is None else record_type.fields)
        for choice in field.values
    }
    return PrecedentOut(
        precedent_id=one.precedent_id,
        year=one.year,
        outcome=one.outcome,
        outcome_title=_OUTCOMES[one.outcome],
        ground=one.ground,
        ground_title=titles.get(one.ground, one.ground),
        record_type=one.record_type,
        record_type_title=one.record_type if record_type is None else record_type.title,
        severity=one.severity or None,
        severity_title=_title(SEVERITY_TITLES, one.severity) or None,
        subject_kind=one.subject_kind,
        subject_kind_title=_title(SUBJECT_KINDS, one.subject_kind),
        sphere=one.sphere or None,
        sphere_title=spheres.get(one.sphere, one.sphere) or None,
        reasons=one.text,
    )


def _title(titles: Mapping[Any, str], code: str) -> str:
    return next((title for known, title in titles.items() if known == code), code)
