"""Files as their agency sees them: ask for a place, put the file there, commit, watch, fetch the
errors. The work itself is in `cutting`, `filework`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import Put, commit
from chalicelib.intake import jobs, store
from chalicelib.intake.model import Reporter
from chalicelib.intake.store import ChunkCounts, FileForm, Upload
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import Conflict, Fault, Invalid, NotFound
from chalicelib.kernel.progress import estimated_end, percent_done
from chalicelib.policy.service import pack_for
from chalicelib.sheets.model import MAX_WORKBOOK_BYTES

MAX_FILE_BYTES = 1_073_741_824
POST_SECONDS = 3_600
LINK_SECONDS = 300


def start_upload(
    platform: Platform,
    reporter: Reporter,
    agency_name: str,
    *,
    record_type: str,
    form: FileForm,
    file_name: str,
    joined: Callable[[Upload, PresignedPost], Sequence[Put]] = lambda upload, form: (),
) -> tuple[Upload, PresignedPost]:
    """A place for one file and the form to post it with; what `joined` gives is written with it.
    Raises Invalid for an unknown type, ConditionFailed if a joined write finds another state."""
    now = platform.clock()
    pack = pack_for(reporter.jurisdiction, civil_date(now))
    if record_type and record_type not in pack.types:
        message = f"“{pack.title}”的归集目录中没有信息类型“{record_type}”"
        raise Invalid(message, faults=[Fault("/type", "unknown_type", message)])
    if form != "jsonl" and not record_type:
        message = "CSV 和 XLSX 文件须注明信息类型"
        raise Invalid(message, faults=[Fault("/type", "required", message)])
    upload = Upload(
        upload_id=platform.ids.new("u"),
        agency=reporter.agency_code,
        agency_name=agency_name,
        jurisdiction=reporter.jurisdiction,
        region=reporter.region,
        roles=tuple(sorted(reporter.roles)),
        client_id=reporter.client_id,
        type=record_type,
        format=form,
        file_name=file_name,
        created_at=instant_text(now),
    )
    posted = post_form(platform, upload)
    commit([store.new_upload_put(platform, upload), *joined(upload, posted)])
    return upload, posted


def post_form(platform: Platform, upload: Upload) -> PresignedPost:
    """The form with which the file of `upload` may be posted for the next hour."""
    largest = largest_bytes(upload.format)
    return platform.inbox.presign_post(upload.object_key, largest, POST_SECONDS)


def largest_bytes(form: FileForm) -> int:
    """How large a file of that form may be."""
    return MAX_WORKBOOK_BYTES if form == "xlsx" else MAX_FILE_BYTES


def commit_upload(platform: Platform, upload: Upload) -> Upload:
    """Pin the version of the file that lies there now, and start the work. The receipt time is
    S3's own. Committing again re-sends what is not done yet. Raises Conflict without a file."""
    if upload.state == "awaiting_file":
        try:
            head = platform.inbox.head(upload.object_key)
        except Missing:
            raise Conflict("还没有收到文件，请先上传再提交", code="file_missing") from None
        now = instant_text(platform.clock())
        values: Item = {
            "committed_at": now,
            "received_at": instant_text(head.last_modified),
            "received_on": civil_date(head.last_modified).isoformat(),
            "object_version": head.version_id,
            "size": head.size,
            "pack": pack_for(upload.jurisdiction, civil_date(head.last_modified)).version,
        }
        try:
            commit(
                [
                    store.move(upload, platform, to="splitting", values=values),
                    store.open_mark(platform, upload, now),
                ]
            )
        except ConditionFailed:
            pass  # committed a moment ago by the same agency: go on with what is pinned
        upload = store.load_upload(platform, upload.upload_id)
    jobs.resend(platform, upload)
    return upload


def find_upload(platform: Platform, upload_id: str) -> Upload:
    """An upload. Raises NotFound."""
    return store.load_upload(platform, upload_id)


