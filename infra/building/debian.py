"""Programs and fonts of the operating system that tests need, installed where that can be done
unasked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NEEDED: Mapping[str, str] = {
    "soffice": "libreoffice-calc",
    "chromium": "chromium",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
}
"""What has to be there -> the Debian package that brings it. Tests upload what LibreOffice Calc
saves, because that is what clerks upload, and open the site in a browser that can write Chinese."""

_TRIES = 2


class MissingProgram(Exception):
    """Something is not there and cannot be installed without asking."""


def ensure(needed: Mapping[str, str]) -> None:
    """Let everything in `needed` be there, a program on the path or a file: installs the packages
    that are missing if this is root on a Debian; tried again once, because mirrors hiccup.

    Raises MissingProgram with what to do, where that is not so or does not work.
    """
    packages = [package for sign, package in needed.items() if not _is_there(sign)]
    if not packages:
        return
    advice = f"tests need the Debian packages {' '.join(packages)}: install them and run again"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise MissingProgram(advice)
    print(f"· 安装 installing {' '.join(packages)} …", flush=True)
    if not any(_installed(packages) for _ in range(_TRIES)):
        raise MissingProgram(f"apt-get failed twice; {advice}")


def _is_there(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign) is not None


def _installed(packages: list[str]) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    return all(
        subprocess.run(command, check=False, env=quiet, stdout=sys.stderr).returncode == 0
        for command in (["apt-get", "update", "-qq"], install)
    )
