"""What is kept of those who report something without an account, in the cases table.

| item | pk | sk | read by |
|---|---|---|---|
| receipt | RECEIPT#<keyed digest> | - | digest |
| key of a case whose pictures come first | LEAD_KEY#<case_id> | - | case |
| picture | PICTURES#<case_id> | <version>#<number> | case; case, version and number |

A receipt code is kept as a keyed digest only. Pictures lie apart from the case and its events, as
what an informant says does: nothing that shows a case to the body it is about reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Key, Put

_DIGITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture in the archive, sealed under the key of its case; so is its title."""

    version: int
    """The event of the case it came with."""
    number: int
    title: str
    media_type: str
    size: int
    archive_key: str
    archive_version: str
    stored_sha256: str


_PICTURE: Final = tuple(one.name for one in fields(KeptPicture))


def receipt_key(platform: Platform, digest: str) -> Key:
    """Where the receipt lies whose code has this digest."""
    return platform.cases.key(f"RECEIPT#{digest}")


def receipt_put(platform: Platform, digest: str, case_id: str) -> Put:
    """The write that lets a receipt code lead to a case."""
    key = receipt_key(platform, digest)
    return Put(key.table, {"pk": key.pk, "sk": key.sk, "case_id": case_id}, ABSENT)


def case_of_receipt(platform: Platform, digest: str) -> str:
    """The case a receipt leads to; empty for none."""
    key = receipt_key(platform, digest)
    item = platform.cases.get(key.pk, key.sk)
    return "" if item is None else str(item["case_id"])


def settled_key(platform: Platform, case_id: str, wrapped_key: str) -> str:
    """The wrapped key of a case that is going to be opened: the first that was noted, so that what
    was sealed before a failure can be opened after it."""
    item: Item = {"pk": f"LEAD_KEY#{case_id}", "sk": "-", "wrapped_key": wrapped_key}
    try:
        platform.cases.put(item, ABSENT)
    except ConditionFailed as error:
        found = error.items[0]
        if found is None:
            raise
        return str(found["wrapped_key"])
    return wrapped_key


def picture_put(platform: Platform, case_id: str, picture: KeptPicture) -> Put:
    """The write that notes a picture."""
    item: Item = {name: getattr(picture, name) for name in _PICTURE}
    item |= {"pk": f"PICTURES#{case_id}", "sk": _place(picture.version, picture.number)}
    return Put(platform.cases.name, item, ABSENT)


def pictures_of(platform: Platform, case_id: str) -> list[KeptPicture]:
    """The pictures of a case, the oldest first."""
    return [_picture_from(item) for item in platform.cases.each(f"PICTURES#{case_id}")]


def find_picture(platform: Platform, case_id: str, version: int, number: int) -> KeptPicture | None:
    """One picture of a case."""
    item = platform.cases.get(f"PICTURES#{case_id}", _place(version, number))
    return None if item is None else _picture_from(item)


def _place(version: int, number: int) -> str:
    return f"{version:0{_DIGITS}d}#{number}"


def _picture_from(item: Item) -> KeptPicture:
    body = cast(dict[str, Any], item)
    return KeptPicture(**{name: body[name] for name in _PICTURE})
