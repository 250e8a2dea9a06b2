"""The zip archive an .xlsx file is: refused before memory is spent on what cannot be a workbook."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from chalicelib.sheets.model import MAX_WORKBOOK_BYTES, SheetRefused

MAX_ENTRIES = 2_000
MAX_DIRECTORY_BYTES = 524_288
"""zipfile reads the whole directory into memory."""
MAX_UNPACKED_BYTES = 2_147_483_648
MAX_STRINGS_BYTES = 402_653_184
"""Unpacked shared strings go to a file in the function's own /tmp, which has 512 MiB."""
MAX_RATIO = 250
"""Sheets of one repeated row pack about 1:60; deflate itself cannot do more than 1:1032."""
RATIO_COUNTS_FROM = 4_194_304

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError)


def open_package(file: BinaryIO) -> zipfile.ZipFile:
    """The archive, its declared sizes within bounds. zipfile holds entries to what they declare."""
    _check_outside(file)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (*_BROKEN, ValueError) as error:
        raise _broken() from error
    _check_entries(archive.infolist())
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names:
        message = "这是压缩包，不是 .xlsx 工作簿，请解压后上传其中的表格"
        raise SheetRefused("not_a_workbook", message)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SheetRefused("macros", "工作簿带有宏，不予接收，请另存为 .xlsx（不含宏）后上传")
    return archive


def _check_outside(file: BinaryIO) -> None:
    """What can be told without opening: size, old formats, the size of the directory."""
    size = file.seek(0, 2)
    if size > MAX_WORKBOOK_BYTES:
        message = f"工作簿超过 {MAX_WORKBOOK_BYTES // 1_048_576} MiB，请分成几个文件上传"
        raise SheetRefused("too_large", message)
    file.seek(0)
    start = file.read(8)
    if start == _OLE:
        message = "这是旧版 .xls 或加了密码的工作簿，请取消密码并另存为 .xlsx 后上传"
        raise SheetRefused("old_or_encrypted", message)
    if not start.startswith(b"PK\x03\x04"):
        message = "内容不是 .xlsx 工作簿，请在表格软件中打开并另存为 .xlsx 后上传"
        raise SheetRefused("not_a_workbook", message)
    if _directory_bytes(file, size) > MAX_DIRECTORY_BYTES:
        raise _bomb("条目过多")


def _directory_bytes(file: BinaryIO, size: int) -> int:
    """The size of the directory as zipfile will believe it. Workbooks have no archive comment, so
    its end record is the last thing in the file."""
    if size < _END.size:
        raise _broken()
    file.seek(size - _END.size)
    end = _END.unpack(file.read(_END.size))
    if end[0] != b"PK\x05\x06" or end[7]:
        raise _broken()
    place = size - _END.size - _LOCATOR.size
    if place >= _END_64.size:
        file.seek(place)
        if _LOCATOR.unpack(file.read(_LOCATOR.size))[0] == b"PK\x06\x07":
            file.seek(place - _END_64.size)
            end_64 = _END_64.unpack(file.read(_END_64.size))
            return max(int(end[5]) if end[5] != 0xFFFFFFFF else 0, int(end_64[8]))
    return int(end[5])


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _bomb("条目过多")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _bomb("展开后过大")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise SheetRefused("old_or_encrypted", "工作簿加了密码，请取消密码后上传")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetRefused("not_a_workbook", "工作簿的压缩方式不常见，请另存为 .xlsx 后上传")
        if entry.file_size > max(RATIO_COUNTS_FROM, MAX_RATIO * entry.compress_size):
            raise _bomb("压缩比异常")


@contextmanager
def reading(
    archive: zipfile.ZipFile, name: str, most: int = MAX_UNPACKED_BYTES
) -> Iterator[IO[bytes]]:
    """One part of the package. Damage met while reading is told as the refusal it is."""
    try:
        declared = archive.getinfo(name).file_size
    except KeyError as error:
        raise _broken() from error
    if declared > most:
        raise _bomb("展开后过大")
    try:
        with archive.open(name) as part:
            yield part
    except _BROKEN as error:
        raise _broken() from error


def _bomb(what: str) -> SheetRefused:
    message = f"工作簿{what}，不像正常的表格，请新建工作簿、只复制数据后上传"
    return SheetRefused("zip_bomb", message)


def _broken() -> SheetRefused:
    return SheetRefused("damaged", "工作簿不完整或已损坏，请重新保存后上传")
