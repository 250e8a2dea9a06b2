"""Rebuild a pack from compiled JSON: no validators, and each entry only when it is first asked for.

The JSON was validated when it was compiled, and building the validators of all policy types costs
a cold start more than thirty milliseconds. Most invocations need one record type and the calendar
of a pack with dozens of types, so the entries of a section are read one by one, on demand. A test
holds that both ways give equal packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, ForwardRef, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from chalicelib.policy.model import Pack

Reader = Callable[[object], object]


class Section(Mapping[str, object]):
    """The entries of a section by code, each built when it is first asked for."""

    __slots__ = ("_built", "_given", "_read")

    def __init__(self, given: Mapping[str, object], read: Reader) -> None:
        self._given = given
        self._read = read
        self._built: dict[str, object] = {}

    def __getitem__(self, code: str) -> object:
        built = self._built.get(code)
        if built is None:
            built = self._built[code] = self._read(self._given[code])
        return built

    def __contains__(self, code: object) -> bool:
        return code in self._given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def pack_from(document: object) -> Pack:
    """The pack whose JSON form `document` is. Only for JSON written by `compile`."""
    return cast(Pack, _model_reader(Pack)(document))


def whole(pack: Pack) -> Pack:
    """The same pack with everything built, as one that was validated."""
    built = {
        name: dict(value)
        for name in type(pack).model_fields
        if isinstance(value := getattr(pack, name), Section)
    }
    return pack.model_copy(update=built)


@cache
def _model_reader(model: type[BaseModel]) -> Reader:
    readers: dict[str, Reader] = {}
    for name, hint in _hints(model).items():
        section = _section_reader(hint) if model is Pack else None
        reader = section or _reader(hint)
        if reader is not None:
            readers[name] = reader
    construct = model.model_construct

    def read(value: object) -> object:
        given = cast("Mapping[str, object]", value)
        read_values = {
            name: readers[name](item) if name in readers and item is not None else item
            for name, item in given.items()
        }
        return construct(set(given), **read_values)

    return read


def _hints(model: type[BaseModel]) -> Mapping[str, object]:
    """The types of a model's fields; what pydantic has resolved already need not be looked up."""
    found = {name: field.annotation for name, field in model.__pydantic_fields__.items()}
    if any(isinstance(hint, (str, ForwardRef)) for hint in found.values()):
        hints = get_type_hints(model, include_extras=True)
        return {name: hints[name] for name in found}
    return found


def _section_reader(hint: object) -> Reader | None:
    """A mapping of codes to models is read entry by entry."""
    if get_origin(hint) is not Mapping:
        return None
    each = _reader(get_args(hint)[1])
    if each is None:
        return None
    return lambda value: Section(cast("Mapping[str, object]", value), each)


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
    bare = [get_args(one)[0] if get_origin(one) is Annotated else one for one in members]
    if Decimal in bare:
        words = {word for member in bare for word in get_args(member)}
        return lambda value: value if value in words else Decimal(str(value))
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
