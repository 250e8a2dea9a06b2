"""Items of the intake table (kept answers of idempotent writes live beside them, see web).

| item | pk | sk | read by |
|---|---|---|---|
| upload | UPLOAD#<id> | - | id; by_listing (an agency's uploads, newest last) |
| open mark | UPLOAD#<id> | OPEN | by_listing `open_uploads`: what the sweep looks at |
| chunk done | UPLOAD#<id> | CHUNK#<number> | id: progress and the final counts |
| latest preflight | UPLOAD#<id> | PREFLIGHT | id |

A preflight is an upload of its own (`p_...`, in no listing) that looks at another's file. Its
items go by themselves (`expires_at`) when its report does.

An upload becomes the entity `upload`, which the stream forwards, only when it is finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import ABSENT, Condition, Delete, Put, Update, Write, update
from chalicelib.kernel.errors import NotFound

State = Literal[
    "awaiting_file", "splitting", "converting", "processing", "completed", "failed"
]
FileForm = Literal["csv", "xlsx", "jsonl"]
OPEN_LISTING = "open_uploads"

_TEXTS = (
    "upload_id",
    "agency",
    "agency_name",
    "jurisdiction",
    "region",
    "client_id",
    "type",
    "format",
    "file_name",
    "state",
    "created_at",
    "committed_at",
    "received_at",
    "received_on",
    "object_version",
    "sha256",
    "sheet",
    "rows_key",
    "of_upload",
    "pack",
    "completed_at",
)
_NUMBERS = ("version", "size", "rows", "chunks", "accepted", "duplicate", "rejected", "notes")
_EXPIRY = "expires_at"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way. Counts are final once the state is `completed`."""

    upload_id: str
    agency: str
    agency_name: str
    jurisdiction: str
    region: str
    roles: tuple[str, ...]
    client_id: str
    type: str
    format: FileForm
    file_name: str
    created_at: str
    state: State = "awaiting_file"
    version: int = 1
    committed_at: str = ""
    received_at: str = ""
    received_on: str = ""
    object_version: str = ""
    size: int = 0
    sha256: str = ""
    sheet: str = ""
    """The sheet of a workbook that is read."""
    rows_key: str = ""
    """Where the rows lie in the work bucket; empty: they are read from the file itself."""
    remarks: tuple[str, ...] = ()
    """What the reader did on its own with the file as a whole."""
    pack: str = ""
    rows: int = 0
    """Rows counted by the splitter, blank ones included; the final counts leave those out."""
    chunks: int = 0
    columns: tuple[str, ...] = ()
    done: frozenset[int] = frozenset()
    """Numbers of the chunks that are worked."""
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    notes: int = 0
    """How many values of its rows were tidied."""
    completed_at: str = ""
    problems: tuple[tuple[str, str, str], ...] = ()
    """Why the whole file was refused: (pointer, code, message)."""

    of_upload: str = ""
    """Of a preflight: the upload whose file is looked at."""
    expires_at: int = 0
    """Of a preflight: when its items are to go (epoch seconds)."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    """Of a finished preflight: what the rows come to (see `rules_preflight.Tally`)."""

    @property
    def object_key(self) -> str:
        """Where the file lies in the inbox."""
        return f"uploads/{self.of_upload or self.upload_id}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done."""
        return self.state in ("completed", "failed")


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    """What one chunk came to. Contested rows are settled when the file is finished."""

    number: int
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    contested: int


def upload_from(item: Item) -> Upload:
    """The upload an item holds."""
    body = cast(dict[str, Any], item)
    values: dict[str, Any] = {name: body.get(name, "") for name in _TEXTS}
    values |= {name: body.get(name, 0) for name in (*_NUMBERS, _EXPIRY)}
    return Upload(
        **values,
        roles=tuple(body["roles"]),
        columns=tuple(body.get("columns", ())),
        remarks=tuple(body.get("remarks", ())),
        summary=body.get("summary") or {},
        done=body.get("done") or frozenset(),
        problems=tuple((p, c, m) for p, c, m in body.get("problems", ())),
    )


def new_upload_put(platform: Platform, upload: Upload) -> Put:
    """The write that begins an upload."""
    listed: Item = {
        "listing": f"uploads#{upload.agency}",
        "position": f"{upload.created_at}#{upload.upload_id}",
    }
    return Put(platform.intake.name, {**_item(upload), **listed}, ABSENT)


def _item(upload: Upload) -> Item:
    item: Item = {name: getattr(upload, name) for name in (*_TEXTS, *_NUMBERS)}
    item |= {"pk": f"UPLOAD#{upload.upload_id}", "sk": "-", "roles": list(upload.roles)}
    return item | _expiry(upload)


def _expiry(upload: Upload) -> Item:
    return {_EXPIRY: upload.expires_at} if upload.expires_at else {}


