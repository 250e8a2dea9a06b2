"""Whoever is shown a proof can check it with the keys alone, also in a log of ten million."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymerkle import InclusionProof, InmemoryTree

from chalicelib.feed import logfiles, proving, service, store
from chalicelib.feed.publishing import publish
from chalicelib.feed.routes import routes
from chalicelib.kernel.errors import Invalid, NotFound, Unavailable
from chalicelib.tlog import verify
from chalicelib.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from chalicelib.tlog.entry import Entry
from chalicelib.tlog.model import ENTRIES
from chalicelib.tlog.proofs import TreeView, check_consistency, check_inclusion
from chalicelib.tlog.tiles import bundle_bytes, parse_tile_path
from chalicelib.web import edge
from tests.feed.builders import document, hide, show
from tests.feed.publication import commit, read_note
from tests.support.faults import counting
from tests.support.world import World
from tests.tlog.logs import VastLog
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-20", "R-21")

VAST = 10_000_000


def signed_root(world: World) -> Checkpoint:
    return open_checkpoint(read_note(world), [world.platform.log_signer.key])


def test_a_document_shown_is_proved_to_a_website_with_nothing_but_the_key(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(world, document("r_1"), document("r_2", text="更正前"), document("r_3"))
    publish(world.platform)
    show(world, document("r_2", 2, text="更正后"))
    hide(world, "r_3", 2)
    publish(world.platform)
    shown = service.current_documents(world.platform, ["r_1", "r_2", "r_3"])
    assert set(shown) == {"r_1", "r_2"}
    file, key = tmp_path / "shown.json", ["--key", world.platform.log_signer.key.text]
    for one in shown.values():
        data = service.prove(world.platform, one.seq).shown(one.content, one.salt)
        file.write_bytes(data)
        assert verify.main(["document", str(file), *key]) == verify.PROVEN
        file.write_bytes(data.replace(b'"version":', b'"version":1', 1))
        assert verify.main(["document", str(file), *key]) == verify.NOT_PROVEN
    assert "r_2 第2版（日志长度5）" in capsys.readouterr().out


def test_every_entry_is_proved_and_pymerkle_agrees(world: World) -> None:
    commit(world, 259)
    publish(world.platform)
    theirs = InmemoryTree(algorithm="sha256")
    for change in store.changes_after(world.platform, 0, 300):
        theirs.append_entry(change.entry.to_bytes())
    root = signed_root(world).root
    for seq in (1, 2, 128, 255, 256, 257, 259):
        proof = proving.prove(world.platform, seq)
        assert proof.entry.seq == seq
        check_inclusion(proof.entry.leaf(), seq - 1, 259, proof.steps, root)
        rule = theirs.prove_inclusion(seq, 259).rule
        leaf = proof.entry.leaf()
        InclusionProof("sha256", True, 259, seq, rule, [leaf, *proof.steps]).verify(leaf, root)


def test_any_length_is_proved_to_be_how_a_longer_one_begins(world: World) -> None:
    commit(world, 300)
    edges = {}
    publish(world.platform)
    commit(world, 260)
    publish(world.platform)
    for size in (0, 1, 37, 256, 257, 300, 511, 560):  # most were never a checkpoint
        edges[size] = TreeView(size, logfiles.reader_within(world.platform, 560)).root()
    assert edges[560] == signed_root(world).root
    for old, old_root in edges.items():
        for new, root in edges.items():
            if old <= new:
                proof = proving.prove_consistency(world.platform, old, new)
                check_consistency(old, old_root, new, root, proof.steps)


def test_a_proof_in_a_log_of_ten_million_takes_few_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = 7_654_321
    entry = Entry(seq, "publish", "r_1", 1, "ab" * 32)
    log = VastLog(VAST, {entry.index: entry.leaf()})
    signer = world.platform.log_signer
    note = sign_checkpoint(Checkpoint(signer.name, VAST, log.root(VAST)), [signer])
    logfiles.write_checkpoint(world.platform, note, "")
    read: list[str] = []

    def fetch(bucket: object, path: str) -> bytes:
        read.append(path)
        tile = parse_tile_path(path)
        if tile.level == ENTRIES:
            filler = [entry.to_bytes()] * 256
            return bundle_bytes(filler)
        return log.read(tile)

    monkeypatch.setattr(logfiles, "_fetch", fetch)
    with counting() as made:
        proof = proving.prove(world.platform, seq)
    check_inclusion(entry.leaf(), entry.index, VAST, proof.steps, log.root(VAST))
    assert len(read) + len(made) <= 12
    proving.prove_consistency(world.platform, 1_234_567)
    assert len(read) <= 25
    before = len(read)
    proving.prove(world.platform, seq)
    kept = len(read) - before
    assert kept < before / 2, "full tiles are read once by a worker"


def test_what_is_not_published_yet_is_told_to_come_back(world: World) -> None:
    with pytest.raises(NotFound):
        proving.current_checkpoint(world.platform)
    commit(world, 2)
    publish(world.platform)
    commit(world, 1)
    with pytest.raises(Unavailable) as refused:
        proving.prove(world.platform, 3)
    assert refused.value.retry_after == logfiles.CHECKPOINT_SECONDS


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [(3, None, "/query/from"), (2, 1, "/query/from"), (1, 3, "/query/to")],
)
def test_lengths_the_log_does_not_have_are_named(
    world: World, old: int, new: int | None, pointer: str
) -> None:
    commit(world, 2)
    publish(world.platform)
    with pytest.raises(Invalid) as refused:
        proving.prove_consistency(world.platform, old, new)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_a_log_that_does_not_fit_together_proves_nothing(world: World) -> None:
    commit(world, 3)
    publish(world.platform)
    bucket = world.platform.publication
    for path, data in (
        ("tile/entries/000.p/3", bundle_bytes([b"{}"] * 3)),
        ("tile/0/000.p/3", bytes(95)),
        ("checkpoint", b"no note"),
    ):
        bucket.put(f"{logfiles.PREFIX}{path}", data, content_type="text/plain")
        with pytest.raises(Unavailable):
            proving.prove(world.platform, 2)


def test_a_tile_that_is_gone_is_our_fault_and_not_a_crash(world: World) -> None:
    commit(world, 3)
    publish(world.platform)
    world.platform.publication.delete(f"{logfiles.PREFIX}tile/0/000.p/3")
    with pytest.raises(Unavailable):
        proving.prove(world.platform, 2)


# -- through the API ----------------------------------------------------------------------------


def test_the_checkpoint_and_proofs_of_consistency_are_served(world: World) -> None:
    api = edge.build([routes], None, None, lambda: world.platform)

    def get(path: str, **query: str) -> Reply:
        return call(api, "GET", f"/public/v1/log/{path}", query=query)

    assert get("checkpoint").status == 404
    commit(world, 5)
    publish(world.platform)
    before = signed_root(world)
    commit(world, 300)
    publish(world.platform)
    checkpoint = get("checkpoint")
    assert checkpoint.text.encode() == read_note(world)
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "public, max-age=5"
    assert get("consistency").status == 422
    assert get("consistency", **{"from": "306"}).code == "invalid"
    proof = get("consistency", **{"from": "5"}).json
    steps = [bytes.fromhex(step) for step in proof["proof"]]
    now = open_checkpoint(proof["checkpoint"].encode(), [world.platform.log_signer.key])
    check_consistency(5, before.root, proof["to"], now.root, steps)
