"""`policy check`: validate the packs in a folder, with file, path and reason."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.source import Problem

__all__ = ["Problem", "check", "main"]


def check(directory: Path) -> list[Problem]:
    """Every problem of the packs below `directory` (`<jurisdiction>/<effective date>/*.yaml`).

    A folder without its own `national` base is checked over the base that ships with the platform.
    """
    return build_all(directory)[1]


def main(argv: Sequence[str]) -> int:
    """Check the folder named in `argv` (default: the packs of the project); 0 if all is well."""
    directory = Path(argv[0]) if argv else PACKS
    if not directory.is_dir():
        sys.stderr.write(f"没有这个文件夹：{directory}\n")
        return 2
    packs, problems = build_all(directory)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if problems:
        sys.stdout.write(f"共 {len(problems)} 处问题\n")
        return 1
    for pack in packs:
        sys.stdout.write(
            f"{pack.jurisdiction} {pack.version}：{len(pack.types)} 类信息，"
            f"{len(pack.schemes)} 套评价办法，没有问题\n"
        )
    return 0
