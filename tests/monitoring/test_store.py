"""Each access pattern of the store, and the conditions that keep what was written first."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.writes import commit
from chalicelib.monitoring import store, store_warnings
from chalicelib.monitoring.model import Subject, Watch
from chalicelib.monitoring.model_runs import (
    Body,
    Contribution,
    HistoryEntry,
    MapCell,
    RaisedWarning,
    RowReference,
    Run,
    Value,
)
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-64")

AT = "2026-06-15T04:01:00.000Z"
RUN = Run(
    run_id="mr_1",
    purpose="look",
    jurisdiction="nanjing",
    day="2026-06-15",
    pack="2024-09-13",
    pack_digest="aa",
    requested_by="",
    created_at="2026-06-15T04:00:00.000Z",
)
BODIES = [Body(f"b_{n}", f"C{n}", f"局{n}", "department", "329901", "GOV") for n in range(3)]
WARNING = RaisedWarning(
    warning_id="w_1",
    jurisdiction="nanjing",
    rule="dishonesty_count",
    rule_title="失信记录件数",
    subject=BODIES[0].subject,
    level="yellow",
    peak="yellow",
    raised_on="2026-06-15",
    day="2026-06-15",
    value="3",
    sample=3,
    reason="达到黄色阈值3",
    run_id="mr_1",
    pack="2024-09-13",
    body_id="b_0",
    body_code="C0",
    superior="GOV",
    rows=(RowReference("rec_1", 1, "commitment_breach", "2026-05-20"),),
    row_count=3,
    bodies=(Contribution("b_0", "局0", 3),),
    case_kind="warning",
)


def begun(world: World) -> Run:
    commit([store.new_run_put(world.platform, RUN)])
    store.put_plan(world.platform, RUN, "plan", [BODIES[:2], BODIES[2:]])
    return store.begin_run(world.platform, RUN, "plan", 3, 2, AT)


def test_a_run_is_found_by_id_and_by_jurisdiction(world: World) -> None:
    later = dataclasses.replace(RUN, run_id="mr_2", created_at="2026-06-16T04:00:00.000Z")
    other = dataclasses.replace(RUN, run_id="bt_1", purpose="backtest")
    for run in (RUN, later, other):
        commit([store.new_run_put(world.platform, run)])
    assert store.load_run(world.platform, "mr_1") == RUN
    newest = store.newest_runs(world.platform, "look", "nanjing", 9)
    assert [run.run_id for run in newest] == ["mr_2", "mr_1"]
    assert store.newest_runs(world.platform, "look", "yancheng", 9) == []
    with pytest.raises(ConditionFailed):
        commit([store.new_run_put(world.platform, RUN)])


def test_chunks_lie_under_the_plan_that_counts_and_each_is_done_once(world: World) -> None:
    run = begun(world)
    # Somebody slower planned other bodies: nobody looks there.
    store.put_plan(world.platform, RUN, "other", [BODIES])
    with pytest.raises(ConditionFailed):
        store.begin_run(world.platform, RUN, "other", 3, 1, AT)
    assert store.load_chunk(world.platform, run, 1) == BODIES[2:]
    with pytest.raises(ValueError, match="no chunk"):
        store.load_chunk(world.platform, run, 2)
    assert not store.has_found(world.platform, run, 1)
    for _ in range(2):
        after = store.mark_done(world.platform, run, 1, {"chunk": "one"}, AT)
        assert after is not None and (after.done, after.all_done) == (1, False)
    assert store.has_found(world.platform, run, 1)
    after = store.mark_done(world.platform, run, 0, {"chunk": "null"}, AT)
    assert after is not None and after.all_done
    assert [one["chunk"] for one in store.each_found(world.platform, run)] == ["null", "one"]
    assert store.complete_run(world.platform, after, {"a": 1}, AT).percentage == 100
    with pytest.raises(ConditionFailed):
        store.complete_run(world.platform, after, {"a": 2}, AT)


def test_a_watch_is_written_only_over_the_one_that_was_read(world: World) -> None:
    watches = {"rule": Watch("red", "2026-06-15", warning_id="w_1", episode=1)}
    put = store.watch_put(world.platform, "nanjing", "body:b_0", watches, 0)
    commit([put])
    found = store.load_watches(world.platform, "nanjing", ["body:b_0", "body:b_1"])
    assert found == {"body:b_0": (1, watches)}
    with pytest.raises(ConditionFailed):
        commit([put])
    commit([store.watch_put(world.platform, "nanjing", "body:b_0", {}, 1)])
    assert store.load_watches(world.platform, "nanjing", ["body:b_0"])["body:b_0"] == (2, {})


def test_values_are_a_series_of_days_and_a_map_is_one_day_of_all_regions(world: World) -> None:
    for day in ("2026-06-14", "2026-06-15", "2026-06-16"):
        run = dataclasses.replace(RUN, day=day)
        values = {"rule": (day[-2:], "none", 4)}
        commit([store.values_put(world.platform, run, "region:329901", values)])  # type: ignore[arg-type]
    found = store.values_between(
        world.platform, "nanjing", "region:329901", "2026-06-15", "2026-06-30"
    )
    assert [(day, values["rule"][0]) for day, values in found] == [
        ("2026-06-15", "15"), ("2026-06-16", "16"),
    ]  # fmt: skip
    cell = MapCell("329901", "0.5", "red", 4, {"red": 1})
    commit([store.map_put(world.platform, RUN, "rule", [cell])])
    commit([store.map_put(world.platform, RUN, "another", [])])
    assert store.maps_on(world.platform, "nanjing", RUN.day, "rule") == {"rule": [cell]}
    assert set(store.maps_on(world.platform, "nanjing", RUN.day)) == {"rule", "another"}
    assert store.maps_on(world.platform, "nanjing", RUN.day, "gone") == {}


def test_a_warning_is_found_by_id_and_in_its_list_with_what_became_of_it(world: World) -> None:
    platform = world.platform
    entry = HistoryEntry("raised", "yellow", RUN.day, "3", "达到黄色阈值3", "mr_1")
    commit([store_warnings.new_warning_put(platform, WARNING),
            store_warnings.history_put(platform, "w_1", 1, entry)])  # fmt: skip
    assert store_warnings.load_warning(platform, "w_1") == WARNING
    page = store_warnings.page_of_warnings(platform, "nanjing", None, 9, None)
    assert [store_warnings.warning_from(item) for item in page.items] == [WARNING]
    closed = dataclasses.replace(WARNING, level="none", closed_on="2026-07-20", value="1")
    commit([store_warnings.change_update(platform, closed),
            store_warnings.history_put(platform, "w_1", 2, entry)])  # fmt: skip
    found = store_warnings.load_warning(platform, "w_1")
    assert found is not None and (found.is_open, found.version, found.peak) == (False, 2, "yellow")
    assert store_warnings.history_of(platform, "w_1") == [entry, entry]


def test_a_case_is_told_once_of_each_level(world: World) -> None:
    platform = world.platform
    commit([store_warnings.new_warning_put(platform, WARNING)])
    assert store_warnings.behind_with_case(platform, ["w_1", "w_1", "w_gone"]) == ["w_1"]
    told = store_warnings.told_update(platform, WARNING, "c_1", 1, "yellow")
    commit([told])
    assert store_warnings.behind_with_case(platform, ["w_1"]) == []
    with pytest.raises(ConditionFailed):
        commit([told])
    found = store_warnings.load_warning(platform, "w_1")
    assert found is not None and (found.case_id, found.cases) == ("c_1", 1)


def test_objects_of_all_kinds_have_a_key_of_their_own() -> None:
    kinds = [Subject("body", "x", ""), Subject("region", "x", ""), Subject("trade", "x", "")]
    assert len({one.key for one in kinds}) == 3
    assert Value("rule", Decimal(1), 1).rows == ()
