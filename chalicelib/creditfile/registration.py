"""What may be put on the register of subjects: pure rules of one registration.

Nothing is looked up here; whether a superior or an employer is registered is judged by `register`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.creditfile.model import Identification
from chalicelib.kernel.codes import CODE_MESSAGES, citizen_code_fault, unified_code_fault
from chalicelib.kernel.errors import Fault
from chalicelib.policy.base import GOVERNMENT_BODIES, LEVEL_TITLES, OFFICIALS, SUBJECT_KINDS
from chalicelib.policy.model import Pack

COLUMNS: Final = (
    "kind",
    "unified_code",
    "citizen_code",
    "name",
    "region",
    "level",
    "superior",
    "employer",
    "post",
)
MAX_NAME: Final = 200
MAX_POST: Final = 200

REGISTERED_KINDS: Final = frozenset(SUBJECT_KINDS) - {"person"}
"""Natural persons who hold no office are never registered: they are only known from the licences
and penalties that name them."""

_TITLES: Final = {
    "kind": "主体类别",
    "unified_code": "统一社会信用代码",
    "citizen_code": "公民身份号码",
    "name": "名称",
    "region": "行政区划",
    "level": "层级",
    "superior": "上级单位",
    "employer": "所在单位",
    "post": "职务",
}
_KINDS_BY_WORD: Final = {title: code for code, title in SUBJECT_KINDS.items()} | {
    "政府": "government",
    "部门": "department",
    "党组织": "party_organ",
    "党委机关": "party_organ",
    "群团机关": "party_organ",
    "党群组织": "party_organ",
    "乡镇": "township",
    "街道": "township",
    "乡镇街道": "township",
    "社会组织": "organisation",
    "公职人员": "public_official",
}
_LEVELS_BY_WORD: Final = {title: code for code, title in LEVEL_TITLES.items()} | {
    "国家": "nation",
    "省": "province",
    "市": "city",
    "县": "county",
    "区级": "county",
    "区县级": "county",
    "县（区）级": "county",
    "乡镇级": "township",
}


@dataclass(frozen=True, slots=True)
class Registration:
    """A subject as the register is to know it. All checked that can be without looking up."""

    kind: str
    unified_code: str
    citizen_code: str
    name: str
    region: str
    level: str
    superior: str
    employer: str
    post: str

    @property
    def identification(self) -> Identification:
        """The one code that names it, with its name."""
        return Identification(self.unified_code, self.citizen_code, self.name)

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """(field, unified code) of the bodies that must be registered too."""
        named = (("superior", self.superior), ("employer", self.employer))
        return tuple((field, code) for field, code in named if code)


def examine_registration(
    pack: Pack, given: Mapping[str, str], today: date, allowed: Container[str] = ()
) -> Registration | tuple[Fault, ...]:
    """Check the texts of one registration (by the names in COLUMNS); every fault at once.
    `allowed` holds the unified codes on the list of exceptions.

    Messages never repeat what was given: it may be a person's.
    """
    values = {name: given.get(name, "").strip() for name in COLUMNS}
    kind = _word(values["kind"], _KINDS_BY_WORD)
    level = _word(values["level"], _LEVELS_BY_WORD)
    faults: list[Fault] = []
    is_kind = kind in REGISTERED_KINDS
    if not is_kind:
        faults.append(_kind_fault(kind))
    faults.extend(_code_faults(kind if is_kind else "", values, today, allowed))
    faults.extend(_text_faults(values))
    faults.extend(_place_faults(pack, kind, values["region"], level))
    faults.extend(_relation_faults(kind if is_kind else "", values, allowed))
    if faults:
        return tuple(faults)
    if not level and kind in GOVERNMENT_BODIES:
        level = _usual_level(pack, kind, values["region"])
    return Registration(**{**values, "kind": kind, "level": level})


def _word(text: str, words: Mapping[str, str]) -> str:
    return words.get(text, text)


def _fault(field: str, code: str, message: str) -> Fault:
    return Fault(f"/{field}", code, message)


def _kind_fault(kind: str) -> Fault:
    if not kind:
        return _fault("kind", "required", "“主体类别”必须填写")
    if kind == "person":
        message = "不任公职的自然人不登记：许可、处罚等信息首次提到时自动建档"
        return _fault("kind", "person_not_registered", message)
    known = "、".join(
        f"{code}（{title}）" for code, title in SUBJECT_KINDS.items() if code != "person"
    )
    return _fault("kind", "not_allowed", f"没有这个主体类别，可填：{known}")


def _code_faults(
    kind: str, values: Mapping[str, str], today: date, allowed: Container[str]
) -> list[Fault]:
    unified, citizen = values["unified_code"], values["citizen_code"]
    wants_citizen = kind in OFFICIALS if kind else bool(citizen)
    wanted, other = (
        ("citizen_code", "unified_code") if wants_citizen else ("unified_code", "citizen_code")
    )
    faults: list[Fault] = []
    if values[other]:
        message = f"这类主体用“{_TITLES[wanted]}”标识，不能填“{_TITLES[other]}”"
        faults.append(_fault(other, "wrong_code_for_kind", message))
    if not values[wanted]:
        faults.append(_fault(wanted, "required", f"“{_TITLES[wanted]}”必须填写"))
        return faults
    found = (
        citizen_code_fault(citizen, today)
        if wants_citizen
        else unified_code_fault(unified, allowed)
    )
    if found:
        faults.append(_fault(wanted, found, CODE_MESSAGES[found]))
    return faults


def _text_faults(values: Mapping[str, str]) -> list[Fault]:
    faults: list[Fault] = []
    if not values["name"]:
        faults.append(_fault("name", "required", "“名称”必须填写"))
    for field, longest in (("name", MAX_NAME), ("post", MAX_POST)):
        if len(values[field]) > longest or not values[field].isprintable():
            message = f"“{_TITLES[field]}”应为不超过 {longest} 字的可见文字"
            faults.append(_fault(field, "wrong_format", message))
    return faults


def _place_faults(pack: Pack, kind: str, region: str, level: str) -> list[Fault]:
    faults: list[Fault] = []
    found = pack.regions.get(region)
    if not region:
        faults.append(_fault("region", "required", "“行政区划”必须填写六位代码"))
    elif found is None:
        message = f"“{pack.title}”的行政区划中没有这个代码"
        faults.append(_fault("region", "unknown_region", message))
    if level and level not in LEVEL_TITLES:
        known = "、".join(f"{code}（{title}）" for code, title in LEVEL_TITLES.items())
        faults.append(_fault("level", "not_allowed", f"没有这个层级，可填：{known}"))
    elif level and found is not None and _rank(level) < _rank(found.level):
        message = f"层级不能高于所在行政区划（{found.title}，{LEVEL_TITLES[found.level]}）"
        faults.append(_fault("level", "level_above_region", message))
    return faults


def _relation_faults(
    kind: str, values: Mapping[str, str], allowed: Container[str]
) -> list[Fault]:
    is_official = kind in OFFICIALS
    faults: list[Fault] = []
    for field in ("superior", "employer"):
        code = values[field]
        found = unified_code_fault(code, allowed) if code else None
        if found:
            faults.append(_fault(field, found, f"“{_TITLES[field]}”：{CODE_MESSAGES[found]}"))
    if not kind:
        return faults
    beside = ("superior",) if is_official else ("employer", "post")
    for field in beside:
        if values[field]:
            message = f"{SUBJECT_KINDS[kind]}没有“{_TITLES[field]}”"  # type: ignore[index]
            faults.append(_fault(field, "wrong_field_for_kind", message))
    if is_official and not values["employer"]:
        faults.append(_fault("employer", "required", "“所在单位”必须填写统一社会信用代码"))
    if values["superior"] and values["superior"] == values["unified_code"]:
        faults.append(_fault("superior", "own_superior", "单位不能是自己的上级"))
    return faults


def _rank(level: str) -> int:
    return list(LEVEL_TITLES).index(level)


def _usual_level(pack: Pack, kind: str, region: str) -> str:
    """The level of a body whose registration does not state it: that of its region."""
    return "township" if kind == "township" else pack.regions[region].level
