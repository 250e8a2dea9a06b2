"""What tests need of the operating system is installed, or asked for in plain words."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.building import debian

APT = {"apt-get": "/usr/bin/apt-get"}


def machine(
    monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], user: int, codes: Sequence[int]
) -> list[list[str]]:
    """A machine with these programs, whose apt-get answers with `codes`; what was run on it."""
    ran: list[list[str]] = []
    answers = iter(codes)

    def run(command: list[str], **more: Any) -> SimpleNamespace:
        assert more["env"]["DEBIAN_FRONTEND"] == "noninteractive"
        ran.append(command)
        return SimpleNamespace(returncode=next(answers))

    monkeypatch.setattr(shutil, "which", programs.get)
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(subprocess, "run", run)
    return ran


def test_what_is_there_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran = machine(monkeypatch, {"soffice": "/usr/bin/there"}, 0, [])
    debian.ensure({"soffice": "libreoffice-calc", str(tmp_path): "fonts-noto-cjk"})
    assert ran == []


def test_root_on_a_debian_installs_all_that_is_missing_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = machine(monkeypatch, APT, 0, [0, 0])
    debian.ensure({"chromium": "chromium", str(tmp_path / "font.ttc"): "fonts-noto-cjk"})
    assert [command[1] for command in ran] == ["update", "install"]
    assert ran[1][-2:] == ["chromium", "fonts-noto-cjk"]


def test_a_mirror_that_hiccups_is_asked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = machine(monkeypatch, APT, 0, [0, 100, 0, 0])
    debian.ensure({"chromium": "chromium"})
    assert [command[1] for command in ran] == ["update", "install"] * 2


def test_what_fails_twice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, APT, 0, [100, 0, 100])
    with pytest.raises(debian.MissingProgram, match=r"twice.*chromium"):
        debian.ensure({"chromium": "chromium"})


@pytest.mark.parametrize(("there", "user"), [({}, 0), (APT, 1000)])
def test_everybody_else_is_told_what_to_install(
    there: dict[str, str], user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, there, user, [])
    with pytest.raises(debian.MissingProgram, match="libreoffice-calc chromium"):
        debian.ensure({"soffice": "libreoffice-calc", "chromium": "chromium"})