def progress_of(platform: Platform, upload: Upload) -> ChunkCounts:
    """The counts so far (number: chunks done)."""
    counts = store.chunk_counts(platform, upload.upload_id)
    return ChunkCounts(
        number=len(counts),
        rows=sum(one.rows for one in counts),
        accepted=sum(one.accepted for one in counts),
        duplicate=sum(one.duplicate for one in counts),
        rejected=sum(one.rejected for one in counts),
        contested=sum(one.contested for one in counts),
    )


def estimated_finish(platform: Platform, upload: Upload, rows_done: int) -> str:
    """When the file will be finished if it goes on like this; empty where nothing can be said."""
    if upload.state != "processing":
        return ""
    begun = parse_instant(upload.committed_at)
    end = estimated_end(begun, platform.clock(), rows_done, upload.rows)
    return "" if end is None else instant_text(end)


def percent_of(upload: Upload, rows_done: int) -> int:
    """How much of a file is done; 100 only when all of it is."""
    return percent_done(rows_done, upload.rows, is_over=upload.is_over)


def page_of_uploads(platform: Platform, agency: str, limit: int, start: Item | None) -> Page:
    """One page of an agency's uploads, newest first (items for `upload_from`)."""
    return store.list_uploads(platform, agency, limit, start)


def errors_link(platform: Platform, upload: Upload) -> str:
    """Where the error file can be fetched for five minutes. Raises Conflict before the end."""
    if upload.state != "completed":
        raise Conflict("文件还没有处理完，错误清单在完成后提供", code="file_in_progress")
    name = f"errors-{upload.upload_id}.csv"
    return platform.work.presign_get(jobs.errors_key(upload.upload_id), name, LINK_SECONDS)


def notes_link(platform: Platform, upload: Upload) -> str:
    """Where the notes can be fetched for five minutes. Raises Conflict before the end, NotFound
    where nothing was tidied."""
    if upload.state != "completed":
        raise Conflict("文件还没有处理完，提示清单在完成后提供", code="file_in_progress")
    if not upload.notes:
        raise NotFound("这个文件没有改写任何内容，没有提示清单")
    name = f"notes-{upload.upload_id}.csv"
    return platform.work.presign_get(jobs.notes_key(upload.upload_id), name, LINK_SECONDS)


def report_link(platform: Platform, preflight: Upload) -> str:
    """Where the report of a preflight can be fetched for five minutes. Raises Conflict before the
    end."""
    if preflight.state == "failed":
        message = "整个文件不能处理，没有逐行报告；原因见预检结果的 problems"
        raise Conflict(message, code="preflight_failed")
    if preflight.state != "completed":
        raise Conflict("预检还没有做完，报告在完成后提供", code="file_in_progress")
    name = f"preflight-{preflight.of_upload}.csv"
    return platform.work.presign_get(jobs.report_key(preflight.upload_id), name, LINK_SECONDS)


def finished_uploads(platform: Platform, upload_ids: Iterable[str]) -> set[str]:
    """Those of `upload_ids` whose outcomes are final: only their records may be shown."""
    found = store.load_uploads(platform, upload_ids)
    return {one for one, upload in found.items() if upload.state == "completed"}


def upload_chunks(platform: Platform, upload_id: str) -> range:
    """The numbers of the chunks a finished upload was worked in; of an unknown one none."""
    # Asked as `finished_uploads` asks: the projection may read uploads in no other way.
    found = store.load_uploads(platform, [upload_id]).get(upload_id)
    return range(1, (found.chunks if found else 0) + 1)


def receipt_of(platform: Platform, upload: Upload) -> str:
    """The signed receipt of a file, once its digest is known; until then an empty text."""
    if not upload.sha256:
        return ""
    return platform.keyring.sign(
        {
            "iss": "govcredit",
            "jurisdiction": upload.jurisdiction,
            "agency": upload.agency,
            "upload_id": upload.upload_id,
            "type": upload.type or None,
            "file_name": upload.file_name,
            "sha256": upload.sha256,
            "size": upload.size,
            "received_at": upload.received_at,
            "received_on": upload.received_on,
            "deadlines": "每条信息的期限自其决定之日起算，收到之日见 received_on",
            "pack": upload.pack,
        }
    )
