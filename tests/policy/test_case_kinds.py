"""`policy check` proves of every kind of case that nobody gets lost in it or acts without right."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from chalicelib.access.permissions import ROLES
from chalicelib.policy.case_kinds import OFFICES
from chalicelib.policy.check import check
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.model import Pack
from tests.policy.builders import UNREAD, Tree, base, bend, write
from tests.policy.case_kind import CASE_KIND, TEXT

A = "case_kinds.a.actions"
S = "case_kinds.a.states"
L = "case_kinds.a.limits"
W = "case_kinds.a.opened_when"

BROKEN = [
    ("case_kinds.a.mechanism", "nothing", "case_kinds.a.mechanism", "机制 nothing 没有定义"),
    (A, {"lapse": CASE_KIND["actions"]["lapse"]}, "case_kinds.a.actions", "没有发起案件的操作"),
    (f"{A}.file.to", ..., f"{A}.file.to", "进入哪个状态"),
    (f"{A}.file.by", {}, f"{A}.file.by", "谁有权"),
    (f"{A}.file.by", {"stranger": []}, f"{A}.file.by", "取值只能是"),
    (f"{A}.deliver.by", {"source_agency": []}, f"{A}.deliver.by.source_agency", "哪个角色"),
    (f"{A}.file.by", {"anyone": ["clerk"]}, f"{A}.file.by.anyone", "没有角色"),
    (f"{A}.answer.to", "gone", f"{A}.answer.to", "状态 gone 没有定义"),
    (f"{A}.answer.states", ["gone"], f"{A}.answer.states", "状态 gone 没有定义"),
    (f"{A}.answer.within", "gone", f"{A}.answer.within", "期限 gone 没有定义"),
    (f"{A}.extend.extends", "gone", f"{A}.extend.extends", "期限 gone 没有定义"),
    (f"{A}.extend.extends", "views", f"{A}.extend.extends", "不能延长"),
    (f"{A}.extend.effects", [{"kind": "retract_statement"}], f"{A}.extend.effects.0", "可以撤下"),
    (f"{A}.extend.by", {"superior": ["supervisor"]}, f"{A}.extend.extends", "只能由 approved_by"),
    (f"{A}.stop.stops_clock", "gone", f"{A}.stop.stops_clock", "中止事由 gone 没有定义"),
    (f"{A}.resume", ..., f"{A}.stop.stops_clock", "没有恢复计时的操作"),
    (f"{L}.whole.stops_for", [], f"{A}.stop.stops_clock", "没有哪个期限可以因此中止"),
    (f"{L}.whole.stops_for", ["gone"], f"{L}.whole.stops_for", "中止事由 gone 没有定义"),
    (f"{L}.whole.then", "gone", f"{L}.whole.then", "操作 gone 没有定义"),
    (f"{L}.whole.then", "answer", f"{L}.whole.then", "由平台自动进行"),
    (f"{L}.whole.then", ..., f"{A}.lapse", "由某个期限期满触发"),
    (f"{L}.whole.amount", 0, f"{L}.whole.amount", "可以为 0"),
    (f"{L}.whole.extension.approved_by", [], f"{L}.whole.extension.approved_by", "由谁批准"),
    (f"{L}.views.start_field", ..., f"{L}.views.start_field", "起算日期取自"),
    (f"{L}.views.start_field", "reason", f"{L}.views.start_field", "日期字段"),
    (f"{L}.views.escalates_to", [], f"{L}.views.escalates_to", "逾期告知谁"),
    (f"{S}.open.limits", ["whole"], f"{L}.views", "没有哪个状态使用"),
    (f"{S}.open.limits", ["whole", "gone"], f"{S}.open.limits", "期限 gone 没有定义"),
    (f"{S}.open.owner", "anyone", f"{S}.open.owner", "不能是任何人"),
    (f"{S}.closed.final", False, "case_kinds.a.states", "没有终结状态"),
    (f"{S}.closed.owner", "subject", f"{S}.closed.final", "没有期限和承办人"),
    (f"{S}.lost", {"title": "孤立", "final": True}, f"{S}.lost", "到不了"),
    (f"{A}.stop.to", "closed", f"{A}.stop.stops_clock", "没有恢复计时的操作"),
    (f"{A}.answer.states", ["open", "closed"], f"{S}.closed", "不能再有操作"),
    (f"{A}.file.needs", ["raining"], f"{A}.file.needs", "取值只能是"),
    (f"{A}.file.tells", {"source_agency": "{nobody}"}, f"{A}.file.tells.source_agency", "模板"),
    (f"{A}.file.fields.reason.personal", True, f"{A}.file.tells.source_agency", "个人信息字段"),
    (f"{A}.file.fields.reason.example", ..., f"{A}.file.fields.reason.example", "示例"),
    (f"{A}.answer.fields.reason", {"title": "日", "kind": "date", "example": "today"},
     f"{A}.answer.fields.reason.kind", "类型应一致"),
    (f"{A}.answer.effects.0.mark", "gone", f"{A}.answer.effects.0.mark", "标注 gone 没有定义"),
    (f"{A}.answer.effects.1.reason_field", "gone", f"{A}.answer.effects.1.reason_field",
     "不是本操作的字段"),
    (f"{A}.answer.effects.2.types", ["gone"], f"{A}.answer.effects.2.types", "没有定义"),
    (f"{A}.answer.effects.2.types", [], f"{A}.answer.effects.2.types", "哪类记录"),
    (f"{A}.answer.effects.3.fields", ["reason"], f"{A}.answer.effects.3.fields", "公开字段"),
    (f"{A}.answer.effects.3", {"kind": "bar_excellent", "year_field": "reason"},
     f"{A}.answer.effects.3", "没有年度考核不得评优的规定"),
    (f"{A}.answer.effects.3", {"kind": "withdraw_result"}, f"{A}.answer.effects.3",
     "没有哪个操作公开结果"),
    (f"{A}.answer.effects.3", {"kind": "settle_result", "outcome": "upheld", "text": "维持"},
     f"{A}.answer.effects.3", "没有对评价结果提出复核的操作"),
    (f"{A}.file.effects.0", {"kind": "contest_result", "run_field": "reason", "text": "复核中"},
     f"{A}.file.effects.0", "应针对被评价的主体"),
    (f"{A}.answer.effects.3", {"kind": "contest_result", "run_field": "reason", "text": "复核中"},
     f"{A}.answer.effects.3", "只能由当事主体在发起案件时进行"),
    (f"{A}.answer.effects.3",
     {"kind": "keep_precedent", "outcome": "refused", "ground_field": "reason",
      "reason_field": "reason"}, f"{A}.answer.effects.3.ground_field", "选项字段"),
    (f"{A}.answer.effects.4.case_kind", "gone", f"{A}.answer.effects.4.case_kind", "没有定义"),
    (f"{A}.refer.by", {"subject": []}, f"{A}.answer.effects.4.case_kind", "不能由平台发起"),
    (f"{A}.deliver.effects.0.delivered_field", "reason",
     f"{A}.deliver.effects.0.delivered_field", "日期字段"),
    (f"{A}.deliver.evidence", ..., f"{A}.deliver.effects.0.notice", "没有凭证的不算送达"),
    (f"{A}.deliver.fields.delivered_on.required", False,
     f"{A}.deliver.effects.0.delivered_field", "应为必填"),
    (f"{A}.answer.fields.reason.required", False, f"{A}.answer.effects.1.reason_field", "应为必填"),
    (f"{A}.answer.fields.reason.personal", True,
     f"{A}.answer.effects.1.reason_field", "是个人信息"),
    (f"{A}.answer.fields.reason", {**TEXT, "personal": True},
     f"{A}.file.fields.reason.personal", "同为或同不为"),
    (f"{A}.answer.fields.answer.personal", True, f"{A}.answer.effects.3.fields", "公开字段"),
    (f"{A}.answer.by", {"subject": []}, f"{A}.answer.effects.1", "只能由单位写明"),
    (f"{A}.answer.by", {"source_agency": ["clerk"], "platform": []},
     f"{A}.answer.effects.2", "只能由单位写明"),
    (f"{A}.answer.effects.3", {"kind": "withdraw_record", "reason_field": "reason"},
     f"{A}.answer.effects", "只能形成一条记录"),
    (f"{A}.lapse.fields", {"reason": TEXT}, f"{A}.lapse.by.platform", "没有人填写"),
    (f"{A}.answer.tells", {"subject": "请在{due_on}前办理"},
     f"{A}.answer.tells.subject", "总是空的"),
    (f"{A}.file.fields.reason.required", False, f"{A}.file.tells.source_agency", "应为必填"),
    (f"{S}.open.counted_as", "in_progress", f"{S}.open.counted_as", "不对外计数"),
    (f"{A}.file.by", {"anyone": []}, f"{S}.open.counted_as", "每个状态应写明"),
    (f"{A}.file.by", {"anyone": []}, f"{A}.file.by", "隐去提出人"),
    (f"{A}.file.by", {"anyone": []}, f"{A}.file.fields.reason.personal", "单独加密"),
    (f"{A}.file.by", {"anyone": []}, f"{A}.file.evidence", "只能附图片"),
    (W, {"dishonesty_recorded": "gone"}, f"{W}.dishonesty_recorded", "操作 gone 没有定义"),
    (W, {"dishonesty_recorded": "answer"}, f"{W}.dishonesty_recorded", "平台可以用来发起"),
    (W, {"dishonesty_changed": "file"}, f"{W}.dishonesty_changed", "平台可以用来发起"),
    (W, {"full_moon": "refer"}, f"{W}.full_moon", "取值只能是"),
    ("case_kinds.a.about", "none", f"{W}.dishonesty_recorded", "针对这条记录或者记录的单位"),
    (f"{A}.file.effects.0.kind", "magic", f"{A}.file.effects.0", "kind 只能是"),
]  # fmt: skip


def good() -> Tree:
    return {**base(), "case_kinds": {"a": copy.deepcopy(CASE_KIND)}}


def problems_of(tmp_path: Path, tree: Tree) -> list[tuple[str, str]]:
    write(tmp_path, "national/2024-01-01", tree)
    return [(problem.path, problem.reason) for problem in check(tmp_path)]


def test_a_kind_that_holds_has_no_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path, good()) == []


@pytest.mark.requirement("R-62")
@pytest.mark.parametrize(
    ("state", "counted"), [("open", "explained"), ("closed", "in_progress"), ("closed", "lost")]
)
def test_a_case_is_counted_as_going_on_exactly_while_it_goes_on(
    tmp_path: Path, state: str, counted: str
) -> None:
    tree = bend(good(), f"{A}.file.by", {"anyone": [], "platform": []})
    bend(tree, f"{S}.open.counted_as", "in_progress")
    bend(tree, f"{S}.closed.counted_as", "explained")
    assert not [at for at, _ in problems_of(tmp_path, tree) if "counted_as" in at]
    bend(tree, f"{S}.{state}.counted_as", counted)
    found = [at for at, _ in problems_of(tmp_path, tree) if "counted_as" in at]
    assert len(found) == 1 and f"{state}.counted_as" in found[0]


@pytest.mark.requirement("R-31", "R-73")
@pytest.mark.parametrize(("path", "value", "where", "reason"), BROKEN)
def test_each_way_to_get_lost_is_found(
    tmp_path: Path, path: str, value: object, where: str, reason: str
) -> None:
    found = problems_of(tmp_path, bend(good(), path, value))
    assert any(where in at and reason in why for at, why in found), found


def test_a_state_nobody_leaves_and_nobody_owns_is_found(tmp_path: Path) -> None:
    tree = bend(good(), f"{S}.stuck", {"title": "停滞"})
    bend(tree, f"{A}.deliver.to", "stuck")
    found = problems_of(tmp_path, tree)
    assert (f"{S}.stuck", "从这个状态走不到终结") in found
    assert (f"{S}.stuck.owner", "未终结的状态应有期限或承办人") in found


def test_effects_on_a_record_need_a_case_about_a_record(tmp_path: Path) -> None:
    found = problems_of(tmp_path, bend(good(), "case_kinds.a.about", "body"))
    assert (f"{A}.file.effects.0", "案件不是针对一条记录的，不能有这个效果") in found
    assert (f"{A}.file.needs", "案件不是针对一条记录的，没有这些条件") in found


def test_a_city_changes_one_action_and_leaves_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "national/2024-01-01", good())
    city: Tree = {
        "pack": {"title": "某市", "document": UNREAD},
        "case_kinds": {"a": {"actions": {"answer": {"title": "书面答复"}}}},
    }
    write(tmp_path, "somewhere/2024-02-01", city)
    packs, problems = build_all(tmp_path)
    assert problems == []
    (pack,) = (p for p in packs if (p.jurisdiction, p.version) == ("somewhere", "2024-02-01"))
    answer = pack.case_kinds["a"].action("answer")
    assert answer is not None
    assert (answer.title, answer.to, len(answer.effects)) == ("书面答复", "closed", 5)
    assert len(pack.case_kinds["a"].actions) == len(CASE_KIND["actions"])


def test_a_kind_of_a_mechanism_that_is_off_is_left_out(tmp_path: Path) -> None:
    mechanism = {"title": "静默", "state": "off", "basis": UNREAD}
    waiting = bend(good(), "case_kinds.a.mechanism", "silent")
    write(tmp_path, "national/2024-01-01", bend(waiting, "mechanisms.silent", mechanism))
    packs, problems = build_all(tmp_path)
    assert problems == [] and all(not pack.case_kinds for pack in packs)
    # What waits is checked all the same.
    write(tmp_path, "national/2024-01-01", bend(waiting, f"{A}.answer.to", "gone"))
    assert check(tmp_path) != []


# -- the packs that ship ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    built, problems = build_all(PACKS)
    assert problems == []
    return {pack.jurisdiction: pack for pack in built}


EVERYWHERE = {
    "evaluation_appeal",
    "two_notices", "objection", "repair", "rectification", "accountability", "breach_complaint",
    "complaint", "judicial_suggestion", "procuratorial_suggestion", "statement",
}  # fmt: skip
SUPERVISION = {"npc_suggestion", "cppcc_proposal", "audit_finding"}
OWN = {
    "national": {"notice", "exemption", "self_correction", "warning", *SUPERVISION},
    "nanjing": {"notice", "exemption", "self_correction", "lead", "warning", *SUPERVISION},
    "nantong": {"notice", "exemption", "self_correction", *SUPERVISION},
    "yancheng": {"notice", "exemption", "warning"},
    "jiangxi": {"notice", "self_correction", "warning", *SUPERVISION},
    "lingyuan": {"warning", *SUPERVISION},
}


@pytest.mark.requirement("R-30", "R-31", "R-32", "R-33", "R-61", "R-62", "R-65")
def test_each_document_has_its_procedures_and_no_others(packs: dict[str, Pack]) -> None:
    assert {name: set(pack.case_kinds) for name, pack in packs.items()} == {
        name: EVERYWHERE | own for name, own in OWN.items()
    }


def test_roles_that_may_act_are_roles_of_the_platform(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        for kind in pack.case_kinds.values():
            for action in kind.actions:
                for relation, roles in action.by.items():
                    assert set(roles) <= set(ROLES), (pack.jurisdiction, kind.code, action.code)
                    assert bool(roles) is (relation in OFFICES)


@pytest.mark.requirement("R-31")
def test_whoever_is_not_content_with_the_answer_appeals_or_complains(
    packs: dict[str, Pack],
) -> None:
    said = {}
    for name, pack in packs.items():
        action = pack.case_kinds["objection"].action("request_review")
        assert action is not None
        said[name] = action.title
    assert said == {
        "national": "申请复核",
        "nanjing": "申请复核",
        "nantong": "申诉",
        "yancheng": "申诉",
        "jiangxi": "投诉",
        "lingyuan": "投诉",
    }


@pytest.mark.requirement("R-32")
def test_self_correction_eases_as_the_document_says(packs: dict[str, Pack]) -> None:
    said = {}
    for name, pack in packs.items():
        kind = pack.case_kinds.get("self_correction")
        if kind is None:
            continue
        action = kind.action("ease")
        assert action is not None
        extent = next(field for field in action.fields if field.code == "extent")
        said[name] = [choice.title for choice in extent.values]
    assert said["nantong"] == ["从轻", "免于"]
    assert said["jiangxi"] == ["从轻", "减免"]
    assert "yancheng" not in said and "lingyuan" not in said


@pytest.mark.requirement("R-41", "R-43")
def test_only_nanjing_interviews_bars_from_excellence_and_does_not_grade(
    packs: dict[str, Pack],
) -> None:
    for name, pack in packs.items():
        kind = pack.case_kinds["accountability"]
        effects = {effect.kind for action in kind.actions for effect in action.effects}
        assert ("bar_excellent" in effects) is (name == "nanjing"), name
        assert ("publish_result" in effects) is (name != "nanjing"), name
        assert (kind.action("interview") is not None) is (name == "nanjing"), name
        order = pack.case_kinds["rectification"].action("order")
        assert order is not None
        graded = {"loss", "impact"} <= {field.code for field in order.fields}
        assert graded is (name != "nanjing"), name


@pytest.mark.requirement("R-65")
def test_leads_of_nanjing_come_by_seven_channels_and_by_self_report(
    packs: dict[str, Pack],
) -> None:
    kind = packs["nanjing"].case_kinds["lead"]
    register = kind.action("register")
    assert register is not None and kind.action("self_report") is not None
    channels = next(field for field in register.fields if field.code == "channel")
    assert len(channels.values) == 7
    assert kind.hides_informant and kind.opened_by == ("anyone", "credit_office", "subject")
    assert (kind.basis.clause, kind.basis.verified) == ("五（一）", True)
    ends = {state.title for state in kind.states if state.final}
    assert ends == {"不属实，已解释说明", "属实，已整改并报告", "已认定失信并报告"}


def test_no_day_is_called_verified_that_was_not_read(packs: dict[str, Pack]) -> None:
    read = {
        (kind.code, limit.code)
        for pack in packs.values()
        for kind in pack.case_kinds.values()
        for limit in kind.limits
        if limit.basis.verified
    }
    assert read == {
        ("repair", "acceptance"),
        ("repair", "feedback"),
        ("npc_suggestion", "reply_by"),
        ("procuratorial_suggestion", "reply_by"),
        ("procuratorial_suggestion", "urgent_reply"),
    }


def test_a_body_is_not_asked_again_for_every_change_of_its_record(tmp_path: Path) -> None:
    tree = bend(good(), W, {"dishonesty_changed": "refer"})
    bend(tree, "case_kinds.a.about", "body")
    found = dict(problems_of(tmp_path, tree))
    assert "只能发起针对这条记录的案件" in found[f"{W}.dishonesty_changed"]
