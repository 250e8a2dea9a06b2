"""Small public worlds, and large ones: documents, the changes that brought them, files of both."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chalicelib.feed.model import Change, Document, Entity, Head, WithdrawalReason, document_id
from chalicelib.replica import building, examples
from chalicelib.snapshots import exports
from chalicelib.tlog.entry import Entry, EntryKind

NOW = "2026-06-15T04:00:00.000Z"
AGENCY, BODY, FIRM = "11320100000000001A", "11320100000000002B", "91320100000000003C"


_spelled = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _canonical(document: Mapping[str, Any]) -> bytes:
    # `kernel.canonical` for documents without fractions and odd names; a large world has many.
    return _spelled(document).encode()


def salt_of(seq: int) -> bytes:
    """The salt of change `seq`; in a made-up world it need not be random."""
    return hashlib.sha256(b"salt%d" % seq).digest()[:16]


@dataclass
class Log:
    """A feed in memory, with the reading side of `feed.service`: what is published in it becomes
    changes and current documents."""

    changes: list[Change] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)

    def publish(
        self, entity: Entity, name: str, document: Mapping[str, Any], until: str = ""
    ) -> Document:
        """Show a document for the first time, or changed."""
        before = self.documents.get(name)
        kind: EntryKind = "publish" if before is None else "amend"
        seq, version = len(self.changes) + 1, before.version + 1 if before else 1
        content = _canonical(document)
        salt = salt_of(seq)
        entry = Entry(seq, kind, name, version, hashlib.sha256(salt + content).hexdigest())
        self.changes.append(Change(entry, entity, NOW, until))
        made = Document(name, entity, version, seq, content, salt, until)
        self.documents[name] = made
        return made

    def record(self, **changes: Any) -> Document:
        """Publish a record made by `record_document`."""
        document = record_document(**changes)
        until = document["publicity"]["until"] or ""
        return self.publish("record", document["id"], document, until)

    def subject(self, **changes: Any) -> Document:
        """Publish a registered body."""
        document = {**examples.BODY, "code": BODY, **changes}
        return self.publish("subject", document_id("subject", document["code"]), document)

    def withdraw(self, name: str, reason: WithdrawalReason = "withdrawn") -> None:
        """Take a document back."""
        gone = self.documents.pop(name)
        entry = Entry(len(self.changes) + 1, "withdraw", name, gone.version + 1)
        self.changes.append(Change(entry, gone.entity, NOW, reason=reason))

    @property
    def head(self) -> Head:
        """How far it has come."""
        return Head(len(self.changes), NOW if self.changes else "")

    def after(self, seq: int, limit: int) -> tuple[Change, ...]:
        """The changes after `seq`."""
        return tuple(self.changes[seq : seq + limit])

    def current(self, ids: Iterable[str]) -> dict[str, Document]:
        """The current documents among these."""
        return {name: self.documents[name] for name in ids if name in self.documents}

    def file(self, path: Path) -> sqlite3.Connection:
        """A replica of it at `path`, open for writing."""
        connection = building.create(path)
        building.apply(connection, self.changes, self.documents)
        return connection


def record_document(**changes: Any) -> dict[str, Any]:
    """A public penalty; `until`, `subject_name` and the like reach into its parts."""
    document: dict[str, Any] = {
        **examples.RECORD,
        "id": "r_1",
        "marks": [],
        "statement": None,
    }
    parts = {"subject": ("code", "name", "kind"), "reporter": ("code", "name")}
    for part, names in parts.items():
        given = {
            name: changes.pop(f"{part}_{name}") for name in names if f"{part}_{name}" in changes
        }
        document[part] = {**document[part], **given}
    if "until" in changes:
        document["publicity"] = {**document["publicity"], "until": changes.pop("until")}
    if "text" in changes:
        text = changes.pop("text")
        document["fields"] = [{**document["fields"][0], "value": text, "text": text}]
    return document | changes


# -- a large world --------------------------------------------------------------------------------

_AREAS = [f"3201{number:02d}" for number in range(1, 13)] + [f"3206{n:02d}" for n in range(1, 9)]
_TYPES = (
    ("administrative_licence", "行政许可", "licence", "行政许可信息", False, None),
    ("administrative_penalty", "行政处罚", "penalty", "行政处罚信息", False, "general"),
    ("administrative_penalty", "行政处罚", "penalty", "行政处罚信息", False, "minor"),
    ("contract_breach", "违约失信", "breach", "违约失信信息", True, "general"),
    ("court_judgment", "司法裁判", "court", "司法裁判信息", True, "serious"),
    ("honour", "表彰奖励", "honour", "诚实守信相关荣誉", False, None),
)
_TITLES = {"minor": "轻微", "general": "一般", "serious": "严重"}
_TRADES = ("建设", "交通运输", "食品药品", "环境保护", "市场监督", "自然资源", "文化旅游", "教育")
_WORKS = ("污水处理", "道路拓宽", "校舍加固", "河道清淤", "幼儿园食堂", "公交站台", "老旧小区改造")
_FAULTS = ("未按约定期限支付工程款", "未取得施工许可证擅自开工", "超范围经营食品", "逾期未整改")


def big_documents(count: int) -> Iterator[dict[str, Any]]:
    """`count` records about some thousand bodies and firms, as different as a city's are."""
    for number in range(count):
        yield _big_document(number)


