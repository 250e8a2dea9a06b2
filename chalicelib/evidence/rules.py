"""Pure rules of evidence: how large, and which kinds of file, told by what they hold."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from chalicelib.kernel.errors import Fault

LARGEST_BYTES: Final = 10_485_760
POST_SECONDS: Final = 3_600
LINK_SECONDS: Final = 300
MOST_PER_RECORD: Final = 20
MOST_PER_MATTER: Final = 100
"""Papers of one holder about one record, subject or case."""

_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_OFD: Final = "application/ofd"

EXTENSIONS: Final = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    _OFD: "ofd",
}
"""The kinds of file that are taken, and the ending each is given back with."""


def media_type_of(data: bytes) -> str | None:
    """The kind of a file by its own content: PDF, JPEG, PNG or OFD (GB/T 33190); None otherwise."""
    for beginning, media_type in _BEGINNINGS:
        if data.startswith(beginning):
            return media_type
    return _OFD if data.startswith(b"PK\x03\x04") and _is_ofd(data) else None


def _is_ofd(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "OFD.xml" in packed.namelist()
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError):
        return False


def file_faults(data: bytes) -> tuple[Fault, ...]:
    """Why a file cannot be evidence."""
    if len(data) > LARGEST_BYTES:
        message = f"文件超过 {LARGEST_BYTES // 1_048_576} MiB，请压缩或拆分"
        return (Fault("/file", "file_too_large", message),)
    if media_type_of(data) is None:
        message = "佐证材料应为 PDF、OFD、JPEG 或 PNG 文件，按文件内容判断，与扩展名无关"
        return (Fault("/file", "file_kind", message),)
    return ()
