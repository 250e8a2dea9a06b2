"""What accounts take and show over HTTP, with examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from chalicelib.accounts.model import (
    Account,
    Closure,
    Declaration,
    Line,
    RateValue,
    RefusedRow,
    Reminder,
    Standing,
)
from chalicelib.accounts.reading import Frame
from chalicelib.accounts.rules import (
    RATE_TITLES,
    declare_by,
    is_called_out,
    lines_of,
    rates_of,
    total_of,
)
from chalicelib.creditfile.model import Record
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.web.model import Inbound, Outbound

Month = Annotated[str, Field(description="决定作出的月份", examples=["2026-05"])]
TypeCode = Annotated[str, Field(examples=["administrative_licence"])]
TypeTitle = Annotated[str, Field(examples=["行政许可"])]
Day = Annotated[str, Field(examples=["2026-05-18"])]
Instant = Annotated[str, Field(examples=["2026-06-03T02:30:05.000Z"])]
AgencyCode = Annotated[str, Field(examples=["11329900MA9900001B"])]
AgencyName = Annotated[str, Field(examples=["示例市综合执法局"])]

REMINDER_TITLES = {
    "declaration_due": "申报当月产生数",
    "zero_report_missing": "当月没有决定的，须作零报告",
    "refused_rows_open": "更正退回的信息并重新报送，或者说明理由办结",
    "decisions_pending": "补报已申报、尚未收到的决定",
}


class DeclarationIn(Inbound):
    """A declaration."""

    produced: Annotated[
        int,
        Field(ge=0, le=10_000_000, description="当月作出的决定数；0 即零报告", examples=[42]),
    ]
    note: Annotated[str, Field(max_length=500, description="说明", examples=[""])] = ""


class DeclarationOut(Outbound):
    """A declaration in one of its versions."""

    type: TypeCode
    produced: Annotated[int, Field(examples=[42])]
    note: Annotated[str, Field(examples=[""])]
    declared_at: Instant
    declared_by: Annotated[str, Field(description="申报的客户端")]
    version: int


class DeclarationList(Outbound):
    """Every version of a declaration, the oldest first."""

    items: list[DeclarationOut]


class LineOut(Outbound):
    """One type of an account: produced + undeclared = accepted + rejected + pending."""

    type: TypeCode
    title: TypeTitle
    produced: Annotated[int | None, Field(description="申报的产生数；null 为未申报", examples=[42])]
    accepted: Annotated[int, Field(description="入库的条数", examples=[40])]
    rejected: Annotated[int, Field(description="退回后尚未补正的条数（错报）", examples=[1])]
    pending: Annotated[int, Field(description="已申报、尚未收到的条数", examples=[1])]
    undeclared: Annotated[
        int, Field(description="收到的比申报的多出的条数：申报数不实，须核对", examples=[0])
    ]
    consistent: Annotated[bool, Field(description="申报数是否不少于收到的条数")]
    late: Annotated[int, Field(description="入库的条数中迟报的", examples=[2])]
    closed: Annotated[int, Field(description="退回后说明理由办结的条数", examples=[0])]
    zero_report: Annotated[bool, Field(description="是否零报告")]
    declaration_version: Annotated[
        int, Field(description="申报的版本，修改时写入 If-Match；0 为未申报", examples=[1])
    ]


class RateOut(Outbound):
    """A rate with both sides of its fraction."""

    code: Annotated[str, Field(examples=["on_time_rate"])]
    title: Annotated[str, Field(examples=["及时率"])]
    numerator: Annotated[int, Field(examples=[38])]
    denominator: Annotated[int, Field(examples=[40])]
    value: Annotated[str | None, Field(description="null 为没有可计算的数", examples=["0.950000"])]
    points: Annotated[
        str | None, Field(description="按政策包折算的得分；null 为不计分", examples=["5.70"])
    ]


class AccountOut(Outbound):
    """An account."""

    month: Month
    agency: AgencyCode
    agency_name: AgencyName
    region: Annotated[str, Field(examples=["329900"])]
    declare_by: Annotated[str, Field(description="申报截止日", examples=["2026-06-10"])]
    lines: list[LineOut]
    total: LineOut
    rates: list[RateOut]
    called_out: Annotated[bool, Field(description="迟报超过点名比例")]
    confirmed_at: Annotated[Instant | None, Field(description="报送单位确认的时间")]
    computed_at: Annotated[Instant | None, Field(description="条数统计的时间；null 为还没有统计")]
    definitions: Annotated[str, Field(description="各率的算法", examples=["合规率＝入库÷收到"])]


class StandingOut(Outbound):
    """An agency in the ranking."""

    rank: Annotated[int | None, Field(description="名次，并列的相同；null 为不参加排名")]
    unranked_why: Annotated[str, Field(description="不参加排名的原因", examples=[""])]
    agency: AgencyCode
    agency_name: AgencyName
    region: Annotated[str, Field(examples=["329900"])]
    called_out: Annotated[bool, Field(description="迟报超过点名比例")]
    total: LineOut
    rates: list[RateOut]
    computed_at: Instant | None


class RankingOut(Outbound):
    """A ranking."""

    month: Month
    by: Annotated[str, Field(examples=["compliance_rate"])]
    items: list[StandingOut]
    withheld: Annotated[int, Field(description="尚未确认、申报期也没有结束的单位数", examples=[3])]
    withheld_why: Annotated[
        str | None, Field(description="为什么看不到这些单位", examples=["申报期结束后可以查看"])
    ]


class LateOut(Outbound):
    """A record that was reported late."""

    record_id: Annotated[str, Field(examples=["r_mfrggzdfmztwq2lknnwg23tpoa"])]
    type: TypeCode
    decision_number: Annotated[str | None, Field(examples=["示许决〔2026〕1号"])]
    decided_on: Annotated[str, Field(examples=["2026-05-07"])]
    due_on: Day
    received_on: Annotated[str, Field(examples=["2026-05-20"])]
    days_late: Annotated[int, Field(description="迟了几个自然日", examples=[2])]


class LateList(Outbound):
    """A page of late records."""

    items: list[LateOut]
    next_page_token: str | None


class RuleOut(Outbound):
    """What is wrong in a row."""

    field: Annotated[str, Field(examples=["/fields/licence_category"])]
    rule: Annotated[str, Field(examples=["not_a_choice"])]


class RefusedOut(Outbound):
    """A refused row that is still open."""

    row_id: Annotated[str, Field(examples=["x_mfrggzdfmztwq2lknnwg23tpoa"])]
    type: TypeCode
    decided_on: Annotated[str | None, Field(examples=["2026-05-07"])]
    due_on: Annotated[Day | None, Field(description="补正报送的截止日；null 为无从计算")]
    upload_id: Annotated[str, Field(examples=["u_abcdefghijklmnopqrstuvwxyz"])]
    row: Annotated[int, Field(description="在文件中的行号", examples=[3])]
    errors: list[RuleOut]


class RefusedList(Outbound):
    """A page of refused rows."""

    items: list[RefusedOut]
    next_page_token: str | None


class ClosureIn(Inbound):
    """Why a refused row needs no correction."""

    reason: Annotated[
        str, Field(min_length=2, max_length=200, description="理由", examples=["不属于应报范围"])
    ]


class ClosureOut(Outbound):
    """A closed row."""

    row_id: Annotated[str, Field(examples=["x_mfrggzdfmztwq2lknnwg23tpoa"])]
    type: TypeCode
    reason: Annotated[str, Field(examples=["不属于应报范围"])]
    closed_at: Instant
    closed_by: Annotated[str, Field(description="办结的客户端")]


class ReminderOut(Outbound):
    """A reminder."""

    code: Annotated[str, Field(examples=["declaration_due"])]
    title: Annotated[str, Field(examples=[REMINDER_TITLES["declaration_due"]])]
    month: Month
    type: TypeCode
    type_title: TypeTitle
    agency: AgencyCode
    agency_name: AgencyName
    count: Annotated[int, Field(description="涉及的条数；0 为与条数无关", examples=[0])]
    due_on: Annotated[str, Field(description="最迟在这一天办妥", examples=["2026-06-10"])]
    overdue: Annotated[bool, Field(description="已过期：台账对信用办公开后，信用办也看得到")]


class ReminderList(Outbound):
    """Reminders, the most urgent first."""

    items: list[ReminderOut]


DEFINITIONS = (
    "归集率＝入库÷已知的全部决定（申报的，加上收到而未申报的），有一类未申报即不计算；"
    "及时率＝1－迟报率，迟报率＝迟报÷入库；合规率＝入库÷（入库＋退回）"
)


def declaration_out(one: Declaration) -> DeclarationOut:
    """A declaration as it is shown."""
    return DeclarationOut(
        type=one.type,
        produced=one.produced,
        note=one.note,
        declared_at=one.declared_at,
        declared_by=one.declared_by,
        version=one.version,
    )


def _title(frame: Frame, code: str) -> str:
    found = frame.pack.types.get(code)
    return found.title if found else ("合计" if not code else code)


def line_out(frame: Frame, account: Account, line: Line) -> LineOut:
    """A line as it is shown."""
    declared = account.declarations.get(line.type)
    return LineOut(
        type=line.type,
        title=_title(frame, line.type),
        produced=line.produced,
        accepted=line.accepted,
        rejected=line.rejected,
        pending=line.pending,
        undeclared=line.undeclared,
        consistent=line.is_consistent,
        late=line.late,
        closed=line.closed,
        zero_report=line.is_zero_report,
        declaration_version=0 if declared is None else declared.version,
    )


def rate_out(rate: RateValue) -> RateOut:
    """A rate as it is shown."""
    return RateOut(
        code=rate.code,
        title=RATE_TITLES[rate.code],
        numerator=rate.numerator,
        denominator=rate.denominator,
        value=_text(rate.value),
        points=_text(rate.points),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def account_out(frame: Frame, account: Account) -> AccountOut:
    """An account as it is shown."""
    lines = lines_of(account, account.types)
    total = total_of(lines)
    return AccountOut(
        month=account.month,
        agency=account.agency,
        agency_name=account.agency_name,
        region=account.region,
        declare_by=declare_by(frame.assessment, account.month).isoformat(),
        lines=[line_out(frame, account, line) for line in lines],
        total=line_out(frame, account, total),
        rates=[rate_out(rate) for rate in rates_of(frame.assessment, lines).values()],
        called_out=is_called_out(frame.assessment, total),
        confirmed_at=account.confirmed_at or None,
        computed_at=account.computed_at or None,
        definitions=DEFINITIONS,
    )


def standing_out(frame: Frame, one: Standing) -> StandingOut:
    """A place in the ranking as it is shown."""
    account = one.account
    return StandingOut(
        rank=one.rank,
        unranked_why=one.unranked_why,
        agency=account.agency,
        agency_name=account.agency_name,
        region=account.region,
        called_out=one.called_out,
        total=line_out(frame, account, one.total),
        rates=[rate_out(rate) for rate in one.rates.values()],
        computed_at=account.computed_at or None,
    )


def late_out(record: Record) -> LateOut:
    """A late record as it is shown; nothing personal is opened."""
    received = civil_date(parse_instant(record.received_at))
    number = record.fields.get("decision_number")
    due = civil_date(parse_instant(f"{record.due_on}T00:00:00.000Z"))
    return LateOut(
        record_id=record.record_id,
        type=record.type,
        decision_number=None if number is None else str(number),
        decided_on=record.occurred_on,
        due_on=record.due_on,
        received_on=received.isoformat(),
        days_late=(received - due).days,
    )


def refused_out(row: RefusedRow) -> RefusedOut:
    """A refused row as it is shown."""
    return RefusedOut(
        row_id=row.row_id,
        type=row.type,
        decided_on=row.decided_on or None,
        due_on=row.due_on or None,
        upload_id=row.upload_id,
        row=row.row,
        errors=[RuleOut(field=where, rule=rule) for where, rule in row.faults],
    )


def closure_out(one: Closure) -> ClosureOut:
    """A closure as it is shown."""
    return ClosureOut(
        row_id=one.row_id,
        type=one.type,
        reason=one.reason,
        closed_at=one.closed_at,
        closed_by=one.closed_by,
    )


def reminder_out(frame: Frame, one: Reminder) -> ReminderOut:
    """A reminder as it is shown."""
    return ReminderOut(
        code=one.code,
        title=REMINDER_TITLES[one.code],
        month=one.month,
        type=one.type,
        type_title=_title(frame, one.type),
        agency=one.agency,
        agency_name=one.agency_name,
        count=one.count,
        due_on=one.due_on,
        overdue=one.overdue,
    )
