"""The OpenAPI document as people read it: groups, operations, fields, examples. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

Json = Mapping[str, Any]

_PLACES: Final = {"path": "路径", "query": "查询参数", "header": "请求头"}
_TYPES: Final = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "是否",
    "array": "列表",
    "object": "对象",
    "null": "空",
}
_DEEPEST: Final = 4
"""Fields of fields are told so far down."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Brief:
    """An operation in the list."""

    id: str
    method: str
    path: str
    summary: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The operations under one tag."""

    title: str
    operations: tuple[Brief, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of a body or a parameter, as it is told."""

    name: str
    where: str
    required: bool
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What comes back with one status."""

    status: str
    title: str
    media_type: str
    headers: tuple[tuple[str, str], ...]
    fields: tuple[FieldRow, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything told of one operation."""

    brief: Brief
    group: str
    paragraphs: tuple[str, ...]
    right: str
    """The operation of the table of rights; empty: open to all."""
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    request: str
    answers: tuple[AnswerPart, ...]
    refusals: tuple[AnswerPart, ...]


def groups(document: Json) -> tuple[Group, ...]:
    """Every operation by tag, groups of public ones first."""
    found: dict[str, list[Brief]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, operation in _operations(document):
        for tag in operation.get("tags", []):
            found.setdefault(tag, []).append(_brief(path, method, operation))
    made = [Group(title, tuple(items)) for title, items in found.items() if items]
    return tuple(sorted(made, key=lambda group: not any(one.is_public for one in group.operations)))


def operation_of(document: Json, operation_id: str) -> Operation | None:
    """The operation of that id, if there is one."""
    for path, method, operation in _operations(document):
        if operation.get("operationId") == operation_id:
            return _operation(document, path, method, operation)
    return None


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                yield path, method, operations[method]


def _brief(path: str, method: str, operation: Json) -> Brief:
    return Brief(
        id=operation.get("operationId", ""),
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        is_public=not operation.get("security"),
    )


def _operation(document: Json, path: str, method: str, operation: Json) -> Operation:
    answers = [_answer(document, *pair) for pair in operation["responses"].items()]
    parameters = [resolved(document, entry) for entry in operation.get("parameters", [])]
    return Operation(
        brief=_brief(path, method, operation),
        group=next(iter(operation.get("tags", [])), ""),
        paragraphs=_paragraphs(operation.get("description", "")),
        right="" if not operation.get("security") else operation.get("x-operation", ""),
        parameters=tuple(_parameter(document, entry) for entry in parameters),
        body=tuple(_body_fields(document, operation)),
        request=_request(document, path, method, operation, parameters),
        answers=tuple(one for one in answers if one.status < "4"),
        refusals=tuple(one for one in answers if one.status >= "4"),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    # A docstring breaks its lines in the middle of sentences; Chinese takes no space there.
    parts = (part.replace("\n", "") for part in text.split("\n\n"))
    return tuple(part for part in parts if part)


def _parameter(document: Json, entry: Json) -> FieldRow:
    return FieldRow(
        name=entry["name"],
        where=_PLACES.get(str(entry["in"]), str(entry["in"])),
        required=bool(entry.get("required")),
        kind=type_words(document, entry.get("schema", {})),
        about=entry.get("description", ""),
    )


def _content(found: Json) -> tuple[str, Json]:
    content: Json = found.get("content", {})
    for media_type, part in content.items():
        return media_type, part
    return "", {}


def _body_fields(document: Json, operation: Json) -> Iterator[FieldRow]:
    _, content = _content(operation.get("requestBody", {}))
    if "schema" in content:
        yield from fields(document, content["schema"])


def _answer(document: Json, status: str, entry: Json) -> AnswerPart:
    found = resolved(document, entry)
    media_type, content = _content(found)
    headers = (
        (name, resolved(document, header).get("description", ""))
        for name, header in found.get("headers", {}).items()
    )
    return AnswerPart(
        status=status,
        title=found.get("description", ""),
        media_type=media_type,
        headers=tuple(headers),
        fields=tuple(fields(document, content["schema"])) if "schema" in content else (),
        example=as_text(content["example"]) if "example" in content else "",
    )


def as_text(example: object) -> str:
    """An example as it is shown."""
    return json.dumps(example, ensure_ascii=False, indent=2)


def _request(
    document: Json, path: str, method: str, operation: Json, parameters: Sequence[Json]
) -> str:
    lines = [f"{method.upper()} {_example_path(document, path, parameters)} HTTP/1.1"]
    if operation.get("security"):
        lines.append("Authorization: Bearer <令牌>")
    for entry in parameters:
        if entry["in"] == "header" and entry.get("required"):
            lines.append(f"{entry['name']}: {entry.get('example', '')}")
    media_type, content = _content(operation.get("requestBody", {}))
    if content:
        lines += [f"Content-Type: {media_type}", "", as_text(content.get("example", {}))]
    return "\n".join(lines)


def _example_path(document: Json, path: str, parameters: Iterable[Json]) -> str:
    asked = []
    for entry in parameters:
        example = _example(document, entry)
        if entry["in"] == "path":
            path = path.replace(f"{{{entry['name']}}}", quote(example, safe="") or "…")
        elif entry["in"] == "query" and entry.get("required"):
            asked.append(f"{entry['name']}={quote(example, safe='')}")
    return f"{path}?{'&'.join(asked)}" if asked else path


def _example(document: Json, entry: Json) -> str:
    schema = resolved(document, entry.get("schema", {}))
    examples = schema.get("examples") or [entry.get("example", schema.get("default", ""))]
    return str(examples[0]) if examples[0] not in ("", None) else f"<{entry['name']}>"


def fields(
    document: Json, schema: Json, prefix: str = "", above: tuple[str, ...] = ()
) -> Iterator[FieldRow]:
    """The fields of a schema with those of the objects in it, each by its whole name."""
    found, named, many = _object_in(document, schema)
    if found is None or named in above or len(above) >= _DEEPEST:
        return
    start = f"{prefix}[]" if many and prefix else prefix
    required = set(found.get("required", []))
    for name, part in found.get("properties", {}).items():
        own = f"{start}.{name}" if start else name
        told = resolved(document, part)
        about = part.get("description", told.get("description", "") if "$ref" not in part else "")
        yield FieldRow(own, "", name in required, type_words(document, part), about)
        yield from fields(document, part, own, (*above, named))


def _object_in(document: Json, schema: Json) -> tuple[Json | None, str, bool]:
    """The object a schema is, or a list is of; its name; whether it is a list."""
    reference = str(schema.get("$ref", ""))
    found = resolved(document, schema)
    if found.get("type") == "array" and "items" in found:
        inner, named, _ = _object_in(document, found["items"])
        return inner, named, True
    for part in found.get("anyOf", ()):
        inner, named, many = _object_in(document, part)
        if inner is not None:
            return inner, named, many
    if "properties" in found:
        return found, reference or found.get("title", ""), False
    return None, "", False


def type_words(document: Json, schema: Json) -> str:
    """What a value may be, in words."""
    found = resolved(document, schema)
    if "enum" in found:
        return "、".join(str(value) for value in found["enum"])
    if "const" in found:
        return str(found["const"])
    if "anyOf" in found:
        branches = (type_words(document, part) for part in found["anyOf"])
        return "，或".join(dict.fromkeys(branches))
    if found.get("type") == "array" and "items" in found:
        return f"列表（{type_words(document, found['items'])}）"
    words = _TYPES.get(str(found.get("type", "")), "任意")
    bounds = _bounds(found)
    return f"{words}（{bounds}）" if bounds else words


def _bounds(schema: Json) -> str:
    told = []
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        told.append(f"{low} 至 {high}")
    elif low is not None:
        told.append(f"不小于 {low}")
    elif high is not None:
        told.append(f"不大于 {high}")
    if "maxLength" in schema:
        told.append(f"最多 {schema['maxLength']} 字")
    if "default" in schema and schema["default"] not in ("", None):
        told.append(f"默认 {schema['default']}")
    return "，".join(told)


def resolved(document: Json, entry: Json) -> Json:
    """What a reference leads to; anything else as it is."""
    reference = entry.get("$ref")
    if reference is None:
        return entry
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part]
    made: Json = found
    return made
