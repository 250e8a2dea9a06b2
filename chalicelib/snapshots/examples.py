"""The example of the open data list in the API document: one snapshot of a made-up city, shortened.
Plain data: a cold start builds no model for it."""

from __future__ import annotations

from typing import Any, Final

_NAME: Final = "govcredit-128-20260616T001000"
_URL: Final = f"/public/v1/snapshots/files/{_NAME}"

SNAPSHOTS: Final[dict[str, Any]] = {
    "items": [
        {
            "seq": 128,
            "built_at": "2026-06-15T16:10:00.000Z",
            "expires_at": "2026-06-16T18:00:00.000Z",
            "documents": 96,
            "changes": "/public/v1/changes?after=128",
            "files": [
                {
                    "format": "sqlite",
                    "title": "SQLite 数据库",
                    "name": f"{_NAME}.sqlite",
                    "url": f"{_URL}.sqlite",
                    "content_type": "application/vnd.sqlite3",
                    "size": 1_048_576,
                    "sha256": "5d9f2c1be07a4f6388a1c0d47be2395f6c0be1d8a7f3425910ce6b84fd27a3e6",
                    "rows": 96,
                },
                {
                    "format": "csv",
                    "title": "CSV 表格",
                    "name": f"{_NAME}.csv",
                    "url": f"{_URL}.csv",
                    "content_type": "text/csv; charset=utf-8",
                    "size": 61_952,
                    "sha256": "c07b1e52a94d36f8807f5e2d1b6ac3940de8f7162b95a40c3d71fe8890b2c46d",
                    "rows": 80,
                },
            ],
        }
    ],
    "formats": [
        {
            "format": "csv",
            "title": "CSV 表格",
            "about": "全部公开的信用信息，每行一条，UTF-8 编码，可以用表格软件打开。",
            "columns": [
                {
                    "name": "id",
                    "title": "信息编号",
                    "kind": "text",
                    "note": "全平台唯一，变更后不变",
                }
            ],
        }
    ],
    "verify": ["文件：计算所下载文件的 SHA-256，应与 sha256 相同。"],
}
