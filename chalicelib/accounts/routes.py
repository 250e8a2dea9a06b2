"""HTTP of accounts: declare, confirm, read, list what is late or refused, rank, remind."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.accounts import declaring, reading, store
from chalicelib.accounts.declaring import Declared
from chalicelib.accounts.exporting import Sheet, export_link
from chalicelib.accounts.model import Account, RateCode
from chalicelib.accounts.pages import ERROR_PAGES
from chalicelib.accounts.views import (
    AccountOut,
    ClosureIn,
    ClosureOut,
    DeclarationIn,
    DeclarationList,
    DeclarationOut,
    LateList,
    RankingOut,
    RefusedList,
    ReminderList,
    account_out,
    closure_out,
    declaration_out,
    late_out,
    refused_out,
    reminder_out,
    standing_out,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("归集台账", errors=ERROR_PAGES)

Month = Annotated[str, Path(description="决定作出的月份，写作 2026-05", max_length=7)]
TypeCode = Annotated[str, Path(description="信息类型", max_length=64)]
RowId = Annotated[str, Path(description="退回信息的编号", max_length=64)]
Agency = Annotated[str, Query(max_length=18, description="单位的统一社会信用代码；不填为本单位")]

_WITHHELD = (
    "有 {count} 个单位的台账还没有经本单位确认，申报期也没有结束；"
    "单位确认之后，或者申报期结束之后，可以查看"
)


def _account(month: str, agency: str) -> Account:
    return reading.find_account(
        request.platform(), request.caller(), request.scope(), month, agency
    )


def _shown(account: Account) -> AccountOut:
    return account_out(reading.frame_of(request.platform(), account.jurisdiction), account)


@routes.get(
    "/v1/accounts",
    operation="accounts.rank",
    summary="各单位归集情况排名",
    answers={200: RankingOut},
    errors=(403, 404),
)
def rank_accounts(
    month: Annotated[str, Query(max_length=7, description="月份，写作 2026-05")],
    region: Annotated[
        str, Query(pattern=r"^([0-9]{6,12})?$", description="行政区划；不填为本行政区划")
    ] = "",
    by: Annotated[
        RateCode,
        Query(description="排名依据：collection_rate、on_time_rate、compliance_rate"),
    ] = "collection_rate",
) -> Answer:
    """行政区划及以下各单位，好的在前，并列的名次相同。

    样本过少的列在最后、不排名并说明原因；迟报超过点名比例的标出。
    报送单位确认之前、申报期结束之前的台账不列出，只计数。
    """
    platform, caller = request.platform(), request.caller()
    found = reading.rank(platform, caller, request.scope(), month, region, by)
    frame = reading.frame_of(platform, caller.jurisdiction)
    items = [standing_out(frame, one) for one in found.standings]
    body = RankingOut(
        month=month,
        by=by,
        items=items,
        withheld=found.withheld,
        withheld_why=_WITHHELD.format(count=found.withheld) if found.withheld else None,
    )
    return Answer(200, body)


@routes.get(
    "/v1/accounts/{month}",
    operation="accounts.read",
    summary="一个单位一个月的归集台账",
    answers={200: AccountOut},
    errors=(403, 404),
)
def show_account(month: Month, agency: Agency = "") -> Answer:
    """产生（申报）、入库、退回、待报，以及归集率、及时率、合规率。

    申报少于收到的，差额列在 undeclared，不作抵消。本单位随时可以查看；
    信用办在报送单位确认后，或者申报期结束后才能查看。
    """
    return Answer(200, _shown(_account(month, agency)))


@routes.put(
    "/v1/accounts/{month}/declarations/{type}",
    operation="accounts.declare",
    summary="申报当月产生的决定数（零报告申报 0）",
    answers={200: DeclarationOut, 201: DeclarationOut},
    errors=(404,),
    edits=True,
)
def declare(month: Month, type: TypeCode, declaration: DeclarationIn) -> Answer:
    """整体替换，保留以前的各版。还没有申报的，版本为 0。修改后须重新确认台账。"""
    wanted = Declared(
        month, type, declaration.produced, declaration.note.strip(), request.if_match()
    )
    found, is_first = declaring.declare(request.platform(), request.caller(), wanted)
    return Answer(201 if is_first else 200, declaration_out(found), version=found.version)


@routes.get(
    "/v1/accounts/{month}/declarations/{type}",
    operation="accounts.read",
    summary="一项申报的各版",
    answers={200: DeclarationList},
    errors=(403, 404),
)
def list_declarations(month: Month, type: TypeCode, agency: Agency = "") -> Answer:
    """最早的在前：谁、何时、申报了多少。"""
    account = _account(month, agency)
    found = store.declarations_of(request.platform(), account.agency, account.month, type)
    return Answer(200, DeclarationList(items=[declaration_out(one) for one in found]))


@routes.post(
    "/v1/accounts/{month}/confirmation",
    operation="accounts.declare",
    summary="确认本单位的归集台账",
    answers={200: AccountOut},
    errors=(404, 409, 412),
)
def confirm_account(month: Month) -> Answer:
    """确认后信用办不必等到申报期结束就能看到。此前每一类信息都要申报，没有的作零报告。"""
    declaring.confirm(request.platform(), request.caller(), month)
    return Answer(200, _shown(_account(month, "")))


@routes.post(
    "/v1/accounts/{month}/refresh",
    operation="accounts.declare",
    summary="重新统计本单位的归集台账",
    answers={202: AccountOut},
    errors=(404,),
)
def refresh_account(month: Month) -> Answer:
    """在后台统计，通常几秒钟；computed_at 是统计的时间。平时收完文件后和每天都会自动统计。"""
    declaring.refresh(request.platform(), request.caller(), month)
    shown = _shown(_account(month, ""))
    return Answer(202, shown, location=f"/v1/accounts/{month}")


@routes.get(
    "/v1/accounts/{month}/late",
    operation="accounts.read",
    summary="迟报清单",
    answers={200: LateList},
    errors=(403, 404),
)
def list_late(
    month: Month,
    agency: Agency = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """迟于期限收到的信用信息，按决定日期排列。一页可能不满，以 next_page_token 为准。"""
    account = _account(month, agency)
    found, cursor = reading.late_records(
        request.platform(), account, limit, read_page_token(page_token)
    )
    return listing([late_out(record) for record in found], cursor)


@routes.get(
    "/v1/accounts/{month}/refused",
    operation="accounts.read",
    summary="退回后尚未补正的信息",
    answers={200: RefusedList},
    errors=(403, 404),
)
def list_refused(
    month: Month,
    agency: Agency = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """文件中被退回、其事项至今没有入库的行：哪个文件第几行，错在哪里，补正的截止日。

    不含信息内容；最多列出 10 000 行，其余见各文件的错误清单。
    """
    account = _account(month, agency)
    found, cursor = reading.refused_rows(
        request.platform(), account, limit, read_page_token(page_token)
    )
    return listing([refused_out(row) for row in found], cursor)


@routes.get(
    "/v1/accounts/{month}/export",
    operation="accounts.read",
    summary="下载台账或迟报清单（CSV）",
    answers={303: None},
    errors=(403, 404),
)
def export_account(
    month: Month,
    sheet: Annotated[Sheet, Query(description="account 台账，late 迟报清单")] = "account",
    agency: Agency = "",
) -> Answer:
    """转到一个五分钟内有效的下载地址。表格软件可以直接打开，单元格不会被当作公式。"""
    platform, account = request.platform(), _account(month, agency)
    frame = reading.frame_of(platform, account.jurisdiction)
    return Answer(303, None, location=export_link(platform, frame, account, sheet))


@routes.post(
    "/v1/accounts/{month}/refused/{row_id}/closure",
    operation="accounts.declare",
    summary="说明理由，办结一条退回的信息",
    answers={200: ClosureOut},
    errors=(404, 409),
)
def close_row(month: Month, row_id: RowId, closure: ClosureIn) -> Answer:
    """用于不需要补正的，例如不属于应报范围、重复报送。理由会保留。"""
    reason = closure.reason.strip()
    kept = declaring.close_row(request.platform(), request.caller(), month, row_id, reason)
    return Answer(200, closure_out(kept))


@routes.get(
    "/v1/reminders",
    operation="accounts.reminders",
    summary="归集工作提醒",
    answers={200: ReminderList},
    errors=(404,),
)
def list_reminders() -> Answer:
    """到期前提醒本单位：申报、零报告、退回待补正、待报；办妥即消失。

    信用办另外看到过期未办的，限于已经确认或者申报期已经结束的台账。
    台账与督办的提醒见 GET /v1/registers/reminders。"""
    platform, caller = request.platform(), request.caller()
    found = reading.reminders(platform, caller, request.scope())
    frame = reading.frame_of(platform, caller.jurisdiction)
    return Answer(200, ReminderList(items=[reminder_out(frame, one) for one in found]))
