"""Files as agencies send them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.sheets.model import Form, Row, SheetRefused, Table
from chalicelib.sheets.service import open_table

KNOWN = ("行政相对人名称", "统一社会信用代码", "处罚决定日期", "罚款金额", "备注")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def recognise(names: tuple[str, ...]) -> int:
    return sum(name in KNOWN for name in names)


def read(data: bytes, form: Form = "csv") -> tuple[Table, list[Row]]:
    with open_table(io.BytesIO(data), form, recognise) as table:
        return table, list(table.rows())


def refusal(data: bytes, form: Form = "xlsx") -> SheetRefused:
    try:
        read(data, form)
    except SheetRefused as refused:
        return refused
    raise AssertionError("the file was read")


def csv_text(*rows: Sequence[str], header: Sequence[str] = KNOWN) -> str:
    return "".join(",".join(row) + "\r\n" for row in (header, *rows))


def cell(reference: str, value: object = "", kind: str = "inlineStr", style: int = 0) -> str:
    inner = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    return f'<c r="{reference}" s="{style}" t="{kind}">{inner}</c>'


def row(number: int, *values: object) -> str:
    """A row of text cells; anything that starts with a tag is taken as it is."""
    cells = (
        str(value) if str(value).startswith("<c") else cell(f"{chr(65 + index)}{number}", value)
        for index, value in enumerate(values)
        if value != ""
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADER = row(1, *KNOWN)
FORMATS = ("yyyy/m/d", '[$-804]yyyy"年"m"月"d"日";@', "0.00", "[h]:mm")
ODD_FORMATS = ("0.0%", '0!.0,"万"')


def sheet(*rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def workbook(
    sheets: Mapping[str, str] | None = None,
    *,
    strings: Sequence[str] = (),
    hidden: Iterable[str] = (),
    more: Mapping[str, str | bytes] | None = None,
    properties: str = "",
) -> bytes:
    """A workbook of these sheets (XML by name). Cell styles 0 to 8: general, the FORMATS, the
    built-in format 31 of Chinese Excel, the built-in percentage, the ODD_FORMATS."""
    sheets = {"Sheet1": sheet(HEADER)} if sheets is None else sheets
    declared = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="r{at}" '
        f'state="{"hidden" if name in hidden else "visible"}"/>'
        for at, name in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{RELATIONS}/worksheet" Target="worksheets/s{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="s" Type="{RELATIONS}/styles" Target="/xl/styles.xml"/>'
    relations += f'<Relationship Id="t" Type="{RELATIONS}/sharedStrings" Target="strings.xml"/>'
    formats = "".join(
        f'<numFmt numFmtId="{170 + at}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for at, code in enumerate((*FORMATS, *ODD_FORMATS))
    )
    styles = "".join(
        f'<xf numFmtId="{number}"/>' for number in (0, 170, 171, 172, 173, 31, 9, 174, 175)
    )
    texts = "".join(f"<si><t>{text}</t></si>" for text in strings)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<Relationships><Relationship Id='1' "
        f"Type='{RELATIONS}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<workbookPr {properties}/><sheets>{declared}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
        "xl/styles.xml": f"<styleSheet><numFmts>{formats}</numFmts><cellStyleXfs>"
        f'<xf numFmtId="14"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/strings.xml": f"<sst>{texts}</sst>",
    }
    parts |= {f"xl/worksheets/s{at}.xml": xml for at, xml in enumerate(sheets.values(), 1)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | dict(more or {})).items():
            archive.writestr(name, content)
    return file.getvalue()
