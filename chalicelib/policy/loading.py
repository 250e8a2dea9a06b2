"""Rebuild a pack from compiled JSON without building pydantic's validators.

The JSON was validated when it was compiled, and building the validators of all policy types costs
a cold start more than thirty milliseconds; reading by the type hints costs a few. A test holds
that both ways give equal packs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from chalicelib.policy.model import Pack

Reader = Callable[[object], object]


def pack_from(document: object) -> Pack:
    """The pack whose JSON form `document` is. Only for JSON written by `compile`."""
    return cast(Pack, _model_reader(Pack)(document))


@cache
def _model_reader(model: type[BaseModel]) -> Reader:
    readers = {
        name: reader
        for name, hint in get_type_hints(model, include_extras=True).items()
        if name in model.__pydantic_fields__ and (reader := _reader(hint)) is not None
    }
    construct = model.model_construct

    def read(value: object) -> object:
        given = cast("Mapping[str, object]", value)
        read_values = {
            name: readers[name](item) if name in readers and item is not None else item
            for name, item in given.items()
        }
        return construct(set(given), **read_values)

    return read


def _reader(hint: object) -> Reader | None:
    """How to read a JSON value of that type; None: as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _reader(arguments[0])
    if origin in (Union, UnionType):
        return _union_reader([member for member in arguments if member is not NoneType])
    if origin is tuple:
        each = _reader(arguments[0])
        if each is None:
            return lambda value: tuple(_items(value))
        return lambda value: tuple(map(each, _items(value)))
    if origin is Mapping:
        return _mapping_reader(_reader(arguments[0]), _reader(arguments[1]))
    if hint is date:
        return lambda value: date.fromisoformat(str(value))
    if hint is Decimal:
        return lambda value: Decimal(str(value))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        # Looked up when first used: an indicator holds indicators.
        return lambda value: _model_reader(hint)(value)
    return None


def _union_reader(members: list[object]) -> Reader | None:
    if len(members) == 1:
        return _reader(members[0])
    kinds = {
        get_args(get_type_hints(member)["kind"])[0]: _model_reader(member)
        for member in members
        if isinstance(member, type) and issubclass(member, BaseModel)
    }
    if not kinds:
        return None
    return lambda value: kinds[cast("Mapping[str, str]", value)["kind"]](value)


def _mapping_reader(key: Reader | None, value: Reader | None) -> Reader | None:
    if key is None and value is None:
        return None

    def read(mapping: object) -> object:
        return {
            key(name) if key else name: value(item) if value else item
            for name, item in cast("Mapping[str, object]", mapping).items()
        }

    return read


def _items(value: object) -> list[object]:
    return cast("list[object]", value)
