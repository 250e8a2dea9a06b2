"""Pages on which anyone reports something and follows what becomes of it, with or without
JavaScript. The receipt code is in bodies only; nothing here asks or keeps who is calling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import ValidationError

from chalicelib.creditfile.model import Subject
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    GovcreditError,
    Invalid,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
)
from chalicelib.leads import service as leads
from chalicelib.leads.model import LeadIn, LeadKind, LeadMessageIn, LeadOut
from chalicelib.policy.model import Pack
from chalicelib.policy.service import BASE
from chalicelib.portal import lead_forms
from chalicelib.portal.lead_forms import PREFIX, Refused
from chalicelib.portal.places import Place, find_place, places
from chalicelib.portal.rendering import page
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.problem import faults_of
from chalicelib.web.routes import PUBLIC, Replay, Routes

routes = Routes("投诉举报页面")

_NOWHERE: Final = "000000"
"""The division above all others: in a jurisdiction, all of it."""
_KEY_BYTES: Final = 20
_REFUSED_HERE: Final = (
    Invalid,
    TooManyRequests,
    NotFound,
    PreconditionFailed,
    Forbidden,
    Conflict,
)
"""What a form is shown again for, with what was typed; anything else is no fault of the form."""

_OPENING: Final = frozenset({"unified_code", "kind", "form_key"})
Model = TypeVar("Model", LeadIn, LeadMessageIn)
_STEP: Final = frozenset({"code", "version", "action"})


@routes.get("/site/leads", operation=PUBLIC, summary="投诉举报", media_type="text/html")
def show_start(
    code: Annotated[str, Query(max_length=64, description="被反映单位的统一社会信用代码")] = "",
    place: Annotated[str, Query(max_length=64, description="看哪地的统计")] = "",
) -> Answer:
    """可以反映什么、怎么反映；选定单位以后是填写的页面。"""
    typed = code.strip().upper()
    if not typed:
        return _start_page("", "", find_place(place))
    try:
        body = leads.find_body(request.platform(), typed)
    except Invalid as error:
        return _start_page(typed, error.detail, None)
    return _form_page(body, {"form_key": _new_key()}, None)


@routes.post(
    "/site/leads",
    operation=PUBLIC,
    summary="提交投诉举报",
    media_type="text/html",
    form=True,
    replay=Replay.SERVICE,
)
def report() -> Answer:
    """提交以后显示查询码，只显示这一次；刷新页面不会重复提交。"""
    platform, typed = request.platform(), request.form()
    body: Subject | None = None
    try:
        body = leads.find_body(platform, typed.get("unified_code", ""))
        lead = _lead_of(typed, leads.kinds_offered(_pack_of(body)))
        key = typed.get("form_key", "")
        done = leads.report(platform, lead, request.raw_body(), key, _address())
    except _REFUSED_HERE as error:
        return _again(body, typed, error)
    return _page("lead_receipt.html", 201, receipt=done.receipt)


@routes.get("/site/leads/track", operation=PUBLIC, summary="查询进展", media_type="text/html")
def show_track() -> Answer:
    """凭查询码查看进展、补充情况。"""
    return _track_page("", "", 200)


@routes.post(
    "/site/leads/track",
    operation=PUBLIC,
    summary="凭查询码查看进展",
    media_type="text/html",
    form=True,
    replay=Replay.NONE,
)
def track() -> Answer:
    """现在到哪一步、双方说过什么、您现在可以做什么。"""
    typed = request.form()
    code = typed.get("code", "")
    try:
        _only(typed, frozenset({"code"}))
        checked = _checked(LeadMessageIn, {"code": code, "version": 1, "action": ""})
        found = leads.look_up(request.platform(), checked.code, _address())
    except _REFUSED_HERE as error:
        return _told_when(_track_page(code, _first(error), error.status), error)
    return _case_page(code, found, {}, None, 200)


@routes.post(
    "/site/leads/messages",
    operation=PUBLIC,
    summary="凭查询码补充情况或评价",
    media_type="text/html",
    form=True,
    replay=Replay.NONE,
)
def send_message() -> Answer:
    """补充情况、满意、不满意……以后显示最新的进展；重复提交不会说两遍。"""
    platform, typed = request.platform(), request.form()
    code, action = typed.get("code", ""), typed.get("action", "")
    own = f"{action}_"
    try:
        found = leads.look_up(platform, code, _address())
    except _REFUSED_HERE as error:
        return _told_when(_track_page(code, _first(error), error.status), error)
    try:
        message = _message_of(typed, found, own)
        after = leads.answer(platform, message, request.raw_body(), _address())
    except _REFUSED_HERE as error:
        fields = [
            one.code for step in found.actions if step.action == action for one in step.fields
        ]
        names = [f"{own}{PREFIX}{field}" for field in fields]
        refused = lead_forms.refused(error, names, own)
        return _told_when(_case_page(code, found, typed, refused, error.status), error)
    return _case_page(code, after, {}, None, 200, said=True)


# -- from a form to what the API takes ------------------------------------------------------------


def _lead_of(typed: Mapping[str, str], kinds: tuple[LeadKind, ...]) -> LeadIn:
    chosen = typed.get("kind", "")
    offered = {kind.kind: kind for kind in kinds}
    _only(typed, _OPENING | {f"{PREFIX}{one.code}" for kind in kinds for one in kind.fields})
    if chosen not in offered:
        message = "请选择要反映的是哪一类问题"
        raise Invalid(message, faults=[Fault("/kind", "required", message)])
    fields = lead_forms.values_of(offered[chosen].fields, typed)
    code = typed.get("unified_code", "")
    return _checked(LeadIn, {"kind": chosen, "unified_code": code, "fields": fields})


def _message_of(typed: Mapping[str, str], found: LeadOut, own: str) -> LeadMessageIn:
    asked = next((one.fields for one in found.actions if f"{one.action}_" == own), ())
    _only(typed, _STEP | {f"{own}{PREFIX}{field.code}" for field in asked})
    version = typed.get("version", "")
    sent = {
        "code": typed.get("code", ""),
        "version": lead_forms.number_in(version),
        "action": typed.get("action", ""),
        "fields": lead_forms.values_of(asked, typed, own),
    }
    return _checked(LeadMessageIn, sent)


def _checked(model: type[Model], values: object) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = faults_of(error.errors(), values)
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults) from None


def _only(typed: Mapping[str, str], known: frozenset[str] | set[str]) -> None:
    if set(typed) - known:
        raise Invalid("表单里有不认识的内容，请重新打开页面填写")


def _address() -> str:
    platform = request.platform()
    return leads.address_of(request.current().event, platform.settings.trusted_proxies)


def _new_key() -> str:
    """A key nobody guesses, one for each page that is opened: sent twice, it is one lead."""
    return request.platform().ids.random_bytes(_KEY_BYTES).hex()


# -- pages -----------------------------------------------------------------------------------------


def _page(template: str, status: int, **values: object) -> Answer:
    return page(
        template,
        None,
        status=status,
        cache_seconds=0,
        embeddable=False,
        section="leads",
        **values,
    )


def _pack_of(body: Subject) -> Pack:
    return leads.pack_of_place(request.platform(), body.region or _NOWHERE, body.jurisdiction)


def _start_page(typed: str, fault: str, place: Place | None) -> Answer:
    platform = request.platform()
    shown = None
    if place is not None:
        pack = leads.pack_of_place(platform, _NOWHERE, place.jurisdiction)
        shown = leads.statistics_of(platform, pack, _NOWHERE)
    return _page(
        "leads.html",
        422 if fault else 200,
        typed=typed,
        fault=fault,
        places=places(),
        place=place,
        statistics=shown,
    )


def _form_page(
    body: Subject | None, typed: Mapping[str, str], error: GovcreditError | None
) -> Answer:
    platform = request.platform()
    pack = leads.pack_of_place(platform, _NOWHERE, BASE) if body is None else _pack_of(body)
    kinds = leads.kinds_offered(pack)
    asked = lead_forms.fields_of_all(kinds)
    refused = None
    if error is not None:
        names = [f"{PREFIX}{field.code}" for field in asked]
        refused = lead_forms.refused(error, ["unified_code", "kind", *names])
    return _page(
        "lead_form.html",
        200 if error is None else error.status,
        body=body,
        typed=typed,
        kinds=kinds,
        chosen=typed.get("kind", "") or (kinds[0].kind if kinds else ""),
        entries=lead_forms.entries(asked, typed, refused),
        refused=refused,
    )


def _again(body: Subject | None, typed: Mapping[str, str], error: GovcreditError) -> Answer:
    """The form with what was typed."""
    kept = {**typed, "form_key": typed.get("form_key") or _new_key()}
    return _told_when(_form_page(body, kept, error), error)


def _track_page(code: str, fault: str, status: int) -> Answer:
    return _page("lead_track.html", status, typed=code, fault=fault)


def _case_page(
    code: str,
    found: LeadOut,
    typed: Mapping[str, str],
    refused: Refused | None,
    status: int,
    said: bool = False,
) -> Answer:
    steps = [
        (one, lead_forms.entries(one.fields, typed, refused, f"{one.action}_"))
        for one in found.actions
    ]
    return _page(
        "lead_case.html",
        status,
        code=code,
        lead=found,
        steps=steps,
        said=said,
        general=refused.general if refused is not None else (),
    )


def _first(error: GovcreditError) -> str:
    return error.faults[0].message if error.faults else error.detail


def _told_when(answer: Answer, error: GovcreditError) -> Answer:
    if error.retry_after is None:
        return answer
    return replace(answer, headers={**answer.headers, "Retry-After": str(error.retry_after)})
