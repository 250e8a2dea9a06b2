"""The folder of the local run, also while a former launcher on it is still ending."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from infra.local.state import State


def test_a_note_that_goes_while_it_is_looked_for_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: True)
    assert State(tmp_path).read("process") == {}


def test_notes_are_kept(tmp_path: Path) -> None:
    State(tmp_path).write("process", {"pid": 7})
    assert State(tmp_path).read("process") == {"pid": 7}


def test_a_file_that_goes_while_the_folder_is_removed_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(tmp_path / "state")
    state.prepare(fresh=False)
    state.write("process", {"pid": 7})
    state.write("kept", {})
    remove = shutil.rmtree
    told: list[Path] = []

    def rmtree(folder: Path, ignore_errors: bool = False) -> None:
        if folder == state.folder and not told:
            told.append(folder)
            (folder / "process.json").unlink()
            os.stat(folder / "process.json")  # as rmtree fails on what another has removed
        remove(folder, ignore_errors=ignore_errors)

    monkeypatch.setattr("infra.local.state.shutil.rmtree", rmtree)
    state.prepare(fresh=True)
    assert told
    assert state.read("kept") == {}
    assert state.emulator.is_dir()
