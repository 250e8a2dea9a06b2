"""The key the public log is signed with: made once, sealed by a KMS key of its own."""

from __future__ import annotations

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed, invoke
from chalicelib.aws.table import Table
from chalicelib.aws.writes import ABSENT
from chalicelib.kernel.errors import Misconfigured
from chalicelib.kernel.ids import Ids
from chalicelib.kernel.settings import Settings
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.note import NoteSigner, VerifierKey, parse_verifier_key

LOG_KEY = "LOGKEY"
_SEALED_FOR = {"purpose": "govcredit-log-key"}
_SEED_BYTES = 32


def create_log_key(keys: Table, settings: Settings, ids: Ids) -> VerifierKey:
    """Make the log's Ed25519 key unless it is there: safe to repeat, and needs no right to open it.

    Raises Misconfigured if the log has no name, or the key that is there bears another one.
    """
    found = keys.get(LOG_KEY)
    if found is not None:
        return _checked(found, settings)
    signer = NoteSigner(_name(settings), ids.random_bytes(_SEED_BYTES))
    key = _key_of(signer)
    answer = invoke(
        "kms",
        "encrypt",
        "log_key",
        KeyId=settings.log_key_id,
        Plaintext=signer.seed,
        EncryptionContext=_SEALED_FOR,
    )
    item: Item = {
        "pk": LOG_KEY,
        "sk": "-",
        # Published by what publishes the keys of the keyring.
        "entity": "keyring",
        "version": 1,
        "sealed": bytes(answer["CiphertextBlob"]),
        "verifier_key": key.text,
    }
    try:
        keys.put(item, ABSENT)
    except ConditionFailed as error:
        there = error.items[0]
        if there is None:
            raise
        return _checked(there, settings)
    return key


def open_log_key(keys: Table, settings: Settings) -> NoteSigner:
    """The log's key, opened; only the sequencer's role can. Raises Misconfigured before `setup`
    has run, and for a key of another log's name."""
    item = keys.get(LOG_KEY)
    if item is None:
        raise Misconfigured("日志签名密钥尚未生成：请先运行 setup")
    key = _checked(item, settings)
    answer = invoke(
        "kms",
        "decrypt",
        "log_key",
        KeyId=settings.log_key_id,
        CiphertextBlob=item["sealed"],
        EncryptionContext=_SEALED_FOR,
    )
    signer = NoteSigner(key.name, bytes(answer["Plaintext"]))
    if signer.key != key:
        raise Misconfigured("日志签名密钥与其公钥不符")
    return signer


def _checked(item: Item, settings: Settings) -> VerifierKey:
    key = parse_verifier_key(str(item["verifier_key"]))
    if key.name != _name(settings):
        raise Misconfigured("日志名称（LOG_ORIGIN）与已生成的签名密钥不符：日志不能改名")
    return key


def _name(settings: Settings) -> str:
    if not settings.log_origin:
        raise Misconfigured("缺少日志名称（LOG_ORIGIN）")
    return settings.log_origin


def _key_of(signer: NoteSigner) -> VerifierKey:
    try:
        return signer.key
    except Unproven as error:
        raise Misconfigured("日志名称（LOG_ORIGIN）不得含空白、控制字符或加号") from error
