"""Warning rules in a pack: what is wrong with one is said in Chinese, and each city has its own."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest

from chalicelib.policy.check import check
from chalicelib.policy.comparing import changes
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.model import Pack
from chalicelib.policy.rules_warnings import drafted_warning_rule
from tests.policy.builders import bend, write
from tests.policy.test_check import problems_of, whole
from tests.policy.warning_rule import WARNING_RULE

W = "warning_rules.a"
SUM = {"kind": "sum", "field": "percent"}
QUOTIENT = {"kind": "ratio", "numerator": "percent", "denominator": "number"}
OVERDUE = {"kind": "overdue", "due_field": "number", "state_field": "percent", "done": []}
SETTLED = {"kind": "overdue", "due_field": "decided_on", "state_field": "severity", "done": ["x"]}
FIGURE = {"link": "figure", "types": ["cases.a_late"]}
ALL_DISHONESTY = {"link": "about", "dishonesty": True}
BROKEN = [
    ("source.types", ["gone"], "source.types", "信息类型 gone 没有定义或已停用"),
    ("source.types", [], "source", "二者取一"),
    ("source.dishonesty", True, "source", "二者取一"),
    ("source", {"link": "reported_by", "dishonesty": True}, "source.link", "about"),
    ("source.where", [{"field": "gone", "values": ["1"]}], "source.where", "没有字段 gone"),
    ("source.where", [{"field": "severity", "values": ["x"]}], "source.where", "选项"),
    ("source", FIGURE, "source.types", "cases.a_late 没有定义"),
    ("subjects", ["person"], "subjects", "政务主体"),
    ("subjects", ["township"], "source.types", "不涉及预警对象"),
    ("scopes", [], "scopes", "至少要有 1 项"),
    ("scopes", ["body", "body"], "scopes", "有重复"),
    ("scopes", ["planet"], "scopes.0", "取值只能是 body、region、trade"),
    ("scopes", ["trade"], "trade_field", "须写明区分行业的字段"),
    ("trade_field", "severity", "trade_field", "其他不写"),
    ("metric.part", "matching", "metric.where", "matching 须写明条件"),
    ("metric", {"kind": "mood"}, "metric", "kind 只能是"),
    ("metric", {"kind": "concentration", "by": "field"}, "metric.field", "须写明字段"),
    ("metric", {"kind": "sum", "field": "gone"}, "metric.field", "没有字段 gone"),
    ("metric", {"kind": "sum", "field": "severity"}, "metric.field", "不能用于这项指标"),
    ("metric", QUOTIENT, "metric.denominator", "不能用于这项指标"),
    ("metric", OVERDUE, "metric.due_field", "不能用于这项指标"),
    ("metric", OVERDUE, "metric.state_field", "没有选项字段"),
    ("metric", SETTLED, "metric.done", "x 不是“失信等级”的选项"),
    ("window.amount", 0, "window.amount", "不能小于 1"),
    ("window.unit", "weeks", "window.unit", "取值只能是 days、months"),
    ("min_sample", -1, "min_sample", "不能小于 0"),
    ("thresholds", {}, "thresholds", "至少要写明一个等级"),
    ("thresholds.yellow", "0.1", "thresholds.yellow", "应大于蓝色的阈值"),
    ("thresholds.red", "1.5", "thresholds.red", "不会超过 1"),
    ("thresholds.blue", 0, "thresholds.blue", "没有情况也会预警"),
    ("thresholds.green", 1, "thresholds.green", "取值只能是"),
    ("hysteresis.margin", -1, "hysteresis.margin", "不能小于 0"),
    ("hysteresis.margin", "0.2", "hysteresis.margin", "永远不会解除"),
    ("hysteresis.calm_days", 0, "hysteresis.calm_days", "不能小于 1"),
    ("confirmed_by.types", ["gone"], "confirmed_by.types", "gone 没有定义"),
    ("confirmed_by.horizon_days", 0, "confirmed_by.horizon_days", "不能小于 1"),
    ("case_kind", "gone", "case_kind", "案件种类 gone 没有定义"),
    ("case_kind", "a", "case_kind", "不是针对政务主体"),
    ("basis", ..., "basis", "缺少必填的属性"),
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A small pack with something in every section."""
    folder = tmp_path_factory.mktemp("packs")
    write(folder, "national/2024-01-01", whole())
    (built,), problems = build_all(folder)
    assert problems == []
    return built


