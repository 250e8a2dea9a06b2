"""The packaged OpenAPI document, as the public function serves it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

DOCUMENT_FILE = Path(__file__).with_name("openapi.json")


@functools.cache
def packaged_document() -> dict[str, Any]:
    """The document written when packaging; built now where there was no packaging."""
    if not DOCUMENT_FILE.exists():
        from chalicelib.web.openapi import app_document

        return app_document()
    found: dict[str, Any] = json.loads(DOCUMENT_FILE.read_text("utf-8"))
    return found


@functools.cache
def packaged_text() -> str:
    """`packaged_document` as JSON text."""
    return json.dumps(packaged_document(), ensure_ascii=False, separators=(",", ":"))
