"""The verifier of the public log as one file a website can run: `python3 verify.pyz --help`.

It holds `chalicelib/tlog` and the little that stands on; `cryptography` is the reader's own.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from infra.building.lock import ROOT

NAME = "verify.pyz"
KEY = f"public/v1/log/{NAME}"
"""Where it lies in the publication bucket, for anybody; also its path."""
PARTS = (
    "chalicelib/__init__.py",
    "chalicelib/kernel/__init__.py",
    "chalicelib/kernel/canonical.py",
)
_START = """import sys

from chalicelib.tlog.verify import main

sys.exit(main())
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_verifier(folder: Path) -> Path:
    """Writes the file to `folder`, equal bytes for equal sources; where it lies."""
    files = [ROOT / part for part in PARTS] + sorted((ROOT / "chalicelib/tlog").glob("*.py"))
    contents = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {"__main__.py": _START, **contents}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text)
    path = folder / NAME
    path.write_bytes(b"#!/usr/bin/env python3\n" + buffer.getvalue())
    path.chmod(0o755)
    return path


def publish_verifier(s3: Any, bucket: str, file: Path) -> None:
    """Puts the file where the pages of the site say it is."""
    s3.put_object(
        Bucket=bucket,
        Key=KEY,
        Body=file.read_bytes(),
        ContentType="application/octet-stream",
        CacheControl="public, max-age=300",
    )
