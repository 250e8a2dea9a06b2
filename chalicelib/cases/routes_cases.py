"""HTTP of single cases: open one, see it, move it, and what one was told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import record_read, significant_part
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Write
from chalicelib.cases import examples, presenting, store, store_letters
from chalicelib.cases.acting import Taken
from chalicelib.cases.kinds import find_kind
from chalicelib.cases.lists import page_of_cases
from chalicelib.cases.model import CaseFile
from chalicelib.cases.opening import Target, open_case
from chalicelib.cases.rules_parties import actor_in, relations_of
from chalicelib.cases.scene import Establishing, Wish, scene_of
from chalicelib.cases.steps import act, find_visible
from chalicelib.cases.views import (
    CaseList,
    CaseOut,
    EventList,
    LetterList,
    OpeningIn,
    StepIn,
    StepOut,
)
from chalicelib.creditfile import service as files
from chalicelib.kernel.clock import civil_date, day_start, instant_text
from chalicelib.kernel.errors import Fault, Forbidden, Invalid
from chalicelib.policy.service import pack_for
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("案件办理")

Kind = Annotated[str, Path(description="案件种类代码", max_length=64)]
CaseId = Annotated[str, Path(description="案件编号", max_length=64)]
ActionCode = Annotated[str, Path(description="操作代码", max_length=64)]
Whose = Literal["", "subject", "source_agency", "superior", "credit_office"]

_INDEXES: Mapping[str, str] = {
    "subject": "by_subject",
    "source_agency": "by_reporter",
    "superior": "by_actor",
    "credit_office": "by_listing",
}


@routes.post(
    "/v1/cases/{kind}",
    operation="cases.open",
    summary="发起一件案件",
    answers={201: StepOut},
    examples={0: examples.OPENING, 201: examples.STEP},
    errors=(403, 404, 409, 422),
    replay=Replay.SERVICE,
)
def open_one(kind: Kind, opening: OpeningIn) -> Answer:
    """异议、修复、容错、告知、整改、问责……按案件种类的规定发起；谁能发起，见 GET /v1/case-kinds。

    材料先上传归档，再在 evidence 中写明编号。同一条信用信息同一种类只能有一件在办；同一天内容相同的
    再次提交，得到的是同一件，已经终结的须写明新的内容。
    """
    platform, caller = request.platform(), request.caller()
    claim = request.idempotency_claim()
    action = opening.action or _only_opening(kind)
    wish = _wish(action, opening)

    def joined(taken: Taken) -> list[Write]:
        return [] if claim is None else [claim.item_write(_stepped(taken, 201))]

    target = Target(opening.record_id, opening.subject_id)
    done = open_case(platform, kind, target, caller, wish, joined, claim)
    return done if isinstance(done, Answer) else _stepped(done, 201)


@routes.get(
    "/v1/cases",
    operation="cases.read",
    summary="案件清单",
    answers={200: CaseList},
    examples={200: examples.CASES},
    errors=(403, 422),
)
def list_cases(
    whose: Annotated[
        Whose,
        Query(description="以什么身份：当事主体、信息来源单位、上级主管单位、信用办；不填按角色"),
    ] = "",
    region: Annotated[str, Query(pattern=r"^(\d{6,12})?$", description="信用办：行政区划")] = "",
    open_only: Annotated[bool, Query(description="true：只列出没有终结的")] = False,
    to_do: Annotated[bool, Query(description="true：只列出查阅者现在可以办理的")] = False,
    overdue: Annotated[bool, Query(description="true：只列出有期限已过的")] = False,
    kind: Annotated[str, Query(max_length=64, description="只列出这个种类")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """与查阅者有关的案件；同一行政区划内新的在前。"""
    platform, caller, now = request.platform(), request.caller(), request.platform().clock()
    index, value, prefix = _list_of(whose, region)

    def wanted(file: CaseFile) -> bool:
        if kind and file.kind != kind:
            return False
        if open_only and presenting.is_final(file):
            return False
        if overdue and not presenting.brief_out(file, now).overdue:
            return False
        return not to_do or bool(presenting.possible_for(caller, file))

    files, cursor = page_of_cases(
        platform, index, value, limit, read_page_token(page_token), prefix, wanted
    )
    return listing([presenting.brief_out(file, now) for file in files], cursor)


@routes.get(
    "/v1/cases/{case_id}",
    operation="cases.read",
    summary="一件案件",
    answers={200: CaseOut},
    examples={200: examples.CASE},
    errors=(404,),
)
def show_case(case_id: CaseId) -> Answer:
    """现在的状态、由谁办理、各期限逐日的计算，以及查阅者现在可以进行的操作。"""
    platform, caller = request.platform(), request.caller()
    file, relations = find_visible(platform, caller, request.scope(), case_id)
    actor = actor_in(caller, relations, file.parties)
    body = presenting.case_out(file, actor, platform.clock())
    return Answer(200, body, version=file.case.version)


@routes.get(
    "/v1/cases/{case_id}/history",
    operation="cases.read",
    summary="一件案件的经过",
    answers={200: EventList},
    examples={200: examples.HISTORY},
    errors=(404,),
)
def show_history(
    case_id: CaseId, limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """每一步由谁在何时进行、填写了什么、提交了什么材料，新的在前。

    当事主体看不到提出人说了什么；涉及个人的内容只有办理本案的单位和本人能看到，查阅会留下本人可见的记录。
    """
    platform, caller = request.platform(), request.caller()
    file, relations = find_visible(platform, caller, request.scope(), case_id)
    entries, cursor = store.page_of_entries(platform, case_id, limit, read_page_token(page_token))
    key = None
    if relations and any(entry.sealed for entry in entries):
        if file.about_person and "subject" not in relations:
            subject_id = file.parties.subject_id
            purpose = f"办理{presenting.kind_of(file).title}"
            record_read(platform, caller, subject_id, purpose, file.case_id)
        place = files.subject_place_of(platform, file.parties.subject_id)
        key = presenting.key_of(scene_of(platform, file, file, batch_get([place])))
    reader = presenting.Reader(file, relations, key)
    return listing([reader.entry(entry) for entry in entries], cursor)


@routes.post(
    "/v1/cases/{case_id}/actions/{action}",
    operation="cases.act",
    summary="办理：进行一个操作",
    answers={200: StepOut},
    examples={0: examples.ACTION, 200: examples.STEP},
    errors=(403, 404, 409, 422),
    replay=Replay.SERVICE,
    edits=True,
)
def take_action(case_id: CaseId, action: ActionCode, step: StepIn) -> Answer:
    """状态、对记录的效果、给各方的告知在一次写入中完成，要么全部发生，要么什么都没有变。

    If-Match 写明所依据的版本；同一操作重复提交得到第一次的结果。
    """
    platform, caller, claim = request.platform(), request.caller(), request.idempotency_claim()

    def joined(taken: Taken) -> list[Write]:
        return [] if claim is None else [claim.item_write(_stepped(taken, 200))]

    wish = _wish(action, step)
    done = act(platform, case_id, caller, request.if_match(), wish, joined, claim)
    return done if isinstance(done, Answer) else _stepped(done, 200)


@routes.get(
    "/v1/letters",
    operation="letters.read",
    summary="给本单位、本人的告知",
    answers={200: LetterList},
    examples={200: examples.LETTERS},
    errors=(403, 422),
)
def list_letters(
    office: Annotated[bool, Query(description="true：信用办查看本地区案件的告知")] = False,
    since: Annotated[date | None, Query(description="只列出这一天（含）以后的")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """案件的每一步告知了什么，新的在前；要报告政府、移送有权机关的由信用办转送。"""
    platform, caller, start = request.platform(), request.caller(), read_page_token(page_token)
    first = "" if since is None else instant_text(day_start(since))
    if office:
        if "credit_office" not in caller.roles:
            raise Forbidden("只有信用办可以查看本地区案件的告知")
        part = significant_part(caller.region)
        letters, cursor = store_letters.page_of_office_letters(
            platform, caller.jurisdiction, part, limit, start, first
        )
    else:
        box = (
            f"subject:{caller.subject_id}" if caller.subject_id else f"agency:{caller.agency_code}"
        )
        letters, cursor = store_letters.page_of_letters(platform, box, limit, start, first)
    return listing([presenting.letter_out(letter) for letter in letters], cursor)


def _stepped(taken: Taken, status: int) -> Answer:
    platform, caller = request.platform(), request.caller()
    file = taken.file
    actor = actor_in(caller, relations_of(caller, file), file.parties)
    body = presenting.step_out(file, actor, platform.clock(), taken.entry.results)
    return Answer(status, body, version=file.case.version, location=f"/v1/cases/{file.case_id}")


def _wish(action: str, step: StepIn) -> Wish:
    established = step.record
    return Wish(
        action=action,
        fields=step.fields,
        papers=step.evidence,
        correction=step.correction,
        establishes=None
        if established is None
        else Establishing(established.type, established.fields),
        body=request.raw_body(),
    )


def _only_opening(kind_code: str) -> str:
    """The opening action, where a person's choice is not needed. Raises NotFound, Invalid."""
    caller, now = request.caller(), request.platform().clock()
    kind = find_kind(pack_for(caller.jurisdiction, civil_date(now)), kind_code)
    codes = [
        action.code for action in kind.actions if action.opens and set(action.by) - {"platform"}
    ]
    if len(codes) == 1:
        return codes[0]
    message = f"请在 action 中写明怎样发起：{'、'.join(codes)}"
    raise Invalid(message, faults=[Fault("/action", "required", message)])


def _list_of(whose: Whose, region: str) -> tuple[str, str, str | None]:
    """Index, value and prefix of the list a caller asks for. Raises Forbidden, Invalid."""
    caller = request.caller()
    chosen = whose or _usual_list(caller.roles, caller.subject_id)
    if chosen == "credit_office":
        if "auditor" in caller.roles:
            part = significant_part(region) if region else ""
        elif "credit_office" in caller.roles:
            part = significant_part(region or caller.region)
            if not part.startswith(significant_part(caller.region)):
                raise Forbidden("只能查看本行政区划及以下的案件", code="outside_scope")
        else:
            raise Forbidden("只有信用办可以按行政区划查看案件")
        return "by_listing", f"cases#{caller.jurisdiction}", part or None
    own = caller.subject_id if chosen == "subject" else caller.agency_code
    if not own:
        message = "这个客户端没有这种身份"
        raise Invalid(message, faults=[Fault("/whose", "not_yours", message)])
    return _INDEXES[chosen], own, None


def _usual_list(roles: frozenset[str], subject_id: str) -> str:
    if subject_id:
        return "subject"
    if roles & {"credit_office", "auditor"}:
        return "credit_office"
    return "superior" if "supervisor" in roles else "source_agency"
