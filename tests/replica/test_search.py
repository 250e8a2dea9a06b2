"""Searching the public records: what is asked by text, name and filters, and what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalicelib.kernel.errors import Invalid
from chalicelib.replica import examples, figures, queries, queries_results, reading
from chalicelib.replica.queries import RecordQuery
from chalicelib.replica.reading import Reading, SearchTooSlow
from tests.replica.builders import AGENCY, BODY, FIRM, NOW, Log

LATER = "2028-01-01T00:00:00.000Z"


def read(log: Log, folder: Path, now: str = NOW) -> Reading:
    """A reading of the log's world."""
    return Reading(log.file(folder / "file.db"), log.head.seq, log.head.at, now)


def ids(reading_: Reading, **query: Any) -> list[str]:
    """Ids found, the newest first."""
    found = queries.search_records(reading_, RecordQuery(**query), 100)
    return [item.id for item in found.items]


@pytest.fixture
def city(log: Log, tmp_path: Path) -> Reading:
    """Six records about a body and two firms."""
    log.record(
        id="r_1", subject_code=BODY, subject_name="示例市交通运输局", occurred_on="2026-06-01"
    )
    log.record(
        id="r_2",
        subject_code=FIRM,
        subject_name="重庆某某桥梁有限公司",
        text="示罚〔2026〕12号",
        severity="serious",
        occurred_on="2026-05-01",
    )
    log.record(id="r_3", subject_code=FIRM, type="honour", category="honour", severity=None,
               occurred_on="2025-05-01", region="320600", reporter_code=AGENCY,
               reporter_name="示例县教育局")  # fmt: skip
    log.record(id="r_4", subject_code=BODY, text="拖欠污水处理工程款", dishonesty=True,
               occurred_on="2024-05-01", until="2026-07-01T16:00:00.000Z")  # fmt: skip
    return read(log, tmp_path)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "污水"}, ["r_4"]),
        ({"text": "水"}, ["r_4"]),
        ({"text": "桥"}, ["r_2"]),
        ({"text": "jiaotong"}, ["r_1"]),
        ({"text": "slsjtysj"}, ["r_1"]),
        ({"text": "chongqing"}, ["r_2"]),
        ({"text": "jiaoyuju"}, ["r_3"]),
        ({"name": "jiaoyuju"}, []),
        ({"name": "桥梁 重庆"}, ["r_2"]),
        ({"text": "（2026）12号"}, ["r_2"]),
        ({"text": FIRM}, ["r_2", "r_3"]),
        ({"text": "行政处罚 示例市"}, ["r_1", "r_2", "r_3", "r_4"]),
        ({"text": "行政处罚", "subject": BODY}, ["r_1", "r_4"]),
        ({"text": "教育", "equal": {"reporter": AGENCY}}, ["r_3"]),
        ({"text": "行政处罚", "first_day": "2025-05-01", "last_day": "2026-05-01"}, ["r_2", "r_3"]),
        ({"text": "行政处罚", "equal": {"severity": "serious"}}, ["r_2"]),
        ({"text": "行政处罚", "region": "320600"}, ["r_3"]),
        ({"dishonesty": True}, ["r_4"]),
        ({"dishonesty": False, "subject": BODY}, ["r_1"]),
        ({"types": ("honour",)}, ["r_3"]),
        ({"text": "没有"}, []),
    ],
)
def test_records_are_found(city: Reading, query: dict[str, Any], expected: list[str]) -> None:
    assert ids(city, **query) == expected
    counted = queries.facets(city, RecordQuery(**query))
    assert sum(counted["year"].values()) == len(expected)
    assert queries.count_records(city, RecordQuery(**query)) == len(expected)


def test_facets_count_what_is_found_and_forget_what_ended(log: Log, city: Reading) -> None:
    found = queries.facets(city, RecordQuery())
    assert found["category"] == {"penalty": 3, "honour": 1}
    assert found["severity"] == {"general": 2, "serious": 1}
    assert found["region"] == {"320100": 3, "320600": 1}
    assert found["year"] == {"2026": 2, "2024": 1, "2025": 1}
    assert queries.title_of(city, "category", "penalty") == "行政处罚信息"

    after = Reading(city.connection, city.seq, city.at, "2026-07-01T16:00:00.000Z", city.cache)
    assert queries.facets(after, RecordQuery())["category"] == {"penalty": 2, "honour": 1}


@pytest.mark.parametrize("words", ["。，", "***"])
def test_a_text_without_a_word_is_refused(city: Reading, words: str) -> None:
    with pytest.raises(Invalid):
        ids(city, text=words)


@pytest.mark.requirement("R-21")
def test_pages_lose_and_repeat_nothing_while_others_publish_and_withdraw(
    log: Log, tmp_path: Path
) -> None:
    from chalicelib.replica import building

    for number in range(30):
        log.record(id=f"r_a{number:02d}", occurred_on=f"2026-01-{1 + number % 7:02d}")
    world = read(log, tmp_path)
    stays = {f"r_a{number:02d}" for number in range(30)}
    seen: list[str] = []
    after: int | None = None
    for turn in range(100):
        page = queries.search_records(world, RecordQuery(), 4, after)
        seen += [item.id for item in page.items]
        after = page.after
        if after is None:
            break
        log.record(id=f"r_n{turn:02d}", occurred_on="2026-02-01")
        gone = f"r_a{29 - turn:02d}"
        log.withdraw(gone)
        stays.discard(gone)
        building.apply(world.connection, log.changes, log.documents)
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


@pytest.mark.requirement("R-21")
def test_a_search_is_given_up_when_its_time_is_over(
    city: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SEARCH_SECONDS", -1.0)
    monkeypatch.setattr(reading, "_STEPS", 1)
    with pytest.raises(SearchTooSlow) as caught:
        ids(city, text="示")
    assert (caught.value.status, caught.value.code) == (503, "search_too_slow")
    monkeypatch.undo()
    assert ids(city, text="污水") == ["r_4"]


def test_every_kind_of_supervision_result_is_named_with_its_title(log: Log, tmp_path: Path) -> None:
    shown = examples.SUPERVISION_RESULT
    kinds = {"npc_suggestion": "人大代表建议", "audit_finding": "审计发现问题"}
    for number, (kind, title) in enumerate([*kinds.items(), *kinds.items()]):
        document = {**shown, "id": f"c_{number}", "kind": kind, "kind_title": title}
        log.publish("supervision", f"supervision/c_{number}", document)
    assert dict(queries_results.result_kinds(read(log, tmp_path))) == kinds


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("query", [{}, {"text": "示例"}, {"dishonesty": True}])
def test_a_region_counts_what_a_search_for_it_finds(
    log: Log, tmp_path: Path, query: dict[str, Any]
) -> None:
    regions = ("320000", "320100", "320102", "320102", "320104", "320600", "330100")
    for number, region in enumerate(regions):
        severity = ("minor", "serious", None)[number % 3]
        log.record(id=f"r_{number}", region=region, severity=severity, dishonesty=number != 3)
    city = read(log, tmp_path)

    counted = queries.facets(city, RecordQuery(**query))["region"]
    assert counted == {region: len(ids(city, region=region, **query)) for region in set(regions)}
    figures_ = figures.figures(city, ())["dishonesty_by_region"]
    for region in set(regions):
        shown = sum(one["count"] for one in figures_ if one["region"] == region)
        assert shown == len(ids(city, region=region, dishonesty=True)), region
    serious = {one["region"]: one["count"] for one in figures_ if one["severity"] == "serious"}
    assert serious == {"320000": 2, "320100": 2, "320104": 1}