@pytest.mark.requirement("R-64", "R-73")
@pytest.mark.parametrize(("path", "value", "where", "reason"), BROKEN)
def test_what_is_wrong_with_a_warning_rule_is_said_in_its_place(
    pack: Pack, path: str, value: object, where: str, reason: str
) -> None:
    draft = bend({"rule": {**deepcopy(WARNING_RULE), "code": "a"}}, f"rule.{path}", value)["rule"]
    _, found = drafted_warning_rule(pack, draft)
    assert any(at.startswith(where) and reason in why for at, why in found), found


@pytest.mark.requirement("R-64", "R-73")
def test_what_is_wrong_is_found_in_the_files_too(tmp_path: Path) -> None:
    found = problems_of(tmp_path, bend(whole(), f"{W}.mechanism", "nothing"))
    assert (f"{W}.mechanism", "机制 nothing 没有定义") in found
    found = problems_of(tmp_path, bend(whole(), f"{W}.source.types", ["gone"]))
    assert (f"{W}.source.types", "信息类型 gone 没有定义或已停用") in found


@pytest.mark.requirement("R-64")
def test_a_trade_is_told_by_a_choice_of_the_records(tmp_path: Path) -> None:
    tree = bend(whole(), f"{W}.scopes", ["trade"])
    found = problems_of(tmp_path, bend(tree, f"{W}.trade_field", "number"))
    assert any("不能用于" in why for _, why in found)
    assert any("monitoring_by_trade" in why for _, why in found)


@pytest.mark.requirement("R-64")
def test_fields_are_not_asked_of_all_dishonesty_records(tmp_path: Path) -> None:
    tree = bend(bend(whole(), f"{W}.source", ALL_DISHONESTY), f"{W}.metric", SUM)
    assert any("不能取字段的值" in why for _, why in problems_of(tmp_path, tree))


@pytest.mark.requirement("R-64")
def test_a_city_without_the_mechanism_cannot_write_a_rule(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", whole())
    own = {"mechanisms": {"on": {"state": "off"}}, "warning_rules": {"a": {"title": "本地"}}}
    write(tmp_path, "city/2024-02-01", {"pack": {"title": "某市"}, **own})
    assert any("应停用" in one.reason for one in check(tmp_path) if one.file.startswith("city"))


@pytest.mark.requirement("R-64", "R-73")
def test_what_changes_in_a_rule_is_told_in_words(tmp_path: Path) -> None:
    write(tmp_path / "one", "national/2024-01-01", whole())
    changed = bend(bend(whole(), f"{W}.thresholds.blue", "0.15"), f"{W}.window.amount", 6)
    write(tmp_path / "two", "national/2024-01-01", changed)
    (before,), (after,) = build_all(tmp_path / "one")[0], build_all(tmp_path / "two")[0]
    told = [one.text for one in changes(before, after)]
    assert told[0] == "预警规则“迟报率”：时间窗口由“3个月”改为“6个月”"
    assert "阈值由" in told[1] and "蓝色：0.1、" in told[1] and "蓝色：0.15、" in told[1]


@cache
def shipped() -> dict[str, Pack]:
    """The newest version of every pack that ships."""
    return {pack.jurisdiction: pack for pack in build_all(PACKS)[0]}


CITIES = ("lingyuan", "jiangxi", "yancheng", "nanjing")
MISSION = {"dishonesty_count", "dishonesty_growth", "late_double_publicity", "unpaid_invoices",
           "lost_lawsuits", "broken_commitments", "overdue_rectifications",
           "dishonesty_concentration"}  # fmt: skip


@pytest.mark.requirement("R-64")
def test_nantong_has_no_monitoring_and_only_lingyuan_warns_by_trade() -> None:
    assert not shipped()["nantong"].warning_rules
    assert "warning" not in shipped()["nantong"].case_kinds
    for city in CITIES:
        rules = shipped()[city].warning_rules
        assert rules.keys() >= MISSION and "warning" in shipped()[city].case_kinds
        assert any(code.startswith("debt") for code in rules)
        assert any("trade" in rule.scopes for rule in rules.values()) == (city == "lingyuan")
        assert any("region" in rule.scopes for rule in rules.values())


@pytest.mark.requirement("R-64")
def test_no_document_names_thresholds_so_none_claims_to_be_verified() -> None:
    for city in (*CITIES, "national"):
        for rule in shipped()[city].warning_rules.values():
            assert not rule.basis.verified and "示例" in rule.basis.note, rule.code
            assert rule.basis.document == "国发〔2016〕76号" or city != "national"
