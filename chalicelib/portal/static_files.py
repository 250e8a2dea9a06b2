"""The few files pages load: a style sheet, scripts, drawings. Text only, all our own.

Each lies at an address that holds the digest of its content, and may therefore be kept for ever:
`/site/static/site-0123456789ab.css`.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from chalicelib.kernel.errors import NotFound
from chalicelib.web.model import Answer

FOLDER = Path(__file__).with_name("static")
PREFIX = "/site/static/"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_DIGEST_LENGTH = 12
_ADDRESSED = re.compile(r"([a-z0-9_]{1,40})-([0-9a-f]{12})(\.[a-z]{2,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, read once by a worker."""

    text: str
    digest: str
    media_type: str


def address(name: str) -> str:
    """Where `name` (`site.css`) is served. Raises NotFound for a file there is not."""
    stem, dot, ending = name.rpartition(".")
    return f"{PREFIX}{stem}-{_file(name).digest}{dot}{ending}"


def serve(addressed: str) -> Answer:
    """The file at the last part of its address. Raises NotFound.

    A page made before the last release names a digest of then: it gets the file of now, which it
    is not to keep.
    """
    found = _ADDRESSED.fullmatch(addressed)
    if found is None:
        raise NotFound("没有这个文件")
    file = _file(found[1] + found[3])
    headers = {"Cache-Control": _FOR_EVER} if found[2] == file.digest else {}
    return Answer(200, file.text, version=file.digest, headers=headers, media_type=file.media_type)


def at_fixed_address(name: str, seconds: int) -> Answer:
    """A file other websites load by an address that never changes: kept for `seconds` only.
    Raises NotFound."""
    file = _file(name)
    return Answer(
        200, file.text, version=file.digest, cache_seconds=seconds, media_type=file.media_type
    )


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in MEDIA_TYPES)


@functools.cache
def _file(name: str) -> StaticFile:
    if name not in _names():
        raise NotFound("没有这个文件")
    text = (FOLDER / name).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]
    return StaticFile(text, digest, MEDIA_TYPES[Path(name).suffix])
