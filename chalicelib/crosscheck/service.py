"""Cross-checks as their office sees them: ask for a place, post the register, commit, watch, read
what differs. The work itself is in `checking`. Who started or read which check, and for what
purpose, stands in the audit trail."""

from __future__ import annotations

from chalicelib.access.service import may_act_on, record_deed, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile.service import stated_purpose
from chalicelib.crosscheck import checking, store
from chalicelib.crosscheck.model import CrossCheck, Finding, FindingKind
from chalicelib.crosscheck.parts import read_part, report_key
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from chalicelib.policy.service import pack_for
from chalicelib.sheets.model import MAX_WORKBOOK_BYTES, Form
from chalicelib.web.model import Caller, Scope

LARGEST_BYTES = MAX_WORKBOOK_BYTES
POST_SECONDS = 3_600
LINK_SECONDS = 300
_MOST_PARTS_A_PAGE = 20

STARTED, READ = "start_crosscheck", "read_crosscheck"


def start(
    platform: Platform, caller: Caller, form: Form, region: str, purpose: str
) -> tuple[CrossCheck, PresignedPost]:
    """A place for one register of a region, and the form to post it with. Raises Invalid (purpose,
    region), Forbidden."""
    code, _ = stated_purpose(purpose, "")
    now = platform.clock()
    wanted = region or caller.region
    if not region_covers(caller.region, wanted):
        raise Forbidden("只能核对本行政区划及以下的名册", code="outside_region")
    if wanted not in pack_for(caller.jurisdiction, civil_date(now)).regions:
        message = "政策包中没有这个行政区划代码"
        raise Invalid(message, faults=[Fault("/region", "unknown_region", message)])
    check = CrossCheck(
        crosscheck_id=platform.ids.new("x"),
        jurisdiction=caller.jurisdiction,
        region=wanted,
        agency=caller.agency_code,
        client_id=caller.client_id,
        format=form,
        created_at=instant_text(now),
    )
    writes = [
        store.new_put(platform, check),
        store.open_mark(platform, check, check.created_at),
    ]
    record_deed(platform, caller, STARTED, check.crosscheck_id, code, writes)
    return check, platform.inbox.presign_post(check.object_key, LARGEST_BYTES, POST_SECONDS)


def find(platform: Platform, caller: Caller, scope: Scope, crosscheck_id: str) -> CrossCheck:
    """A check within the caller's reach. Raises NotFound, Forbidden."""
    check = store.load(platform, crosscheck_id)
    if not may_act_on(caller, scope, check.agency, check.region):
        raise Forbidden("只能查看本行政区划内的名册核对", code="outside_region")
    return check


def receive(platform: Platform, check: CrossCheck) -> CrossCheck:
    """Pin the version of the register that lies there now, and start the work. Committing again
    asks once more for what is not done. Raises Conflict without a file."""
    if check.state == "awaiting_file":
        try:
            head = platform.inbox.head(check.object_key)
        except Missing:
            raise Conflict("还没有收到名册，请先上传再提交", code="file_missing") from None
        now = instant_text(platform.clock())
        changes: Item = {
            "state": "reading",
            "committed_at": now,
            "object_version": head.version_id,
            "size": head.size,
        }
        try:
            commit([store.move(platform, check, changes), store.open_mark(platform, check, now)])
        except ConditionFailed:
            pass  # committed a moment ago: go on with what is pinned
        check = store.load(platform, check.crosscheck_id)
    if check.state in ("reading", "comparing"):
        checking.send(platform, check.crosscheck_id, check.step)
    return check


def resend_open(platform: Platform, committed_before: str) -> int:
    """Sweep: have checks that should long have ended brought forward, and the register of one that
    was never committed deleted; how many."""
    found = list(store.open_ids(platform, committed_before))
    for crosscheck_id in found:
        # Whatever piece is next: the worker of one that is done asks for it.
        checking.send(platform, crosscheck_id, 1)
    return len(found)


def report_link(platform: Platform, caller: Caller, check: CrossCheck, purpose: str) -> str:
    """Where the report can be fetched for five minutes; the look is noted first. Raises Conflict
    before the end, Invalid without a purpose, NotFound once it has expired."""
    _note_look(platform, caller, check, purpose)
    if not platform.work.exists(report_key(check.crosscheck_id)):
        raise NotFound("核对结果已过保存期，请重新核对")
    name = f"crosscheck-{check.crosscheck_id}.csv"
    return platform.work.presign_get(report_key(check.crosscheck_id), name, LINK_SECONDS)


def findings_page(
    platform: Platform,
    caller: Caller,
    check: CrossCheck,
    purpose: str,
    *,
    kind: FindingKind | None,
    limit: int,
    start: Item | None,
) -> tuple[list[Finding], Item | None]:
    """One page of findings, of one kind if given, and where the next begins; the look is noted
    first. Raises as `report_link`."""
    _note_look(platform, caller, check, purpose)
    number, at = (int(str(start["part"])), int(str(start["at"]))) if start else (1, 0)
    found: list[Finding] = []
    try:
        for part in range(number, min(number + _MOST_PARTS_A_PAGE, check.parts + 1)):
            findings = read_part(platform, check.crosscheck_id, part).findings
            for position in range(at if part == number else 0, len(findings)):
                if len(found) == limit:
                    return found, {"part": part, "at": position}
                if kind is None or findings[position].kind == kind:
                    found.append(findings[position])
    except Missing:
        raise NotFound("核对结果已过保存期，请重新核对") from None
    following = number + _MOST_PARTS_A_PAGE
    return found, {"part": following, "at": 0} if following <= check.parts else None


def _note_look(platform: Platform, caller: Caller, check: CrossCheck, purpose: str) -> None:
    code, _ = stated_purpose(purpose, "")
    if check.state != "completed":
        raise Conflict("核对还没有完成，结果在完成后提供", code="crosscheck_in_progress")
    record_deed(platform, caller, READ, check.crosscheck_id, code, ())