def preflight_writes(platform: Platform, preflight: Upload, latest: int) -> list[Write]:
    """The writes that begin the preflight after the `latest`-th of its upload; one of them fails
    if somebody else has begun it."""
    pointer: Item = {
        "pk": f"UPLOAD#{preflight.of_upload}",
        "sk": "PREFLIGHT",
        "number": latest + 1,
        "preflight_id": preflight.upload_id,
        **_expiry(preflight),
    }
    unchanged = Condition("#number = :latest", {"latest": latest}) if latest else ABSENT
    return [
        Put(platform.intake.name, pointer, unchanged),
        Put(platform.intake.name, _item(preflight), ABSENT),
        open_mark(platform, preflight, preflight.committed_at),
    ]


def latest_preflight(platform: Platform, upload_id: str) -> tuple[int, Upload | None]:
    """How many preflights an upload has had, and the latest; None once that one has expired."""
    pointer = platform.intake.get(f"UPLOAD#{upload_id}", "PREFLIGHT")
    if pointer is None:
        return 0, None
    # Expired items go one by one, in any order.
    item = platform.intake.get(f"UPLOAD#{pointer['preflight_id']!s}")
    return int(str(pointer["number"])), None if item is None else upload_from(item)


def load_upload(platform: Platform, upload_id: str) -> Upload:
    """An upload by its id. Raises NotFound."""
    item = platform.intake.get(f"UPLOAD#{upload_id}")
    if item is None:
        raise NotFound("没有这个上传任务")
    return upload_from(item)


def load_uploads(platform: Platform, upload_ids: Iterable[str]) -> dict[str, Upload]:
    """The uploads that exist among `upload_ids`."""
    found = batch_get([platform.intake.key(f"UPLOAD#{one}") for one in upload_ids])
    uploads = [upload_from(item) for item in found.values()]
    return {upload.upload_id: upload for upload in uploads}


def list_uploads(platform: Platform, agency: str, limit: int, start: Item | None) -> Page:
    """One page of an agency's uploads, newest first."""
    return platform.intake.query_index(
        "by_listing", f"uploads#{agency}", descending=True, limit=limit, start=start
    )


def open_upload_ids(platform: Platform, committed_before: str) -> list[str]:
    """Uploads that were committed before an instant and are not finished."""
    found = platform.intake.each_in_index(
        "by_listing", OPEN_LISTING, between=("0", committed_before)
    )
    return [str(item["upload_id"]) for item in found]


def move(
    upload: Upload, platform: Platform, *, to: State, values: Item, finish: bool = False
) -> Update:
    """The write that takes an upload from its present state to the next one, once."""
    changes: Item = {"state": to, **values}
    if finish and not upload.of_upload:
        changes["entity"] = "upload"
    sets = ", ".join(f"#{name} = :{name}" for name in changes)
    return Update(
        platform.intake.key(f"UPLOAD#{upload.upload_id}"),
        f"SET {sets} ADD #version :one",
        {**changes, "one": 1},
        Condition("#state = :from_state", {"from_state": upload.state}),
    )


def open_mark(platform: Platform, upload: Upload, committed_at: str) -> Put:
    """The write that lets the sweep see an upload until it is finished."""
    return Put(
        platform.intake.name,
        {
            "pk": f"UPLOAD#{upload.upload_id}",
            "sk": "OPEN",
            "upload_id": upload.upload_id,
            "listing": OPEN_LISTING,
            "position": f"{committed_at}#{upload.upload_id}",
            **_expiry(upload),
        },
    )


def close_mark(platform: Platform, upload: Upload) -> Delete:
    """The write that ends the sweep's interest."""
    return Delete(platform.intake.key(f"UPLOAD#{upload.upload_id}", "OPEN"))


def mark_chunk_done(platform: Platform, upload: Upload, counts: ChunkCounts) -> Upload:
    """Note what a chunk came to, and that it is done; the upload as it is then. Repeating it
    changes nothing: the counts are replaced, the number is in the set already."""
    platform.intake.put(
        {
            "pk": f"UPLOAD#{upload.upload_id}",
            "sk": f"CHUNK#{counts.number:05d}",
            "number": counts.number,
            "rows": counts.rows,
            "accepted": counts.accepted,
            "duplicate": counts.duplicate,
            "rejected": counts.rejected,
            "contested": counts.contested,
            **_expiry(upload),
        }
    )
    done = Update(
        platform.intake.key(f"UPLOAD#{upload.upload_id}"),
        "ADD #done :number",
        {"number": frozenset({counts.number})},
    )
    return upload_from(update(done))


def chunk_counts(platform: Platform, upload_id: str) -> list[ChunkCounts]:
    """The counts of every chunk that is done."""
    found: list[ChunkCounts] = []
    for item in platform.intake.each(f"UPLOAD#{upload_id}", prefix="CHUNK#"):
        body = cast(dict[str, Any], item)
        names = ("number", "rows", "accepted", "duplicate", "rejected", "contested")
        found.append(ChunkCounts(**{name: body[name] for name in names}))
    return found
