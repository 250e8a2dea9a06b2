"""A small log as it is published in a folder, made by the means the sequencer has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chalicelib.kernel.canonical import JsonValue
from chalicelib.tlog.checkpoint import Checkpoint, sign_checkpoint
from chalicelib.tlog.entry import Entry, EntryKind, salted_digest
from chalicelib.tlog.model import ENTRIES, Tile
from chalicelib.tlog.note import NoteSigner
from chalicelib.tlog.proofs import TreeView
from chalicelib.tlog.tiles import bundle_bytes, bundles_grown, tile_path
from tests.tlog.logs import KeptLog

SIGNER = NoteSigner("credit.example.cn/public/v1/log", b"s" * 32)


def document(number: int) -> JsonValue:
    return {"id": f"rec_{number}", "title": f"第{number}号行政许可", "until": "2027-01-01"}


def salt(number: int) -> bytes:
    return number.to_bytes(16, "big")


@dataclass
class PublishedLog:
    folder: Path
    signer: NoteSigner = SIGNER
    kept: KeptLog = field(default_factory=KeptLog)
    entries: list[Entry] = field(default_factory=list)

    def publish(self, count: int, kind: EntryKind = "publish") -> None:
        """Appends entries, writes what grew, and the checkpoint last."""
        old = len(self.entries)
        for number in range(old + 1, old + count + 1):
            digest = salted_digest(salt(number), document(number)) if kind != "withdraw" else None
            self.entries.append(Entry(number, kind, f"rec_{number}", 1, digest))
        data = [entry.to_bytes() for entry in self.entries]
        for tile in self.kept.append(data[old:]):
            self.write(tile_path(tile), self.kept.tiles[tile])
        for bundle in bundles_grown(old, len(data)):
            self.write_bundle(bundle, data)
        self.write("checkpoint", self.checkpoint())

    def write_bundle(self, bundle: Tile, data: list[bytes]) -> None:
        start = bundle.index * 256
        self.write(tile_path(bundle), bundle_bytes(data[start : start + bundle.width]))

    def checkpoint(self) -> bytes:
        edge = self.kept.edge
        return sign_checkpoint(Checkpoint(self.signer.name, edge.size, edge.root()), [self.signer])

    def write(self, path: str, data: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)

    def rewrite(self, number: int, entry: bytes) -> None:
        """What nobody must get away with: another entry in the bundle of an old one."""
        data = [one.to_bytes() for one in self.entries]
        data[number - 1] = entry
        index, size = (number - 1) // 256, len(data)
        self.write_bundle(Tile(ENTRIES, index, min(256, size - index * 256)), data)

    def shown(self, number: int) -> dict[str, JsonValue]:
        """The document of an entry with its proof, as a record page gives it."""
        size = self.kept.edge.size
        proof = TreeView(size, self.kept.read).inclusion_proof(number - 1)
        return {
            "document": document(number),
            "salt": salt(number).hex(),
            "entry": asdict(self.entries[number - 1]),
            "proof": [step.hex() for step in proof],
            "checkpoint": self.checkpoint().decode(),
        }

    def shown_file(self, number: int, **change: JsonValue) -> Path:
        path = self.folder.parent / f"shown{number}.json"
        path.write_text(json.dumps({**self.shown(number), **change}), encoding="utf-8")
        return path
