"""What an .xlsx package holds: its sheets, which cell styles are dates, its strings."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from chalicelib.sheets.cells import CellStyles, SheetCells
from chalicelib.sheets.markup import blocks_through, read_through, relation_id
from chalicelib.sheets.model import Row, SheetRefused
from chalicelib.sheets.package import MAX_STRINGS_BYTES, open_package, reading
from chalicelib.sheets.rules import is_date_format, is_percent_format, is_scaled_format
from chalicelib.sheets.strings import SharedStrings, read_strings

_SMALL_PART = 33_554_432
_MAX_STYLES = 65_536
_MAX_FORMAT = 256
_MAX_SHEETS = 256


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A visible sheet: its name and the part that holds it."""

    name: str
    part: str


@dataclass(slots=True)
class Workbook:
    """An open workbook. Its rows may be read several times."""

    archive: zipfile.ZipFile
    strings: SharedStrings
    sheets: tuple[SheetPart, ...]
    styles: CellStyles
    from_1904: bool

    def close(self) -> None:
        """Give back what it holds; the file itself belongs to the caller."""
        self.archive.close()
        self.strings.close()

    def rows_of(self, sheet: SheetPart) -> Iterator[Row]:
        """All rows that stand in the file; rows never touched do not."""
        cells = SheetCells(self.strings, self.styles, from_1904=self.from_1904)
        with reading(self.archive, sheet.part) as part:
            for _ in blocks_through(part, cells):
                yield from cells.ready
                cells.ready.clear()


def open_workbook(file: BinaryIO) -> Workbook:
    """Open it, its shared strings moved to disk. Raises SheetRefused."""
    archive = open_package(file)
    names = set(archive.namelist())
    main = _target(_relations(archive, "_rels/.rels"), "officeDocument") or "xl/workbook.xml"
    structure = _Structure()
    with reading(archive, main, _SMALL_PART) as part:
        read_through(part, structure)
    folder, base = posixpath.split(main)
    relations = _relations(archive, f"{folder}/_rels/{base}.rels", folder)
    parts = {key: target for key, (kind, target) in relations.items() if kind == "worksheet"}
    sheets = tuple(
        SheetPart(name, parts[key]) for name, key in structure.visible if parts.get(key) in names
    )
    styles = _Styles()
    style_part = _target(relations, "styles")
    if style_part in names:
        with reading(archive, style_part, _SMALL_PART) as part:
            read_through(part, styles)
    strings = _strings(archive, _target(relations, "sharedStrings"))
    return Workbook(archive, strings, sheets, styles.told_apart(), structure.from_1904)


def _strings(archive: zipfile.ZipFile, name: str) -> SharedStrings:
    strings = SharedStrings()
    try:
        if name in archive.NameToInfo:
            with reading(archive, name, MAX_STRINGS_BYTES) as part:
                read_strings(part, strings)
    except BaseException:
        strings.close()
        raise
    return strings


def _target(relations: dict[str, tuple[str, str]], kind: str) -> str:
    return next((target for found, target in relations.values() if found == kind), "")


def _relations(archive: zipfile.ZipFile, name: str, folder: str = "") -> dict[str, tuple[str, str]]:
    """(kind, part) by relation id."""
    handler = _Relations(folder)
    with reading(archive, name, _SMALL_PART) as part:
        read_through(part, handler)
    return handler.found


class _Quiet:
    """A handler to which only the start of elements means something."""

    def end(self, name: str) -> None:
        return None

    def text(self, data: str) -> None:
        return None


@dataclass(slots=True)
class _Relations(_Quiet):
    folder: str
    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        # Targets starting with a slash are named from the root of the package.
        target = posixpath.normpath(posixpath.join("/", self.folder, attributes.get("Target", "")))
        if len(self.found) >= _MAX_SHEETS * 2:
            raise SheetRefused("too_many_sheets", f"工作簿的工作表超过 {_MAX_SHEETS} 张")
        self.found[attributes.get("Id", "")] = (kind, target.lstrip("/"))


@dataclass(slots=True)
class _Structure(_Quiet):
    visible: list[tuple[str, str]] = field(default_factory=list)
    from_1904: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            if len(self.visible) >= _MAX_SHEETS:
                raise SheetRefused("too_many_sheets", f"工作簿的工作表超过 {_MAX_SHEETS} 张")
            self.visible.append((attributes.get("name", ""), relation_id(attributes)))


@dataclass(slots=True)
class _Styles(_Quiet):
    """Number formats, and which of them each cell style uses."""

    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    _is_cell_style: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "cellXfs":
            self._is_cell_style = True
        elif name == "cellStyles" or name == "dxfs":
            self._is_cell_style = False
        elif name == "numFmt" and len(self.codes) < _MAX_STYLES:
            code = attributes.get("formatCode", "")[:_MAX_FORMAT]
            self.codes[_whole(attributes.get("numFmtId"))] = code
        elif name == "xf" and self._is_cell_style:
            if len(self.formats) >= _MAX_STYLES:
                raise SheetRefused("zip_bomb", "工作簿的单元格样式过多，请只复制数据后上传")
            self.formats.append(_whole(attributes.get("numFmtId")))

    def told_apart(self) -> CellStyles:
        """The cell styles that show something else than the number stored."""
        codes = self.codes
        dates = {one for one in set(self.formats) if is_date_format(one, codes.get(one))}
        percents = {one for one in set(self.formats) if is_percent_format(one, codes.get(one))}
        scaled = {one for one in set(self.formats) if is_scaled_format(codes.get(one))}
        return CellStyles(self._of(dates), self._of(percents), self._of(scaled - dates - percents))

    def _of(self, formats: set[int]) -> frozenset[str]:
        return frozenset(str(at) for at, one in enumerate(self.formats) if one in formats)


def _whole(text: str | None) -> int:
    with suppress(ValueError):
        return int(text or "0")
    return 0
