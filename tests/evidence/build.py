"""Files that may be evidence, and records they belong to."""

from __future__ import annotations

import io
import zipfile

from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.evidence import service
from chalicelib.evidence.model import Evidence
from tests.intake import town
from tests.support.world import World

SCAN = b"%PDF-1.7\n% a made-up decision\n%%EOF\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


def ofd() -> bytes:
    """The smallest file that says it is an OFD document."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("OFD.xml", "<ofd:OFD/>")
    return made.getvalue()


def record_of(world: World) -> Record:
    """The one record there is."""
    (record,) = files.records_reported(world.platform, town.BUREAU)
    return record


def start(world: World, title: str = "材料") -> Evidence:
    """Ask for a place for a file beside the record."""
    record = record_of(world)
    matter = service.with_record(record)
    return service.start(world.platform, town.clerk(), record.record_id, matter, title)[0]


def attach(world: World, content: bytes, title: str = "表彰决定") -> str:
    """Ask for a place and put a file there; the evidence's id."""
    evidence = start(world, title)
    world.platform.inbox.put(evidence.inbox_key, content, content_type="application/pdf")
    world.date_object(world.platform.inbox, evidence.inbox_key)
    return evidence.evidence_id
