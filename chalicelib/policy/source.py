"""Read pack sources: YAML files in dated folders, laid over each other into one raw pack.

    packs/national/2024-01-01/*.yaml   packs/nanjing/2024-09-13/*.yaml

A version of a jurisdiction is every national folder up to its date, then every folder of its own
up to its date, each laid over the one before: an entry of the same code overrides attribute by
attribute (those of `_LISTS`, such as `fields`, entry by entry), a new code adds, `disabled: true`
switches off. So a city writes only what differs, and an amendment writes only what it changes.

What the national base holds for a mechanism waits for that mechanism: in a pack where it is off
the entry is left out, and a city that switches the mechanism on has it. Package time only.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml

from chalicelib.policy.base import BASE

SECTIONS = (
    "categories",
    "types",
    "publicity",
    "schemes",
    "calendar",
    "regions",
    "forbidden",
    "mechanisms",
    "areas",
    "classes",
    "conduct",
    "supervision",
    "tasks",
    "registers",
    "assessments",
    "rating_bars",
    "case_kinds",
    "warning_rules",
    "scenes",
    "measures",
    "reported_figures",
)
OF_MECHANISMS = (
    "types",
    "areas",
    "classes",
    "conduct",
    "supervision",
    "registers",
    "assessments",
    "rating_bars",
    "case_kinds",
    "warning_rules",
    "scenes",
    "measures",
    "reported_figures",
)
"""Sections whose entries may belong to a mechanism."""

_LISTS = ("fields", "steps", "exclusions", "withholdings", "states", "limits", "actions")
"""Attributes that are laid over each other entry by entry."""

Raw = dict[str, object]
"""A YAML mapping whose keys have been made text."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a pack: file (relative to the packs folder), path inside it, reason."""

    file: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.reason}" if self.path else (
            f"{self.file}: {self.reason}"
        )


class StrictLoader(yaml.CSafeLoader):
    """YAML, read by libyaml, without its surprises: `on` and `1.5` stay text, a repeated key is an
    error."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own class attribute

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """As usual, but a key that occurs twice is refused instead of the last one winning."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"重复的键 {name}", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|)$", ["n", ""]),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
):
    StrictLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


@dataclass(slots=True)
class Layer:
    """What the files of one dated folder say."""

    jurisdiction: str
    effective: date
    head: Raw = field(default_factory=dict)
    sections: dict[str, dict[str, Raw]] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(slots=True)
class Sources:
    """Every layer of a packs folder, and what could not be read."""

    layers: list[Layer]
    problems: list[Problem]

    def jurisdictions(self) -> list[str]:
        """Every jurisdiction with at least one folder."""
        return sorted({layer.jurisdiction for layer in self.layers})

    def of(self, jurisdiction: str) -> list[Layer]:
        """A jurisdiction's own layers, oldest first."""
        mine = [layer for layer in self.layers if layer.jurisdiction == jurisdiction]
        return sorted(mine, key=lambda layer: layer.effective)


@dataclass(slots=True)
class RawPack:
    """A merged pack before validation, and which file had the last word on each entry."""

    head: Raw
    sections: dict[str, dict[str, Raw]]
    files: dict[tuple[str, str], str]
    problems: list[Problem]


def read_sources(packs: Path) -> Sources:
    """Read every YAML file below `packs`; what cannot be read is a problem, not an exception."""
    sources = Sources([], [])
    for home in sorted(path for path in packs.iterdir() if path.is_dir()):
        for folder in sorted(path for path in home.iterdir() if path.is_dir()):
            name = folder.relative_to(packs).as_posix()
            try:
                effective = date.fromisoformat(folder.name)
            except ValueError:
                reason = "版本文件夹应以生效日期命名，例如 2024-09-13"
                sources.problems.append(Problem(name, "", reason))
                continue
            layer = Layer(home.name, effective)
            for file in sorted(folder.glob("*.yaml")):
                _read_file(file, file.relative_to(packs).as_posix(), layer, sources.problems)
            sources.layers.append(layer)
    return sources


def _read_file(file: Path, name: str, layer: Layer, problems: list[Problem]) -> None:
    try:
        # StrictLoader is a SafeLoader: plain data only.
        content = yaml.load(file.read_text("utf-8"), StrictLoader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(Problem(name, "", _unreadable(error)))
        return
    if content is None:
        return
    if not isinstance(content, dict):
        problems.append(Problem(name, "", "最外层应为“名称: 内容”的形式"))
        return
    for section, entries in _raw(content).items():
        if section == "pack":
            layer.head = _raw(entries)
            layer.files[("pack", "")] = name
        elif section not in SECTIONS:
            known = "、".join(("pack", *SECTIONS))
            problems.append(Problem(name, section, f"未知的部分，可用的有：{known}"))
        elif not isinstance(entries, dict):
            problems.append(Problem(name, section, "应为“编码: 内容”的形式"))
        else:
            _take_entries(section, _raw(entries), name, layer, problems)


def _take_entries(
    section: str, entries: Raw, name: str, layer: Layer, problems: list[Problem]
) -> None:
    known = layer.sections.setdefault(section, {})
    for code, entry in entries.items():
        path = f"{section}.{code}"
        if code in known:
            other = layer.files[(section, code)]
            problems.append(Problem(name, path, f"同一版本内重复定义，另见 {other}"))
        elif not isinstance(entry, dict):
            problems.append(Problem(name, path, "应为“属性: 值”的形式"))
        elif _holds_itself(entry, ()):
            problems.append(Problem(name, path, "循环引用：内容（& 和 *）包含它自己"))
        else:
            known[code] = _raw(entry)
            layer.files[(section, code)] = name


def _holds_itself(value: object, above: tuple[int, ...]) -> bool:
    """Whether a YAML alias stands inside what it stands for."""
    if not isinstance(value, dict | list):
        return False
    if id(value) in above:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_holds_itself(one, (*above, id(value))) for one in inner)


