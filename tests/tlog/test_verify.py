"""A website checks documents and the whole log without trusting who serves them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.tlog.checkpoint import Checkpoint, sign_checkpoint
from chalicelib.tlog.checks import check_document, check_entry, check_prefix, parse_shown
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.note import NoteSigner
from chalicelib.tlog.verify import main
from infra.building.verifier import PARTS, write_verifier
from tests.invariants.source import sources
from tests.tlog.logs import VastLog
from tests.tlog.publishing import SIGNER, PublishedLog, document, salt

KEY = ("--key", SIGNER.key.text)
OTHER_KEY = ("--key", NoteSigner(SIGNER.name, b"o" * 32).key.text)


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str]:
        code = main([str(argument) for argument in arguments])
        return code, capsys.readouterr().out

    return run


# -- a document ---------------------------------------------------------------------------------


@pytest.mark.requirement("R-21")
def test_a_document_with_its_proof_is_proven(log: PublishedLog, verify: Run) -> None:
    code, told = verify("document", log.shown_file(137), *KEY)
    assert code == 0
    assert "已证实" in told and "第137条" in told and "rec_137" in told and "300" in told


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"document": document(136)}, "other_document"),
        ({"document": {**document(137), "title": "改过的标题"}}, "other_document"),
        ({"document": {**document(137), "more": None}}, "other_document"),
        ({"salt": salt(136).hex()}, "other_document"),
        ({"salt": "00"}, "bad_salt"),
        ({"salt": None}, "bad_proof"),
        ({"salt": "A" * 32}, "bad_proof"),
        ({"proof": []}, "bad_proof"),
        ({"proof": ["00" * 32] * 9}, "bad_proof"),
        ({"proof": ["zz"]}, "bad_proof"),
        ({"proof": None}, "bad_proof"),
        ({"checkpoint": 7}, "bad_proof"),
        ({"checkpoint": "not a note"}, "bad_note"),
        ({"checkpoint": "\ud800"}, "bad_note"),
        ({"entry": {}}, "bad_entry"),
        ({"entry": None}, "bad_entry"),
    ],
)
def test_a_document_shown_otherwise_is_not(
    log: PublishedLog, verify: Run, change: dict[str, object], code: str
) -> None:
    outcome, told = verify("document", log.shown_file(137, **change), *KEY)
    assert outcome == 1
    assert "未能证实" in told and f"（{code}）" in told
    assert "改过的标题" not in told, "what was shown is not repeated"


def test_an_entry_of_another_number_kind_or_version_is_not_the_one_proven(
    log: PublishedLog, verify: Run
) -> None:
    entry = log.entries[136]
    for other in (
        replace(entry, seq=138),
        replace(entry, kind="amend"),
        replace(entry, version=2),
        replace(entry, id="rec_1"),
        replace(entry, seq=301),
    ):
        outcome, told = verify("document", log.shown_file(137, entry=asdict(other)), *KEY)
        assert (outcome, "未能证实" in told) == (1, True)


def test_a_document_of_a_log_with_another_key_is_not_proven(log: PublishedLog, verify: Run) -> None:
    assert verify("document", log.shown_file(1), *OTHER_KEY)[0] == 1
    assert verify("document", log.shown_file(1), *OTHER_KEY, *KEY)[0] == 0, "a key was changed"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bit_of_what_proves_a_document_can_be_turned(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    published = PublishedLog(tmp_path_factory.mktemp("log"))
    published.publish(6)
    number = data.draw(st.integers(1, 6))
    shown = parse_shown(json.dumps(published.shown(number)).encode())
    edge = published.kept.edge
    parts = [shown.salt, *shown.proof, edge.root()]
    which = data.draw(st.integers(0, len(parts) - 1))
    turned = int.from_bytes(parts[which], "big") ^ 1 << data.draw(
        st.integers(0, len(parts[which]) * 8 - 1)
    )
    parts[which] = turned.to_bytes(len(parts[which]), "big")
    with pytest.raises(Unproven):
        check_document(shown.document, parts[0], shown.entry)
        check_entry(shown.entry, tuple(parts[1:-1]), Checkpoint(SIGNER.name, edge.size, parts[-1]))


# -- a log --------------------------------------------------------------------------------------


@pytest.mark.requirement("R-21")
def test_yesterdays_log_is_a_prefix_of_todays_and_todays_is_kept(
    log: PublishedLog, verify: Run, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    assert verify("checkpoint", log.folder, *KEY, "--save", kept)[0] == 0
    for count in (1, 211, 700):
        log.publish(count)
        code, told = verify("prefix", kept, log.folder, *KEY, "--save", kept)
        assert code == 0
        assert str(log.kept.edge.size) in told
        assert kept.read_bytes() == log.checkpoint()
    assert [path.name for path in tmp_path.glob("kept*")] == ["kept"]


def test_a_log_that_was_rewritten_or_cut_is_found_out(
    log: PublishedLog, verify: Run, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(log.checkpoint())
    for count, code in ((100, "bad_size"), (300, "bad_proof"), (512, "bad_proof")):
        shutil.rmtree(log.folder)
        log.folder.mkdir()
        forked = PublishedLog(log.folder)
        forked.publish(99)
        forked.publish(count - 99, kind="withdraw")
        outcome, told = verify("prefix", kept, log.folder, *KEY, "--save", kept)
        assert (outcome, f"（{code}）" in told) == (1, True)
        assert kept.read_bytes() == log.checkpoint(), "what was not proven is not kept"


def test_another_logs_checkpoint_is_no_prefix(log: PublishedLog, tmp_path: Path) -> None:
    ours = Checkpoint(SIGNER.name, 300, log.kept.edge.root())
    with pytest.raises(Unproven) as refused:
        check_prefix(replace(ours, origin="elsewhere"), ours, log.kept.read)
    assert refused.value.code == "other_origin"


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 10_000_000))
def test_a_prefix_of_ten_million_entries_is_checked_with_few_reads(old: int) -> None:
    vast = VastLog(10_000_000, {old - 1: b"x" * 32, old // 2: b"y" * 32})
    before = Checkpoint("vast", old, vast.root(old))
    check_prefix(before, Checkpoint("vast", vast.size, vast.root(vast.size)), vast.read)
    assert len(vast.reads) <= 6


def test_tiles_that_do_not_give_the_signed_root_are_found_out(
    log: PublishedLog, verify: Run
) -> None:
    path = log.folder / "tile/0/001.p/44"
    good = path.read_bytes()
    for bad, code in ((good[:-1] + b"\0", "bad_tiles"), (good[:-1], "bad_tile"), (b"", "bad_tile")):
        path.write_bytes(bad)
        outcome, told = verify("checkpoint", log.folder, *KEY)
        assert (outcome, f"（{code}）" in told) == (1, True)


def test_the_whole_log_is_audited_entry_by_entry(log: PublishedLog, verify: Run) -> None:
    log.publish(5, kind="withdraw")
    code, told = verify("audit", log.folder, *KEY)
    assert (code, "全部305条" in told) == (0, True)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (lambda entry: replace(entry, version=9).to_bytes(), "bad_bundle"),
        (lambda entry: replace(entry, seq=entry.seq + 1).to_bytes(), "bad_sequence"),
        (lambda entry: entry.to_bytes() + b" ", "bad_entry"),
        (lambda entry: b"{}", "bad_entry"),
    ],
)
@pytest.mark.parametrize("number", [1, 256, 300])
def test_an_entry_served_otherwise_is_found_out(
    log: PublishedLog,
    verify: Run,
    number: int,
    entry: Callable[..., bytes],
    code: str,
) -> None:
    log.rewrite(number, entry(log.entries[number - 1]))
    outcome, told = verify("audit", log.folder, *KEY)
    assert (outcome, f"（{code}）" in told) == (1, True)


def test_an_empty_log_is_proven_too(tmp_path: Path, verify: Run) -> None:
    log = PublishedLog(tmp_path / "log")
    log.publish(0)
    (tmp_path / "kept").write_bytes(log.checkpoint())
    assert verify("checkpoint", log.folder, *KEY)[0] == 0
    assert verify("audit", log.folder, *KEY)[0] == 0
    log.publish(3)
    assert verify("prefix", tmp_path / "kept", log.folder, *KEY)[0] == 0


def test_a_signed_checkpoint_of_another_root_does_not_pass(log: PublishedLog, verify: Run) -> None:
    lie = sign_checkpoint(Checkpoint(SIGNER.name, 300, b"?" * 32), [SIGNER])
    (log.folder / "checkpoint").write_bytes(lie)
    for command in ("checkpoint", "audit"):
        assert verify(command, log.folder, *KEY)[0] == 1


# -- reading ------------------------------------------------------------------------------------


def test_what_cannot_be_read_proves_and_disproves_nothing(
    log: PublishedLog, verify: Run, tmp_path: Path
) -> None:
    (log.folder / "tile/0/001.p/44").unlink()
    (log.folder / "tile/entries/000").unlink()
    for arguments in (
        ("checkpoint", log.folder),
        ("audit", log.folder),
        ("prefix", tmp_path / "none", log.folder),
        ("checkpoint", tmp_path / "none"),
        ("document", tmp_path / "none"),
        ("document", tmp_path),
        ("checkpoint", "ftp://example.cn/log"),
        ("checkpoint", "https://name:word@example.cn/log"),
        ("checkpoint", "https://example.cn/log?x=1"),
        ("checkpoint", "https://[example.cn/log"),
    ):
        code, told = verify(*arguments, *KEY)
        assert (code, "无法读取" in told) == (3, True), arguments


def test_a_checkpoint_that_cannot_be_kept_is_said_so(
    log: PublishedLog, verify: Run, tmp_path: Path
) -> None:
    code, told = verify("checkpoint", log.folder, *KEY, "--save", tmp_path / "none" / "kept")
    assert (code, "不能写入" in told) == (3, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["checkpoint", "x"],
        ["checkpoint", "x", "--key", "nonsense"],
        ["unknown"],
    ],
)
def test_a_wrong_call_is_told_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: verify" in capsys.readouterr().err


# -- the one file -------------------------------------------------------------------------------


@pytest.mark.requirement("R-21")
def test_the_verifier_is_one_file_that_runs_by_itself(log: PublishedLog, tmp_path: Path) -> None:
    verifier = write_verifier(tmp_path)
    again = write_verifier(log.folder)
    assert verifier.read_bytes() == again.read_bytes()
    command = [sys.executable, "-I", "-X", "utf8", str(verifier), "checkpoint", str(log.folder)]
    done = subprocess.run(
        [*command, *KEY], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "已证实" in done.stdout
    wrong = subprocess.run([*command, *OTHER_KEY], cwd=tmp_path, capture_output=True, check=False)
    assert wrong.returncode == 1


def test_it_stands_on_the_standard_library_and_cryptography_alone() -> None:
    packed = sources("chalicelib/tlog", *PARTS)
    modules = {source.module for source in packed}
    for source in packed:
        for entry in source.imports:
            top = entry.module.split(".")[0]
            assert (
                top in sys.stdlib_module_names or top == "cryptography" or entry.module in modules
            ), f"{source.place}:{entry.line}"
