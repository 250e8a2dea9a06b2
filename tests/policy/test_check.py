"""Each class of problem is found, with file, path and a Chinese reason."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from chalicelib.policy.check import check, main
from chalicelib.policy.source import SECTIONS
from tests.policy.builders import Tree, base, bend, write
from tests.policy.case_kind import CASE_KIND
from tests.policy.warning_rule import WARNING_RULE

D = "types.decision"
F = "types.decision.fields"
S = "schemes.yearly"
LEAF = "schemes.yearly.indicators.second"
RATE = f"{S}.indicators.first.score.prior"
PEERS: Tree = {"strength": 5, "rate": "peers"}
FIGURES: Tree = {"link": "figure", "types": ["appraisals.score"]}
MARK: Tree = {"kind": "manual", "full": 100, "empty": 20}
VETO: Tree = {
    "title": "一件不优",
    "source": {"link": "about", "types": ["decision"]},
    "basis": {"document": "依据", "verified": False},
}
NOWHERE = VETO | {"grade_at_most": "B", "source": {"link": "about", "types": ["unknown"]}}
NOTICE: Tree = {"grades": ["B"], "days": 10, "basis": {"document": "依据", "verified": False}}
PUBLISHED = {"scope": "public", "basis": {"document": "依据", "verified": False}}
NOTHING = {"value": "空", "basis": {"document": "依据", "verified": False}}
NUMBER: Tree = {"title": "甲", "max_length": 9, "example": "a"}


def problems_of(tmp_path: Path, tree: Tree) -> list[tuple[str, str]]:
    write(tmp_path, "national/2024-01-01", tree)
    found = check(tmp_path)
    assert all(problem.file == "national/2024-01-01/all.yaml" for problem in found), found
    return [(problem.path, problem.reason) for problem in found]


def test_a_good_pack_has_no_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path, base()) == []


def test_an_indicator_that_holds_itself_is_refused(tmp_path: Path) -> None:
    tree = base()
    second = tree["schemes"]["yearly"]["indicators"]["second"]
    second["children"] = {"again": second}
    assert problems_of(tmp_path, tree) == [(S, "循环引用：内容（& 和 *）包含它自己")]


def test_a_type_does_not_hide_behind_an_address_of_the_catalog(tmp_path: Path) -> None:
    tree = base()
    tree["types"]["changes"] = tree["types"].pop("decision")
    assert ("types.changes", "changes 是归集目录接口自己的地址，不能用作信息类型代码") in (
        problems_of(tmp_path, tree)
    )


SHAPE = [
    (f"{D}.title", ..., f"{D}.title", "缺少"),
    (f"{D}.colour", "red", f"{D}.colour", "未知的属性"),
    (f"{D}.registration", "maybe", f"{D}.registration", "取值只能是"),
    (f"{D}.time_limit.working_days", 0, f"{D}.time_limit.working_days", "不能小于 1"),
    (f"{D}.time_limit.basis", ..., f"{D}.time_limit.basis", "缺少"),
    (f"{D}.retention.basis", {"document": "某规定"}, f"{D}.retention.basis.verified", "缺少"),
    (f"{F}.number.kind", "colour", f"{F}.number.kind", "取值只能是"),
    ("publicity.terms.rule_sets.0.decided_until", "2026-13-01", "decided_until", "日期"),
    (f"{LEAF}.score.kind", "magic", f"{LEAF}.score", "kind 只能是"),
    (f"{LEAF}.weight", "many", f"{LEAF}.weight", "应为数字"),
]

CATALOG = [
    (f"{D}.category", "unknown", f"{D}.category", "没有定义"),
    (f"{D}.about", [], f"{D}.about", "哪类主体"),
    (f"{D}.dishonesty_about", ["enterprise"], f"{D}.dishonesty_about", "不在 about"),
    (f"{D}.legal_basis", [], f"{D}.legal_basis", "依据"),
    (f"{D}.placeholder", {**NOTHING, "fields": ["severity"]}, "placeholder.fields", "文字"),
    (f"{D}.placeholder", {**NOTHING, "fields": ["number"]}, "told_apart_by", "须写明"),
    (f"{D}.placeholder", {**NOTHING, "told_apart_by": ["percent"]}, "told_apart_by", "必填"),
    (f"{D}.natural_key", ["nothing"], f"{D}.natural_key", "没有定义"),
    (f"{D}.natural_key", [], f"{D}.natural_key", "不能为空"),
    (f"{D}.natural_key", ["number", "number"], f"{D}.natural_key", "重复"),
    (f"{D}.natural_key", ["percent"], f"{D}.natural_key", "必须是必填"),
    (f"{D}.date_field", "number", f"{D}.date_field", "必填日期"),
    (f"{D}.time_limit.from_field", "number", f"{D}.time_limit.from_field", "日期字段"),
    (f"{D}.publicity_end_field", "number", f"{D}.publicity_end_field", "日期字段"),
    (f"{D}.publicity_term", "unknown", f"{D}.publicity_term", "没有定义"),
    (f"{D}.publicity_term", ..., f"{D}.publicity_term", "没有指定公示期"),
    (f"{D}.retention.years", 1, f"{D}.retention.years", "短于公示期"),
    (f"{D}.notice_required", False, f"{D}.notice_required", "两书同达后"),
    (f"{D}.dishonesty", False, f"{D}.notice_required", "不得推迟"),
    (f"{D}.severity", ..., f"{D}.severity", "失信等级"),
    (f"{D}.severity.field", "number", f"{D}.severity.field", "选项字段"),
    (f"{F}.severity.required", False, f"{D}.severity.default", "默认等级"),
    (f"{F}.severity.values", {"minor": "轻", "bad": "坏"}, f"{D}.severity.field", "只能是"),
    (f"{D}.severity.mapping", {"x": "minor"}, f"{D}.severity.mapping", "同时"),
    (f"{D}.disclosure.basis.document", "", f"{D}.disclosure.basis", "依据"),
    (
        f"{D}.disclosure",
        {**PUBLISHED, "persons": "public"},
        None,
        None,
    ),  # bodies only: says nothing about persons
    (f"{D}.about", ["person"], f"{D}.disclosure.scope", "不能是 public"),
    (f"{D}.envelope_aliases", {"XK_X": "subject.age"}, "envelope_aliases.XK_X", "不存在"),
]

FIELDS = [
    (f"{F}.number.max_length", ..., f"{F}.number.max_length", "最大长度"),
    (f"{F}.percent.max_length", 5, f"{F}.percent.max_length", "只有文字"),
    (f"{F}.number.values", {"a": "甲"}, f"{F}.number.values", "其他字段不能有"),
    (f"{F}.severity.values", {}, f"{F}.severity.values", "必须有选项"),
    (f"{F}.severity.values", {"minor": "轻", "general": "轻"}, f"{F}.severity.values", "重复"),
    (f"{F}.number.multiple", True, f"{F}.number.multiple", "多选"),
    (f"{F}.number.decimals", 2, f"{F}.number.decimals", "小数位数"),
    (f"{F}.number.minimum", 2, f"{F}.number.minimum", "取值范围"),
    (f"{F}.percent", {**NUMBER, "kind": "decimal"}, f"{F}.percent.max_length", "只有文字"),
    (f"{F}.number.not_future", True, f"{F}.number.not_future", "只有日期"),
    (f"{F}.decided_on.not_before", "number", f"{F}.decided_on.not_before", "日期字段"),
    (f"{F}.decided_on.not_before", "decided_on", f"{F}.decided_on.not_before", "另一个"),
    (
        f"{F}.percent.required_when",
        {"field": "nothing", "values": ["a"]},
        f"{F}.percent.required_when.field",
        "没有定义",
    ),
    (
        f"{F}.percent.required_when",
        {"field": "severity", "values": ["grave"]},
        f"{F}.percent.required_when.values",
        "不是",
    ),
    (f"{F}.number.personal", True, f"{F}.number.mask", "遮蔽方式"),
    (f"{F}.number.mask", "name", f"{F}.number.mask", "只有个人信息"),
    (
        f"{F}.holder",
        {"title": "身份号码", "kind": "citizen_code", "example": "329901199001010016"},
        f"{F}.holder.personal",
        "个人信息",
    ),
    (f"{F}.holder", {**NUMBER, "title": "宗教信仰"}, f"{F}.holder", "不得归集"),
    (f"{F}.number.example", ..., f"{F}.number.example", "示例"),
    (f"{F}.decided_on.example", "soon", f"{F}.decided_on.example", "不符合"),
    (f"{F}.number.aliases", ["失信等级"], f"{F}.severity", "已用于 number"),
    (f"{F}.number.title", "统一社会信用代码", f"{F}.number", "已用于 subject.unified_code"),
]

PUBLICITY = [
    (
        "publicity.terms.rule_sets.1.decided_from",
        "2026-04-02",
        "publicity.terms.rule_sets.new.decided_from",
        "空档",
    ),
    (
        "publicity.terms.rule_sets.1.decided_until",
        "2027-01-01",
        "publicity.terms.rule_sets",
        "一直有效",
    ),
    (
        "publicity.terms.rule_sets.0.decided_from",
        "2020-01-01",
        "publicity.terms.rule_sets",
        "此前的全部决定",
    ),
    (
        "publicity.terms.rule_sets.1.terms.general.min_months",
        13,
        "publicity.terms.rule_sets.new.terms.general.min_months",
        "不能长于",
    ),
    (
        "publicity.terms.rule_sets.1.terms.serious.max_months",
        6,
        "publicity.terms.rule_sets.new.terms.serious.max_months",
        "越重",
    ),
    ("publicity.terms.rule_sets.1.terms.serious", ..., f"{D}.severity", "缺少与该类信息"),
]

SCHEMES = [
    (f"{S}.subjects", ["person"], f"{S}.subjects", "政务主体"),
    (f"{LEAF}.weight", 30, f"{S}.indicators", "权重之和为 90，应为 100"),
    (f"{S}.grades.B.below", 55, f"{S}.grades.B.below", "应等于 A 的起点"),
    (f"{S}.grades.B.at_least", 1, f"{S}.grades", "从 0 分"),
    (f"{S}.grades.A.below", 100, f"{S}.grades.A.below", "最高等级"),
    (f"{LEAF}.source", ..., LEAF, "二者取一"),
    (f"{LEAF}.source.types", ["unknown"], f"{LEAF}.source.types", "没有定义或已停用"),
    (
        f"{LEAF}.source.where",
        [{"field": "severity", "values": ["grave"]}],
        f"{LEAF}.source.where",
        "不是",
    ),
    (
        f"{LEAF}.source.where",
        [{"field": "nothing", "values": ["grave"]}],
        f"{LEAF}.source.where",
        "没有字段",
    ),
    (f"{LEAF}.score.points", {"minor": 1}, f"{LEAF}.score.points", "没有对应的扣分"),
    (f"{LEAF}.score.floor", 41, f"{LEAF}.score.floor", "最低分"),
    (
        f"{LEAF}.score",
        {"kind": "bonus", "points": {"any": 1}, "cap": 39},
        f"{LEAF}.score.cap",
        "封顶分",
    ),
    (
        f"{LEAF}.score",
        {"kind": "bonus", "by": "number", "points": {"any": 1}, "cap": 40},
        f"{LEAF}.score.by",
        "没有选项字段",
    ),
    (
        f"{LEAF}.score",
        {
            "kind": "tiers",
            "measure": {"of": "average", "field": "number"},
            "tiers": [{"at_least": 1, "points": 1}],
            "otherwise": 0,
            "empty": 0,
        },
        f"{LEAF}.score.measure.field",
        "没有数字字段",
    ),
    (
        f"{LEAF}.score",
        {
            "kind": "tiers",
            "measure": {"of": "average", "field": "percent"},
            "tiers": [{"at_least": 1, "points": 41}],
            "otherwise": 0,
            "empty": 0,
        },
        f"{LEAF}.score.tiers",
        "超过该指标的权重",
    ),
    (f"{S}.subjects", ["department", "civil_servant"], f"{S}.subjects", "不能同时评价单位和个人"),
    (f"{S}.subjects", ["civil_servant"], f"{S}.disclosure", "只在内部使用"),
    (f"{S}.subjects", ["civil_servant"], f"{S}.indicators.first.source.link", "个人不报送信息"),
    (f"{S}.indicators.first.score.prior", PEERS | {"rate": 1.5}, f"{RATE}.rate", "不能大于 1"),
    (f"{S}.indicators.first.score.prior", PEERS | {"strength": 0}, f"{RATE}.strength", "大于 0"),
    (f"{LEAF}.source", FIGURES | {"types": ["accounts.luck"]}, f"{LEAF}.source", "没有定义"),
    (f"{LEAF}.source", FIGURES, f"{LEAF}.source.types", "或该地没有实行"),
    (f"{LEAF}.source.types", ["decision", "decision"], f"{LEAF}.source.types", "重复"),
    (f"{LEAF}.score", MARK | {"empty": 41}, f"{LEAF}.score.empty", "超过"),
    (f"{LEAF}.score", MARK, f"{LEAF}.score.value", "没有数字字段 value"),
    (f"{S}.vetoes", {"v": VETO | {"at_least": 0}}, f"{S}.vetoes.v.at_least", "不能小于 1"),
    (f"{S}.vetoes", {"v": VETO}, f"{S}.vetoes.v.total_at_most", "没有写明限制什么"),
    (f"{S}.vetoes", {"v": VETO | {"total_at_most": 100}}, f"{S}.vetoes.v", "不起作用"),
    (f"{S}.vetoes", {"v": VETO | {"grade_at_most": "A"}}, f"{S}.vetoes.v", "是最高等级"),
    (f"{S}.vetoes", {"v": VETO | {"grade_at_most": "Z"}}, f"{S}.vetoes.v", "没有等级 Z"),
    (f"{S}.vetoes", {"v": NOWHERE}, f"{S}.vetoes.v.source.types", "没有定义或已停用"),
    (f"{S}.notice", NOTICE | {"grades": ["Z"]}, f"{S}.notice.grades", "没有等级 Z"),
    (f"{S}.notice", NOTICE | {"days": 0}, f"{S}.notice.days", "不能小于 1"),
    (f"{S}.schedule.months_after", 0, f"{S}.schedule.months_after", "不能小于 1"),
    (f"{S}.period", "week", f"{S}.period", "取值只能是"),
    (f"{D}.time_limit", ..., f"{S}.indicators.first.score.numerator.of", "没有报送时限"),
    (f"{S}.indicators.first.score.empty", 61, f"{S}.indicators.first.score.empty", "超过"),
]

WORKED = "calendar.2026.working_weekends"

OTHERS = [
    (WORKED, ["2026-01-05"], WORKED, "不是周末"),
    (WORKED, ["2026-01-03"], WORKED, "放假"),
    (WORKED, ["2027-01-02"], "calendar.2026", "不在 2026 年内"),
    ("regions", {"110000": {"title": "某市", "level": "city"}}, "regions", "国家基础包"),
    ("pack.document.verified", True, "document.clause", "没有写条款或出处"),
    ("colours", {}, "colours", "未知的部分"),
]


@pytest.mark.requirement("R-01")
@pytest.mark.parametrize(
    ("path", "value", "where", "reason"),
    [*SHAPE, *CATALOG, *FIELDS, *PUBLICITY, *SCHEMES, *OTHERS],
)
def test_each_problem_is_named(
    tmp_path: Path, path: str, value: object, where: str | None, reason: str | None
) -> None:
    tree = base()
    if path.startswith("calendar.2026."):
        tree["calendar"]["2026"] = tree["calendar"].pop(2026)
    found = problems_of(tmp_path, bend(tree, path, value))
    if where is None or reason is None:
        assert found == []
        return
    assert any(where in at and reason in why for at, why in found), found


BASIS = {"document": "依据", "verified": False}
REGISTER: Tree = {
    "title": "台账",
    "purpose": "逐件登记",
    "kept_by": "agency",
    "key": ["name"],
    "basis": BASIS,
    "fields": {
        "name": {"title": "名称", "max_length": 9, "required": True, "example": "a"},
        "due_on": {"title": "期限", "kind": "date", "example": "today"},
    },
    "steps": {
        "hearing": {"title": "听证", "basis": BASIS},
        "vote": {"title": "表决", "follows": "hearing", "basis": BASIS},
    },
}
PROGRAMME: Tree = {
    "mechanisms": {
        "on": {"title": "有的", "state": "own", "basis": BASIS},
        "gone": {"title": "没有的", "state": "off", "basis": BASIS},
    },
    "areas": {
        "a": {"title": "领域", "demands": {"x": "要求"}, "types": ["decision"], "basis": BASIS}
    },
    "classes": {"a": {"title": "分类", "order": 1, "types": ["decision"], "basis": BASIS}},
    "conduct": {
        "a": {"title": "情形", "about": ["civil_servant"], "handling": ["诫勉"], "basis": BASIS}
    },
    "supervision": {
        "a": {
            "title": "类别",
            "order": 1,
            "about": ["institution"],
            "most_dishonesty": {"minor": 1},
            "measures": ["检查"],
            "basis": BASIS,
        },
        "b": {
            "title": "其余",
            "order": 2,
            "about": ["institution"],
            "measures": ["重点检查"],
            "basis": BASIS,
        },
    },
    "tasks": {
        "a": {
            "title": "任务",
            "order": 1,
            "content": "内容",
            "lead": ["信用办"],
            "term": "dated",
            "due_on": "2026-12-31",
            "basis": BASIS,
        }
    },
    "registers": {"a": REGISTER},
    "assessments": {
        "collection": {
            "types": ["decision"],
            "declare_by_day": 10,
            "least_sample": 2,
            "rates": {"stored": {"title": "入库率", "full_at": 1, "points": 5, "basis": BASIS}},
            "basis": BASIS,
        }
    },
    "rating_bars": {
        "a": {
            "title": "不得评优",
            "rating": "annual_excellent",
            "about": ["department"],
            "counts": "decided_in_year",
            "types": ["decision"],
            "repaired_counts": False,
            "repaired_basis": BASIS,
            "pending": {"a": ["open"]},
            "mechanism": "on",
            "basis": BASIS,
        }
    },
    "case_kinds": {"a": CASE_KIND},
    "warning_rules": {"a": WARNING_RULE},
    "scenes": {
        "award": {
            "title": "评选",
            "order": 1,
            "asked_by": "主办单位",
            "about": ["department"],
            "answers": ["allow", "restrict"],
            "feedback_days": 10,
            "proof_days": 30,
            "basis": BASIS,
        },
        "study": {
            "title": "考察",
            "order": 2,
            "asked_by": "主办单位",
            "about": ["civil_servant"],
            "feedback_days": 10,
            "proof_days": 30,
            "basis": BASIS,
        },
    },
    "measures": {
        "a": {
            "title": "限制评选",
            "kind": "sanction",
            "about": ["department"],
            "grounds": [{"kind": "record", "types": ["decision"]}],
            "scenes": {"award": {"effect": "restrict", "text": "不得参加"}},
            "ends": {"when": "months", "months": 6, "basis": BASIS},
            "lifted_by": ["repair", "withdrawal"],
            "mechanism": "on",
            "basis": BASIS,
        },
        "b": {
            "title": "评价应用",
            "kind": "reference",
            "about": ["department"],
            "grounds": [{"kind": "evaluation", "scheme": "yearly", "grades": ["A"]}],
            "ends": {"when": "next_evaluation", "months": 24, "basis": BASIS},
            "lifted_by": ["new_evaluation"],
            "mechanism": "on",
            "basis": BASIS,
        },
    },
    "reported_figures": {
        "a": {
            "title": "自评得分",
            "purpose": "对照要点自评",
            "unit": "分",
            "most": 100,
            "about": ["department"],
            "period": "year",
            "due_days": 31,
            "review_days": 30,
            "mechanism": "on",
            "basis": BASIS,
        }
    },
}


def whole() -> Tree:
    """A good pack with something in every section."""
    tree = {**base(), **copy.deepcopy(PROGRAMME)}
    tree["calendar"]["2026"] = tree["calendar"].pop(2026)
    return tree


def test_a_good_pack_with_every_section_has_no_problem(tmp_path: Path) -> None:
    tree = whole()
    assert problems_of(tmp_path, tree) == []
    assert {*tree} - {"pack"} == {*SECTIONS} - {"regions"}  # a base has no regions


R, M = "registers.a", "measures.a.grounds.0"
RESTRICT = {"effect": "restrict", "text": "不得参加"}
SECTIONS_OF_THE_DOCUMENT = [
    ("areas.a.demands", {}, "areas.a.demands", "没有写明"),
    ("areas.a.types", ["gone"], "areas.a.types", "信息类型 gone 没有定义"),
    ("areas.a.mechanism", "nothing", "areas.a.mechanism", "机制 nothing 没有定义"),
    ("classes.a.types", ["gone"], "classes.a.types", "没有定义"),
    ("conduct.a.about", [], "conduct.a.about", "哪类主体"),
    ("conduct.a.handling", [], "conduct.a.handling", "如何处理"),
    ("conduct.a.severity", "mild", "conduct.a.severity", "取值只能是 minor、general、serious"),
    ("supervision.a.most_dishonesty.grave", 1, "supervision.a.most_dishonesty", "取值只能是"),
    ("tasks.a.lead", [], "tasks.a.lead", "牵头单位"),
    ("tasks.a.due_on", ..., "tasks.a.due_on", "须写明完成日期"),
    ("tasks.a.term", "continuous", "tasks.a.due_on", "其他情形不写"),
    ("tasks.a.starts_on", "2027-01-01", "tasks.a.due_on", "早于启动日期"),
    ("tasks.a.due_on", "2026-13-01", "tasks.a.due_on", "YYYY-MM-DD"),
    (f"{R}.key", ["due_on"], f"{R}.key", "必填字段"),
    (f"{R}.key", [], f"{R}.key", "没有写明"),
    (f"{R}.fields.name.personal", True, f"{R}.fields.name.personal", "台账不收个人信息"),
    (f"{R}.fields.name.example", ..., f"{R}.fields.name.example", "示例"),
    (f"{R}.due_field", "name", f"{R}.due_field", "日期字段"),
    (f"{R}.valid_until_field", "gone", f"{R}.valid_until_field", "日期字段"),
    (f"{R}.steps.hearing.follows", "vote", f"{R}.steps.hearing.follows", "列在前面"),
    (
        f"{R}.steps.vote.required_when",
        {"field": "gone", "values": [True]},
        f"{R}.steps.vote.required_when",
        "没有定义",
    ),
    (f"{R}.at_least", "some", f"{R}.at_least", "应为整数"),
    (f"{R}.remind_days", [0], f"{R}.remind_days.0", "不能小于 1"),
    ("assessments.collection.types", ["gone"], "assessments.collection.types", "没有定义"),
    ("rating_bars.a.about", [], "rating_bars.a.about", "哪类主体"),
    ("rating_bars.a.types", ["gone"], "rating_bars.a.types", "没有定义"),
    ("rating_bars.a.pending", {"gone": ["open"]}, "rating_bars.a.pending.gone", "没有定义"),
    ("rating_bars.a.pending", {"a": ["gone"]}, "rating_bars.a.pending.a", "没有状态 gone"),
    ("rating_bars.a.mechanism", "nothing", "rating_bars.a.mechanism", "机制 nothing 没有定义"),
    ("rating_bars.a.counts", "ever", "rating_bars.a.counts", "取值只能是"),
    ("scenes.award.about", [], "scenes.award.about", "没有写明可以核查哪类主体"),
    ("scenes.award.answers", ["restrict"], "scenes.award.answers", "allow"),
    ("measures.a.about", [], "measures.a.about", "没有写明适用哪类主体"),
    ("measures.a.grounds", [], "measures.a.grounds", "什么情形"),
    (f"{M}.types", ["gone"], f"{M}.types", "信息类型 gone 没有定义"),
    (f"{M}.colour", "red", f"{M}.colour", "未知的属性"),
    (M, {"kind": "rating", "rating": "award"}, f"{M}.rating", "没有限制"),
    (M, {"kind": "case", "states": {"gone": ["open"]}}, f"{M}.states.gone", "没有定义"),
    (M, {"kind": "case", "states": {"a": ["gone"]}}, f"{M}.states.a", "没有状态 gone"),
    ("measures.b.grounds.0.scheme", "gone", "measures.b.grounds.0.scheme", "gone 没有定义"),
    ("measures.b.grounds.0.grades", ["Z"], "measures.b.grounds.0.grades", "没有等级 Z"),
    ("measures.a.scenes", {"gone": RESTRICT}, "measures.a.scenes.gone", "场景 gone 没有定义"),
    ("measures.a.scenes", {"study": RESTRICT}, "measures.a.scenes.study", "不核查这些主体"),
    ("measures.a.scenes.award.effect", "refer", "measures.a.scenes.award.effect", "不作"),
    ("measures.a.scenes.award.effect", "priority", "scenes.award.effect", "失信惩戒不能是"),
    ("measures.a.kind", "incentive", "measures.a.scenes.award.effect", "守信激励不能是“限制”"),
    ("measures.a.ends.months", ..., "measures.a.ends.months", "多少个月"),
    ("measures.a.ends.when", "year", "measures.a.ends.months", "不用写 months"),
    ("measures.a.ends.when", "next_evaluation", f"{M}", "不能按 next_evaluation 结束"),
    ("measures.b.ends.months", ..., "measures.b.ends.months", "下一次评价可能不来"),
    ("measures.a.lifted_by", ["repair"], "measures.a.lifted_by", "记录撤回时必须解除"),
    ("measures.a.lifted_by", ["withdrawal", "dishonesty"], "measures.a.lifted_by", "只有激励"),
    ("measures.a.lifted_by", ["withdrawal", "waiver"], "measures.a.waivers", "算减免"),
    ("measures.a.lifted_by", ["withdrawal", "case_step"], "measures.a.lifted_by", "不会因"),
    ("measures.a.mechanism", "nothing", "measures.a.mechanism", "机制 nothing 没有定义"),
    ("reported_figures.a.about", [], "reported_figures.a.about", "哪类主体"),
    ("reported_figures.a.about", ["person"], "reported_figures.a.about", "个人不填报"),
    ("reported_figures.a.most", 0, "reported_figures.a.most", "应大于下限"),
    ("reported_figures.a.least", "0.001", "reported_figures.a.least", "小数不能多于 2 位"),
    ("reported_figures.a.period", "week", "reported_figures.a.period", "取值只能是"),
    ("reported_figures.a.mechanism", "none", "reported_figures.a.mechanism", "机制 none 没有定义"),
    ("assessments.collection.types", [], "assessments.collection.types", "没有写明"),
    ("assessments.collection.declare_by_day", 31, "declare_by_day", "不能大于 28"),
    ("assessments.collection.rates.stored.full_at", 2, "rates.stored.full_at", "不能大于 1"),
    ("assessments.collection.rates.speed", {}, "assessments.collection.rates", "取值只能是"),
    ("mechanisms.on.state", "maybe", "mechanisms.on.state", "取值只能是 own、base、off"),
    ("mechanisms.on.concerns", ["nobody"], "mechanisms.on.concerns.0", "取值只能是"),
]


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize(("path", "value", "where", "reason"), SECTIONS_OF_THE_DOCUMENT)
def test_each_problem_beyond_the_catalog_is_named(
    tmp_path: Path, path: str, value: object, where: str, reason: str
) -> None:
    found = problems_of(tmp_path, bend(whole(), path, value))
    assert any(where in at and reason in why for at, why in found), found


_WRONG = ([], {}, "x", 3, None, True, -1, "", ["x"], {"a": 1}, 99_999_999, "2026-02-30")
_TWO_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")


def places(node: object, at: str = "") -> Iterator[str]:
    """Every dotted path in a tree."""
    named = enumerate(node) if isinstance(node, list) else ()
    for key, inner in node.items() if isinstance(node, dict) else named:
        here = f"{at}.{key}".lstrip(".")
        yield here
        yield from places(inner, here)


@pytest.mark.requirement("R-73")
def test_whatever_is_wrong_is_said_in_chinese_with_file_and_place(tmp_path: Path) -> None:
    bent = [path for path in places(whole()) if ".basis." not in path]
    for path, wrong in zip(bent, cycle(_WRONG), strict=False):
        write(tmp_path, "national/2024-01-01", bend(whole(), path, wrong))
        for problem in check(tmp_path):
            assert problem.file and problem.path, (path, wrong)
            assert re.search("[一-龥]", problem.reason), problem
            assert not _TWO_ENGLISH_WORDS.search(problem.reason), problem


def test_a_public_type_about_persons_needs_its_own_basis(tmp_path: Path) -> None:
    tree = bend(base(), f"{D}.about", ["department", "person"])
    bend(tree, f"{D}.disclosure", {**PUBLISHED, "persons": "public"})
    assert [path for path, _ in problems_of(tmp_path, tree)] == [f"{D}.disclosure.persons"]
    bend(tree, f"{D}.disclosure.persons_basis", {"document": "某法", "verified": False})
    assert problems_of(tmp_path, tree) == []


def test_income_needs_consent(tmp_path: Path) -> None:
    tree = bend(base(), "forbidden.religion.with_consent", True)
    bend(tree, f"{F}.faith", {**NUMBER, "title": "宗教信仰", "personal": True})
    assert "书面同意" in problems_of(tmp_path, tree)[0][1]
    bend(tree, f"{F}.faith.note", "consent: 本人签署的同意书")
    assert problems_of(tmp_path, tree) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("types: {a: {}, a: {}}", "重复的键 a"),
        ("types: [", "无法解析：不符合"),
        ("a: b: c", "冒号的位置不对"),
        ("types:\n\t- 1", "缩进不能用制表符"),
        ("types: {a: *x}", "锚点（&）没有定义"),
        ("types: !!python/object:os.system {}", "不能使用 YAML 标签"),
        ("types: {a: 'b", "引号或括号没有结束"),
        ("types: {a: b", "逗号"),
        ("- 1", "名称: 内容"),
        ("types: 3", "编码: 内容"),
        ("types: {a: 3}", "属性: 值"),
    ],
)
def test_unreadable_files_are_problems_not_crashes(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, "national/2024-01-01", base())
    (tmp_path / "national/2024-01-01/bad.yaml").write_text(text, "utf-8")
    found = check(tmp_path)
    assert [problem.file for problem in found] == ["national/2024-01-01/bad.yaml"]
    assert reason in found[0].reason


def test_not_utf8(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", base())
    (tmp_path / "national/2024-01-01/bad.yaml").write_bytes("标题".encode("gbk"))
    assert [problem.reason for problem in check(tmp_path)] == ["文件不是 UTF-8 编码"]


def test_folder_names_are_dates(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", base())
    write(tmp_path, "national/latest", {})
    assert [problem.file for problem in check(tmp_path)] == ["national/latest"]


def test_one_code_twice_in_a_version(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", base())
    write(tmp_path, "national/2024-01-01", {"types": {"decision": {}}}, "more.yaml")
    found = check(tmp_path)
    assert found[0].file == "national/2024-01-01/more.yaml"
    assert "all.yaml" in found[0].reason


def test_two_cities_cannot_claim_one_region(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", base())
    for city in ("one", "two"):
        regions = {"999900": {"title": city, "level": "city"}}
        write(tmp_path, f"{city}/2024-01-01", {"regions": regions})
    assert [(p.file, p.path) for p in check(tmp_path)] == [("two", "regions.999900")]


@pytest.mark.requirement("R-73")
def test_a_city_pack_alone_is_checked_over_the_shipped_base(tmp_path: Path) -> None:
    write(tmp_path, "mycity/2026-01-01", {"types": {"honour": {"title": "市级表彰"}}})
    assert check(tmp_path) == []
    write(tmp_path, "mycity/2026-01-01", {"types": {"honour": {"category": "fun"}}})
    assert [(p.file, p.path) for p in check(tmp_path)] == [
        ("mycity/2026-01-01/all.yaml", "types.honour.category")
    ]


def test_main_says_what_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "national/2024-01-01", base())
    assert main([str(tmp_path)]) == 0
    assert "没有问题" in capsys.readouterr().out
    write(tmp_path, "national/2024-01-01", bend(base(), f"{D}.category", "fun"))
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "national/2024-01-01/all.yaml: types.decision.category:" in out
    assert main([str(tmp_path / "nowhere")]) == 2


def test_main_checks_the_shipped_packs_by_default() -> None:
    assert main([]) == 0
