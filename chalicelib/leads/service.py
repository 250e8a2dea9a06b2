"""What other rooms ask of leads: to report, look up and answer for whom nobody knows (the routes
and the pages of the site do it alike); from where somebody calls, once a day, and to forget it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.leads import dialogue, limits, presenting
from chalicelib.leads.kinds import open_kinds, pack_of_place
from chalicelib.leads.limits import drop_day_keys, once_today
from chalicelib.leads.model import (
    UNIFIED_CODE,
    LeadIn,
    LeadKind,
    LeadMessageIn,
    LeadOut,
    ReceiptOut,
    Statistics,
)
from chalicelib.leads.opening import USUAL_KIND, body_among, open_lead
from chalicelib.leads.rules_addresses import address_of
from chalicelib.leads.rules_codes import CODE_BYTES, code_of, plain_code
from chalicelib.policy.model import Pack

__all__ = [
    "CODE_BYTES",
    "USUAL_KIND",
    "Reported",
    "address_of",
    "answer",
    "code_of",
    "drop_day_keys",
    "find_body",
    "kinds_offered",
    "look_up",
    "once_today",
    "pack_of_place",
    "plain_code",
    "report",
    "statistics_of",
]


@dataclass(frozen=True, slots=True)
class Reported:
    """What whoever reported something is told, and whether it was the first time."""

    receipt: ReceiptOut
    repeated: bool


def report(
    platform: Platform, lead: LeadIn, body: bytes, idempotency_key: str, address: str
) -> Reported:
    """Open a case for whom nobody knows. Raises TooManyRequests, Invalid, Malformed."""
    limits.count(platform, address, "opening")
    opened = open_lead(platform, lead, body, idempotency_key)
    return Reported(presenting.receipt_out(opened, platform.clock()), opened.repeated)


def look_up(platform: Platform, code: str, address: str) -> LeadOut:
    """A case as it is told to whoever has its receipt code. Raises NotFound, TooManyRequests."""
    file = dialogue.find_by_code(platform, code, address)
    return presenting.lead_out(dialogue.told(platform, file), platform.clock())


def answer(platform: Platform, message: LeadMessageIn, body: bytes, address: str) -> LeadOut:
    """Take the next step as whoever reported it; the case as it stands then. Raises
    TooManyRequests, NotFound, PreconditionFailed, Forbidden, Conflict, Invalid."""
    limits.count(platform, address, "message")
    file = dialogue.find_by_code(platform, message.code, address)
    after = dialogue.send(platform, file, message, body)
    return presenting.lead_out(dialogue.told(platform, after), platform.clock())


def find_body(platform: Platform, unified_code: str) -> Subject:
    """The body of that code, which can be complained of. Raises Invalid (pointer /unified_code)."""
    if re.fullmatch(UNIFIED_CODE, unified_code) is None:
        message = "统一社会信用代码应是18位数字和大写字母，请核对"
        raise Invalid(message, faults=[Fault("/unified_code", "wrong_format", message)])
    subject_id = files.body_id(unified_code)
    return body_among(files.subjects_by_id(platform, [subject_id]).get(subject_id))


def kinds_offered(pack: Pack) -> tuple[LeadKind, ...]:
    """What anyone may report where the pack holds."""
    return tuple(presenting.kind_out(kind, opening) for kind, opening in open_kinds(pack))


def statistics_of(platform: Platform, pack: Pack, region: str) -> Statistics:
    """How many cases were received in a region and those below it, and what became of them."""
    return presenting.statistics_out(platform, pack, region)
