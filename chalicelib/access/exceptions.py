"""Genuine unified codes that fail their own check (早期试点赋码): the list the credit offices keep.

A code on the list passes wherever a unified code is checked, for every jurisdiction; nothing else
about it is excused. Who put it there, why, on what evidence and who took it off again is in the
audit trail, written in the same transaction. It takes effect everywhere within a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.access import store
from chalicelib.access.audit import record_deed
from chalicelib.access.model_exceptions import CodeException, CodeExceptionIn
from chalicelib.access.rules import region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.codes import (
    CHECK_FAULTS,
    CODE_MESSAGES,
    has_citizen_code_form,
    unified_code_fault,
)
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.web.model import Caller

KEPT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class ExceptionPage:
    """One page of the list and where the next one starts."""

    items: tuple[CodeException, ...]
    next_start: Item | None


def add_exception(
    platform: Platform, caller: Caller, body: CodeExceptionIn
) -> tuple[CodeException, bool]:
    """Put a code on the list; (entry, whether it is new). The same again is answered alike; a
    revoked one is put on again as the next version. Raises Invalid for a code that is wrong in
    any other way or not wrong at all, Conflict for one that is there with other words."""
    _check_needed(body.unified_code)
    entry = CodeException(
        unified_code=body.unified_code,
        name=body.name,
        reason=body.reason,
        evidence=body.evidence,
        region=caller.region,
        added_by=caller.agency_name,
        added_at=instant_text(platform.clock()),
    )
    known = store.load_exception(platform, entry.unified_code)
    if known is not None and not known.active:
        _must_cover(caller, known)
        entry = replace(entry, version=known.version + 1)
    elif known is not None:
        return _same(known, entry), False
    try:
        _write(platform, caller, "add_code_exception", entry, entry.reason)
    except ConditionFailed as error:
        there = error.items[0]
        if there is None:
            raise
        return _same(store.exception_from(there), entry), False
    return entry, True


def revoke_exception(
    platform: Platform, caller: Caller, unified_code: str, reason: str, version: int
) -> CodeException:
    """Take a code off the list; it stays in the register, with the reason. What was accepted by it
    stays accepted. Raises NotFound, Forbidden, Conflict, PreconditionFailed."""
    entry = find_exception(platform, unified_code)
    _must_cover(caller, entry)
    if not entry.active:
        if entry.version == version + 1 and entry.revocation_reason == reason:
            return entry  # a retry: the first attempt took effect, its answer got lost
        raise Conflict("这个例外代码已经撤销", code="already_revoked")
    if entry.version != version:
        raise PreconditionFailed()
    revoked = replace(
        entry,
        active=False,
        revocation_reason=reason,
        revoked_at=instant_text(platform.clock()),
        version=version + 1,
    )
    try:
        _write(platform, caller, "revoke_code_exception", revoked, reason)
    except ConditionFailed as error:
        raise PreconditionFailed() from error
    return revoked


def find_exception(platform: Platform, unified_code: str) -> CodeException:
    """An entry of the list, revoked or not. Raises NotFound."""
    entry = store.load_exception(platform, unified_code)
    if entry is None:
        raise NotFound("例外名单中没有这个代码")
    return entry


def list_exceptions(platform: Platform, limit: int, start: Item | None) -> ExceptionPage:
    """One page of the list, by the region of the office that keeps the entry and by code."""
    page = store.list_register(platform, store.CODE, "", limit, start)
    return ExceptionPage(tuple(store.exception_from(item) for item in page.items), page.next_start)


class AllowedCodes:
    """The codes on the list, as `codes.unified_code_fault` asks for them: only for a code that
    fails its check. Read at that moment, and kept up to a minute; may raise Unavailable then."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._codes: frozenset[str] = frozenset()
        self._read_at: float | None = None

    def __contains__(self, code: object) -> bool:
        now = self.platform.clock().timestamp()
        if self._read_at is None or not 0 <= now - self._read_at < KEPT_SECONDS:
            self._codes = frozenset(self._active())
            self._read_at = now
        return code in self._codes

    def _active(self) -> Iterator[str]:
        for item in self.platform.access.each_in_index("by_listing", store.CODE):
            entry = store.exception_from(item)
            if entry.active:
                yield entry.unified_code


_allowed: AllowedCodes | None = None


def allowed_codes(platform: Platform) -> AllowedCodes:
    """The list as this worker knows it (one platform per worker)."""
    global _allowed
    if _allowed is None or _allowed.platform is not platform:
        _allowed = AllowedCodes(platform)
    return _allowed


def check_code(platform: Platform, code: str, pointer: str) -> None:
    """Refuse a code that is wrong and not on the list. Raises Invalid."""
    fault = unified_code_fault(code, allowed_codes(platform))
    if fault is not None:
        raise Invalid(faults=[Fault(pointer, fault, CODE_MESSAGES[fault])])


def _check_needed(code: str) -> None:
    if has_citizen_code_form(code):
        message = "这是公民身份号码的写法，不能作为单位的代码列入名单"
        raise Invalid(faults=[Fault("/unified_code", "citizen_code_form", message)])
    fault = unified_code_fault(code)
    if fault is None:
        message = "这个代码通过校验，不需要列入例外名单"
        raise Invalid(faults=[Fault("/unified_code", "code_is_valid", message)])
    if fault not in CHECK_FAULTS:
        raise Invalid(faults=[Fault("/unified_code", fault, CODE_MESSAGES[fault])])


def _same(known: CodeException, wanted: CodeException) -> CodeException:
    """The entry that is there, if it says the same. Raises Conflict."""
    words = ("name", "reason", "evidence", "region", "active")
    if any(getattr(known, word) != getattr(wanted, word) for word in words):
        raise Conflict("这个代码已在例外名单中，内容不同；需要改动的，先撤销再重新列入")
    return known


def _must_cover(caller: Caller, entry: CodeException) -> None:
    if not region_covers(caller.region, entry.region):
        raise Forbidden("只能改动本行政区划内信用办列入的例外代码")


def _write(
    platform: Platform, caller: Caller, action: str, entry: CodeException, reason: str
) -> None:
    state = "列入" if entry.active else "撤销"
    detail = f"第 {entry.version} 版，{state}：{reason}"
    write = store.exception_write(platform, entry)
    record_deed(platform, caller, action, f"code:{entry.unified_code}", detail, [write])