def merge(layers: Iterable[Layer]) -> RawPack:
    """Lay the layers over each other, the first lowest."""
    pack = RawPack({}, {section: {} for section in SECTIONS}, {}, [])
    for layer in layers:
        pack.head = {**pack.head, **layer.head}
        for section, entries in layer.sections.items():
            for code, entry in entries.items():
                _lay(pack, section, code, entry, layer.files[(section, code)])
        if ("pack", "") in layer.files:
            pack.files[("pack", "")] = layer.files[("pack", "")]
    return pack


def _lay(pack: RawPack, section: str, code: str, entry: Raw, file: str) -> None:
    below = pack.sections[section].get(code)
    if entry.get("disabled") is True:
        if below is None:
            reason = "要停用的条目在下层并不存在，请核对编码"
            pack.problems.append(Problem(file, f"{section}.{code}", reason))
        pack.sections[section].pop(code, None)
        return
    pack.files[(section, code)] = file
    if below is None or section == "calendar":
        pack.sections[section][code] = dict(entry)
        return
    merged = {**below, **entry}
    for name in _LISTS:
        if isinstance(below.get(name), dict) and isinstance(entry.get(name), dict):
            merged[name] = _lay_list(_raw(below[name]), _raw(entry[name]))
    pack.sections[section][code] = merged


def without_dormant(pack: RawPack) -> RawPack:
    """The pack without what the base holds for mechanisms that are off in it.

    What the jurisdiction's own files said about such an entry stays, and is an error later: a
    document that has no such mechanism has no rules for it.
    """
    mechanisms = pack.sections["mechanisms"]
    off = {code for code, entry in mechanisms.items() if entry.get("state") == "off"}
    sections = dict(pack.sections)
    for section in OF_MECHANISMS:
        sections[section] = {
            code: entry
            for code, entry in pack.sections[section].items()
            if str(entry.get("mechanism")) not in off or not _is_of_base(pack.files[section, code])
        }
    return replace(pack, sections=sections)


def all_awake(pack: RawPack) -> RawPack:
    """The pack as if no mechanism were off: so that all the base holds can be checked."""
    mechanisms = {
        code: {**entry, "state": "base"} if entry.get("state") == "off" else entry
        for code, entry in pack.sections["mechanisms"].items()
    }
    return replace(pack, sections={**pack.sections, "mechanisms": mechanisms})


def _is_of_base(file: str) -> bool:
    return file.partition("/")[0] == BASE


def _lay_list(below: Raw, above: Raw) -> Raw:
    merged = dict(below)
    for code, entry in above.items():
        lower = merged.get(code)
        if isinstance(entry, dict) and entry.get("disabled") is True:
            merged.pop(code, None)
        elif isinstance(entry, dict) and isinstance(lower, dict):
            merged[code] = {**lower, **entry}
        else:
            merged[code] = entry
    return merged


def _raw(value: object) -> Raw:
    """A mapping with text keys (YAML reads 2024 and 329900 as numbers)."""
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


_YAML_FAULTS = (
    ("重复的键", ""),
    ("found character that cannot start", "缩进不能用制表符"),
    ("mapping values are not allowed", "冒号的位置不对，含冒号的文字请加引号"),
    ("could not find expected ':'", "缺少冒号"),
    ("expected ',' or", "括号内缺少逗号或没有结束"),
    ("did not find expected key", "缩进没有对齐"),
    ("did not find expected '-'", "缩进没有对齐"),
    ("undefined alias", "引用（*）的锚点（&）没有定义"),
    ("duplicate anchor", "锚点（&）重复"),
    ("found unexpected end of stream", "引号或括号没有结束"),
    ("while scanning a quoted", "引号没有结束"),
    ("could not determine a constructor", "不能使用 YAML 标签（!）"),
    ("found unhashable key", "键只能是文字"),
)
"""What libyaml says, and how that is put to people."""


def _unreadable(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "文件不是 UTF-8 编码"
    mark = getattr(error, "problem_mark", None)
    where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "文件"
    said = str(getattr(error, "problem", None) or "")
    for words, reason in _YAML_FAULTS:
        if words in said:
            return f"{where}无法解析：{reason or said}"
    return f"{where}无法解析：不符合 YAML 格式"
