"""Examples of ratings of third parties."""

from __future__ import annotations

from typing import Final

from chalicelib.replica.examples import LOG, Example

RATING_EXAMPLE: Final[Example] = {
    "id": "sample_trust_index/2025/11320100000000001A",
    "version": 1,
    "source": "third_party",
    "source_title": "第三方评价",
    "system": "sample_trust_index",
    "system_version": 1,
    "title": "示例政务诚信指数",
    "method": "问卷调查和公开信息，按权重合计",
    "period": "2025",
    "institution": {"code": "12990100MB0000070X", "name": "示例大学"},
    "institution_kind": "university",
    "institution_kind_title": "高等院校、科研院所",
    "body": {"code": "11320100000000001A", "name": "示例市交通运输局"},
    "region": "329900",
    "score": "84.0",
    "scale": {"lowest": "0", "highest": "100", "better": "higher"},
    "grade": "A",
    "grade_title": "好",
    "indicators": [
        {"code": "promises", "title": "承诺履行", "weight": "60", "score": "90"},
        {"code": "voice", "title": "社会评价", "weight": "40", "score": "75"},
    ],
    "note": None,
    "published_on": "2026-06-15",
    "verification": {
        "rating": (
            '{"grade":"A","indicators":{"promises":"90","voice":"75"},"note":"",'
            '"score":"84.0","unified_code":"11320100000000001A"}'
        ),
        "index": 0,
        "count": 2,
        "proof": ["3b" * 32],
        "statement": "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9LSXkifQ.eyJjb3VudCI6Mn0.c2lnbmF0dXJl",
        "key": {
            "kid": "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
    },
    "as_of": "2026-06-15T04:00:00.000Z",
}
LOGGED_RATING_EXAMPLE: Final[Example] = {
    **RATING_EXAMPLE,
    "log": {**LOG, "proof": f"/public/v1/third-party-ratings/{RATING_EXAMPLE['id']}/proof"},
}
RATING_LIST_EXAMPLE: Final[Example] = {"items": [LOGGED_RATING_EXAMPLE], "next_page_token": None}
