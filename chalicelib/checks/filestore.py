"""Items of check files in the checks table.

| item | pk | sk | read by |
|---|---|---|---|
| check file | FILE#<id> | - | id; by_listing (a client's files, newest last) |
| open mark | FILE#<id> | OPEN | by_listing `open_check_files`: what the day's job looks at |

The rows themselves are nowhere but in the file and, as answers without a person's code, in the work
bucket.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Delete, Put, Update, version_is
from chalicelib.checks.model_files import CheckFile
from chalicelib.kernel.errors import NotFound

_PLAIN: Final = tuple(
    one.name for one in fields(CheckFile) if one.name not in ("counts", "problem")
)


def new_put(platform: Platform, file: CheckFile) -> Put:
    """The write that begins a file."""
    item: Item = {name: getattr(file, name) for name in _PLAIN}
    item |= {
        "pk": f"FILE#{file.file_id}",
        "sk": "-",
        "listing": f"check_files#{file.client_id}",
        "position": f"{file.created_at}#{file.file_id}",
    }
    return Put(platform.checks.name, item, ABSENT)


def file_from(item: Item) -> CheckFile:
    """The file an item holds."""
    body = cast(dict[str, Any], item)
    code, words = body.get("problem") or ("", "")
    return CheckFile(
        **{name: body[name] for name in _PLAIN},
        counts=body.get("counts", {}),
        problem=(code, words),
    )


def load(platform: Platform, file_id: str) -> CheckFile:
    """A file by its id. Raises NotFound."""
    item = platform.checks.get(f"FILE#{file_id}")
    if item is None:
        raise NotFound("没有这个核查文件")
    return file_from(item)


def page_of(platform: Platform, client_id: str, limit: int, start: Item | None) -> Page:
    """One page of a client's files, newest first."""
    return platform.checks.query_index(
        "by_listing", f"check_files#{client_id}", descending=True, limit=limit, start=start
    )


def move(platform: Platform, file: CheckFile, changes: Item) -> Update:
    """The write that takes the version read of a file on."""
    sets = ", ".join(f"#{name} = :{name}" for name in changes)
    return Update(
        platform.checks.key(f"FILE#{file.file_id}"),
        f"SET {sets} ADD #version :one",
        {**changes, "one": 1},
        version_is(file.version),
    )


def open_mark(platform: Platform, file: CheckFile) -> Put:
    """The write that lets the day's job see a file until it is over and its form with it: a
    file may be posted and never committed, or posted once more."""
    item: Item = {
        "pk": f"FILE#{file.file_id}",
        "sk": "OPEN",
        "file_id": file.file_id,
        "listing": "open_check_files",
        "position": f"{file.created_at}#{file.file_id}",
    }
    return Put(platform.checks.name, item)


def close_mark(platform: Platform, file: CheckFile) -> Delete:
    """The write that ends the interest of the day's job."""
    return Delete(platform.checks.key(f"FILE#{file.file_id}", "OPEN"))


def open_ids(platform: Platform) -> list[str]:
    """Files that are not over, or were not a while ago: something may still be posted to them."""
    found = platform.checks.each_in_index("by_listing", "open_check_files")
    return [str(item["file_id"]) for item in found]
