"""HTTP of access: who am I, the register of agencies and clients, the audit trail."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access import audit, register
from chalicelib.access.model import (
    Agency,
    AgencyChange,
    AgencyIn,
    AgencyList,
    AgencyOut,
    AuditEntry,
    AuditEntryOut,
    AuditList,
    Client,
    ClientChange,
    ClientIn,
    ClientList,
    ClientOut,
    FlawOut,
    MeOut,
    ReaderList,
    TrailOut,
)
from chalicelib.access.service import permissions_of
from chalicelib.kernel.clock import parse_instant
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes(
    "身份与权限",
    errors=[
        ErrorPage(
            "unknown_role",
            0,
            "没有这个角色",
            "给出的角色不在平台的角色表中。",
            "从提示列出的角色中选择。",
        ),
        ErrorPage(
            "unknown_agency",
            0,
            "单位没有登记",
            "引用的单位没有登记。",
            "先登记这个单位，再引用它。",
        ),
        ErrorPage(
            "own_superior",
            0,
            "上级不能是自己",
            "单位的上级填成了它自己。",
            "填写真正的上级单位，没有则留空。",
        ),
        ErrorPage(
            "role_beyond_agency",
            0,
            "角色超出所属单位",
            "客户端的角色必须是所属单位已有的角色。",
            "先为单位增加角色，或者去掉多出的角色。",
        ),
        ErrorPage(
            "other_jurisdiction",
            0,
            "适用别处的政策包",
            "信用办只登记与自己适用同一政策包的客户端。",
            "填写本地的政策包；别处的客户端由当地信用办登记。",
        ),
        ErrorPage(
            "unknown_subject",
            0,
            "没有这个信用主体",
            "本行政区划及以下没有这个编号的信用主体。",
            "先登记这个主体，再登记代表它的客户端；别处的主体由当地信用办办理。",
        ),
        ErrorPage(
            "subject_alone",
            0,
            "信用主体的客户端不能兼任",
            "代表信用主体的客户端只代表它自己。",
            "为工作人员另外登记客户端。",
        ),
        ErrorPage(
            "agency_required",
            0,
            "必须属于一个单位",
            "工作人员和业务系统的客户端必须属于一个单位。",
            "填写 agency_code。",
        ),
    ],
)

AgencyCode = Annotated[str, Path(description="统一社会信用代码", max_length=18)]
ClientKey = Annotated[str, Path(description="客户端编号", max_length=128)]


@routes.get("/v1/me", operation="me.read", summary="我是谁、能做什么", answers={200: MeOut})
def show_me() -> Answer:
    """返回平台所认定的身份，以及可以执行的操作与范围。

    范围有四种：own 本单位或本人，below 本单位及其下级单位，region 本行政区划及以下，all 全部。
    """
    caller = request.caller()
    return Answer(
        200,
        MeOut(
            client_id=caller.client_id,
            agency_code=caller.agency_code or None,
            agency_name=caller.agency_name or None,
            jurisdiction=caller.jurisdiction,
            region=caller.region or None,
            level=caller.level or None,
            roles=sorted(caller.roles),
            subject_id=caller.subject_id or None,
            permissions=permissions_of(caller),
        ),
    )


@routes.get(
    "/v1/agencies", operation="agencies.read", summary="单位名册", answers={200: AgencyList}
)
def list_agencies(
    region: Annotated[
        str, Query(pattern=r"^\d{6}(\d{3}|\d{6})?$", description="只列出该行政区划及以下")
    ] = "000000",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """按行政区划和代码排列。"""
    page = register.list_agencies(request.platform(), region, limit, read_page_token(page_token))
    return listing([_agency_out(agency) for agency in page.items], page.next_start)


@routes.post(
    "/v1/agencies",
    operation="agencies.manage",
    summary="登记单位",
    answers={200: AgencyOut, 201: AgencyOut},
    errors=(409,),
)
def register_agency(body: AgencyIn) -> Answer:
    """登记本行政区划内的单位；同样的内容再次提交，返回已有的登记（200）。"""
    agency, is_new = register.register_agency(request.platform(), request.caller(), body)
    return _answer_agency(agency, 201 if is_new else 200)


@routes.get(
    "/v1/agencies/{agency_code}",
    operation="agencies.read",
    summary="一个单位的登记",
    answers={200: AgencyOut},
)
def read_agency(agency_code: AgencyCode) -> Answer:
    """返回单位的名称、行政区划、层级、上级和角色。"""
    return _answer_agency(register.read_agency(request.platform(), agency_code), 200)


@routes.patch(
    "/v1/agencies/{agency_code}",
    operation="agencies.manage",
    summary="修改单位登记",
    answers={200: AgencyOut},
)
def change_agency(agency_code: AgencyCode, body: AgencyChange) -> Answer:
    """只改给出的字段；停用的单位，其客户端在一分钟内失去权限。"""
    version = request.if_match()
    platform, caller = request.platform(), request.caller()
    return _answer_agency(register.change_agency(platform, caller, agency_code, body, version), 200)


@routes.get(
    "/v1/clients", operation="clients.read", summary="客户端名册", answers={200: ClientList}
)
def list_clients(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """按行政区划和编号排列。"""
    page = register.list_clients(
        request.platform(), request.caller(), request.scope(), limit, read_page_token(page_token)
    )
    return listing([_client_out(client) for client in page.items], page.next_start)


@routes.post(
    "/v1/clients",
    operation="clients.manage",
    summary="登记客户端",
    answers={200: ClientOut, 201: ClientOut},
    errors=(409,),
)
def register_client(body: ClientIn) -> Answer:
    """客户端在身份认证服务中建立后，在此登记它属于哪个单位、有哪些角色。"""
    client, is_new = register.register_client(request.platform(), request.caller(), body)
    return _answer_client(client, 201 if is_new else 200)


@routes.get(
    "/v1/clients/{client_id}",
    operation="clients.read",
    summary="一个客户端的登记",
    answers={200: ClientOut},
)
def read_client(client_id: ClientKey) -> Answer:
    """返回客户端的单位、角色和状态。"""
    client = register.read_client(request.platform(), request.caller(), request.scope(), client_id)
    return _answer_client(client, 200)


@routes.patch(
    "/v1/clients/{client_id}",
    operation="clients.manage",
    summary="修改客户端登记",
    answers={200: ClientOut},
)
def change_client(client_id: ClientKey, body: ClientChange) -> Answer:
    """只改给出的字段；一分钟内在各处生效。"""
    version = request.if_match()
    platform, caller = request.platform(), request.caller()
    return _answer_client(register.change_client(platform, caller, client_id, body, version), 200)


@routes.get("/v1/audit", operation="audit.read", summary="审计记录", answers={200: AuditList})
def list_audit(
    jurisdiction: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{1,39}$")] = None,
    client_id: Annotated[str | None, Query(max_length=128)] = None,
    subject_id: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """谁在何时、为何查看了谁的档案；最新的在前。可按客户端或主体查看，两者同时给出时以主体为准。"""
    platform, start = request.platform(), read_page_token(page_token)
    if subject_id is not None:
        page = audit.list_readers(platform, subject_id, limit, start)
    elif client_id is not None:
        page = audit.list_by_client(platform, client_id, limit, start)
    else:
        partition = jurisdiction or request.caller().jurisdiction
        page = audit.list_trail(platform, partition, limit, start)
    entries = [audit.entry_from(item) for item in page.items]
    return listing([_entry_out(entry) for entry in entries], page.next_start)


@routes.get(
    "/v1/audit/verification",
    operation="audit.read",
    summary="核验审计记录未被改动",
    answers={200: TrailOut},
)
def verify_audit(
    jurisdiction: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{1,39}$")] = None,
    client_id: Annotated[
        str | None, Query(max_length=128, description="业务系统；核验其核查的审计记录")
    ] = None,
    first: Annotated[int, Query(ge=1, description="从第几条开始")] = 1,
) -> Answer:
    """逐条核对校验值、前后衔接和主体可见的副本，一次最多 1000 条。

    业务系统的核查（/v1/checks）按客户端各成一条记录链，用 client_id 指定。
    """
    partition = jurisdiction or request.caller().jurisdiction
    if client_id is not None:
        partition = audit.checks_partition(client_id)
    report = audit.verify_trail(request.platform(), partition, first)
    flaws = [FlawOut(seq=seq, flaw=flaw.value) for seq, flaw in report.flaws]
    return Answer(
        200,
        TrailOut(
            partition=partition,
            first=report.first,
            last=report.last,
            intact=report.is_intact,
            flaws=flaws,
        ),
    )


@routes.get(
    "/v1/me/readers",
    operation="audit.readers",
    summary="谁查看过我的档案",
    answers={200: ReaderList},
)
def list_my_readers(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """最新的在前。"""
    page = audit.list_readers(
        request.platform(), request.caller().subject_id, limit, read_page_token(page_token)
    )
    entries = [audit.entry_from(item) for item in page.items]
    return listing([audit.reader_out(entry) for entry in entries], page.next_start)


def _answer_agency(agency: Agency, status: int) -> Answer:
    location = f"/v1/agencies/{agency.agency_code}" if status == 201 else None
    return Answer(status, _agency_out(agency), version=agency.version, location=location)


def _answer_client(client: Client, status: int) -> Answer:
    location = f"/v1/clients/{client.client_id}" if status == 201 else None
    return Answer(status, _client_out(client), version=client.version, location=location)


def _agency_out(agency: Agency) -> AgencyOut:
    return AgencyOut(
        agency_code=agency.agency_code,
        name=agency.name,
        region=agency.region,
        level=agency.level,
        superior=agency.superior or None,
        roles=sorted(agency.roles),
        active=agency.active,
        version=agency.version,
    )


def _client_out(client: Client) -> ClientOut:
    return ClientOut(
        client_id=client.client_id,
        name=client.name,
        agency_code=client.agency_code or None,
        jurisdiction=client.jurisdiction,
        roles=sorted(client.roles),
        subject_id=client.subject_id or None,
        active=client.active,
        version=client.version,
    )


def _entry_out(entry: AuditEntry) -> AuditEntryOut:
    return AuditEntryOut(
        seq=entry.seq,
        at=parse_instant(entry.at),
        client_id=entry.client_id,
        agency_code=entry.agency_code,
        agency_name=entry.agency_name,
        action=entry.action,
        subject_id=entry.subject_id,
        purpose=entry.purpose,
        approval=entry.approval,
        mac=entry.mac,
    )
