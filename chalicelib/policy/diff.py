"""`policy diff A B`: what changes for whom from one pack to another, in Chinese.

    policy diff nantong yancheng                        the newest version of each
    policy diff nanjing@2024-01-01 nanjing@2024-09-13   two versions of one
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from chalicelib.policy.base import AUDIENCES
from chalicelib.policy.comparing import changes
from chalicelib.policy.comparing_parts import REST
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.model import Pack


def main(argv: Sequence[str]) -> int:
    """Compare the two packs named in `argv`, in the folder given third (default: the project's).

    0 if they could be compared, 2 if one is unknown or broken.
    """
    directory = Path(argv[2]) if len(argv) > 2 else PACKS
    if not directory.is_dir():
        sys.stderr.write(f"没有这个文件夹：{directory}\n")
        return 2
    packs, problems = build_all(directory)
    if problems:
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
        sys.stderr.write("政策包有误，先用 policy check 改好再比较\n")
        return 2
    found = [_named(packs, name) for name in argv[:2]]
    for name, pack in zip(argv, found, strict=False):
        if pack is None:
            known = "、".join(f"{one.jurisdiction}@{one.version}" for one in packs)
            sys.stderr.write(f"没有政策包 {name}，现有：{known}\n")
            return 2
    before, after = (pack for pack in found if pack is not None)
    sys.stdout.write(report(before, after))
    return 0


def report(before: Pack, after: Pack) -> str:
    """The changes grouped by whom they concern, one sentence a line.

    Entries that differ in nothing but their basis or notes are only counted.
    """
    lines = [f"由{_name(before)}到{_name(after)}：", ""]
    found = changes(before, after)
    told = [change for change in found if not change.text.endswith(REST)]
    for audience, group in groupby(told, key=lambda change: change.affects):
        lines.append(f"对{AUDIENCES[audience]}")
        lines += [f"  * {change.text}" for change in group]
        lines.append("")
    lines.append(f"共 {len(told)} 处不同" if told else "没有不同")
    if len(found) > len(told):
        lines.append(f"另有 {len(found) - len(told)} 处只是{REST}")
    return "\n".join(lines) + "\n"


def _name(pack: Pack) -> str:
    return f"{pack.title}（{pack.version}）"


def _named(packs: Sequence[Pack], name: str) -> Pack | None:
    """`jurisdiction` is its newest version, `jurisdiction@version` that one."""
    jurisdiction, _, version = name.partition("@")
    matching = [
        pack
        for pack in packs
        if pack.jurisdiction == jurisdiction and version in ("", pack.version)
    ]
    return max(matching, key=lambda pack: pack.version, default=None)
