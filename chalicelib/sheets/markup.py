"""XML of workbooks, read as it streams by: nothing of it is kept but what the handler keeps.

expat itself rather than a tree: a tree holds every row read so far (openpyxl's read-only mode keeps
a cleared element per row, and all shared strings) and every cell of the row being read, however
many a hostile file has. Of 100 000 rows with 28 columns as LibreOffice saves them openpyxl took
124 MiB and 91 s of one core, this 5 MiB and 16 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Protocol
from xml.parsers import expat

from chalicelib.sheets.model import SheetRefused

_BLOCK = 65_536
_MAX_TOKEN = 1_048_576
"""expat holds an unfinished tag whole."""
_UNKNOWN_ENCODING = (LookupError, ValueError)
"""What expat's Python side raises for an encoding it does not know, or of several bytes."""


class Handler(Protocol):
    """What is told about elements; names come without their prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def blocks_through(part: IO[bytes], handler: Handler) -> Iterator[None]:
    """Feed a part to the handler block by block; the caller takes what has become ready between
    them. Document types are refused, and with them every entity a file could define."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = _at_root(parser, handler)
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    fed = 0
    try:
        while block := part.read(_BLOCK):
            parser.Parse(block, False)
            fed += len(block)
            if fed - max(parser.CurrentByteIndex, 0) > _MAX_TOKEN:
                raise SheetRefused("zip_bomb", "工作簿中有过长的标记，不像正常的表格")
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, *_UNKNOWN_ENCODING) as error:
        raise SheetRefused("damaged", "工作簿内容不合格式，请重新保存后上传") from error


def read_through(part: IO[bytes], handler: Handler) -> None:
    """Feed a whole part to the handler."""
    for _ in blocks_through(part, handler):
        pass


def _at_root(
    parser: expat.XMLParserType, handler: Handler
) -> Callable[[str, dict[str, str]], None]:
    """Most writers give no prefix, and a call less per element is a quarter of the time."""

    def first(name: str, attributes: dict[str, str]) -> None:
        is_prefixed = ":" in name
        parser.StartElementHandler = _start(handler) if is_prefixed else handler.start
        parser.EndElementHandler = _end(handler) if is_prefixed else handler.end
        parser.StartElementHandler(name, attributes)

    return first


def _start(handler: Handler) -> Callable[[str, dict[str, str]], None]:
    start = handler.start

    def without_prefix(name: str, attributes: dict[str, str]) -> None:
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    return without_prefix


def _end(handler: Handler) -> Callable[[str], None]:
    end = handler.end

    def without_prefix(name: str) -> None:
        end(name.rpartition(":")[2] if ":" in name else name)

    return without_prefix


def _refuse_doctype(*_: object) -> None:
    raise SheetRefused("entities", "工作簿中有实体声明，不予读取，请重新另存为 .xlsx")


def relation_id(attributes: dict[str, str]) -> str:
    """The r:id of an element, whatever prefix its writer chose."""
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")
