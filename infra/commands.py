"""The launcher's sub-commands, run inside `.venv`."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import cast

from infra.building.lock import ROOT

LINTED = ("app.py", "chalicelib", "infra", "tests")
BUILDING = ("tests/infra", "tests/bench")
"""Tests that build the artifact and measure: alone, in one process."""
WALKING = (("tests/e2e",), ("tests/browser", "tests/five_cities"))
"""Tests that walk through the platform and through the site: a process each, side by side, for the
platform is mostly waited for."""
Selections = tuple[tuple[str, ...], ...]
WHOLE_SUITE: tuple[Selections, ...] = (
    (("-n", "2", *(f"--ignore={folder}" for folder in (*BUILDING, *chain(*WALKING)))),),
    (BUILDING,),
    WALKING,
)
"""One step after the other; the selections of a step run at once."""


def run(arguments: Sequence[str]) -> int:
    """Does what the command line says; returns the exit code."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command not in ("test", "bench"):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.rest = rest
    return cast("Callable[[argparse.Namespace], int]", options.do)(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run the whole platform on this machine")
    up.add_argument("--fresh", action="store_true", help="start empty")
    up.add_argument("--port", type=int, default=8000, help="front door")
    up.add_argument("--aws-port", type=int, default=4566, help="emulator")
    up.add_argument("--no-sample", action="store_true", help="load no sample data")
    up.add_argument("--state", type=Path, help="where data lives (default .govcredit/state)")
    up.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="template parameter"
    )
    up.set_defaults(do=_up)
    test = commands.add_parser("test", help="lint, types and all tests; the rest goes to pytest")
    test.set_defaults(do=_test)
    bench = commands.add_parser("bench", help="the benchmarks, as a table of ratios")
    bench.set_defaults(do=_bench)
    package = commands.add_parser("package", help="template and zip for AWS, verifier of the log")
    package.add_argument("--out", type=Path, required=True)
    package.set_defaults(do=_package)
    policy = commands.add_parser("policy", help="work on policy packs")
    policy.add_argument("action", choices=["check", "diff"])
    policy.add_argument(
        "arguments",
        nargs="*",
        help="check: [folder]; diff: A B [folder], each a jurisdiction or jurisdiction@version",
    )
    policy.set_defaults(do=_policy)
    token = commands.add_parser("token", help="a bearer token of a demo identity")
    token.add_argument("role")
    token.add_argument("--state", type=Path)
    token.set_defaults(do=_token)
    commands.add_parser("lock", help="resolve and write the lock files").set_defaults(do=_lock)
    return parser


def _up(options: argparse.Namespace) -> int:
    from infra.local.state import DEFAULT_STATE
    from infra.local.up import Options, run_up

    wrong = [entry for entry in options.set if "=" not in entry]
    if wrong:
        print(f"--set takes NAME=VALUE, not {wrong[0]}", file=sys.stderr)
        return 2
    return run_up(
        Options(
            port=options.port,
            aws_port=options.aws_port,
            fresh=options.fresh,
            with_sample=not options.no_sample,
            state=(options.state or DEFAULT_STATE).resolve(),
            parameters=dict(entry.split("=", 1) for entry in options.set),
        )
    )


def _test(options: argparse.Namespace) -> int:
    """Lint and types first: they are quick and say most."""
    from infra.building.debian import NEEDED, MissingProgram, ensure

    try:
        ensure(NEEDED)
    except MissingProgram as error:
        print(error, file=sys.stderr)
        return 1
    python = sys.executable
    selections = ((tuple(options.rest),),) if options.rest else WHOLE_SUITE
    steps = [
        [[python, "-m", "ruff", "check", *LINTED]],
        [[python, "-m", "mypy"]],
        *([[python, "-m", "pytest", *one] for one in step] for step in selections),
    ]
    for step in steps:
        code = _run_at_once(step)
        if code:
            return code
    return 0


def _run_at_once(commands: Sequence[Sequence[str]]) -> int:
    """Run the commands side by side: the first is heard at once, the others when they have ended.
    Returns the first exit code that is not 0, or 0."""
    with ExitStack() as files:
        heard = [files.enter_context(tempfile.TemporaryFile()) for _ in commands[1:]]
        others = [
            subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
            for command, output in zip(commands[1:], heard, strict=True)
        ]
        codes = [subprocess.run(commands[0], cwd=ROOT, check=False).returncode]
        for process, output in zip(others, heard, strict=True):
            codes.append(process.wait())
            output.seek(0)
            sys.stdout.write(output.read().decode(errors="replace"))
            sys.stdout.flush()
    return next((code for code in codes if code), 0)


def _bench(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("tests.bench.__main__") is None:
        print("there are no benchmarks yet", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "tests.bench", *options.rest]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _package(options: argparse.Namespace) -> int:
    from infra.building.artifact import BuildError, build
    from infra.building.verifier import write_verifier
    from infra.local.state import CACHE

    try:
        artifact = build(options.out.resolve(), "aws", CACHE)
        verifier = write_verifier(options.out.resolve())
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    size = artifact.code.stat().st_size / 1024 / 1024
    print(f"{artifact.template}\n{artifact.code} ({size:.1f} MiB, sha256 {artifact.sha256})")
    print(verifier)
    return 0


def _policy(options: argparse.Namespace) -> int:
    from chalicelib.policy import check, diff

    counts, main = {"check": ((0, 1), check.main), "diff": ((2, 3), diff.main)}[options.action]
    if len(options.arguments) not in counts:
        print("usage: policy check [FOLDER] | policy diff A B [FOLDER]", file=sys.stderr)
        return 2
    return main(options.arguments)


def _token(options: argparse.Namespace) -> int:
    from infra.local.issuer import fetch_token
    from infra.local.state import DEFAULT_STATE, State

    ready = State((options.state or DEFAULT_STATE).resolve()).read("ready")
    clients = cast("dict[str, dict[str, str]]", ready.get("clients", {}))
    client = clients.get(options.role)
    if client is None:
        known = ", ".join(clients) or "none; run `python3 infra/dev.py up` first"
        print(f"no such role: {options.role} (known: {known})", file=sys.stderr)
        return 2
    try:
        print(fetch_token(str(ready["token_url"]), client["client_id"], client["client_secret"]))
    except OSError as error:
        print(f"the issuer does not answer: {error} (is `up` running?)", file=sys.stderr)
        return 1
    return 0


def _lock(options: argparse.Namespace) -> int:
    from infra.building.lock import LockError, write_locks

    try:
        write_locks()
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
