"""Programs of the operating system that tests need, installed where that can be done unasked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

SPREADSHEETS = ("soffice", "libreoffice-calc")
"""LibreOffice Calc: tests upload what it saves, because that is what clerks upload."""


class MissingProgram(Exception):
    """A program is not there and cannot be installed without asking."""


def ensure(program: str, package: str) -> None:
    """Let `program` be on the path: installs the Debian `package` if this is root on a Debian.

    Raises MissingProgram with what to do, where that is not so.
    """
    if shutil.which(program):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise MissingProgram(f"tests need `{program}`: install the package {package} and run again")
    print(f"· 安装 installing {package} …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, check=True, env=quiet, stdout=sys.stderr)
