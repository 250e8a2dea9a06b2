"""HTTP of the registers: enter, report step by step, see what is missing, assign, supervise."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.registers import entries, examples, summary, supervision, tasks, upkeep
from chalicelib.registers.changing import Edit
from chalicelib.registers.definitions import find_register, registers_of
from chalicelib.registers.entries import Place, Reported, Wanted
from chalicelib.registers.forms import (
    AssignmentIn,
    EntryChange,
    EntryIn,
    StepReportIn,
    SupervisionAnswerIn,
    SupervisionIn,
    TakeBackIn,
)
from chalicelib.registers.judging import Asking, judge
from chalicelib.registers.model import TASKS, DeedKind, Entry
from chalicelib.registers.pages import ERROR_PAGES
from chalicelib.registers.presenting import Presenter, keeper_out, register_out, totals
from chalicelib.registers.rules import StatusCode
from chalicelib.registers.views import (
    EntryDetail,
    EntryList,
    EntryOut,
    RegisterList,
    RegisterOut,
    RegisterReminderList,
    RegisterSummaryOut,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("台账与督办", errors=ERROR_PAGES)

RegisterCode = Annotated[str, Path(description="台账编码；责任分工为 tasks", max_length=64)]
EntryId = Annotated[str, Path(description="编号；责任分工中为任务编码", max_length=64)]
StepCode = Annotated[str, Path(description="步骤编码", max_length=64)]
TaskCode = Annotated[str, Path(description="任务编码", max_length=64)]
SupervisionId = Annotated[str, Path(description="督办编号", max_length=64)]
RegionQuery = Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="只列出该行政区划及以下")]


def _asking() -> Asking:
    return Asking(request.platform(), request.caller(), request.scope())


def _presenter(asking: Asking) -> Presenter:
    return Presenter(asking.today, asking.pack.calendar.working_days)


def _shown(asking: Asking, entry: Entry, status: int = 200) -> Answer:
    """The entry as it stands now, after whatever was done to it."""
    judged = judge(entry, asking.today, asking.figures)
    address = f"/v1/registers/{entry.register_code}/entries/{entry.task or entry.entry_id}"
    location = address if status == 201 else None
    return Answer(
        status, _presenter(asking).entry(judged), version=entry.version, location=location
    )


@routes.get(
    "/v1/registers",
    operation="registers.read",
    summary="本地有哪些台账",
    answers={200: RegisterList},
    examples={200: examples.REGISTERS},
)
def list_registers() -> Answer:
    """由政策包规定：记什么、经过哪些步骤、依据哪一条；文件没有规定的台账，本地就没有。

    `tasks` 是文件的责任分工。
    """
    asking = _asking()
    items = [register_out(register) for register in registers_of(asking.pack)]
    return Answer(200, RegisterList(items=items, policy_version=asking.pack.version))


@routes.get(
    "/v1/registers/reminders",
    operation="registers.read",
    summary="提醒",
    answers={200: RegisterReminderList},
    examples={200: examples.REMINDERS},
)
def list_reminders(
    late: Annotated[
        bool, Query(description="true：本行政区划及以下已经逾期的事项（信用办、主管部门）")
    ] = False,
    settled: Annotated[bool, Query(description="true：已经办结的提醒也列出")] = False,
    region: RegionQuery = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """本单位的提醒，最近的在前；每个期限到期前提醒，逾期再提醒，各一次。

    归集台账的提醒见 GET /v1/reminders。
    """
    asking, start = _asking(), read_page_token(page_token)
    if late:
        found, cursor = upkeep.list_late(asking, region, limit, start)
    else:
        found, cursor = upkeep.list_reminders(asking, settled, limit, start)
    presenter = _presenter(asking)
    return listing([presenter.reminder(told) for told in found], cursor)


@routes.get(
    "/v1/registers/{register}",
    operation="registers.read",
    summary="一个台账的规定",
    answers={200: RegisterOut},
    examples={200: examples.REGISTER},
    errors=(404,),
)
def show_register(register: RegisterCode) -> Answer:
    """各项、各步骤及其依据。"""
    return Answer(200, register_out(find_register(_asking().pack, register)))


@routes.get(
    "/v1/registers/{register}/summary",
    operation="registers.read",
    summary="各单位的台账情况",
    answers={200: RegisterSummaryOut},
    examples={200: examples.SUMMARY},
    errors=(403, 404),
)
def show_summary(
    register: RegisterCode,
    region: RegionQuery = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """逐单位列出各状态的条数、缺少什么；一条都没有的单位也在内。"""
    rules, keepers, cursor = summary.summarise(
        _asking(), register, region, limit, read_page_token(page_token)
    )
    return listing(
        [keeper_out(keeper) for keeper in keepers],
        cursor,
        register_code=rules.code,
        title=rules.title,
        at_least=rules.at_least,
        counts=totals(keepers),
        lacking=sum(keeper.status.lacking for keeper in keepers),
    )


@routes.get(
    "/v1/registers/{register}/entries",
    operation="registers.read",
    summary="台账的各条",
    answers={200: EntryList},
    examples={200: examples.ENTRIES},
    errors=(403, 404),
)
def list_entries(
    register: RegisterCode,
    region: RegionQuery = "",
    status: Annotated[StatusCode | Literal[""], Query(description="只列出这一状态")] = "",
    open_only: Annotated[bool, Query(description="true：只列出没有完成的")] = False,
    withdrawn: Annotated[bool, Query(description="true：列出已撤销的")] = False,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """本单位的，或者本行政区划及以下的；状态按今天计算。

    责任分工一次列出全部任务，按文件的顺序。
    """
    asking, start = _asking(), read_page_token(page_token)
    wanted = Wanted(region, status, open_only, withdrawn)
    if register == TASKS:
        cursor = None
        found = [judged for judged in tasks.all_tasks(asking) if wanted.takes(judged)]
    else:
        found, cursor = entries.list_entries(asking, register, wanted, limit, start)
    presenter = _presenter(asking)
    return listing([presenter.entry(judged) for judged in found], cursor)


@routes.post(
    "/v1/registers/{register}/entries",
    operation="registers.keep",
    summary="登记一条",
    answers={201: EntryOut, 200: EntryOut},
    examples={0: examples.NEW_ENTRY, 200: examples.ENTRY, 201: examples.ENTRY},
    errors=(403, 404, 409),
)
def create_entry(register: RegisterCode, entry: EntryIn) -> Answer:
    """各项按台账的规定检查，不认识的字段是错误。同样的内容再次提交只有一条。"""
    asking = _asking()
    made, is_new = entries.create_entry(asking, register, entry.fields)
    return _shown(asking, made, 201 if is_new else 200)


@routes.get(
    "/v1/registers/{register}/entries/{entry_id}",
    operation="registers.read",
    summary="一条及其经过",
    answers={200: EntryDetail},
    examples={200: examples.DETAIL},
    errors=(404,),
)
def show_entry(register: RegisterCode, entry_id: EntryId) -> Answer:
    """状态、怎样得出、缺少什么及依据、各步骤的报告和材料、督办、每一次修改。"""
    asking = _asking()
    judged, earlier = entries.read_entry(asking, Place(register, entry_id))
    body = _presenter(asking).detail(judged, earlier)
    # The status moves with days and figures though the version does not: the tag tells of both.
    shown = sha256(body.model_dump_json().encode()).hexdigest()[:12]
    return Answer(200, body, version=f"{judged.entry.version}-{shown}")


@routes.patch(
    "/v1/registers/{register}/entries/{entry_id}",
    operation="registers.keep",
    summary="修改、撤销或恢复一条",
    answers={200: EntryOut},
    examples={200: examples.ENTRY},
    errors=(403, 404, 409),
)
def change_entry(register: RegisterCode, entry_id: EntryId, change: EntryChange) -> Answer:
    """须用 If-Match 注明所依据的版本；标识字段不能修改；修改前的内容保留。"""
    asking = _asking()
    kind: DeedKind = "change"
    if change.withdrawn is not None:
        kind = "withdraw" if change.withdrawn else "restore"
    edit = Edit(kind, dict(change.fields), change.reason)
    place = Place(register, entry_id)
    return _shown(
        asking, entries.change_entry(asking, place, change.fields, edit, request.if_match())
    )


@routes.post(
    "/v1/registers/{register}/entries/{entry_id}/steps/{step}",
    operation="registers.keep",
    summary="报告一个步骤",
    answers={200: EntryOut},
    examples={200: examples.ENTRY},
    errors=(403, 404, 409),
)
def report_step(
    register: RegisterCode, entry_id: EntryId, step: StepCode, report: StepReportIn
) -> Answer:
    """写明完成日期和证明材料；不能晚于今天，不能早于它所依据的前一步骤。

    任务：`progress` 报告进展（可以多次），`completion` 由牵头单位报告完成；
    由平台计算的任务不能报告完成。
    """
    asking = _asking()
    evidence = tuple(one.evidence() for one in report.evidence)
    reported = Reported(report.done_on, evidence, report.note)
    place = Place(register, entry_id)
    return _shown(asking, entries.report_step(asking, place, step, reported))


@routes.post(
    "/v1/registers/{register}/entries/{entry_id}/steps/{step}/withdrawal",
    operation="registers.keep",
    summary="撤回一个步骤的报告",
    answers={200: EntryOut},
    examples={200: examples.ENTRY},
    errors=(403, 404, 409),
    edits=True,
)
def take_back(
    register: RegisterCode, entry_id: EntryId, step: StepCode, withdrawal: TakeBackIn
) -> Answer:
    """说明理由；须用 If-Match 注明所依据的版本。撤回的报告留在经过里。"""
    asking = _asking()
    edit = Edit("take_back", {"step": step}, withdrawal.reason)
    place = Place(register, entry_id)
    return _shown(asking, entries.take_back(asking, place, step, edit, request.if_match()))


@routes.put(
    "/v1/registers/tasks/entries/{task}/assignment",
    operation="registers.assign",
    summary="分派任务",
    answers={200: EntryOut},
    examples={200: examples.TASK},
    errors=(403, 404),
    edits=True,
)
def assign_task(task: TaskCode, assignment: AssignmentIn) -> Answer:
    """文件写的是单位名称，这里对应到登记的单位；整体替换。还没有分派的任务，版本为 0。"""
    asking = _asking()
    entry = tasks.assign(asking, task, assignment.lead, assignment.cooperating, request.if_match())
    return _shown(asking, entry)


@routes.post(
    "/v1/registers/{register}/entries/{entry_id}/supervision",
    operation="registers.supervise",
    summary="督办",
    answers={200: EntryOut},
    examples={200: examples.SUPERVISED},
    errors=(403, 404, 409),
)
def supervise(register: RegisterCode, entry_id: EntryId, demand: SupervisionIn) -> Answer:
    """对没有完成的一条提出督办，限期答复；期限可以是某一天，也可以是若干工作日。"""
    asking = _asking()
    wanted = supervision.Demand(demand.message, demand.due_on, demand.working_days)
    return _shown(asking, supervision.supervise(asking, Place(register, entry_id), wanted))


@routes.post(
    "/v1/registers/{register}/entries/{entry_id}/supervision/{supervision_id}/answer",
    operation="registers.keep",
    summary="答复督办",
    answers={200: EntryOut},
    examples={200: examples.SUPERVISED},
    errors=(403, 404, 409),
)
def answer_supervision(
    register: RegisterCode,
    entry_id: EntryId,
    supervision_id: SupervisionId,
    answer: SupervisionAnswerIn,
) -> Answer:
    """由负责的单位答复，可以附材料。"""
    asking = _asking()
    evidence = [one.evidence() for one in answer.evidence]
    place = Place(register, entry_id)
    return _shown(asking, supervision.answer(asking, place, supervision_id, answer.text, evidence))
