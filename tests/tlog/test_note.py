"""Signed notes and checkpoints: the published ones open, nothing altered or loose does."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.tlog.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from chalicelib.tlog.merkle import EMPTY_ROOT
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.note import (
    NoteSigner,
    VerifierKey,
    open_note,
    parse_verifier_key,
    sign_note,
)

# The published test data of the Go implementation of notes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01"
    "oOTGwnWLox33WWd1RvMc+QQ=\n"
)
# The example of the checkpoint specification.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

LOG = NoteSigner("credit.example.cn/log", b"l" * 32)
WITNESS = NoteSigner("witness.example.cn", b"w" * 32)


def peter() -> VerifierKey:
    return parse_verifier_key(PETER)


def enoch() -> VerifierKey:
    return parse_verifier_key(ENOCH)


def note(*lines: str, text: str = TEXT) -> bytes:
    return (text + "\n" + "".join(lines)).encode()


def checkpoint(size: int = 7) -> Checkpoint:
    return Checkpoint(LOG.name, size, b"r" * 32 if size else EMPTY_ROOT)


@pytest.mark.parametrize(
    "text",
    [
        PETER,
        ENOCH,
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        # A key whose base64 has a plus of its own.
        "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
    ],
)
def test_published_keys_read_and_are_written_the_same(text: str) -> None:
    assert parse_verifier_key(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        PETER + "\n",
        " " + PETER,
        PETER.replace("c74f20a3", "C74F20A3"),
        # Of another length, and of a type unknown to us, each with the id that fits.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_mangled_key_is_refused(text: str) -> None:
    with pytest.raises(Unproven):
        parse_verifier_key(text)


def test_the_key_of_a_witness_is_told_to_be_of_another_type() -> None:
    with pytest.raises(Unproven) as refused:  # type 0x04
        parse_verifier_key("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    assert refused.value.code == "unknown_key_type"


def test_no_part_of_a_key_and_no_key_with_a_character_changed_is_one() -> None:
    length = len(PETER)
    parts = [PETER[start:end] for start in range(length) for end in range(start, length)]
    changed = [PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :] for at in range(length)]
    for text in (*parts, *changed):
        with pytest.raises(Unproven):
            parse_verifier_key(text)


@pytest.mark.requirement("R-21")
def test_signing_the_published_text_gives_the_published_note() -> None:
    seed = base64.b64decode(PETER_SECRET)[1:]
    signer = NoteSigner("PeterNeumann", seed)
    assert signer.key.text == PETER
    assert sign_note(TEXT, [signer]) == note(PETER_LINE)
    assert seed.hex() not in repr(signer) and repr(seed) not in repr(signer)


def test_the_published_note_opens_for_whoever_knows_one_of_its_keys() -> None:
    both = note(PETER_LINE, ENOCH_LINE)
    assert open_note(both, [peter()]).signed_by == (peter(),)
    assert open_note(both, [enoch()]).signed_by == (enoch(),)
    assert open_note(both, [enoch(), peter()]).signed_by == (peter(), enoch())
    assert open_note(note(PETER_LINE, PETER_LINE), [peter(), peter()]).signed_by == (peter(),)
    assert open_note(both, [peter()]).text == TEXT
    with pytest.raises(Unproven) as refused:
        open_note(both, [])
    assert refused.value.code == "unsigned"


def test_one_wrong_signature_in_a_known_name_spoils_the_note() -> None:
    forged = PETER_LINE[:60] + "ABCD" + PETER_LINE[60:]
    with pytest.raises(Unproven) as refused:
        open_note(note(ENOCH_LINE, forged), [peter(), enoch()])
    assert refused.value.code == "bad_signature"
    assert open_note(note(ENOCH_LINE, forged), [enoch()]).signed_by == (enoch(),)


def test_two_keys_that_cannot_be_told_apart_are_refused() -> None:
    class Twin(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return peter().key_id

    with pytest.raises(Unproven):
        open_note(note(PETER_LINE), [peter(), Twin("PeterNeumann", b"t" * 32)])


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        note(),
        note(PETER_LINE[:-1]),
        note(PETER_LINE + "\n"),
        note(PETER_LINE + "Unexpected line.\n"),
        note(PETER_LINE, text="\x01" + TEXT),
        note(PETER_LINE, text=TEXT.replace("\n", "\r\n")),
        b"\xff" + note(PETER_LINE),
        note(PETER_LINE, PETER_LINE.replace("— PeterNeumann", "— Peter Neumann")),
        note(PETER_LINE, PETER_LINE.replace("— PeterNeumann", "— Peter+Neumann")),
        note(PETER_LINE, PETER_LINE.replace("— PeterNeumann", "— Peter\u2003Neumann")),
        note(PETER_LINE, PETER_LINE.replace("— PeterNeumann", "— ")),
        note(PETER_LINE, PETER_LINE.replace("— ", "- ")),
        note(PETER_LINE, PETER_LINE.replace("AM=\n", "AN=\n")),
        note(PETER_LINE, PETER_LINE.replace("AM=\n", "AM\n")),
        note(PETER_LINE, PETER_LINE.replace("AM=\n", "AM= \n")),
        note(PETER_LINE, "— other AAAAAA==\n"),
        note(PETER_LINE, "— other !!!!AAAA\n"),
        note(PETER_LINE * 101),
        note(PETER_LINE, text="x" * 1_000_000 + "\n"),
        b"",
        b"\n\n\n",
    ],
)
def test_a_malformed_note_is_refused_whoever_signed_it(data: bytes) -> None:
    with pytest.raises(Unproven):
        open_note(data, [peter()])


def test_a_text_may_hold_empty_lines_and_a_note_sixteen_signatures() -> None:
    signers = [NoteSigner(f"key{number}", bytes([number]) * 32) for number in range(16)]
    text = "one\n\ntwo\n\n"
    opened = open_note(sign_note(text, signers), [signer.key for signer in signers])
    assert opened.text == text
    assert len(opened.signed_by) == 16


@pytest.mark.parametrize(
    ("text", "signers"),
    [
        ("no newline", [LOG]),
        ("bell\x07\n", [LOG]),
        ("", [LOG]),
        (TEXT, []),
        (TEXT, [NoteSigner("two words", b"x" * 32)]),
        (TEXT, [NoteSigner("", b"x" * 32)]),
    ],
)
def test_what_could_not_be_opened_is_not_signed(text: str, signers: list[NoteSigner]) -> None:
    with pytest.raises(Unproven):
        sign_note(text, signers)


# -- checkpoints --------------------------------------------------------------------------------


def test_the_example_of_the_specification_reads_and_is_written_the_same() -> None:
    sofa = parse_checkpoint(SOFA)
    assert (sofa.origin, sofa.size) == ("example.com/behind-the-sofa", 20852163)
    assert sofa.text == SOFA


@pytest.mark.requirement("R-21")
def test_a_checkpoint_opens_with_the_key_of_the_log_also_beside_a_witness() -> None:
    for size in (0, 7, 2**63 - 1):
        data = sign_checkpoint(checkpoint(size), [LOG, WITNESS])
        assert open_checkpoint(data, [LOG.key]) == checkpoint(size)
    extended = Checkpoint(LOG.name, 7, b"r" * 32, ("more",))
    assert open_checkpoint(sign_checkpoint(extended, [LOG]), [LOG.key]) == extended


def test_a_checkpoint_only_others_signed_is_not_the_logs() -> None:
    data = sign_checkpoint(checkpoint(), [LOG, WITNESS])
    namesake = NoteSigner(LOG.name, b"x" * 32)
    for keys, code in (
        ([WITNESS.key], "other_origin"),
        ([namesake.key], "unsigned"),
        ([], "unsigned"),
    ):
        with pytest.raises(Unproven) as refused:
            open_checkpoint(data, keys)
        assert refused.value.code == code
    with pytest.raises(Unproven):
        sign_checkpoint(checkpoint(), [WITNESS])


ROOT_TEXT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"a\n7\n{ROOT_TEXT}",
        f"\n7\n{ROOT_TEXT}\n",
        "a\n7\n",
        f"a\n7\n{ROOT_TEXT}\n\n",
        f"a\n7\n{ROOT_TEXT}\n\nmore\n",
        f"a\n07\n{ROOT_TEXT}\n",
        f"a\n+7\n{ROOT_TEXT}\n",
        f"a\n-7\n{ROOT_TEXT}\n",
        f"a\n 7\n{ROOT_TEXT}\n",
        f"a\n７\n{ROOT_TEXT}\n",
        f"a\n{2**63}\n{ROOT_TEXT}\n",
        f"a\n{10**30}\n{ROOT_TEXT}\n",
        f"a\n7\n{ROOT_TEXT} \n",
        f"a\n7\n{ROOT_TEXT[:-1]}\n",
        f"a\n7\n{ROOT_TEXT[:-2]}J=\n",
        f"a\n7\n{base64.b64encode(b'r' * 31).decode()}\n",
        f"a\n0\n{ROOT_TEXT}\n",
    ],
)
def test_a_loose_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Unproven):
        parse_checkpoint(text)


@pytest.mark.parametrize("origin", ["", "two\nlines"])
def test_a_checkpoint_that_would_not_read_back_is_not_signed(origin: str) -> None:
    with pytest.raises(Unproven):
        sign_checkpoint(Checkpoint(origin, 7, b"r" * 32), [LOG])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_checkpoint_with_one_bit_turned_does_not_open(data: st.DataObject) -> None:
    signed = sign_checkpoint(checkpoint(), [LOG])
    bit = data.draw(st.integers(0, len(signed) * 8 - 1))
    turned = int.from_bytes(signed, "big") ^ 1 << bit
    with pytest.raises(Unproven):
        open_checkpoint(turned.to_bytes(len(signed), "big"), [LOG.key])


@given(st.binary(max_size=200))
def test_nothing_anybody_sends_does_more_than_be_refused(data: bytes) -> None:
    for open_it in (open_note, open_checkpoint):
        with pytest.raises(Unproven):
            open_it(data, [LOG.key])
