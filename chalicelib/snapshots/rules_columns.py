"""The forms of a snapshot as data: what each holds, column by column, and how a record becomes a
row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from chalicelib.snapshots.model import ColumnView, Format, FormatView

Kind: TypeAlias = Literal["text", "whole", "yes_no", "day", "instant", "document"]
Value: TypeAlias = str | int | bool | None
Shown: TypeAlias = Mapping[str, Any]
"""A record as the API shows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it lies in the SQLite file: its document, and what the log says of it."""

    id: str
    version: int
    seq: int
    until: str | None
    salt: str
    document: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the tables of records."""

    name: str
    title: str
    kind: Kind
    note: str
    value: Callable[[Row], Value]
    is_in_csv: bool = True


def _shown(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found: Value = row.shown.get(name)
        return found

    return value


def _within(outer: str, name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found: Value = (row.shown.get(outer) or {}).get(name)
        return found

    return value


def _contents(row: Row) -> str:
    return "\n".join(f"{field['title']}：{field['text']}" for field in row.shown["fields"])


def _marks(row: Row) -> str:
    return "；".join(f"{mark['text']}（{mark['since']}）" for mark in row.shown.get("marks", ()))


def _grounds(row: Row) -> str:
    return "；".join(reason["text"] for reason in row.shown["publicity"]["reasons"])


RECORD_COLUMNS: Final = (
    Column("id", "信息编号", "text", "全平台唯一，变更后不变", lambda row: row.id),
    Column("version", "版本", "whole", "每次更正加一", lambda row: row.version),
    Column("seq", "日志序号", "whole", "公示日志中公开这一版本的条目", lambda row: row.seq),
    Column("type", "信息类型代码", "text", "见 /public/v1/catalog", _shown("type")),
    Column("type_title", "信息类型", "text", "归集目录中的名称", _shown("type_title")),
    Column("category", "信息分类代码", "text", "见 /public/v1/catalog", _shown("category")),
    Column("category_title", "信息分类", "text", "归集目录中的名称", _shown("category_title")),
    Column("dishonesty", "政务失信记录", "yes_no", "是否为政务失信记录", _shown("dishonesty")),
    Column(
        "severity",
        "失信等级代码",
        "text",
        "minor 轻微，general 一般，serious 严重；不是失信记录的为空",
        _shown("severity"),
    ),
    Column("severity_title", "失信等级", "text", "失信等级的名称", _shown("severity_title")),
    Column(
        "subject_code",
        "主体统一社会信用代码",
        "text",
        "自然人没有，为空",
        _within("subject", "code"),
    ),
    Column("subject_name", "主体名称", "text", "自然人隐去部分内容", _within("subject", "name")),
    Column("subject_kind", "主体类别代码", "text", "如 department", _within("subject", "kind")),
    Column(
        "subject_kind_title", "主体类别", "text", "如政府部门", _within("subject", "kind_title")
    ),
    Column(
        "reporter_code", "报送单位代码", "text", "统一社会信用代码", _within("reporter", "code")
    ),
    Column("reporter_name", "报送单位", "text", "报送单位的名称", _within("reporter", "name")),
    Column("region", "行政区划代码", "text", "六位数字，GB/T 2260", _shown("region")),
    Column("region_title", "行政区划", "text", "行政区划的名称", _shown("region_title")),
    Column("occurred_on", "决定或发生日期", "day", "北京时间", _shown("occurred_on")),
    Column("reported_on", "报送日期", "day", "北京时间", _shown("reported_on")),
    Column(
        "on_time",
        "是否按时报送",
        "yes_no",
        "这类信息没有报送期限的为空",
        _shown("on_time"),
    ),
    Column("content", "信息内容", "text", "公开的各个字段，每行一个，“名称：内容”", _contents),
    Column(
        "last_day",
        "公示截止日",
        "day",
        "至当日24时止；空为长期公示",
        _within("publicity", "last_day"),
    ),
    Column(
        "until",
        "公示终止时刻",
        "instant",
        "自此时刻起不得再展示；空为没有期限",
        lambda row: row.until,
    ),
    Column("grounds", "公示依据", "text", "为何公示、公示到何时", _grounds),
    Column("marks", "标注", "text", "如有异议，附标注日期", _marks),
    Column(
        "statement", "信用主体声明", "text", "主体对这条信息的声明", _within("statement", "text")
    ),
    Column(
        "salt",
        "盐",
        "text",
        "128 位随机数（十六进制），核验时与文档一起计算",
        lambda row: row.salt,
        is_in_csv=False,
    ),
    Column(
        "document",
        "文档",
        "document",
        "与接口答复相同的规范 JSON（RFC 8785）",
        lambda row: row.document,
        is_in_csv=False,
    ),
)
"""Columns of the tables of records, in their order."""

CSV_COLUMNS: Final = tuple(column for column in RECORD_COLUMNS if column.is_in_csv)

_YES_NO: Final = {True: "是", False: "否", None: ""}


def cell_text(column: Column, row: Row) -> str:
    """A value as people read it in a spreadsheet."""
    value = column.value(row)
    if column.kind == "yes_no":
        return _YES_NO[None if value is None else bool(value)]
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a snapshot."""

    format: Format
    title: str
    content_type: str
    about: str


FORMS: Final = (
    Form(
        "sqlite",
        "SQLite 数据库",
        "application/vnd.sqlite3",
        "全部公开文档：信用信息 records、信用主体 subjects、评价 evaluation_runs 及其结果"
        " evaluation_results、监督事项办理结果 supervision_results、第三方评价"
        " third_party_ratings，以及已撤下内容的编号 tombstones。可以直接用 Datasette 打开；"
        "带全文检索（records_fts），汉字每相邻两字为一词，"
        "如“污水 水处 处理”，名称也可用拼音。本站的检索用的就是它。",
    ),
    Form(
        "jsonl",
        "JSON Lines",
        "application/jsonl; charset=utf-8",
        "全部公开文档，每行一个 JSON 对象，文档与接口答复相同。适合程序逐行读取。",
    ),
    Form(
        "csv",
        "CSV 表格",
        "text/csv; charset=utf-8",
        "全部公开的信用信息，每行一条，UTF-8 编码，可以用表格软件打开；以等号等符号开头的内容"
        "前加了单引号，不会被当作公式。",
    ),
    Form(
        "parquet",
        "Parquet",
        "application/vnd.apache.parquet",
        "全部公开的信用信息，列式存储，适合 DuckDB、pandas 等分析工具；"
        "多出核验所用的盐和文档两列。",
    ),
)
"""What is offered, in this order."""

_LINE: Final[tuple[tuple[str, str, Kind, str], ...]] = (
    (
        "id",
        "文档编号",
        "text",
        "信用信息用其编号，其余为 subject/…、run/…、result/…、supervision/…、rating/…",
    ),
    ("entity", "文档种类", "text", "record、subject、run、result、supervision、rating"),
    ("version", "版本", "whole", "每次变更加大"),
    ("seq", "日志序号", "whole", "公示日志中公开这一版本的条目"),
    ("salt", "盐", "text", "128 位随机数（十六进制），核验时与文档一起计算"),
    ("until", "公示终止时刻", "instant", "自此时刻起不得再展示；null 为没有期限"),
    ("document", "文档", "document", "与接口答复相同的规范 JSON（RFC 8785）"),
)
"""Members of a line of JSON Lines; but for the kind, columns of every table of documents too."""


def form_of(name: Format) -> Form:
    """The form of this name."""
    return next(form for form in FORMS if form.format == name)


def format_views() -> tuple[FormatView, ...]:
    """The forms as the open data page and the API show them."""
    line = tuple(
        ColumnView(name=name, title=title, kind=kind, note=note)
        for name, title, kind, note in _LINE
    )
    columns = {
        "sqlite": tuple(column for column in line if column.name != "entity"),
        "jsonl": line,
        "csv": _views(CSV_COLUMNS),
        "parquet": _views(RECORD_COLUMNS),
    }
    return tuple(
        FormatView(
            format=form.format, title=form.title, about=form.about, columns=columns[form.format]
        )
        for form in FORMS
    )


def _views(columns: tuple[Column, ...]) -> tuple[ColumnView, ...]:
    return tuple(
        ColumnView(name=column.name, title=column.title, kind=column.kind, note=column.note)
        for column in columns
    )


VERIFY: Final = (
    "文件：计算所下载文件的 SHA-256，应与 sha256 相同。",
    "文档：把盐（16 字节）和文档的规范 JSON（RFC 8785，UTF-8）相接，其 SHA-256 应与公示日志中序号为"
    " seq 的条目所记的相同；该条目在日志中的位置用 /public/v1/records/{id} 附带的证明核对。",
    "此后的变更：从 changes 所给的地址继续读取并逐条执行，得到的就是当前公开的全部内容；"
    "快照生成之后被撤回的内容，以及已到公示终止时刻的内容，都不得再展示。",
)
"""How a snapshot is verified and kept up to date, step by step."""
