#!/usr/bin/env python3
"""The project's launcher: needs only Python to start, makes `.venv` and runs itself there.

Usage: python3 infra/dev.py {up,test,bench,package,policy,token,lock} ...
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCKS = (ROOT / "requirements.txt", ROOT / "infra" / "requirements" / "tools.txt")
MINIMUM = (3, 11)


def main() -> int:
    """Re-runs itself in `.venv` if need be, then does what the arguments say."""
    if sys.version_info < MINIMUM:
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return 2
    if not os.environ.get("GOVCREDIT_PYTHON") and Path(sys.prefix).resolve() != ENVIRONMENT:
        python = _environment()
        os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.path.insert(0, str(ROOT))
    from infra.commands import run

    return run(sys.argv[1:])


def _environment() -> Path:
    """`.venv` with exactly the locked packages; installed anew when a lock changes."""
    python = ENVIRONMENT / "bin" / "python"
    mark = ENVIRONMENT / "locked.sha256"
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return python
    print("· 安装依赖 installing locked packages into .venv …", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-qq", "--no-deps"]
    for lock in LOCKS:
        command += ["-r", str(lock)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    mark.write_text(digest)
    return python


if __name__ == "__main__":
    sys.exit(main())
