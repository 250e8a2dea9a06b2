"""An example for every described body, made from its schema and the examples its fields carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "date": "2026-11-20",
    "date-time": "2026-11-22T03:04:05Z",
    "uri": "https://www.example.gov.cn/",
    "uuid": "6f5c1a0e-7a3d-4a35-9a52-0f0c8d3e2b11",
}
_BY_NAME = {
    "next_page_token": None,
    "superior": None,
    "region": "990100",
    "agency_code": "11990100MB0000019L",
    "jurisdiction": "nanjing",
    "name": "示例市税务局",
    "agency_name": "示例市税务局",
    "level": "city",
    "version": 1,
    "roles": ["clerk"],
    "active": True,
    "client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
    "subject_id": "sub_ae3yzq5k4nq6xw2v7hj4m3t2ru",
}
_DEEPEST = 6


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits `schema`; `schemas` are the document's components."""
    return _example(schema, schemas, name, 0)


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    if "$ref" in schema:
        target = schemas[str(schema["$ref"]).rpartition("/")[2]]
        return _example({**target, **_without_ref(schema)}, schemas, name, depth + 1)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("example", "const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return _option(options, schemas, name, depth)
    return _by_type(schema, schemas, name, depth)


def _without_ref(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$ref"}


def _option(options: list[Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    kinds = {option.get("type") for option in options}
    if "null" in kinds and (depth > _DEEPEST or _BY_NAME.get(name, "") is None):
        return None
    chosen = next((option for option in options if option.get("type") != "null"), options[0])
    return _example(chosen, schemas, name, depth + 1)


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object":
        if depth > _DEEPEST:
            return {}
        return {
            field: _example(found, schemas, field, depth + 1)
            for field, found in schema.get("properties", {}).items()
        }
    if kind == "array":
        return _list(schema, schemas, name, depth)
    if kind == "integer":
        known = _BY_NAME.get(name)
        return known if isinstance(known, int) else int(schema.get("minimum", 1))
    if kind == "number":
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if kind == "string":
        return _text(schema, name)
    return None


def _list(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int
) -> list[Any]:
    known = _BY_NAME.get(name)
    if isinstance(known, list):
        return known
    if "prefixItems" in schema:
        return [_example(item, schemas, name, depth + 1) for item in schema["prefixItems"]]
    if depth > _DEEPEST or "items" not in schema:
        return []
    return [_example(schema["items"], schemas, name, depth + 1)]


def _text(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    known = _BY_NAME.get(name)
    if isinstance(known, str):
        return known
    text = "示例"
    least = int(schema.get("minLength", 0))
    return (text * (least // len(text) + 1))[: int(schema.get("maxLength", max(least, len(text))))]
