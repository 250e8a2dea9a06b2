"""An entry commits to a document without saying anything of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.tlog.entry import (
    KINDS,
    Entry,
    entry_from,
    parse_entry,
    salted_digest,
    strict_json,
)
from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.model import Unproven
from tests.kernel.test_canonical import values

SALT = bytes(range(16))
DOCUMENT: JsonValue = {"id": "rec_1", "title": "准予行政许可决定书", "days": 7, "marks": []}
ENTRY = Entry(12, "publish", "rec_1", 3, salted_digest(SALT, DOCUMENT))

entries = st.builds(
    Entry,
    seq=st.integers(1, 2**53 - 1),
    kind=st.sampled_from(KINDS),
    id=st.from_regex(r"\A[a-z]{3}_[a-z2-7]{26}\Z"),
    version=st.integers(1, 2**53 - 1),
    salted_sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
)


@pytest.mark.requirement("R-21")
def test_an_entry_is_its_canonical_json_and_nothing_of_the_document() -> None:
    digest = hashlib.sha256(SALT + canonical_json(DOCUMENT)).hexdigest()
    assert ENTRY.to_bytes() == (
        b'{"id":"rec_1","kind":"publish","salted_sha256":"%b","seq":12,"version":3}'
        % digest.encode()
    )
    assert ENTRY.leaf() == leaf_hash(ENTRY.to_bytes())
    assert ENTRY.index == 11


def test_without_the_salt_a_guess_cannot_be_tested() -> None:
    assert salted_digest(SALT, DOCUMENT) != salted_digest(SALT[::-1], DOCUMENT)
    for salt in (b"", SALT[:-1], SALT + b"x"):
        with pytest.raises(Unproven):
            salted_digest(salt, DOCUMENT)


@given(values, values)
def test_other_documents_have_other_digests(one: JsonValue, other: JsonValue) -> None:
    are_equal = canonical_json(one) == canonical_json(other)
    assert (salted_digest(SALT, one) == salted_digest(SALT, other)) == are_equal


def test_a_withdrawal_has_no_document_and_all_else_has_one() -> None:
    withdrawn = Entry(13, "withdraw", "rec_1", 4)
    assert b'"salted_sha256":null' in withdrawn.to_bytes()
    assert parse_entry(withdrawn.to_bytes()) == withdrawn
    for kind in ("publish", "amend", "annotate"):
        with pytest.raises(Unproven):
            Entry(13, kind, "rec_1", 4)


@given(entries)
def test_every_entry_reads_back(entry: Entry) -> None:
    assert parse_entry(entry.to_bytes()) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"seq": -1},
        {"seq": True},
        {"seq": 2**53},
        {"seq": "12"},
        {"version": 0},
        {"version": None},
        {"kind": "delete"},
        {"kind": ["publish"]},
        {"id": ""},
        {"id": "张三"},
        {"id": "a b"},
        {"id": "a\n"},
        {"id": "x" * 129},
        {"id": 7},
        {"salted_sha256": "ab"},
        {"salted_sha256": "A" * 64},
        {"salted_sha256": "a" * 64 + "\n"},
        {"salted_sha256": 7},
    ],
)
def test_an_entry_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Unproven):
        replace(ENTRY, **change)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"7",
        b"null",
        ENTRY.to_bytes() + b"\n",
        b" " + ENTRY.to_bytes(),
        b"\xef\xbb\xbf" + ENTRY.to_bytes(),
        ENTRY.to_bytes().replace(b'"version":3', b'"version":3,"note":"x"'),
        ENTRY.to_bytes().replace(b'"version":3', b'"version":3,"version":3'),
        ENTRY.to_bytes().replace(b',"version":3', b""),
        ENTRY.to_bytes().replace(b'"version":3', b'"version":3.0'),
        ENTRY.to_bytes().replace(b"rec_1", b"\\u0072ec_1"),
        b'{"version":3,' + ENTRY.to_bytes()[1:].replace(b',"version":3', b""),
    ],
)
def test_an_entry_has_one_spelling(data: bytes) -> None:
    with pytest.raises(Unproven):
        parse_entry(data)


@given(entries, st.data())
def test_an_entry_with_one_bit_turned_is_another_leaf_or_none(
    entry: Entry, data: st.DataObject
) -> None:
    spelled = entry.to_bytes()
    turned = int.from_bytes(spelled, "big") ^ 1 << data.draw(st.integers(0, len(spelled) * 8 - 1))
    try:
        other = parse_entry(turned.to_bytes(len(spelled), "big"))
    except Unproven:
        return
    assert other != entry and other.leaf() != entry.leaf()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'[{"b":{"a":1,"a":2}}]',
        b"[0.5]",
        b"[1e3]",
        b"[NaN]",
        b"[-Infinity]",
        b"\xff",
        b"{",
        b"[" * 100_000,
        b"9" * 5_000,
    ],
)
def test_json_that_readers_understand_differently_is_refused(data: bytes) -> None:
    with pytest.raises(Unproven):
        strict_json(data)


def test_a_document_without_canonical_json_is_refused() -> None:
    for document in ({"a": "\ud800"}, {"a": 2**53}, strict_json(b'"\\ud800"')):
        with pytest.raises(Unproven):
            salted_digest(SALT, document)


def test_members_of_an_entry_are_those_five() -> None:
    assert entry_from(strict_json(ENTRY.to_bytes())) == ENTRY
    with pytest.raises(Unproven):
        entry_from({"seq": 1})
