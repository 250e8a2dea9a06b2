"""Loads the sample as agencies would: subjects by the credit office, records by each agency's own
client (batches, and one file); and has one year evaluated. Safe to run again: nothing doubles."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from infra.local.sample.api import Client, SampleError, post_form
from infra.local.sample.city import Body, reporters
from infra.local.sample.founding import client_name
from infra.local.sample.frame import SampleRecord
from infra.local.sample.records import RECORDS, launch_record, sample_records
from infra.local.sample.tables import penalties_csv, subjects_csv

BATCH = 500
AT_ONCE = 4
SCHEME = "annual_integrity"
FILE_AGENCY, FILE_TYPE = "示例市市场监督管理局", "administrative_penalty"
"""Whose records of which type go the way of the file."""
_WAIT_SECONDS, _POLL_SECONDS = 240, 0.5
_SHANGHAI = timedelta(hours=8)


def load(base_url: str, token_url: str, clients: Mapping[str, Mapping[str, str]]) -> None:
    """Load what is not there yet. Raises SampleError if the platform refuses any of it."""
    known = _clients(base_url, token_url, clients)
    _import_subjects(known["credit_office"])
    day, outcome = _first_record(known)
    _submit(known, sample_records(day)[1:], _Progress(RECORDS, Counter({outcome: 1})))


def evaluate(base_url: str, token_url: str, clients: Mapping[str, Mapping[str, str]]) -> None:
    """Evaluate the last full year before the sample was loaded, unless that has been done."""
    known = _clients(base_url, token_url, clients)
    day, _ = _first_record(known)
    _evaluate(known["credit_office"], str(day.year - 1))


def _clients(
    base_url: str, token_url: str, clients: Mapping[str, Mapping[str, str]]
) -> dict[str, Client]:
    return {
        name: Client(base_url, token_url, client["client_id"], client["client_secret"])
        for name, client in clients.items()
    }


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _import_subjects(office: Client) -> None:
    answer = office.post_csv("/v1/subjects/import", subjects_csv())
    if answer["rejected"]:
        raise SampleError(f"subjects were refused: {str(answer)[:1500]}")
    _say(f"信用主体 subjects: {answer['created']} created, {answer['unchanged']} unchanged")


def _first_record(known: Mapping[str, Client]) -> tuple[date, str]:
    """The day of loading and what became of the first record. The day is today; or, if the sample
    was loaded before, that day: the sample of a later day would be another one."""
    today = (datetime.now(UTC) + _SHANGHAI).date()
    record = launch_record(today)
    client = known[_client_of(record.reporter)]
    result = client.post("/v1/records/batch", {"records": [record.as_json()]})["results"][0]
    if result["outcome"] == "rejected":
        raise SampleError(f"the first record was refused: {str(result)[:1500]}")
    if result["outcome"] != "conflict":
        return today, result["outcome"]
    kept = client.get(f"/v1/records/{result['record_id']}")
    return date.fromisoformat(kept["occurred_on"]), "duplicate"


def _client_of(agency_code: str) -> str:
    return client_name(next(body for body in reporters() if body.code == agency_code))


@dataclass
class _Progress:
    """Counts what became of the records, and says so now and then."""

    of: int
    counts: Counter[str] = field(default_factory=Counter)
    said: int = 0
    lock: Lock = field(default_factory=Lock)

    def add(self, accepted: int, duplicate: int) -> None:
        with self.lock:
            self.counts.update(accepted=accepted, duplicate=duplicate)
            done = self.counts.total()
            if done - self.said >= 1_000 or done == self.of:
                self.said = done
                known = self.counts["duplicate"]
                _say(f"信用信息 records: {done} / {self.of} ({known} already there)")


def _submit(
    known: Mapping[str, Client], records: Sequence[SampleRecord], progress: _Progress
) -> None:
    """Every record by its agency's client: the file first, because it is worked in the background
    while the batches run."""
    by_agency: dict[str, list[SampleRecord]] = {}
    in_file: list[SampleRecord] = []
    agencies = {body.code: body for body in reporters()}
    for record in records:
        if agencies[record.reporter].name == FILE_AGENCY and record.type == FILE_TYPE:
            in_file.append(record)
        else:
            by_agency.setdefault(record.reporter, []).append(record)
    sender = known[_client_of(in_file[0].reporter)]
    upload_id = _send_file(sender, in_file)

    def send(agency: Body) -> None:
        client = known[client_name(agency)]
        own = by_agency.get(agency.code, [])
        for begin in range(0, len(own), BATCH):
            _send_batch(client, own[begin : begin + BATCH], progress)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, agencies.values()))
    finished = _wait(sender, f"/v1/uploads/{upload_id}", "state", ("completed", "failed"))
    if finished["state"] == "failed" or finished["rejected"]:
        raise SampleError(f"the file was refused: {str(finished)[:1500]}")
    progress.add(finished["accepted"], finished["duplicate"])


def _send_batch(client: Client, records: Sequence[SampleRecord], progress: _Progress) -> None:
    body = {"records": [record.as_json() for record in records]}
    results = client.post("/v1/records/batch", body)["results"]
    outcomes = Counter(result["outcome"] for result in results)
    if outcomes["rejected"]:
        refused = [result["errors"] for result in results if result["outcome"] == "rejected"]
        raise SampleError(f"{len(refused)} records were refused, such as {refused[:3]}")
    # A conflict is a record of the sample that somebody has corrected since: it stays so.
    progress.add(outcomes["accepted"], outcomes["duplicate"] + outcomes["conflict"])


def _send_file(client: Client, records: Sequence[SampleRecord]) -> str:
    asked = {"type": FILE_TYPE, "format": "csv", "file_name": "penalties.csv"}
    upload = client.post("/v1/uploads", asked)
    form = upload["form"]
    post_form(form["url"], form["fields"], "penalties.csv", penalties_csv(records))
    client.post(f"/v1/uploads/{upload['upload_id']}/commit")
    _say(f"文件 file: {len(records)} penalties uploaded as {upload['upload_id']}")
    return str(upload["upload_id"])


def _evaluate(office: Client, period: str) -> None:
    """The evaluation of the last full year, unless there is one."""
    runs = office.get("/v1/evaluations?limit=500")["items"]
    run = next((r for r in runs if (r["scheme"], r["period"]) == (SCHEME, period)), None)
    if run is None:
        run = office.post("/v1/evaluations", {"scheme": SCHEME, "period": period})
    done = _wait(office, f"/v1/evaluations/{run['run_id']}", "status", ("completed",))
    _say(f"评价 evaluation of {period}: {done['bodies']} bodies, {done['run_id']}")


def _wait(client: Client, path: str, name: str, ends: Sequence[str]) -> dict[str, Any]:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        found = client.get(path)
        if found[name] in ends:
            return found
        if time.monotonic() > deadline:
            raise SampleError(f"{path} is not done after {_WAIT_SECONDS} s: {found}")
        time.sleep(_POLL_SECONDS)
