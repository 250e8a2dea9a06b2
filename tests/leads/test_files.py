"""A picture sent by whom nobody knows tells what it shows, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chalicelib.leads import rules_files
from chalicelib.leads.rules_files import LARGEST_BYTES, Picture, cleaned
from tests.leads.pictures import SECRET, in_base64, photo, scan, two_in_one

pytestmark = pytest.mark.requirement("R-62", "R-65")


def clean(data: bytes) -> Picture:
    pictures, faults = cleaned([("照片", in_base64(data))])
    assert not faults, faults
    return pictures[0]


def code(data: bytes) -> str:
    pictures, faults = cleaned([("照片", in_base64(data))])
    assert not pictures and len(faults) == 1
    assert faults[0].pointer == "/attachments/0/data"
    return faults[0].code


def told(data: bytes) -> set[str]:
    """What a picture tells besides what it shows."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert not image.getexif() and getattr(image, "n_frames", 1) == 1
        return set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("data", [photo(), scan(), scan("P"), scan("LA"), scan("1"), two_in_one()])
def test_nothing_is_left_of_what_a_picture_told(data: bytes) -> None:
    kept = clean(data).data
    assert told(kept) == set()
    for words in (SECRET, SECRET.encode("unicode_escape").decode(), "Exif", "xmpmeta", "ICC"):
        assert words.encode() not in kept, words


def test_a_photograph_that_lay_on_its_side_stands_upright() -> None:
    with Image.open(io.BytesIO(clean(photo(40, 20, orientation=6)).data)) as image:
        assert image.size == (20, 40)
        top, bottom = image.getpixel((10, 2)), image.getpixel((10, 37))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2] and bottom[2] > 200 > 60 > bottom[0]


def test_what_shines_through_stays_clear_and_shades_of_grey_stay_grey() -> None:
    with Image.open(io.BytesIO(clean(scan("RGBA")).data)) as image:
        assert image.mode == "RGBA"
    deep = io.BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(deep, "PNG")
    with Image.open(io.BytesIO(clean(deep.getvalue()).data)) as image:
        assert (image.mode, image.getpixel((0, 0))) == ("L", 0x80)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 contract", b"PK\x03\x04", b"GIF89a", b"<svg/>", b"", b"MZ\x90"]
)
def test_anything_but_pictures_is_refused_by_what_it_holds(data: bytes) -> None:
    assert code(data) == "attachment_kind"


@pytest.mark.parametrize(
    "data",
    [photo()[:300], scan()[:60], b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" * 50],
)
def test_what_cannot_be_drawn_anew_is_refused(data: bytes) -> None:
    assert code(data) == "attachment_unreadable"


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(100_000, 100_000), (7_000, 7_000), (2**31 - 1, 1)])
def test_a_small_file_that_unfolds_into_a_huge_picture_is_not_unfolded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("it was unfolded"))
    assert code(bomb(*size)) in ("attachment_too_many_pixels", "attachment_unreadable")


def test_sizes_are_checked_one_by_one_and_together_before_anything_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules_files, "_drawn_anew", lambda *given: pytest.fail("drawn"))
    large = photo() + bytes(LARGEST_BYTES)
    assert code(large) == "attachment_too_large"
    half = photo() + bytes(LARGEST_BYTES - len(photo()))
    _, faults = cleaned([("一", in_base64(half)), ("二", in_base64(half))])
    assert [(one.pointer, one.code) for one in faults] == [("/attachments", "attachment_too_large")]
    _, faults = cleaned([("一", "不是"), ("二", in_base64(b"%PDF-"))])
    assert [(one.pointer, one.code) for one in faults] == [
        ("/attachments/0/data", "not_base64"),
        ("/attachments/1/data", "attachment_kind"),
    ]


@given(st.sampled_from([photo(), scan(), two_in_one()]), st.data())
def test_no_damaged_file_does_more_than_be_refused(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(8, len(data) - 1))
    damaged = data[:at] + draw.draw(st.binary(max_size=8)) + data[at + 1 :]
    pictures, faults = cleaned([("", in_base64(damaged))])
    assert len(pictures) + len(faults) == 1
    for one in pictures:
        assert told(one.data) == set()
