"""Pages of evaluations, lists and published results of supervision."""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.errors import NotFound
from chalicelib.pictures.evaluations import axes, steps
from chalicelib.portal import results
from chalicelib.portal.asking import documents
from chalicelib.portal.public import next_page, told
from chalicelib.portal.views import Shown
from chalicelib.replica import queries, queries_bodies, queries_ratings, queries_results
from chalicelib.replica.answering import current_reading, place_in
from chalicelib.replica.model import Gone
from chalicelib.replica.queries import RecordQuery
from chalicelib.replica.queries_results import SupervisionQuery
from chalicelib.replica.service import Reading
from chalicelib.web.answer import PageToken, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("评价和名单页面")

_RUNS: Final = 20
_RANKED: Final = 100
_LISTED: Final = 30
_RATINGS = 20
_NAMED: Final = 200
"""Records behind points that are told by name; the others by number."""

Id = Annotated[str, Path(max_length=100)]
Area = Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="行政区划代码，含其下级")]
ListName = Literal["serious", "commended"]

LISTS: Final[dict[ListName, tuple[str, str, RecordQuery]]] = {
    "serious": (
        "严重失信名单",
        "公示中的严重失信信息。修复、撤回和期满的当天移出。",
        RecordQuery(equal={"severity": "serious"}),
    ),
    "commended": (
        "守信激励名单",
        "公示中的表彰奖励等诚实守信相关荣誉。",
        RecordQuery(equal={"category": queries_bodies.HONOUR}),
    ),
}
"""Name in the address -> title, what it is, and what is on it (as in the public API)."""


@routes.get("/site/evaluations", operation=PUBLIC, summary="政务诚信评价", media_type="text/html")
def show_evaluations(page_token: PageToken = None) -> Answer:
    """历次评价和各等级的数量。"""
    place = place_in(read_page_token(page_token), str, str)
    reading = current_reading()
    found = queries_results.list_runs(reading, _RUNS, place)
    runs = documents(found.items)
    newest = runs.items[0] if runs.items and place is None else None
    return told(
        "evaluations.html",
        reading,
        runs.untils,
        section="evaluations",
        runs=runs.items,
        newest=newest,
        bars=results.grade_bars(newest) if newest else (),
        more=next_page("/site/evaluations", found.after),
    )


@routes.get(
    "/site/evaluations/{run}", operation=PUBLIC, summary="一次评价的排名", media_type="text/html"
)
def show_evaluation(
    run: Id,
    group: Annotated[str, Query(max_length=200, description="排名分组")] = "",
    page_token: PageToken = None,
) -> Answer:
    """分组排名、各等级数量；点开看每一分从何而来。"""
    place = place_in(read_page_token(page_token), str, int, str)
    reading = current_reading()
    about = json.loads(queries_results.find_run(reading, run).document)
    groups = tuple(about["groups"])
    chosen = group or (groups[0] if groups else "")
    found = queries_results.list_results(reading, run, chosen, _RANKED, place)
    ranked = documents(found.items)
    return told(
        "evaluation_run.html",
        reading,
        ranked.untils,
        section="evaluations",
        run=about,
        groups=[(one, results.group_title(one)) for one in groups],
        chosen=chosen,
        chosen_title=results.group_title(chosen),
        ranked=ranked.items,
        grade_bars=results.grade_bars(about),
        score_bars=results.ranking_bars(ranked.items, run),
        more=next_page(f"/site/evaluations/{run}", found.after, group=chosen),
    )


@routes.get(
    "/site/evaluations/{run}/{code}",
    operation=PUBLIC,
    summary="评价结果的依据",
    media_type="text/html",
)
def show_result(run: Id, code: Id) -> Answer:
    """每一分从何而来：指标、规则、计算过程和作为依据的公示信息。"""
    reading = current_reading()
    found = queries_results.explain_result(reading, run, code)
    shown = json.loads(found.document)
    nodes = results.nodes(shown["indicators"])
    parts = results.parts(nodes)
    named = _named(reading, list(dict.fromkeys(results.record_ids(nodes)))[:_NAMED])
    return told(
        "evaluation_result.html",
        reading,
        found.untils,
        section="evaluations",
        result=shown["result"],
        group=results.group_title(shown["result"]["group"]),
        nodes=nodes,
        limits=shown.get("limits", ()),
        axes=axes(parts),
        steps=steps(parts, shown["result"]["score"]),
        named=named,
        ratings=[
            one
            for one in queries_ratings.ratings_of_body(reading, code, _RATINGS)
            if one["period"] == shown["result"]["period"]
        ],
        earlier=[
            one for one in queries_results.results_of_body(reading, code) if one["run"] != run
        ],
    )


def _named(reading: Reading, ids: list[str]) -> dict[str, Shown]:
    """The records by id; what ended between two looks is left out."""
    found: dict[str, Shown] = {}
    for record_id in ids:
        try:
            found[record_id] = json.loads(queries.find_record(reading, record_id).document)
        except (Gone, NotFound):
            continue
    return found


@routes.get("/site/lists", operation=PUBLIC, summary="名单", media_type="text/html")
def show_lists(
    chosen: Annotated[ListName, Query(alias="list", description="哪个名单")] = "serious",
    region: Area = "",
    page_token: PageToken = None,
) -> Answer:
    """严重失信名单和守信激励名单。"""
    place = place_in(read_page_token(page_token), int)
    reading = current_reading()
    title, about, base = LISTS[chosen]
    query = RecordQuery(equal=base.equal, region=region)
    found = queries.search_records(reading, query, _LISTED, place)
    shown = documents(found.items)
    regions = queries.facets(reading, base)["region"]
    return told(
        "lists.html",
        reading,
        (*shown.untils, reading.next_end),  # the counts tell of records that are not shown, too
        section="lists",
        lists=[
            (name, words[0], queries.count_records(reading, words[2]))
            for name, words in LISTS.items()
        ],
        chosen=chosen,
        title=title,
        about=about,
        records=shown.items,
        region=region,
        regions=[
            (code, queries.title_of(reading, "region", code), count)
            for code, count in regions.items()
        ],
        more=next_page("/site/lists", found.after, list=chosen, region=region),
    )


@routes.get("/site/supervision", operation=PUBLIC, summary="监督结果", media_type="text/html")
def show_supervision(
    kind: Annotated[str, Query(max_length=64, description="种类")] = "",
    subject: Annotated[str, Query(max_length=18, description="单位的统一社会信用代码")] = "",
    page_token: PageToken = None,
) -> Answer:
    """人大代表建议、政协提案、司法建议、检察建议、审计发现问题的公开办理结果。"""
    place = place_in(read_page_token(page_token), str, str)
    reading = current_reading()
    query = SupervisionQuery(subject=subject, kind=kind)
    found = queries_results.search_results(reading, query, _LISTED, place)
    shown = documents(found.items)
    return told(
        "supervision.html",
        reading,
        shown.untils,
        section="lists",
        results=shown.items,
        kinds=queries_results.result_kinds(reading),
        kind=kind,
        subject=subject,
        more=next_page("/site/supervision", found.after, kind=kind, subject=subject),
    )
