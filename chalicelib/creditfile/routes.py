"""HTTP of credit files: the register of subjects, their files, records and versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from chalicelib.access.service import allowed_codes
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import examples, importing, reading, register, service
from chalicelib.creditfile.model import Identification, Record, Subject
from chalicelib.creditfile.pages import ERROR_PAGES
from chalicelib.creditfile.presenting import (
    basics,
    bodies_in,
    credit_file,
    filed_record,
    import_result,
    lens_for,
    record_detail,
    summary_of,
    tag_of,
    version_of,
)
from chalicelib.creditfile.reading import Filter, Reader, Sight
from chalicelib.creditfile.views import (
    CreditFile,
    ErasureIn,
    FiledRecordPage,
    ImportResult,
    LookupIn,
    LookupResult,
    RecordDetail,
    RecordHistory,
    RegistrationChange,
    RegistrationIn,
    SubjectBasics,
    SubjectPage,
)
from chalicelib.kernel.codes import (
    CODE_MESSAGES,
    NUMBER_FORM,
    citizen_code_fault,
    is_registration_number,
    unified_code_fault,
)
from chalicelib.kernel.errors import Fault, Invalid, UnsupportedMediaType
from chalicelib.policy.base import SubjectKind
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, fitting, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("信用档案", errors=ERROR_PAGES)

_CSV_TYPE = re.compile(r"text/csv(\s*;\s*(charset=\"?utf-8\"?|header=\w+))*", re.IGNORECASE)

SubjectId = Annotated[str, Path(description="信用主体编号", max_length=64)]
RecordId = Annotated[str, Path(description="信用信息编号", max_length=64)]
Purpose = Annotated[
    str,
    Header(alias="Purpose-Code", max_length=600, description="查阅个人信息的用途，涉及个人时必填"),
]
Approval = Annotated[
    str,
    Header(
        alias="Approval-Reference",
        max_length=2000,
        description="审批文号，组织人事部门查阅个人信息时必填；中文用百分号编码",
    ),
]
RegionFilter = Annotated[
    str, Query(pattern=r"^(\d{6})?$", description="行政区划及以下；不填为本行政区划")
]


def _reader(purpose: str, approval: str) -> Reader:
    return Reader(request.caller(), request.scope(), purpose, approval)


# -- the register -------------------------------------------------------------------------------


@routes.post(
    "/v1/subjects",
    operation="subjects.register",
    summary="登记一个信用主体",
    answers={201: SubjectBasics, 200: SubjectBasics},
    examples={200: examples.SUBJECT, 201: examples.SUBJECT},
    errors=(409,),
)
def register_subject(registration: RegistrationIn) -> Answer:
    """登记本行政区划及以下的政府、部门、事业单位等主体和公职人员。

    同样的内容再次登记返回 200；首次由许可、处罚等信息提到的主体，登记后编号不变。
    个人的姓名、身份号码和职务加密保存，不会返回。
    """
    platform = request.platform()
    given = {name: str(value) for name, value in registration if value is not None}
    subject, is_new = register.register_subject(platform, request.caller(), given)
    return _subject_answer(platform, subject, 201 if is_new else 200)


@routes.post(
    "/v1/subjects/import",
    operation="subjects.register",
    summary="导入信用主体（CSV，最多 2000 行）",
    answers={200: ImportResult},
    examples={200: examples.IMPORT},
    errors=(415, 422),
)
def import_subjects() -> Answer:
    """正文是 UTF-8 编码的 CSV，Content-Type 为 text/csv；逐行处理，互不影响。

    列：kind 主体类别、unified_code 统一社会信用代码、citizen_code 公民身份号码、name 名称、
    region 行政区划、level 层级、superior 上级单位、employer 所在单位、post 职务，表头用英文或中文
    均可。上级单位和所在单位须已登记，或在同一文件中。中断后可以原样重发，已登记的行不会重复。
    """
    kind = request.header("content-type").strip()
    if _CSV_TYPE.fullmatch(kind) is None:
        raise UnsupportedMediaType("正文须为 CSV：请加上 Content-Type: text/csv")
    outcomes = importing.import_subjects(request.platform(), request.caller(), request.raw_body())
    return Answer(200, import_result(outcomes))


@routes.get(
    "/v1/subjects",
    operation="subjects.read",
    summary="信用主体名册",
    answers={200: SubjectPage},
    examples={200: {"items": [examples.SUBJECT], "next_page_token": None}},
)
def list_subjects(
    region: RegionFilter = "",
    kind: Annotated[SubjectKind | None, Query(description="主体类别；不填为各类单位")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """已登记的主体，按行政区划和代码排列。列出公职人员时不显示姓名和职务。"""
    platform = request.platform()
    found, cursor = reading.list_subjects(
        platform, _reader("", ""), region, kind or "", limit, read_page_token(page_token)
    )
    return listing([basics(platform, subject) for subject in found], cursor)


@routes.get(
    "/v1/subjects/{subject_id}",
    operation="subjects.read",
    summary="一个信用主体的登记",
    answers={200: SubjectBasics},
    examples={200: examples.SUBJECT},
)
def show_subject(subject_id: SubjectId, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """个人的姓名已遮盖；查阅个人须说明用途，并留下本人可见的查询记录。"""
    platform = request.platform()
    subject = service.find_subject(platform, subject_id)
    sight = reading.look_at(platform, _reader(purpose, approval), subject)
    return Answer(200, basics(platform, subject, sight), version=subject.version)


@routes.patch(
    "/v1/subjects/{subject_id}",
    operation="subjects.register",
    summary="修改信用主体的登记",
    answers={200: SubjectBasics},
    examples={200: examples.SUBJECT},
    errors=(409, 410),
)
def change_subject(subject_id: SubjectId, change: RegistrationChange) -> Answer:
    """只改给出的字段，null 表示清空；形成新的版本。代码不能修改。"""
    platform = request.platform()
    changes = {name: getattr(change, name) or "" for name in change.model_fields_set}
    subject = register.change_registration(
        platform, request.caller(), request.scope(), subject_id, changes, request.if_match()
    )
    return _subject_answer(platform, subject, 200)


@routes.post(
    "/v1/subjects/{subject_id}/erasure",
    operation="subjects.erase",
    summary="依法删除个人数据",
    answers={200: SubjectBasics},
    examples={200: examples.SUBJECT},
    errors=(409,),
    edits=True,
)
def erase_subject(subject_id: SubjectId, erasure: ErasureIn) -> Answer:
    """销毁个人的密钥和查找项：平台各处和存档原件中加密的个人数据从此无法恢复。

    不可撤销。数据库的时间点备份最多再保留 35 天，到期自动清除。
    """
    platform = request.platform()
    subject = register.erase_person(
        platform,
        request.caller(),
        request.scope(),
        subject_id,
        erasure.reason,
        request.if_match(),
    )
    return _subject_answer(platform, subject, 200)


def _subject_answer(platform: Platform, subject: Subject, status: int) -> Answer:
    location = f"/v1/subjects/{subject.subject_id}" if status == 201 else None
    return Answer(status, basics(platform, subject), version=subject.version, location=location)


# -- credit files -------------------------------------------------------------------------------


@routes.get(
    "/v1/credit-files/{subject_id}",
    operation="credit_files.read",
    summary="信用档案",
    answers={200: CreditFile},
    examples={200: examples.FILE},
)
def show_credit_file(
    subject_id: SubjectId,
    newest: Annotated[int, Query(ge=1, le=100, description="每一部分列出最近的多少条")] = 20,
    purpose: Purpose = "",
    approval: Approval = "",
) -> Answer:
    """基本信息、按目录分类的信用信息、单列的失信记录和表彰荣誉、各报送单位及公示状态；
    已修复和已认定容错的信息只留档，不计入失信记录。

    个人信息一律遮盖，只有本人和经审批的组织人事部门看到原值。查阅个人档案须说明用途，
    并留下本人可见的查询记录。
    """
    platform = request.platform()
    subject = service.find_subject(platform, subject_id)
    sight = reading.look_at(platform, _reader(purpose, approval), subject)
    body = credit_file(
        platform, sight, service.read_file(platform, request.caller(), subject, newest)
    )
    return Answer(200, body, version=version_of(platform, sight, body))


@routes.post(
    "/v1/credit-files/lookup",
    operation="credit_files.lookup",
    summary="按代码查找信用档案",
    answers={200: LookupResult},
    examples={200: examples.LOOKUP},
    errors=(404,),
    replay=Replay.NONE,
)
def look_up_file(lookup: LookupIn, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """代码只放在正文里，不会出现在地址中。查个人须同时给出姓名和用途。

    没有这个代码、名称不符和不在管辖范围内，答复相同（404）。结果不因 Idempotency-Key 保存。
    """
    platform = request.platform()
    sight = reading.look_up(platform, _reader(purpose, approval), _named(lookup))
    subject = sight.subject
    body = LookupResult(
        subject=basics(platform, subject, sight),
        summary=summary_of(service.read_file(platform, request.caller(), subject, 1)),
        location=f"/v1/credit-files/{subject.subject_id}",
    )
    return Answer(200, body)


def _named(lookup: LookupIn) -> Identification:
    given = (lookup.unified_code, lookup.citizen_code, lookup.name, lookup.registration_number)
    unified, citizen, name, number = ((text or "").strip() for text in given)
    faults: list[Fault] = []
    if sum(map(bool, (unified, citizen, number))) != 1:
        message = "统一社会信用代码、公民身份号码和工商注册号须填写其中一个"
        faults.append(Fault("", "one_code", message))
    if number and not is_registration_number(number):
        faults.append(Fault("/registration_number", "registration_number", NUMBER_FORM))
    allowed = allowed_codes(request.platform())
    found = unified_code_fault(unified, allowed) if unified else None
    if found:
        faults.append(Fault("/unified_code", found, CODE_MESSAGES[found]))
    found = citizen_code_fault(citizen) if citizen else None
    if found:
        faults.append(Fault("/citizen_code", found, CODE_MESSAGES[found]))
    if citizen and not name:
        faults.append(Fault("/name", "required", "查找个人时必须填写姓名"))
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    return Identification(unified, citizen, name, number)


# -- records ------------------------------------------------------------------------------------


@routes.get(
    "/v1/records",
    operation="records.read",
    summary="信用信息列表",
    answers={200: FiledRecordPage},
    examples={200: examples.RECORDS},
)
def list_records(
    subject_id: Annotated[str, Query(max_length=64, description="信用主体编号")] = "",
    reporter: Annotated[str, Query(max_length=18, description="报送单位的统一社会信用代码")] = "",
    type: Annotated[str, Query(max_length=64, description="信息类型代码")] = "",
    category: Annotated[str, Query(max_length=64, description="信息类别代码")] = "",
    dishonesty: Annotated[bool | None, Query(description="是否失信记录")] = None,
    withdrawn: Annotated[bool, Query(description="是否包括已撤回的")] = False,
    archived: Annotated[bool | None, Query(description="是否已修复或已认定容错")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
    purpose: Purpose = "",
    approval: Approval = "",
) -> Answer:
    """按主体或按报送单位列出，发生日期最近的在前。

    按报送单位列出时，涉及个人的只给出编号、类型和日期，字段须逐条查阅。
    已停止共享的信息（信用修复），只有信用主体、报送单位、信用办、主管部门和审计人员看得到。
    """
    platform, reader = request.platform(), _reader(purpose, approval)
    if bool(subject_id) == bool(reporter):
        fault = Fault("/query/subject_id", "one_filter", "subject_id 与 reporter 给出其中一个")
        raise Invalid("须给出 subject_id 或者 reporter 之一", code="one_filter", faults=[fault])
    sights: list[Sight] = []
    if subject_id:
        subject = service.find_subject(platform, subject_id)
        sights.append(reading.look_at(platform, reader, subject))
    else:
        reading.check_reporter(platform, reader, reporter)
    found, cursor = reading.list_records(
        platform,
        reader.caller,
        ("by_subject", subject_id) if subject_id else ("by_reporter", reporter),
        Filter(type, category, dishonesty, withdrawn, archived),
        limit,
        read_page_token(page_token),
    )
    lens = lens_for(platform, found, sights or bodies_in(platform, found))
    shown = [filed_record(record, lens) for record in found]
    count = fitting(shown)
    if count < len(shown):
        cursor = reading.place_after(found[count - 1], by_subject=bool(subject_id))
    return listing(shown[:count], cursor)


@routes.get(
    "/v1/records/{record_id}",
    operation="records.read",
    summary="一条信用信息",
    answers={200: RecordDetail},
    examples={200: examples.RECORD_DETAIL},
)
def show_record(record_id: RecordId, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """字段（个人信息已遮盖）、报送期限的逐日推算、此刻的公示状态及理由。"""
    platform = request.platform()
    record, sight = reading.read_record(platform, _reader(purpose, approval), record_id)
    body = _details(platform, [record], sight)[0]
    return Answer(200, body, version=tag_of(platform, record, body))


@routes.get(
    "/v1/records/{record_id}/versions",
    operation="records.read",
    summary="一条信用信息的全部版本",
    answers={200: RecordHistory},
    examples={200: examples.HISTORY},
)
def show_versions(record_id: RecordId, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """从第一版到现行版，每一版的内容和更正理由；公示状态按各版当时的内容推算。"""
    platform = request.platform()
    record, sight = reading.read_record(platform, _reader(purpose, approval), record_id)
    versions = service.find_versions(platform, record_id)
    body = RecordHistory(items=_details(platform, versions, sight))
    return Answer(200, body, version=tag_of(platform, record, body))


def _details(platform: Platform, records: Sequence[Record], sight: Sight) -> list[RecordDetail]:
    lens = lens_for(platform, records, [sight])
    subject = basics(platform, sight.subject, sight)
    return [record_detail(record, lens, subject) for record in records]
