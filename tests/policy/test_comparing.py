"""What changes for whom: nothing is missed, and it is said to the right people."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from chalicelib.policy import service
from chalicelib.policy.base import AUDIENCES
from chalicelib.policy.comparing import Change, changes
from chalicelib.policy.compile import PACKS, build_all, compile_all
from chalicelib.policy.diff import main, report
from chalicelib.policy.model import Pack
from tests.policy.builders import UNREAD, Tree, base, bend, write

D = "types.decision"
F = "types.decision.fields"
S = "schemes.yearly"
VETO = {
    "title": "有严重失信的不评优",
    "source": {"link": "about", "types": ["decision"]},
    "severities": ["serious"],
    "grade_at_most": "B",
    "basis": UNREAD,
}
NOTICE = {"grades": ["B"], "days": 10, "basis": UNREAD}
REGISTER: Tree = {
    "title": "决策台账",
    "purpose": "逐件登记",
    "kept_by": "agency",
    "key": ["name"],
    "basis": UNREAD,
    "fields": {"name": {"title": "名称", "max_length": 9, "required": True, "example": "a"}},
    "steps": {"hearing": {"title": "听证", "basis": UNREAD}},
}
TASK: Tree = {
    "title": "建档",
    "order": 1,
    "content": "建立档案",
    "lead": ["信用办"],
    "term": "dated",
    "due_on": "2026-12-31",
    "basis": UNREAD,
}
CONDUCT: Tree = {
    "title": "懒政怠政",
    "about": ["civil_servant"],
    "handling": ["诫勉"],
    "basis": UNREAD,
}
AREA: Tree = {"title": "政府采购", "demands": {"payment": "按时付款"}, "basis": UNREAD}


def full() -> Tree:
    """A pack with an entry in each section that is compared."""
    tree = base()
    tree["mechanisms"] = {
        "gate": {"title": "告知", "state": "base", "basis": UNREAD, "concerns": ["bodies"]}
    }
    tree |= {"registers": {"ledger": REGISTER}, "tasks": {"files": TASK}}
    tree |= {"conduct": {"idle": CONDUCT}, "areas": {"procurement": AREA}}
    tree["calendar"]["2026"] = tree["calendar"].pop(2026)
    # Nothing in it is shared, so that bending one place bends no other.
    copied: Tree = json.loads(json.dumps(tree))
    return copied


def pack_of(folder: Path, tree: Tree) -> Pack:
    write(folder, "national/2024-01-01", tree)
    packs, problems = build_all(folder)
    assert problems == []
    return packs[0]


def told(tmp_path: Path, path: str, value: object) -> list[tuple[str, str]]:
    before = pack_of(tmp_path / "before", full())
    after = pack_of(tmp_path / "after", bend(full(), path, value))
    return [(change.affects, change.text) for change in changes(before, after)]


SPELLING = {"field": "severity", "beside": ["number"], "values": {"0": "轻微"}, "basis": UNREAD}
NEW_FIELD: Tree = {"title": "电话", "max_length": 9, "example": "1", "public": True}
CASES = [
    (f"{D}.time_limit.working_days", 5, "reporters", "报送时限由“7个工作日”改为“5个工作日”"),
    (f"{D}.reported_by", "别的单位", "reporters", "报送单位由“测试单位”改为“别的单位”"),
    (f"{D}.disclosure.scope", "shared", "public", "公开范围由“公开，自然人不公开”改为“授权共享"),
    (f"{D}.retention.years", 9, "bodies", "保存期限由“5年”改为“9年”"),
    (f"{D}.update_frequency", "weekly", "reporters", "更新频率由“每日”改为“每周”"),
    (f"{D}.severity.default", "minor", "bodies", "其余为轻微"),
    (f"{D}.about", ["department", "township"], "reporters", "适用主体增加“乡镇（街道）”"),
    (f"{D}.legal_basis", [{"document": "某", "verified": False}], "credit_office", "依据或说明"),
    (f"{F}.percent.required", True, "reporters", "字段“满意率”是否必填由“否”改为“是”"),
    (f"{F}.percent.public", True, "public", "字段“满意率”是否公开由“否”改为“是”"),
    (f"{F}.extra", NEW_FIELD, "reporters", "新增“电话”（选填）"),
    (f"{F}.extra", NEW_FIELD, "public", "新增公开的“电话”"),
    (f"{F}.percent", ..., "reporters", "字段中取消“满意率”"),
    (
        f"{D}.exclusions",
        {"minor": {"field": "severity", "values": ["minor"], "reason": "不报", "basis": UNREAD}},
        "reporters",
        "新增不得报送的情形“不报”",
    ),
    (
        f"{D}.withholdings",
        {"minor": {"field": "severity", "values": ["minor"], "reason": "轻", "basis": UNREAD}},
        "public",
        "新增不公示的情形“轻”",
    ),
    (f"{D}.spellings", [SPELLING], "reporters", "旧数据标准的取值读法有变化"),
    ("publicity.terms.rule_sets.1.terms.general.max_months", 9, "public", "最长9个月"),
    ("publicity.terms.rule_sets.1.terms.general.max_months", 9, "bodies", "最长9个月"),
    ("mechanisms.gate.state", "off", "bodies", "“告知”由“按法律和全国性文件执行”改为“没有”"),
    ("mechanisms.gate.basis.document", "别的", "credit_office", "依据或说明"),
    (
        f"{S}.schedule.months_after",
        2,
        "bodies",
        "评价时间由“期满后第1个月15日0时”改为“期满后第2个月15日0时”",
    ),
    (f"{S}.period", "quarter", "bodies", "评价周期由“每年”改为“每季度”"),
    (f"{S}.peers_within", ["region"], "bodies", "比较范围由“级别、类别”改为“区域”"),
    (
        f"{S}.indicators.first.score.prior",
        {"strength": 5, "rate": "peers"},
        "bodies",
        "“及时”的小样本修正由未规定改为“另计5件、按同类单位合计的比率”",
    ),
    (f"{S}.vetoes", {"cap": VETO}, "bodies", "新增限制“有严重失信的不评优”"),
    (f"{S}.notice", NOTICE, "bodies", "公开前告知由未规定改为“等级为B的，公开前10个工作日告知”"),
    (f"{S}.indicators.second.title", "守信", "bodies", "“失信”更名为“守信”"),
    (f"{S}.indicators.second.score.points.any", 6, "bodies", "计分方法有变化"),
    ("registers.ledger", ..., "bodies", "取消台账“决策台账”"),
    ("registers.ledger.at_least", 2, "bodies", "最少条数由“0”改为“2”"),
    ("registers.ledger.steps.vote", {"title": "表决", "basis": UNREAD}, "bodies", "新增步骤“表决”"),
    ("registers.ledger.steps.hearing.evidence", False, "bodies", "步骤“听证”的要求有变化"),
    ("tasks.files.due_on", "2027-06-30", "bodies", "完成日期由“2026-12-31”改为“2027-06-30”"),
    ("tasks.files", ..., "bodies", "取消任务“建档”"),
    ("conduct.idle.handling", ["诫勉", "约谈"], "officials", "处理办法增加“约谈”"),
    ("areas.procurement.demands.open", "公开合同", "bodies", "要求增加“公开合同”"),
    ("calendar.2026.working_weekends", [], "reporters", "2026年放假和调休安排有变化"),
    ("pack.document.document", "新文件", "credit_office", "改为《新文件》"),
]


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize(("path", "value", "affects", "text"), CASES)
def test_a_change_is_told_to_those_it_concerns(
    tmp_path: Path, path: str, value: object, affects: str, text: str
) -> None:
    found = told(tmp_path, path, value)
    assert any(affects == whom and text in said for whom, said in found), found
    assert not any("新增" in said and "取消" in said for _, said in found)


def test_the_same_pack_has_no_changes(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, full())
    assert changes(pack, pack) == ()


@pytest.mark.requirement("R-73")
def test_no_difference_between_shipped_packs_is_silent() -> None:
    packs, _ = build_all(PACKS)
    newest = {pack.jurisdiction: pack for pack in packs}
    for one, other in permutations(newest.values(), 2):
        found = changes(one, other)
        named = {(change.section, change.entry) for change in found}
        for section in type(one).model_fields:
            before, after = getattr(one, section), getattr(other, section)
            if isinstance(before, dict):
                differing = {
                    code for code in before.keys() | after.keys()
                    if before.get(code) != after.get(code)
                }
                assert {(section, code) for code in differing} <= named
    for change in found:
        assert change.affects in AUDIENCES and change.text


@pytest.mark.requirement("R-73")
def test_there_and_back_what_is_added_is_what_was_removed() -> None:
    packs, _ = build_all(PACKS)
    newest = {pack.jurisdiction: pack for pack in packs}
    one, other = newest["national"], newest["nanjing"]

    def of(kind: str, found: tuple[Change, ...]) -> set[tuple[str, str, str]]:
        return {(c.affects, c.section, c.entry) for c in found if c.kind == kind}

    there, back = changes(one, other), changes(other, one)
    for section in ("types", "mechanisms", "registers", "regions"):
        added = {entry for entry in of("added", there) if entry[1] == section}
        assert added == {entry for entry in of("removed", back) if entry[1] == section}


@pytest.mark.requirement("R-01")
def test_a_new_version_never_changes_what_an_older_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = tmp_path / "packs"
    write(packs, "national/2024-01-01", full())
    out = tmp_path / "out"
    compile_all(out, packs_dir=packs)
    monkeypatch.setenv("POLICY_DIR", str(out))
    pinned = service.pack_version("national", "2024-01-01")
    # What a record was decided under: version, digest, limit and severity.
    decided = (pinned.version, pinned.digest, pinned.types["decision"].time_limit)
    stricter = bend(full(), f"{D}.time_limit.working_days", 3)["types"]["decision"]["time_limit"]
    write(packs, "national/2026-07-01", {"types": {"decision": {"time_limit": stricter}}})
    service.forget()
    compile_all(out, packs_dir=packs)
    again = service.pack_version("national", "2024-01-01")
    assert (again.version, again.digest, again.types["decision"].time_limit) == decided
    later = service.pack_version("national", "2026-07-01")
    assert later.types["decision"].time_limit != again.types["decision"].time_limit
    (change,) = changes(again, later)
    assert change.text == "“测试信息”的报送时限由“7个工作日”改为“3个工作日”"
    service.forget()


@pytest.mark.requirement("R-73")
def test_the_command_groups_by_who_is_affected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nanjing@2024-01-01", "nanjing@2024-09-13"]) == 0
    out = capsys.readouterr().out
    headings = [line for line in out.splitlines() if line.startswith("对")]
    assert headings == [f"对{title}" for title in AUDIENCES.values()]
    assert "  * 新增信息类型“采购人失信”，由财政部门报送\n" in out
    assert main(["nanjing", "nanjing"]) == 0
    assert "没有不同" in capsys.readouterr().out


def test_what_differs_in_its_basis_alone_is_counted(tmp_path: Path) -> None:
    before = pack_of(tmp_path / "before", full())
    path = "mechanisms.gate.basis.document"
    after = pack_of(tmp_path / "after", bend(full(), path, "别的"))
    assert report(before, after).splitlines()[-2:] == ["没有不同", "另有 1 处只是依据或说明有变化"]


def test_the_command_says_which_packs_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nanjing", "atlantis"]) == 2
    said = capsys.readouterr().err
    assert "没有政策包 atlantis" in said and "nanjing@2024-09-13" in said
    assert main(["nanjing", "national", str(tmp_path / "nowhere")]) == 2
    write(tmp_path, "national/2024-01-01", bend(base(), f"{D}.category", "fun"))
    assert main(["national", "national", str(tmp_path)]) == 2
    assert f"{D}.category" in capsys.readouterr().err
