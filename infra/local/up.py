"""`dev.py up`: the whole platform on this machine, from sources to READY."""

from __future__ import annotations

import importlib
import importlib.util
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import cast

import boto3

from infra.building.artifact import BuildError, build
from infra.building.verifier import publish_verifier, write_verifier
from infra.local.demo import founding, issuer_clients, ready_clients, sample_clients
from infra.local.deploy import DeployError, Deployment, deploy, local_parameters
from infra.local.frontdoor import FrontDoor, read_routes
from infra.local.issuer import Issuer, ensure_issuer
from infra.local.ministack import EmulatorError, MiniStack, end_former, install
from infra.local.progress import step
from infra.local.published import PublishedFiles
from infra.local.state import CACHE, State, emulator_client, root_session
from infra.local.verify import VerificationError, verify

FAILURES = (BuildError, EmulatorError, DeployError, VerificationError, OSError)


class Interrupted(BaseException):
    """Someone pressed Ctrl-C or sent SIGTERM."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of `up` may say."""

    port: int
    aws_port: int
    fresh: bool
    with_sample: bool
    state: Path
    parameters: Mapping[str, str] = field(default_factory=dict)


def run_up(options: Options) -> int:
    """Serves until interrupted. Returns the process's exit code; everything started is stopped."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    state = State(options.state)
    emulator: MiniStack | None = None
    door: FrontDoor | None = None
    try:
        with step("准备运行环境 environment of the emulator"):
            end_former(state)
            state.prepare(options.fresh)
            python = install(CACHE.parent / "ministack")
        emulator = MiniStack(python, state, options.aws_port)
        door = _bring_up(options, state, emulator)
        while emulator.is_running():
            time.sleep(0.5)
        print(f"the emulator ended by itself; see {state.log}", file=sys.stderr)
        return 1
    except Interrupted:
        return 0
    except FAILURES as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not cut off the emulator while it saves.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if door is not None:
            door.close()
        if emulator is not None:
            emulator.stop()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _bring_up(options: Options, state: State, emulator: MiniStack) -> FrontDoor:
    with step("打包 artifact"):
        artifact = build(state.artifact, "local", CACHE)
    with step("启动 MiniStack emulator"):
        emulator.start()
    session = root_session(state)
    with step("部署 stack, issuer and demo agencies"):
        issuer = ensure_issuer(session, emulator.endpoint, state, issuer_clients())
        parameters = local_parameters(options.parameters, issuer.parameters)
        deployment = deploy(session, emulator.endpoint, state, artifact, parameters)
        _invoke_setup(session, deployment, issuer)
    with step("核对 what the platform relies on"):
        verify(session, deployment)
    files = emulator_client(session, "s3", emulator.endpoint)
    bucket = deployment.physical["PublicationBucket"]
    publish_verifier(files, bucket, write_verifier(state.artifact))
    published = PublishedFiles(files, bucket)
    routes = read_routes({"api": deployment.api_base, "publication": published})
    door = FrontDoor(options.port, routes)
    door.open()
    clients = ready_clients(issuer)
    if options.with_sample and not state.read("sample"):
        with step("载入样例 sample data and one evaluation"):
            loaded = _load_sample(door.base_url, issuer.token_url, sample_clients(issuer))
        if loaded:
            state.write("sample", {"loaded": True})
    ready = {
        "base_url": door.base_url,
        "aws_endpoint": emulator.endpoint,
        "token_url": issuer.token_url,
        "clients": clients,
    }
    state.write("ready", ready)
    print(f"READY {json.dumps(ready, ensure_ascii=False)}", flush=True)
    return door


def _invoke_setup(session: boto3.Session, deployment: Deployment, issuer: Issuer) -> None:
    """What an operator does once; repeating it is harmless."""
    functions = emulator_client(session, "lambda", deployment.endpoint)
    answer = functions.invoke(
        FunctionName=deployment.physical["Setup"], Payload=json.dumps(founding(issuer)).encode()
    )
    body = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise DeployError(f"setup failed: {body[:2000]}")


def _load_sample(base_url: str, token_url: str, clients: Mapping[str, Mapping[str, str]]) -> bool:
    """Loads the made-up city through the API, as agencies would, and runs one evaluation."""
    if importlib.util.find_spec("infra.local.sample") is None:
        print("  no sample to load yet", flush=True)
        return False
    module = importlib.import_module("infra.local.sample")
    if not hasattr(module, "load_sample"):
        print("  no sample to load yet", flush=True)
        return False
    for name in ("load_sample", "run_evaluation"):
        act = cast("Callable[..., None]", getattr(module, name))
        act(base_url=base_url, token_url=token_url, clients=clients)
    return True
