"""Receipts (回执): a signed statement of what was received, when, and against which deadline.

A receipt is derived from what is stored, so the one given for a duplicate states what the first
one stated. Anyone verifies it with the keys at /public/v1/keys.
"""

from __future__ import annotations

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake.rules import receipt_claims
from chalicelib.kernel.keyring import SEALED_PREFIX


def sign_receipt(platform: Platform, record: Record, sha256: str = "") -> str:
    """The receipt (compact JWS) of a record's version. `sha256`: of the bytes received, where the
    caller has it at hand; else it is read from the record. Raises Erased."""
    return platform.keyring.sign(receipt_claims(record, sha256 or _sha256(platform, record)))


def _sha256(platform: Platform, record: Record) -> str:
    if record.upload is not None:
        item = platform.intake.get(f"UPLOAD#{record.upload.upload_id}")
        return "" if item is None else str(item.get("sha256", ""))
    if not record.received_sha256.startswith(SEALED_PREFIX):
        return record.received_sha256
    subject = files.find_subject(platform, record.subject_id)
    key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    return key.unseal(record.received_sha256)
