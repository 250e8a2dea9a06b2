"""What an entry of the log commits to: that a document was published, changed, withdrawn; not what
it says.

The digest of the document is salted: without the salt, which is published with the document and
dies with it, nobody can test a guess against the log (design §2.8, §2.10).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias, cast, get_args

from chalicelib.kernel.canonical import MAX_EXACT_INTEGER, JsonValue, canonical_json
from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.model import Unproven

EntryKind: TypeAlias = Literal["publish", "amend", "annotate", "withdraw"]
"""Shown for the first time; shown changed; shown with another mark (有异议); shown no more."""

KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
SALT_BYTES = 16

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """Entry `seq` of the log, which is leaf `seq - 1` of the tree.

    `salted_sha256` is that of `salted_digest` in lower-case hex; a withdrawal, which shows no
    document, has none.
    """

    seq: int
    kind: EntryKind
    id: str
    version: int
    salted_sha256: str | None = None

    def __post_init__(self) -> None:
        for number in (self.seq, self.version):
            if type(number) is not int or not 1 <= number <= MAX_EXACT_INTEGER:
                raise Unproven("bad_entry", "日志条目的序号或版本不是正整数")
        if self.kind not in KINDS:
            raise Unproven("bad_entry", "日志条目的种类未知")
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise Unproven("bad_entry", "日志条目的标识格式不正确")
        self._check_digest()

    def _check_digest(self) -> None:
        if self.salted_sha256 is None:
            if self.kind != "withdraw":
                raise Unproven("bad_entry", "日志条目缺少文档摘要")
        elif not isinstance(self.salted_sha256, str) or not _DIGEST.fullmatch(self.salted_sha256):
            raise Unproven("bad_entry", "日志条目的文档摘要格式不正确")

    @property
    def index(self) -> int:
        """Which leaf of the tree it is."""
        return self.seq - 1

    def to_bytes(self) -> bytes:
        """Its canonical JSON: what lies in the entry bundle and is hashed as the leaf."""
        # Written out: `asdict` copies deeply, which takes longer than the rest.
        return canonical_json(
            {
                "seq": self.seq,
                "kind": self.kind,
                "id": self.id,
                "version": self.version,
                "salted_sha256": self.salted_sha256,
            }
        )

    def leaf(self) -> bytes:
        """Its leaf hash."""
        return leaf_hash(self.to_bytes())


def parse_entry(data: bytes) -> Entry:
    """The inverse of `Entry.to_bytes`. Raises Unproven for any other spelling or member."""
    entry = entry_from(strict_json(data))
    if entry.to_bytes() != data:
        raise Unproven("bad_entry", "日志条目不是规范写法")
    return entry


def entry_from(members: JsonValue) -> Entry:
    """An entry from the members of its JSON object. Raises Unproven if any is missing, unknown or
    wrong."""
    names = {"seq", "kind", "id", "version", "salted_sha256"}
    if not isinstance(members, dict) or set(members) != names:
        raise Unproven("bad_entry", "日志条目的字段不正确")
    return Entry(
        seq=cast("int", members["seq"]),
        kind=cast("EntryKind", members["kind"]),
        id=cast("str", members["id"]),
        version=cast("int", members["version"]),
        salted_sha256=cast("str | None", members["salted_sha256"]),
    )


def salted_digest(salt: bytes, document: JsonValue) -> str:
    """SHA-256(salt || canonical JSON of the document) in lower-case hex.

    The salt is 128 random bits, a fresh one for every entry. Raises Unproven for a salt of another
    length or a document without canonical JSON.
    """
    if len(salt) != SALT_BYTES:
        raise Unproven("bad_salt", "盐值不是16字节")
    try:
        return hashlib.sha256(salt + canonical_json(document)).hexdigest()
    except ValueError as error:
        raise Unproven("bad_document", "文档不能写成规范 JSON") from error


def strict_json(data: bytes) -> JsonValue:
    """JSON that every reader understands alike (RFC 7493): no name twice, no fractions.

    Raises Unproven.
    """
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_no_name_twice,
            parse_float=_refused,
            parse_constant=_refused,
        )
    except (ValueError, RecursionError) as error:
        raise Unproven("bad_json", "不是合格的 JSON：须为 UTF-8，不得有重复名称或小数") from error
    return cast("JsonValue", value)


def _no_name_twice(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def _refused(text: str) -> NoReturn:
    raise ValueError("neither fractions nor NaN")
