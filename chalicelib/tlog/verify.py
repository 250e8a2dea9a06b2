"""The verifier for anybody: `python -m chalicelib.tlog.verify`, or the one file packaged from it.

It needs Python 3.11 and `cryptography`, trusts nothing but the keys it is given, and answers with
an exit code: 0 proven, 1 not proven, 2 called wrongly, 3 could not be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib.tlog.checkpoint import Checkpoint, open_checkpoint
from chalicelib.tlog.checks import (
    Fetch,
    Unreachable,
    check_all,
    check_document,
    check_entry,
    check_prefix,
    check_tiles,
    parse_shown,
    tile_reader,
)
from chalicelib.tlog.fetching import open_log, read_file
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.note import VerifierKey, parse_verifier_key

PROVEN, NOT_PROVEN, UNREADABLE = 0, 1, 3

_KINDS = {"publish": "公布", "amend": "更新", "annotate": "加注", "withdraw": "撤下"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command line asks; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        told = options.do(options)
    except Unproven as error:
        _say(f"未能证实：{error}（{error.code}）")
        return NOT_PROVEN
    except Unreachable as error:
        _say(f"无法读取：{error}")
        return UNREADABLE
    _say(f"已证实：{told}")
    return PROVEN


def _document(options: argparse.Namespace) -> str:
    shown = parse_shown(read_file(options.file))
    checkpoint = open_checkpoint(shown.checkpoint, options.key)
    check_document(shown.document, shown.salt, shown.entry)
    check_entry(shown.entry, shown.proof, checkpoint)
    entry = shown.entry
    told = f"文档即日志 {checkpoint.origin} 第{entry.seq}条所{_KINDS[entry.kind]}的"
    return f"{told} {entry.id} 第{entry.version}版（日志长度{checkpoint.size}）"


def _checkpoint(options: argparse.Namespace) -> str:
    fetch = open_log(options.log)
    data, checkpoint = _head(fetch, options.key)
    check_tiles(checkpoint, tile_reader(fetch))
    _save(options.save, data)
    return f"日志 {checkpoint.origin} 的检查点由其密钥签名，切片与之相符，长度{checkpoint.size}"


def _prefix(options: argparse.Namespace) -> str:
    fetch = open_log(options.log)
    old = open_checkpoint(read_file(options.old), options.key)
    data, new = _head(fetch, options.key)
    check_prefix(old, new, tile_reader(fetch))
    _save(options.save, data)
    return f"日志 {new.origin} 的前{old.size}条原样未动，现长度{new.size}"


def _audit(options: argparse.Namespace) -> str:
    fetch = open_log(options.log)
    data, checkpoint = _head(fetch, options.key)
    check_all(checkpoint, tile_reader(fetch))
    _save(options.save, data)
    return f"日志 {checkpoint.origin} 的全部{checkpoint.size}条连续无缺，与签名的检查点相符"


def _head(fetch: Fetch, keys: Sequence[VerifierKey]) -> tuple[bytes, Checkpoint]:
    data = fetch("checkpoint")
    return data, open_checkpoint(data, keys)


def _save(path: Path | None, data: bytes) -> None:
    """Replaces the file at once: a crash leaves the old checkpoint or the new one."""
    if path is None:
        return
    beside = path.with_name(path.name + ".new")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise Unreachable(f"不能写入 {path}：{error.strerror}") from error


def _key(text: str) -> VerifierKey:
    try:
        return parse_verifier_key(text)
    except Unproven as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify",
        description="核验政务诚信公示日志。退出码：0 已证实，1 未能证实，2 用法不对，3 无法读取。",
    )
    commands = parser.add_subparsers(required=True, metavar="命令")
    command = commands.add_parser("document", help="核验一份公示文档及其证明")
    command.add_argument("file", type=Path, help="含文档、盐值、条目、证明、检查点的 JSON 文件")
    command.set_defaults(do=_document)
    _add_key(command)
    for name, do, text in (
        ("checkpoint", _checkpoint, "核验日志当前的检查点及其切片"),
        ("prefix", _prefix, "核验以前的日志原样是现在的日志的开头"),
        ("audit", _audit, "逐条核验整个日志"),
    ):
        command = commands.add_parser(name, help=text)
        if do is _prefix:
            command.add_argument("old", type=Path, help="以前保存的检查点文件")
        command.add_argument("log", help="日志地址（…/public/v1/log）或目录")
        command.add_argument("--save", type=Path, help="证实后把现在的检查点存入此文件")
        command.set_defaults(do=do)
        _add_key(command)
    return parser


def _add_key(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--key",
        type=_key,
        action="append",
        required=True,
        help="日志的验证公钥（名称+编号+公钥）；更换过密钥的可重复给出",
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
