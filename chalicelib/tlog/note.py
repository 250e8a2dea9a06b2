"""C2SP signed-note: text with Ed25519 signatures (type 0x01) by named keys, and nothing loose."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.tlog.model import Unproven

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
"""The specification demands at least 16 ("Format"); the notes of Go stop at 100, too."""

_ED25519 = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 4
_LINE_START = "— "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key, as verifiers are configured with it."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != _KEY_BYTES:
            raise Unproven("bad_key", "验证公钥不是32字节的 Ed25519 公钥")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || 0x01 || public key)[:4] ("Signatures")."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[
            :_ID_BYTES
        ]

    @property
    def text(self) -> str:
        """`name+id+key`, the form in which keys are handed on (as the notes of Go do)."""
        key = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether `signature` is this key's over `text`."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_verifier_key(text: str) -> VerifierKey:
    """The inverse of `VerifierKey.text`. Raises Unproven for anything else."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    if data[:1] != _ED25519:
        raise Unproven("unknown_key_type", "验证公钥不是 Ed25519 类型（0x01）")
    key = VerifierKey(name, data[1:])
    if key.text != text:
        raise Unproven("bad_key", "验证公钥的名称、编号与公钥不相符")
    return key


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A named private key: the 32-byte seed of RFC 8032 §5.1.5."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def key(self) -> VerifierKey:
        """The public half."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, public.public_bytes_raw())

    def line(self, text: str) -> str:
        """The signature line under `text`, without its newline."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{_LINE_START}{self.name} {_to_base64(self.key.key_id + signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """The text of a note, and which of the known keys signed it: at least one."""

    text: str
    signed_by: tuple[VerifierKey, ...]


def sign_note(text: str, signers: Sequence[NoteSigner]) -> bytes:
    """`text` with a signature of each signer. The same keys and text give the same bytes."""
    if not signers:
        raise Unproven("unsigned", "签名文本须至少有一个签名")
    _check_text(text)
    lines = "".join(signer.line(text) + "\n" for signer in signers)
    return f"{text}\n{lines}".encode()


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> Note:
    """The note in `data`, signed by one or more of `keys`.

    Signatures of unknown keys are ignored; a wrong one in the name of a known key spoils the note.
    Raises Unproven if it is malformed or no known key signed it.
    """
    known = _by_name_and_id(keys)
    text, lines = _taken_apart(data)
    signed_by: list[VerifierKey] = []
    for line in lines:
        name, key_id, signature = _signature(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        if not key.has_signed(text, signature):
            raise Unproven("bad_signature", "签名与内容不符：内容或签名被改动过")
        if key not in signed_by:
            signed_by.append(key)
    if not signed_by:
        raise Unproven("unsigned", "没有所信任的公钥的签名")
    return Note(text, tuple(signed_by))


def from_base64(text: str) -> bytes:
    """Standard base64, in the one spelling that encoding gives (RFC 4648 §3.5). Raises Unproven."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unproven("bad_base64", "base64 编码不正确") from error
    if _to_base64(data) != text:
        raise Unproven("bad_base64", "base64 编码不是规范写法")
    return data


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _by_name_and_id(keys: Iterable[VerifierKey]) -> Mapping[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise Unproven("bad_key", "两个验证公钥的名称和编号相同而公钥不同")
    return known


def _taken_apart(data: bytes) -> tuple[str, list[str]]:
    """Text and signature lines, parted by the last empty line."""
    if len(data) > MAX_NOTE_BYTES:
        raise Unproven("bad_note", "签名文本过长")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Unproven("bad_note", "签名文本不是 UTF-8 文本") from error
    before, parting, after = whole.rpartition("\n\n")
    if not parting or not after.endswith("\n"):
        raise Unproven("bad_note", "签名文本缺少空行、签名行或结尾的换行")
    text, lines = before + "\n", after[:-1].split("\n")
    _check_text(text)
    if len(lines) > MAX_SIGNATURES:
        raise Unproven("bad_note", "签名文本的签名过多")
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Key name, key id and signature of a signature line."""
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not space:
        raise Unproven("bad_note", "签名行的格式不正确")
    _check_name(name)
    data = from_base64(encoded)
    if len(data) <= _ID_BYTES:
        raise Unproven("bad_note", "签名行的签名过短")
    return name, data[:_ID_BYTES], data[_ID_BYTES:]


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise Unproven("bad_note", "签名文本须以换行结尾，且不含其他控制字符")


def _check_name(name: str) -> None:
    if not name or any(char.isspace() or char < " " or char == "+" for char in name):
        raise Unproven("bad_key", "公钥名称不得为空，不得含空白、控制字符或加号")
