"""The emulator's process: in its own environment, on loopback, stopped gently so that it saves."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

from infra.building.lock import EMULATOR_LOCK
from infra.local.state import REGION, State

START_SECONDS = 60
# It finishes running requests and writes its tables; cutting that short loses them.
STOP_SECONDS = 600
OFF = {"SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "COGNITO_EMAIL_ENABLED": "false"}
HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


class EmulatorError(Exception):
    """The emulator did not start, or not stop."""


def install(folder: Path) -> Path:
    """The emulator's own environment, made once per lock; returns its interpreter."""
    python = folder / "bin" / "python"
    mark = folder / "locked.txt"
    lock = EMULATOR_LOCK.read_text(encoding="utf-8")
    if mark.exists() and mark.read_text(encoding="utf-8") == lock:
        return python
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-qq", "--no-deps", "-r"]
    done = subprocess.run([*command, str(EMULATOR_LOCK)], stdout=sys.stderr, check=False)
    if done.returncode:
        raise EmulatorError("the emulator could not be installed (see pip's message above)")
    mark.write_text(lock, encoding="utf-8")
    return python


class MiniStack:
    """One running emulator. Start it, use `endpoint`, stop it."""

    def __init__(self, python: Path, state: State, port: int) -> None:
        self._python = python
        self._state = state
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts and waits until it answers. Raises EmulatorError."""
        if _answers(self.endpoint):
            raise EmulatorError(f"port {self._port} is taken by another program (use --aws-port)")
        with self._state.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._python), "-m", "ministack"],
                env=self._environment(),
                cwd=self._state.temporary,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the whole terminal group: it must not hit the emulator by itself.
                start_new_session=True,
            )
        self._state.write("process", {"pid": self._process.pid})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise EmulatorError(f"the emulator ended at once; see {self._state.log}")
            if _answers(self.endpoint):
                return
            time.sleep(0.1)
        raise EmulatorError(f"the emulator does not answer; see {self._state.log}")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Asks it to save and end, waits, then ends workers it may have left behind."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None:
            print("  正在保存数据 saving the data of this run, please wait ...", flush=True)
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # Its workers are in the session we gave it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        # Unless a next run has taken over and noted its own.
        if self._state.read("process").get("pid") == process.pid:
            (self._state.folder / "process.json").unlink(missing_ok=True)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        return {
            **kept,
            **OFF,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_REGION": REGION,
            "AWS_SECRET_ACCESS_KEY": self._state.root_secret(),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state.emulator),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._state.objects),
            "TMPDIR": str(self._state.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def end_former(state: State) -> None:
    """Ends the emulator of a former run that was killed hard, or still runs, on the same state.

    Call it before the state is touched: that emulator would save into it when it ends. Its launcher
    may be ending too, and clean up the same files at the same time.
    """
    pid = state.read("process").get("pid")
    if not isinstance(pid, int) or not _is_ministack(pid):
        return
    print(f"  ending the emulator of a former run (process {pid})", flush=True)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _is_ministack(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    if _is_ministack(pid):
        raise EmulatorError(f"a former emulator (process {pid}) does not end")


def _is_ministack(pid: int) -> bool:
    try:
        command = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        path = Path(f"/proc/{pid}/cmdline")
        command = path.read_text(encoding="utf-8") if path.exists() else ""
    return "ministack" in command


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