def _big_document(number: int) -> dict[str, Any]:
    kind, title, category, category_title, dishonesty, severity = _TYPES[number * 7 % 6]
    who, agency = number * 31 % 4001, number * 17 % 211
    area, trade = _AREAS[number * 13 % 20], _TRADES[who % 8]
    day = date(2022, 1, 1) + timedelta(days=number * 37 % 1600)
    until = f"{2027 + number % 3}-{1 + number % 12:02d}-01T16:00:00.000Z"
    text = (
        f"{_FAULTS[number % 4]}，涉及{_TRADES[number % 8]}领域{_WORKS[number % 7]}工程"
        f"第{number % 977}标段，经查证属实，依法作出决定。"
    )
    number_text = f"示{_TRADES[agency % 8][0]}字〔{day.year}〕{number}号"
    name = hashlib.sha256(b"%d" % number).hexdigest()
    fields = (
        ("document_number", "决定书文号", number_text, "CF_WSH"),
        ("facts", "违法事实", text, "CF_SY"),
        ("decided_by", "决定机关", f"示例市{_TRADES[agency % 8]}局", "CF_CFJG"),
        ("decided_on", "决定日期", day.isoformat(), "CF_JDRQ"),
    )
    return record_document(
        id=f"r_{name[:26]}",
        type=kind,
        type_title=title,
        category=category,
        category_title=category_title,
        dishonesty=dishonesty,
        severity=severity,
        severity_title=_TITLES.get(severity or ""),
        subject_code=f"9132{who:014d}",
        subject_name=f"示例市{_WORKS[who % 7]}{trade}第{who}有限公司",
        reporter_code=f"1132{agency:014d}",
        reporter_name=f"示例市第{agency}{_TRADES[agency % 8]}局",
        region=area,
        region_title=f"示例区{area}",
        occurred_on=day.isoformat(),
        on_time=number % 10 != 0,
        until=until,
        fields=[
            {"code": code, "title": label, "value": value, "text": value, "standard_code": standard}
            for code, label, value, standard in fields
        ],
    )


def big_world(path: Path, count: int) -> None:
    """A finished file of `count` records, as a snapshot is."""
    base = path.with_suffix(".base")
    connection = building.create(base)
    log = Log()
    for document in big_documents(count):
        log.publish("record", document["id"], document, document["publicity"]["until"] or "")
        if len(log.changes) % 5000 == 0:
            building.apply(connection, log.changes[-5000:], log.documents)
    building.apply(connection, log.changes, log.documents)
    exports.finish(connection, path)
    connection.close()
    base.unlink()
