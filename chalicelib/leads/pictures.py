"""Pictures of a lead: into the archive before the case is written, out again for the offices."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.aws.platform import Platform
from chalicelib.cases.model import Frame
from chalicelib.evidence.rules import EXTENSIONS
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.keyring import SubjectKey
from chalicelib.leads.model import AttachmentIn
from chalicelib.leads.rules_files import Picture, cleaned
from chalicelib.leads.store import KeptPicture

LINK_SECONDS: Final = 300
_NAME_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class OpenedPicture:
    """A picture, checked, and where it can be fetched for five minutes."""

    kept: KeptPicture
    title: str
    intact: bool
    link: str


def drawn(attachments: Sequence[AttachmentIn]) -> list[Picture]:
    """The attachments drawn anew. Raises Invalid."""
    pictures, faults = cleaned([(one.title, one.data) for one in attachments])
    if faults:
        raise Invalid("有附件不能接受", faults=faults)
    return pictures


def key_of(platform: Platform, frame: Frame) -> SubjectKey:
    """What opens what an informant said in a case."""
    return platform.keyring.open_key(frame.case_id, frame.wrapped_key)


def archived(
    platform: Platform, frame: Frame, version: int, pictures: Sequence[Picture]
) -> list[KeptPicture]:
    """Lock the pictures in the archive, sealed under the key of the case. Where each lies follows
    from what it shows: a repeated request finds it there."""
    key = key_of(platform, frame)
    kept = []
    for number, picture in enumerate(pictures, start=1):
        name = platform.keyring.mac("lead_picture", frame.case_id, picture.data).hex()
        stored = platform.archive.put_once(
            f"leads/{frame.case_id}/{name[:_NAME_DIGITS]}",
            key.seal_bytes(picture.data, platform.ids),
            content_type="application/octet-stream",
        )
        kept.append(
            KeptPicture(
                version=version,
                number=number,
                title=key.seal(picture.title, platform.ids),
                media_type=picture.media_type,
                size=len(picture.data),
                archive_key=stored.key,
                archive_version=stored.version_id,
                stored_sha256=stored.sha256,
            )
        )
    return kept


def opened(platform: Platform, frame: Frame, kept: KeptPicture) -> OpenedPicture:
    """Check a picture against what was noted, and give a link to an unsealed copy, which is
    deleted within a day."""
    data = platform.archive.read(kept.archive_key, kept.archive_version)
    intact = hashlib.sha256(data).hexdigest() == kept.stored_sha256
    key = key_of(platform, frame)
    copy = f"opened/{platform.ids.new('c')}"
    platform.work.put(copy, key.unseal_bytes(data), content_type=kept.media_type)
    name = f"{frame.case_id}-{kept.version}-{kept.number}.{EXTENSIONS[kept.media_type]}"
    link = platform.work.presign_get(copy, name, LINK_SECONDS)
    return OpenedPicture(kept, key.unseal(kept.title), intact, link)
