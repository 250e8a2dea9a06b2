"""What must hold for the scenes and measures of a pack: what they name exists, nobody is answered
what a scene cannot answer, and no measure lasts for ever. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS
from chalicelib.policy.measures import (
    ANSWER_OF,
    EFFECT_TITLES,
    KIND_TITLES,
    LIFTED_TITLES,
    CaseGround,
    Effect,
    EvaluationGround,
    Ground,
    LiftedBy,
    MeasureEntry,
    MeasureKind,
    RatingGround,
    RecordGround,
    Scene,
)
from chalicelib.policy.model import Pack
from chalicelib.policy.rules_types import Finding

_LIFTS: dict[str, frozenset[LiftedBy]] = {
    "record": frozenset({"repair", "exemption", "withdrawal", "waiver", "dishonesty"}),
    "rating": frozenset({"repair", "exemption", "withdrawal", "waiver"}),
    "case": frozenset({"case_step"}),
    "evaluation": frozenset({"new_evaluation"}),
}
"""What can lift a measure that rests on such a ground."""
_EFFECTS: dict[MeasureKind, frozenset[Effect]] = {
    "incentive": frozenset({"priority", "note"}),
    "sanction": frozenset({"note", "restrict", "refer"}),
    "reference": frozenset({"note", "refer"}),
}
_ENDS: dict[str, frozenset[str]] = {
    "record": frozenset({"publicity_term", "months", "year"}),
    "rating": frozenset({"publicity_term", "months", "year"}),
    "case": frozenset({"case", "months"}),
    "evaluation": frozenset({"next_evaluation", "months", "year"}),
}


def check_measures(pack: Pack) -> Iterator[Finding]:
    """Every rule broken in the scenes and measures of a pack."""
    for code, scene in pack.scenes.items():
        yield from _under(f"scenes.{code}", _check_scene(scene))
    for code, entry in pack.measures.items():
        yield from _under(f"measures.{code}", _check_entry(pack, entry))


def _under(path: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    for inner, reason in findings:
        yield f"{path}.{inner}" if inner else path, reason


def _check_scene(scene: Scene) -> Iterator[Finding]:
    if not scene.about:
        yield "about", "没有写明可以核查哪类主体"
    if "allow" not in scene.answers:
        yield "answers", "场景应当能答复 allow（可以）"


def _check_entry(pack: Pack, entry: MeasureEntry) -> Iterator[Finding]:
    if not entry.about:
        yield "about", "没有写明适用哪类主体"
    if not entry.grounds:
        yield "grounds", "没有写明在什么情形下适用"
    for at, ground in enumerate(entry.grounds):
        yield from _under(f"grounds.{at}", _check_ground(pack, entry, ground))
    yield from _check_in_scenes(pack, entry)
    yield from _check_ends(pack, entry)
    yield from _check_lifted(entry)


def _check_ground(pack: Pack, entry: MeasureEntry, ground: Ground) -> Iterator[Finding]:
    if isinstance(ground, RecordGround):
        yield from _check_records(pack, entry, ground)
    elif isinstance(ground, RatingGround):
        bars = (bar for bar in pack.rating_bars.values() if bar.rating == ground.rating)
        if not any(set(bar.about) & set(entry.about) for bar in bars):
            yield "rating", f"评优限制（rating_bars）没有限制这些主体的 {ground.rating}"
    elif isinstance(ground, CaseGround):
        yield from _check_cases(pack, ground)
    else:
        yield from _check_grades(pack, entry, ground)


def _check_records(pack: Pack, entry: MeasureEntry, ground: RecordGround) -> Iterator[Finding]:
    for name in ground.types:
        found = pack.types.get(name)
        if found is None:
            yield "types", f"信息类型 {name} 没有定义"
        elif not set(found.about) & set(entry.about):
            yield "types", f"信息类型 {name} 不是关于这些主体的"
        elif entry.kind == "incentive" and found.dishonesty:
            yield "types", f"{name} 是失信信息，不能是激励的情形"
    if entry.kind == "incentive" and not ground.types:
        yield "types", "激励应写明信息类型，不写就是全部失信记录"


def _check_cases(pack: Pack, ground: CaseGround) -> Iterator[Finding]:
    if not ground.states:
        yield "states", "没有写明案件种类和状态"
    for code, states in ground.states.items():
        kind = pack.case_kinds.get(code)
        if kind is None:
            yield f"states.{code}", f"案件种类 {code} 没有定义"
            continue
        known = {state.code for state in kind.states}
        for name in states:
            if name not in known:
                yield f"states.{code}", f"案件种类 {code} 没有状态 {name}"


def _check_grades(pack: Pack, entry: MeasureEntry, ground: EvaluationGround) -> Iterator[Finding]:
    scheme = pack.schemes.get(ground.scheme)
    if scheme is None:
        yield "scheme", f"评价办法 {ground.scheme} 没有定义"
        return
    known = {grade.code for grade in scheme.grades}
    for name in ground.grades:
        if name not in known:
            yield "grades", f"评价办法 {ground.scheme} 没有等级 {name}"
    if not set(entry.about) & (GOVERNMENT_BODIES | OFFICIALS):
        yield "", "评价的对象只有政务主体和公职人员"


def _check_in_scenes(pack: Pack, entry: MeasureEntry) -> Iterator[Finding]:
    for code, meant in entry.scenes.items():
        scene = pack.scenes.get(code)
        if scene is None:
            yield f"scenes.{code}", f"场景 {code} 没有定义"
            continue
        if ANSWER_OF[meant.effect] not in scene.answers:
            reason = f"场景“{scene.title}”不作“{EFFECT_TITLES[meant.effect]}”的答复"
            yield f"scenes.{code}.effect", reason
        if not set(scene.about) & set(entry.about):
            yield f"scenes.{code}", f"场景“{scene.title}”不核查这些主体"
        if meant.effect not in _EFFECTS[entry.kind]:
            reason = f"{KIND_TITLES[entry.kind]}不能是“{EFFECT_TITLES[meant.effect]}”"
            yield f"scenes.{code}.effect", reason


def _check_ends(pack: Pack, entry: MeasureEntry) -> Iterator[Finding]:
    ends = entry.ends
    if ends.when == "months" and ends.months is None:
        yield "ends.months", "应写明多少个月"
    if ends.months is not None and ends.when not in ("months", "next_evaluation"):
        yield "ends.months", f"{ends.when} 不用写 months"
    for at, ground in enumerate(entry.grounds):
        if ends.when not in _ENDS[ground.kind]:
            yield f"grounds.{at}", f"这种情形不能按 {ends.when} 结束"
        elif ends.when == "publicity_term" and not entry.lifted_by:
            for name in _without_term(pack, ground):
                yield "ends", f"信息类型 {name} 没有公示期，又没有写明因何解除：措施没有尽头"
    if ends.when == "next_evaluation" and ends.months is None:
        yield "ends.months", "下一次评价可能不来，应写明最长多少个月"


def _without_term(pack: Pack, ground: Ground) -> Iterator[str]:
    """Types whose records would keep the measure for ever."""
    if not isinstance(ground, RecordGround):
        return
    for name in ground.types:
        found = pack.types.get(name)
        rule = pack.publicity.get(found.publicity_term or "") if found is not None else None
        if found is not None and (
            rule is None
            or any(
                term.max_months is None
                for rule_set in rule.rule_sets
                for term in rule_set.terms.values()
            )
        ):
            yield name


def _check_lifted(entry: MeasureEntry) -> Iterator[Finding]:
    possible = {lift for ground in entry.grounds for lift in _LIFTS[ground.kind]}
    for lift in entry.lifted_by:
        if lift not in possible:
            yield "lifted_by", f"这些情形下的措施不会因“{LIFTED_TITLES[lift]}”解除"
        elif lift == "dishonesty" and entry.kind != "incentive":
            yield "lifted_by", "只有激励会因失信记录结束"
        elif lift in ("repair", "exemption", "waiver") and entry.kind == "incentive":
            yield "lifted_by", f"激励措施不会因“{LIFTED_TITLES[lift]}”结束"
    of_records = any(ground.kind == "record" for ground in entry.grounds)
    if bool(entry.waivers) != (of_records and "waiver" in entry.lifted_by):
        yield "waivers", "因自我纠错减免而解除的，应写明怎样认定的算减免；其他情形不写"
    withdrawn = any(ground.kind in ("record", "rating") for ground in entry.grounds)
    if withdrawn and "withdrawal" not in entry.lifted_by:
        yield "lifted_by", "以记录为依据的措施，记录撤回时必须解除（withdrawal）"
