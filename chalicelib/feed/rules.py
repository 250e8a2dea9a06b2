"""What a change of the public world is called, and what of it readers may know. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.kernel.canonical import canonical_json
from chalicelib.tlog.entry import EntryKind

_ANNOTATIONS: Final = frozenset({"marks", "statement", "version", "as_of"})
"""Members of a document in which an annotation may differ: what stands beside the facts."""
_GROUNDS: Final = "publicity"


def core_of(document: Mapping[str, Any]) -> str:
    """A digest of a document without what is only noted beside it (marks, the subject's statement,
    the grounds that name them): two documents of equal core differ by an annotation."""
    core = {name: value for name, value in document.items() if name not in _ANNOTATIONS}
    publicity = core.get(_GROUNDS)
    if isinstance(publicity, Mapping):
        core[_GROUNDS] = {name: value for name, value in publicity.items() if name != "reasons"}
    return hashlib.sha256(canonical_json(core)).hexdigest()[:32]


def kind_of_change(
    *, was_shown: bool, core_before: str, is_gone: bool, core_now: str
) -> EntryKind | None:
    """The kind of the next entry of a document. None: the log has nothing to say, for what was
    never public cannot be withdrawn."""
    if is_gone:
        return "withdraw" if was_shown else None
    if not was_shown:
        return "publish"
    return "annotate" if core_before == core_now else "amend"
