"""The published log, checked by nothing of ours: pymerkle's tree, Ed25519 of `cryptography`, and
the formats as C2SP writes them down (tlog-tiles, tlog-checkpoint, signed-note), read here by hand.

The published vectors of those formats are in tests/tlog: the notes of golang.org/x/mod/sumdb/note,
the examples of the specifications.
"""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree, InvalidProof

from tests.browser.city import BREACH
from tests.browser.site import Site
from tests.e2e.client import Api


def checkpoint_of(public: Api) -> tuple[bytes, str, int, bytes, bytes]:
    """The text that is signed, and in it origin, size, root; the signature line's bytes."""
    text, _, signatures = public.get("/public/v1/log/checkpoint").body.partition(b"\n\n")
    origin, size, root = text.decode().split("\n")[:3]
    signature = base64.b64decode(signatures.decode().split("\n")[0].split(" ")[2])
    return text + b"\n", origin, int(size), base64.b64decode(root), signature


def entries_of(public: Api, size: int) -> list[bytes]:
    """Every entry, from the bundles: each behind its length in two bytes."""
    found: list[bytes] = []
    for first in range(0, size, 256):
        index, width = first // 256, min(256, size - first)
        part = f".p/{width}" if width < 256 else ""
        data = public.get(f"/public/v1/log/tile/entries/{index:03d}{part}").body
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


@pytest.mark.requirement("R-21")
def test_another_implementation_comes_to_the_root_that_was_signed(site: Site) -> None:
    public = Api(site.base_url)
    text, origin, size, root, signature = checkpoint_of(public)
    tree = InmemoryTree(algorithm="sha256")
    entries = entries_of(public, size)
    for entry in entries:
        tree.append_entry(entry)
    assert (tree.get_size(), tree.get_root()) == (size, root)
    assert [json.loads(entry)["seq"] for entry in entries] == list(range(1, size + 1))

    (name, number, key), *others = [
        str(one["verifier_key"]).split("+", 2)
        for one in public.get("/public/v1/keys").json["log_keys"]
    ]
    assert (name, others) == (origin, [])
    kind, raw = base64.b64decode(key)[:1], base64.b64decode(key)[1:]
    told = hashlib.sha256(f"{name}\n".encode() + kind + raw).digest()[:4]
    assert (kind, told.hex(), signature[:4]) == (b"\x01", number, told)
    known = Ed25519PublicKey.from_public_bytes(raw)
    known.verify(signature[4:], text)
    with pytest.raises(InvalidSignature):
        known.verify(signature[4:], text.replace(str(size).encode(), str(size + 1).encode()))


@pytest.mark.requirement("R-21")
def test_another_implementation_accepts_the_proof_of_a_record(site: Site) -> None:
    public = Api(site.base_url)
    shown = public.get(f"/public/v1/records/{BREACH}/proof").json
    size, root = checkpoint_of(public)[2:4]
    seq = shown["entry"]["seq"]
    entry = entries_of(public, size)[seq - 1]
    assert json.loads(entry) == shown["entry"]
    # RFC 8785 of a document without fractions and odd names, by the standard library.
    canonical = json.dumps(
        shown["document"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    salted = hashlib.sha256(bytes.fromhex(shown["salt"]) + canonical.encode()).hexdigest()
    assert salted == shown["entry"]["salted_sha256"]

    tree = InmemoryTree(algorithm="sha256")
    for one in entries_of(public, size):
        tree.append_entry(one)
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    rule = tree.prove_inclusion(seq, size).rule
    path = [leaf, *(bytes.fromhex(step) for step in shown["proof"])]
    InclusionProof("sha256", True, size, seq, rule, path).verify(leaf, root)
    with pytest.raises(InvalidProof):
        InclusionProof("sha256", True, size, seq, rule, path).verify(leaf, bytes(32))
