"""Attachments from whom nobody knows: what is taken, and pictures drawn anew.

A photograph tells where, when and with what it was taken (EXIF, GPS, XMP, maker notes, a thumbnail
of what was cut away). So nothing of the file that was sent is kept but what can be seen: it is
decoded, turned upright and encoded again. What cannot be cleaned like that is not taken.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.evidence.rules import media_type_of
from chalicelib.kernel.errors import Fault

if TYPE_CHECKING:  # imported where used: most requests bring no picture
    from PIL.Image import Image

MOST_FILES: Final = 5
LARGEST_BYTES: Final = 3_145_728
LARGEST_TOGETHER: Final = 3_932_160
"""In base64 5 MiB: with everything around it, what a function can be handed (6 MB) is not full."""
LARGEST_BODY: Final = 5_500_000
MOST_PIXELS: Final = 40_000_000
"""Drawing takes up to four bytes a pixel, three times (as it came, upright, without tags): half of
the function's memory."""

_JPEG_QUALITY: Final = 90
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}
_BROKEN: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
)
"""What the decoder raises for files that are not what they claim."""
_ONLY_PICTURES: Final = (
    "只接受 JPEG 和 PNG 图片，按文件内容判断；PDF 等文件里会留有作者、设备等信息，"
    "无法替您清除干净，请拍照或截图后再传"
)
_ANOTHER_WAY: Final = "请换一张图片，或者截图后再传"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that tells nothing but what it shows."""

    title: str
    media_type: str
    data: bytes


def cleaned(sent: Sequence[tuple[str, str]]) -> tuple[list[Picture], list[Fault]]:
    """The pictures drawn anew of (title, base64), and what is wrong with the others. Nothing is
    drawn before it is known that all are small enough."""
    files, faults = _decoded(sent)
    pictures = []
    for at, (title, data) in enumerate(files if not faults else []):
        drawn = _drawn_anew(at, title, data)
        if isinstance(drawn, Fault):
            faults.append(drawn)
        else:
            pictures.append(drawn)
    return pictures, faults


def _decoded(sent: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, bytes]], list[Fault]]:
    files: list[tuple[str, bytes]] = []
    faults: list[Fault] = []
    for at, (title, text) in enumerate(sent):
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            faults.append(_fault(at, "not_base64", "附件内容应为 base64 编码"))
            continue
        if len(data) > LARGEST_BYTES:
            message = f"一张图片最大 {LARGEST_BYTES // 1_048_576} MiB，请缩小后再传"
            faults.append(_fault(at, "attachment_too_large", message))
        elif media_type_of(data) not in _FORMATS:
            faults.append(_fault(at, "attachment_kind", _ONLY_PICTURES))
        files.append((title, data))
    if not faults and sum(len(data) for _, data in files) > LARGEST_TOGETHER:
        message = f"附件合计最大 {LARGEST_TOGETHER / 1_048_576:.2f} MiB，请缩小或分次补充"
        faults.append(Fault("/attachments", "attachment_too_large", message))
    return files, faults


def _fault(at: int, code: str, message: str) -> Fault:
    return Fault(f"/attachments/{at}/data", code, message)


def _drawn_anew(at: int, title: str, data: bytes) -> Picture | Fault:
    from PIL import Image

    media_type = str(media_type_of(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bomb by Pillow's measure is one by ours
            with Image.open(io.BytesIO(data), formats=[_FORMATS[media_type]]) as found:
                if found.width * found.height > MOST_PIXELS:
                    message = f"图片超过 {MOST_PIXELS // 1_000_000} 百万像素，请缩小后再传"
                    return _fault(at, "attachment_too_many_pixels", message)
                return Picture(title, media_type, _encoded(_upright(found), media_type))
    except (*_BROKEN, Image.DecompressionBombError):
        return _fault(at, "attachment_unreadable", f"图片无法读取，可能已损坏；{_ANOTHER_WAY}")


def _upright(found: Image) -> Image:
    """What is seen, and nothing besides: no tags, no profile, no further pictures in the file."""
    from PIL import Image, ImageOps

    mode = _mode(found)
    seen = ImageOps.exif_transpose(found)
    if seen.mode.startswith("I"):  # 16 bits of grey: the upper eight are what a screen shows
        seen = seen.convert("I").point([value // 256 for value in range(65_536)], "L")
    seen = seen.convert(mode)
    plain = Image.new(mode, seen.size)
    plain.paste(seen)
    return plain


def _mode(found: Image) -> str:
    if found.mode in ("1", "L") or found.mode.startswith("I"):
        return "L"
    is_clear = found.format == "PNG" and found.has_transparency_data
    return "RGBA" if is_clear else "RGB"


def _encoded(plain: Image, media_type: str) -> bytes:
    drawn = io.BytesIO()
    if media_type == "image/jpeg":
        plain.save(drawn, "JPEG", quality=_JPEG_QUALITY)
    else:
        plain.save(drawn, "PNG")
    return drawn.getvalue()
