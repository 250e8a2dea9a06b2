"""Pictures as telephones and scanners make them, with everything they tell besides."""

from __future__ import annotations

import base64
import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = "张三的手机 31.2304N 121.4737E"
"""Stands in every place a picture can hide something; must be found nowhere afterwards."""


def photo(width: int = 40, height: int = 20, orientation: int = 6) -> bytes:
    """A JPEG lying on its side: red on the left, blue on the right, with EXIF, GPS, XMP, a comment,
    a colour profile and something after its end."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = exif[0x9286] = SECRET
    exif.get_ifd(0x8825)[1] = "N"
    made = io.BytesIO()
    image.save(
        made,
        "JPEG",
        quality=95,
        exif=exif.tobytes(),
        comment=SECRET.encode(),
        icc_profile=b"profile " + SECRET.encode(),
        xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(),
    )
    return made.getvalue() + SECRET.encode()


def scan(mode: str = "RGBA") -> bytes:
    """A PNG with text, EXIF and a profile."""
    image = Image.new(mode, (30, 10))
    words = PngInfo()
    words.add_text("Author", SECRET.encode("unicode_escape").decode())
    words.add_itxt("Comment", SECRET)
    exif = Image.Exif()
    exif[0x010F] = SECRET
    made = io.BytesIO()
    image.save(made, "PNG", pnginfo=words, exif=exif, icc_profile=SECRET.encode())
    return made.getvalue() + SECRET.encode()


def two_in_one() -> bytes:
    """A JPEG with a second picture behind the first (MPO), as many telephones make them."""
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "green")
    made = io.BytesIO()
    first.save(made, "MPO", save_all=True, append_images=[second])
    return made.getvalue()


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
