"""Pure rules of checks: whom a request names, what feedback must say, what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import Final

from chalicelib.checks.model import ACTS, Check, Done, Told
from chalicelib.creditfile.model import Identification
from chalicelib.kernel.codes import (
    CODE_MESSAGES,
    NUMBER_FORM,
    citizen_code_fault,
    has_citizen_code_form,
    is_registration_number,
    unified_code_fault,
)
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import scrub

MOST_SUBJECTS: Final = 100
FIGURES: Final = (
    "asked",
    "subjects",
    "allowed",
    "restricted",
    "referred",
    "fed_back",
    "late",
    "honoured",
    "not_honoured",
    "overdue",
)
"""What is counted per scene, agency and month."""

_HONOURING: Final[Mapping[str, frozenset[str]]] = {
    "restrict": frozenset({"excluded", "restricted"}),
    "refer": frozenset({"referred", "excluded", "restricted"}),
    "allow": frozenset({"priority_given"}),
}
"""What fits an answer from which something follows; anything else needs a reason."""


def identification_of(
    codes: tuple[str, str, str], name: str, today: date, allowed: Container[str], pointer: str
) -> Identification | Fault:
    """Whom (unified code, citizen code, registration number) and a name stand for; exactly one code
    must be given. No fault repeats a code."""
    unified, citizen, number = (code.strip().upper() for code in codes)
    if sum(map(bool, (unified, citizen, number))) != 1:
        message = "统一社会信用代码、公民身份号码、工商注册号须填写其中一个"
        return Fault(pointer, "one_code", message)
    if unified:
        fault = unified_code_fault(unified, allowed)
        place = "unified_code"
    elif citizen:
        fault = citizen_code_fault(citizen, today)
        place = "citizen_code"
    else:
        is_number = is_registration_number(number) and not has_citizen_code_form(number)
        fault = None if is_number else "registration_number"
        place = "registration_number"
    if fault:
        return Fault(f"{pointer}/{place}", fault, CODE_MESSAGES.get(fault, NUMBER_FORM))
    return Identification(unified, citizen, name.strip(), number)


def personal_faults(texts: Mapping[str, str]) -> list[Fault]:
    """Texts (pointer -> text) in which a person's number stands: it must not be kept there."""
    message = "不要在文字中填写公民身份号码、手机号码或银行账号"
    return [
        Fault(pointer, "personal_number", message)
        for pointer, text in texts.items()
        if scrub(text) != text
    ]


def fits(told: Told, act: str) -> bool:
    """Whether what was done is what the answer asked for. An answer from which nothing follows is
    followed by doing nothing."""
    if not told.needs_feedback:
        return act in ("none", "priority_given")
    return act in _HONOURING[told.answer]


def feedback_faults(check: Check, done: Sequence[Done]) -> list[Fault]:
    """What is wrong with feedback: a subject left out, named twice or unknown, an act nobody knows,
    an act that contradicts the answer without a reason."""
    by_number = {told.number: told for told in check.told}
    faults: list[Fault] = []
    seen: set[int] = set()
    for at, one in enumerate(done):
        pointer, told = f"/done/{at}", by_number.get(one.number)
        if told is None:
            faults.append(Fault(f"{pointer}/number", "unknown_number", "核查中没有这个序号"))
        elif one.number in seen:
            faults.append(Fault(f"{pointer}/number", "named_twice", "这个序号填写了两次"))
        elif one.act not in ACTS:
            known = "、".join(ACTS)
            faults.append(Fault(f"{pointer}/act", "unknown_act", f"处理方式应为：{known}"))
        elif not one.reason and not fits(told, one.act):
            message = "处理与核查结论不一致，须写明理由"
            faults.append(Fault(f"{pointer}/reason", "reason_required", message))
        seen.add(one.number)
    asked_for = [one.number for one in check.told if one.needs_feedback]
    missing = [str(number) for number in asked_for if number not in seen]
    if missing:
        message = f"还没有填写处理结果的序号：{'、'.join(missing[:20])}"
        faults.append(Fault("/done", "feedback_incomplete", message))
    reasons = {f"/done/{at}/reason": one.reason for at, one in enumerate(done)}
    return faults + personal_faults(reasons)


def figures_of(check: Check) -> Counter[str]:
    """What one check adds to the figures of its scene, agency and month."""
    found: Counter[str] = Counter(asked=1, subjects=len(check.told))
    for told in check.told:
        found[{"allow": "allowed", "restrict": "restricted", "refer": "referred"}[told.answer]] += 1
    if check.feedback_at:
        found["fed_back"] = 1
        found["late"] = int(check.was_late)
        acts = {one.number: one.act for one in check.done}
        for told in check.told:
            if told.needs_feedback:
                kept = fits(told, acts.get(told.number, "none"))
                found["honoured" if kept else "not_honoured"] += 1
    elif check.marked_overdue:
        found["overdue"] = 1
    return found


def difference(before: Check | None, after: Check) -> dict[str, int]:
    """What changes in the figures as a check comes to be `after`; unchanged ones are left out."""
    found = figures_of(after)
    found.subtract(figures_of(before) if before else Counter())
    return {name: count for name, count in found.items() if count}
