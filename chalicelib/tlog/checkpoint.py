"""C2SP tlog-checkpoint: what the log was at one size, signed by the log."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.tlog.merkle import EMPTY_ROOT
from chalicelib.tlog.model import HASH_BYTES, MAX_SIZE, Unproven
from chalicelib.tlog.note import NoteSigner, VerifierKey, from_base64, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin (the log's identity), number of entries, root hash; other lines are kept unread."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text ("Note text")."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """The inverse of `Checkpoint.text`. Raises Unproven for anything but its exact form."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise Unproven("bad_checkpoint", "检查点须至少三行、没有空行、以换行结尾")
    origin, size_text, root_text, *extensions = lines
    if not _SIZE.fullmatch(size_text) or int(size_text) > MAX_SIZE:
        raise Unproven("bad_checkpoint", "检查点的日志长度不是规范的十进制整数")
    root = from_base64(root_text)
    if len(root) != HASH_BYTES:
        raise Unproven("bad_checkpoint", "检查点的根哈希不是32字节")
    if size_text == "0" and root != EMPTY_ROOT:
        raise Unproven("bad_checkpoint", "空日志的根哈希不正确")
    return Checkpoint(origin, int(size_text), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """The checkpoint as a signed note. Raises Unproven unless it reads back as it is and one of
    the signers is the log itself.

    Whether it contradicts one signed before is for the caller to know.
    """
    if parse_checkpoint(checkpoint.text) != checkpoint:
        raise Unproven("bad_checkpoint", "检查点的内容不能按规范写出")
    if checkpoint.origin not in [signer.name for signer in signers]:
        raise Unproven("other_origin", "检查点须由其来源日志的密钥签名")
    return sign_note(checkpoint.text, signers)


def open_checkpoint(data: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint in a signed note, once one of `keys` that bears the log's name signed it.

    Raises Unproven if it is malformed, altered, or another log's.
    """
    note = open_note(data, keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in [key.name for key in note.signed_by]:
        raise Unproven("other_origin", "检查点的来源与签名公钥的名称不符")
    return checkpoint
