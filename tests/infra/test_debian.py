"""What tests need of the operating system is installed, or asked for in plain words."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from infra.building import debian


def test_what_is_there_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: "/usr/bin/there")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("nothing to install"))
    debian.ensure("soffice", "libreoffice-calc")


def test_root_on_a_debian_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    there = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr(shutil, "which", there.get)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda command, **more: ran.append(command))
    debian.ensure("soffice", "libreoffice-calc")
    assert [command[1] for command in ran] == ["update", "install"]
    assert ran[1][-1] == "libreoffice-calc"


@pytest.mark.parametrize(("there", "user"), [({}, 0), ({"apt-get": "/usr/bin/apt-get"}, 1000)])
def test_everybody_else_is_told_what_to_install(
    there: dict[str, str], user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", there.get)
    monkeypatch.setattr("os.geteuid", lambda: user)
    with pytest.raises(debian.MissingProgram, match="libreoffice-calc"):
        debian.ensure("soffice", "libreoffice-calc")
