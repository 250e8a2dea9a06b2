"""The public API: records and bodies. Open, cacheable, without a token; from the replica alone.

An answer may be kept for at most 30 seconds and never past the end of a term it shows. What was
public and is no more answers 410 with its tombstone; unknown and internal ids alike 404.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.policy.model import RecordType
from chalicelib.replica import examples, pages, queries, queries_bodies
from chalicelib.replica.answering import (
    AS_OF,
    composed,
    current_reading,
    page,
    place_in,
    single,
)
from chalicelib.replica.catalog import double_publicity, type_of
from chalicelib.replica.model import (
    LoggedBodyList,
    PublicBodyPage,
    RecordAnswer,
    RecordList,
)
from chalicelib.replica.national import national_row
from chalicelib.replica.queries import Filter, RecordQuery, words_of
from chalicelib.replica.queries_bodies import BodyQuery, Group
from chalicelib.replica.reading import Reading, Shown
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开", pages.PAGES, headers=[AS_OF])

Code = Annotated[
    str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="代码，见 /public/v1/catalog")
]
Agency = Annotated[
    str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="报送单位的统一社会信用代码")
]
Body = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="主体的统一社会信用代码")]
Area = Annotated[str | None, Query(pattern=r"^[0-9]{6}$", description="行政区划代码，含其下级区划")]
Severity = Annotated[Literal["minor", "general", "serious"] | None, Query(description="失信等级")]
FromDay = Annotated[date | None, Query(alias="from", description="决定或发生日期不早于")]
ToDay = Annotated[date | None, Query(alias="to", description="决定或发生日期不晚于")]
Words = Annotated[
    str | None,
    Query(
        max_length=100,
        description="检索词，多个词以空格分开，须全部出现：任意汉字片段、文号、代码，名称的拼音全拼或首字母",
    ),
]
NamePart = Annotated[
    str | None, Query(max_length=100, description="主体名称的一部分，汉字、拼音全拼或首字母")
]
Schema = Annotated[
    Literal["national-2018"] | None,
    Query(description="双公示信息按国家 2018 年数据标准的小写字段名给出"),
]
Id = Annotated[str, Path(max_length=200)]
NATIONAL = "national-2018"


@routes.get(
    "/public/v1/records",
    operation=PUBLIC,
    summary="检索公示信息",
    answers={200: RecordList},
    examples={200: examples.RECORD_PAGE},
)
def get_records(
    q: Words = None,
    subject: Body = None,
    name: NamePart = None,
    type: Code = None,
    category: Code = None,
    severity: Severity = None,
    dishonesty: Annotated[bool | None, Query(description="是否为政务失信记录")] = None,
    reporter: Agency = None,
    region: Area = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    facets: Annotated[bool, Query(description="是否给出各类数量")] = False,
    schema: Schema = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """公示中的信用信息，新的在前；翻页期间有新增或撤回，也不重复、不遗漏。检索限时完成，条件过宽的
    答复 503（search_too_slow），请增加条件。涉及自然人的信息只显示隐去部分内容的姓名。"""
    if from_day and to_day and from_day > to_day:
        raise Invalid(faults=[Fault("/query/from", "date_order", "起始日期晚于截止日期")])
    wanted: dict[Filter, str | None] = {
        "type": type,
        "category": category,
        "severity": severity,
        "reporter": reporter,
    }
    query = RecordQuery(
        text=words_of(q, "q"),
        name=words_of(name, "name"),
        subject=subject or "",
        equal={filter_: value for filter_, value in wanted.items() if value},
        dishonesty=dishonesty,
        region=region or "",
        first_day=from_day.isoformat() if from_day else "",
        last_day=to_day.isoformat() if to_day else "",
        types=_national_types(type) if schema else (),
    )
    place: int | None = place_in(read_page_token(page_token), int)
    reading = current_reading()
    found = queries.search_records(reading, query, limit, place)
    texts = [_national(item) for item in found.items] if schema else None
    return page(reading, found.items, found.after, texts, _facets(reading, query) if facets else "")


@routes.get(
    "/public/v1/records/{record_id}",
    operation=PUBLIC,
    summary="查看一条公示信息",
    answers={200: RecordAnswer},
    examples={200: examples.LOGGED_RECORD},
    errors=(404, 410),
)
def get_record(record_id: Id, schema: Schema = None) -> Answer:
    """一条公示中的信用信息，附公示期限、依据和在公开日志中的位置。已撤回和期满的答复 410，
    只说明何时、因何不再公示；不存在和不公开的信息答复相同。"""
    reading = current_reading()
    found = queries.find_record(reading, record_id)
    if schema is None:
        return single(reading, found)
    _national_types(json.loads(found.document)["type"])
    return composed(reading, _national(found), [NATIONAL, str(found.seq)], [found.until])


@routes.get(
    "/public/v1/lists/commended",
    operation=PUBLIC,
    summary="守信激励名单",
    answers={200: RecordList},
    examples={200: examples.RECORD_PAGE},
)
def get_commended(
    region: Area = None, limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """公示中的诚实守信相关荣誉，新的在前。"""
    query = RecordQuery(equal={"category": queries_bodies.HONOUR}, region=region or "")
    return _listed(query, limit, page_token)


@routes.get(
    "/public/v1/lists/serious-dishonesty",
    operation=PUBLIC,
    summary="严重失信名单",
    answers={200: RecordList},
    examples={200: examples.RECORD_PAGE},
)
def get_serious(
    region: Area = None, limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None
) -> Answer:
    """公示中的严重失信信息，新的在前。修复、撤回和期满的不再列出。"""
    return _listed(
        RecordQuery(equal={"severity": "serious"}, region=region or ""), limit, page_token
    )


@routes.get(
    "/public/v1/subjects",
    operation=PUBLIC,
    summary="已登记的信用主体",
    answers={200: LoggedBodyList},
    examples={200: examples.BODY_LIST},
)
def get_subjects(
    name: NamePart = None,
    region: Area = None,
    kind: Code = None,
    level: Annotated[
        Literal["nation", "province", "city", "county", "township"] | None,
        Query(description="层级"),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """已登记的政府、部门、机构等，按区划和代码排列。未登记但有公示信息的单位可按代码直接查看。"""
    place = place_in(read_page_token(page_token), str, str)
    query = BodyQuery(words_of(name, "name"), region or "", kind or "", level or "")
    reading = current_reading()
    found = queries_bodies.search_bodies(reading, query, limit, place)
    return page(reading, found.items, found.after)


@routes.get(
    "/public/v1/subjects/{code}",
    operation=PUBLIC,
    summary="信用主体公示页",
    answers={200: PublicBodyPage},
    examples={200: examples.BODY_PAGE},
    errors=(404, 410),
)
def get_subject(code: Id) -> Answer:
    """基本信息、分类的公示信息（失信和荣誉单列）和最近一次评价结果。每组列出最新的几条，
    其余用 /public/v1/records?subject= 查询。"""
    reading = current_reading()
    found = queries_bodies.body_page(reading, code)
    groups = ",".join(
        f'{{"category":{_text(group.code)},"title":{_text(group.title)},{_members(group)}}}'
        for group in found.categories
    )
    text = (
        f'{{"body":{found.basic},"categories":[{groups}],'
        f'"dishonesty":{{{_members(found.dishonesty)}}},"honours":{{{_members(found.honours)}}},'
        f'"evaluation":{found.evaluation or "null"},'
        f'"log":{found.shown.log if found.shown else "null"}}}'
    )
    # The counts are of records that are not shown, too.
    untils = [reading.next_end, *(record.until for record in found.records)]
    return composed(reading, text, [text], untils)


def _members(group: Group) -> str:
    records = ",".join(record.with_log for record in group.newest)
    return f'"count":{group.count},"records":[{records}]'


def _listed(query: RecordQuery, limit: int, page_token: str | None) -> Answer:
    place: int | None = place_in(read_page_token(page_token), int)
    reading = current_reading()
    found = queries.search_records(reading, query, limit, place)
    return page(reading, found.items, found.after)


def _facets(reading: Reading, query: RecordQuery) -> str:
    counts = queries.facets(reading, query)
    shown = {
        facet: [
            {"code": code, "title": queries.title_of(reading, facet, code), "count": count}
            for code, count in values.items()
        ]
        for facet, values in counts.items()
    }
    total = sum(counts["type"].values())
    return f',"total":{total},"facets":{_text(shown)}'


def _national_types(wanted: str | None) -> tuple[str, ...]:
    types = double_publicity()
    if wanted is None:
        return types
    if wanted not in types:
        raise Invalid(
            faults=[
                Fault(
                    "/query/schema",
                    "not_double_publicity",
                    "国家标准字段只适用于行政许可和行政处罚",
                )
            ]
        )
    return (wanted,)


def _national(shown: Shown) -> str:
    document = json.loads(shown.document)
    record_type: RecordType | None = type_of(document["pack"], document["type"])
    return _text({} if record_type is None else national_row(record_type, shown.document))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
