"""A Lambda worker of the packaged intake function: one event per line in, one answer per line out.

Run as `python -m tests.bench.file_worker <setup.json>` with the unzipped artifact first in
PYTHONPATH. Only the table is stubbed, behind `aws.calls.invoke`; its client is made all the same,
because a real worker holds it too.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> None:
    """Answer events until standard input ends."""
    setup = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # The function logs to standard output.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    import app
    from chalicelib.aws import calls
    from tests.bench.memory_aws import FileTables

    tables: Any = FileTables(setup["known"])
    tables.put_item(Item=_bytes_in(setup["keyring"]), TableName="keys")
    tables.put_item(Item=setup["upload"], TableName="intake")
    calls.client("dynamodb")
    calls._clients["dynamodb"] = tables
    context = SimpleNamespace(function_name="intake", aws_request_id="bench")
    for line in sys.stdin:
        failed = app.intake(json.loads(line), context)["batchItemFailures"]
        upload = tables.get_item(Key={"pk": setup["upload"]["pk"], "sk": {"S": "-"}})["Item"]
        resident, peak = memory()
        said = {
            "failed": failed, "resident": resident, "peak": peak,
            "written": tables.written, "state": upload["state"]["S"],
            "counts": [int(upload[name]["N"]) for name in ("rows", "accepted", "rejected")],
            "code": app.__file__,
        }  # fmt: skip
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _bytes_in(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }


def memory() -> tuple[int, int]:
    """Resident bytes now and at their highest."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        # Not getrusage: on Linux its peak begins with that of the parent before exec.
        now, peak = (int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        return now, peak
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak, peak


if __name__ == "__main__":
    main()
