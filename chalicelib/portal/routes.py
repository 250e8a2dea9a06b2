"""Pages that show the public world: home, search, a body, a record; and the files pages load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, TypeAlias

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.errors import Invalid
from chalicelib.portal import asking, questions, static_files
from chalicelib.portal.rendering import page
from chalicelib.portal.views import LogPlace, body_values, gone_values, record_values
from chalicelib.portal.views_home import home_values
from chalicelib.portal.views_search import SearchPage, search_values
from chalicelib.replica.answering import current_reading, place_in
from chalicelib.replica.model import Gone
from chalicelib.replica.service import Reading
from chalicelib.web.answer import page_token, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("网站")

HTML = "text/html"

Text: TypeAlias = Annotated[str, Query(max_length=100)]
Id: TypeAlias = Annotated[str, Path(max_length=200)]


_HOME = "the home page"
"""Where the replica keeps it: until the next change, or until a term ends."""


def get_home() -> Answer:
    """最新公示、各项数字和检索入口。"""
    reading = current_reading()
    kept: tuple[str, Answer] | None = reading.cache.get(_HOME)
    if kept is None or reading.now >= kept[0]:
        values = home_values(asking.home(reading))
        made = page("home.html", asking.standing_of(reading), **values)
        kept = reading.cache[_HOME] = (reading.next_end or "~", made)
    return replace(kept[1], cache_seconds=asking.kept_for(reading) or None)


for _path in ("/", "/site"):
    routes.get(_path, operation=PUBLIC, summary="首页", media_type=HTML)(get_home)


@routes.get("/site/search", operation=PUBLIC, summary="检索公示信息", media_type=HTML)
def get_search(
    q: Text = "",
    subject: Text = "",
    type: Text = "",
    category: Text = "",
    severity: Text = "",
    dishonesty: Text = "",
    reporter: Text = "",
    region: Text = "",
    from_day: Annotated[str, Query(alias="from", max_length=20)] = "",
    to_day: Annotated[str, Query(alias="to", max_length=20)] = "",
    token: Annotated[str | None, Query(alias="page_token", max_length=4096)] = None,
) -> Answer:
    """与接口相同的条件；数量是链接，选中的条件可以逐个去掉。"""
    query = questions.tidied(
        {
            "q": q,
            "subject": subject,
            "type": type,
            "category": category,
            "severity": severity,
            "dishonesty": dishonesty,
            "reporter": reporter,
            "region": region,
            "from": from_day,
            "to": to_day,
        }
    )
    reading = current_reading()
    problems = questions.problems_of(query)
    if problems:
        return _with_problems(reading, query, problems)
    try:
        return _found(reading, query, token)
    except Invalid as error:
        said = tuple(fault.message for fault in error.faults)
        return _with_problems(reading, query, said or (error.detail,))


def _found(reading: Reading, query: Mapping[str, str], token: str | None) -> Answer:
    after = place_in(read_page_token(token), int)
    found, further, untils = asking.search(reading, questions.record_query(query), after)
    next_token = page_token({"after": further}) if further is not None else None
    values = search_values(query, replace(found, next_token=next_token), token)
    # The counts are of all that was found: they end with whatever ends first.
    kept = asking.kept_for(reading, (reading.next_end, *untils))
    return page("search.html", asking.standing_of(reading), cache_seconds=kept, **values)


def _with_problems(reading: Reading, query: Mapping[str, str], problems: tuple[str, ...]) -> Answer:
    values = search_values(query, SearchPage((), problems=problems), None)
    standing = asking.standing_of(reading)
    return page("search.html", standing, status=422, cache_seconds=0, **values)


@routes.get("/site/bodies/{code}", operation=PUBLIC, summary="信用主体", media_type=HTML)
def get_body(code: Id) -> Answer:
    """一个信用主体的基本信息、失信记录、荣誉、评价和信用档案。"""
    reading = current_reading()
    try:
        parts, untils = asking.body(reading, code)
    except Gone as error:
        return _gone(reading, error)
    kept = asking.kept_for(reading, (reading.next_end, *untils))
    values = body_values(parts)
    return page("body.html", asking.standing_of(reading), cache_seconds=kept, **values)


@routes.get("/site/records/{record_id}", operation=PUBLIC, summary="一条信息", media_type=HTML)
def get_record(record_id: Id) -> Answer:
    """一条公示信息的全部内容、公示期限、标注和声明，可在浏览器中核验。"""
    reading = current_reading()
    try:
        found = asking.record(reading, record_id)
    except Gone as error:
        return _gone(reading, error)
    shown = json.loads(found.document)
    national = asking.has_national_fields(shown["type"])
    values = record_values(shown, LogPlace(found.seq), has_national_fields=national)
    kept = asking.kept_for(reading, (found.until,))
    return page("record.html", asking.standing_of(reading), cache_seconds=kept, **values)


def _gone(reading: Reading, error: Gone) -> Answer:
    standing = asking.standing_of(reading)
    return page("gone.html", standing, status=410, cache_seconds=0, **gone_values(error.tombstone))


@routes.get(
    "/site/static/{file}", operation=PUBLIC, summary="页面所用的文件", media_type="text/css"
)
def get_static_file(file: Annotated[str, Path(max_length=100)]) -> Answer:
    """样式表、脚本和图形。地址含内容的摘要，可长期缓存。"""
    return static_files.serve(file)
