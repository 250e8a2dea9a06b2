"""The tables of the replica: one SQLite file that holds what is public and nothing else.

The same file is the bulk download, and opens in Datasette as it is. Every table of documents has
`id`, `seq` (the change that brought the document), `version`, `until` (the instant at which it ends
by itself, NULL: none), `salt` and `salted_sha256` (hex; the digest is that in the log) and
`document` (the JSON as the log has it); the other columns repeat what the document says, to search
by.

`records.number` grows with the day and, within one day, with the id: reading a table or the search
index from its end is reading the newest first, without sorting, alike in every replica.
"""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = "2"
"""Of tables and search text together: a file of another version is not used, but made anew."""

SNAPSHOT_INDEX: Final = "public/v1/snapshots/index.json"
SNAPSHOT_FILES: Final = "public/v1/snapshots/files/"
"""Keys in the publication bucket, which are the public paths: what snapshot there is, and its
files, this one among them."""

TABLES: Final = {
    "record": "records",
    "subject": "subjects",
    "run": "evaluation_runs",
    "result": "evaluation_results",
    "supervision": "supervision_results",
    "rating": "third_party_ratings",
}
"""Entity of the feed -> its table."""

_COMMON: Final = """
    id TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    until TEXT,
    salt TEXT NOT NULL,
    salted_sha256 TEXT NOT NULL,"""

STATEMENTS: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    f"""CREATE TABLE records (
    number INTEGER PRIMARY KEY,{_COMMON}
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    dishonesty INTEGER NOT NULL,
    severity TEXT,
    subject_code TEXT,
    subject_name TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    reporter TEXT NOT NULL,
    region TEXT NOT NULL,
    province TEXT NOT NULL,
    city TEXT NOT NULL,
    occurred_on TEXT NOT NULL,
    year TEXT NOT NULL,
    reported_on TEXT,
    on_time INTEGER,
    pinyin TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE INDEX records_subject ON records (subject_code)",
    "CREATE INDEX records_reporter ON records (reporter)",
    "CREATE INDEX records_type ON records (type)",
    "CREATE INDEX records_category ON records (category)",
    "CREATE INDEX records_severity ON records (severity)",
    "CREATE INDEX records_region ON records (region)",
    "CREATE INDEX records_city ON records (city)",
    "CREATE INDEX records_province ON records (province)",
    "CREATE INDEX records_until ON records (until)",
    # What counts are made from, without touching a document.
    """CREATE INDEX records_figures ON records
    (year, type, category, severity, dishonesty, region, reporter, on_time, until)""",
    # Name and pinyin of the subject, and the texts of `document` with the reporter's pinyin: as
    # pairs of characters and as words, see text.py. The index names `records` as its content only
    # so that readers (Datasette) find the one by the other.
    """CREATE VIRTUAL TABLE records_fts USING fts5(subject_name, document,
    content="records", content_rowid="number", columnsize=0,
    tokenize="unicode61 remove_diacritics 0")""",
    f"""CREATE TABLE subjects ({_COMMON}
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL,
    level TEXT,
    superior TEXT,
    pinyin TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE UNIQUE INDEX subjects_place ON subjects (region, code)",
    f"""CREATE TABLE evaluation_runs ({_COMMON}
    run TEXT NOT NULL,
    title TEXT NOT NULL,
    period TEXT NOT NULL,
    completed_at TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE INDEX evaluation_runs_newest ON evaluation_runs (completed_at, run)",
    f"""CREATE TABLE evaluation_results ({_COMMON}
    run TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL,
    level TEXT NOT NULL,
    ranking TEXT NOT NULL,
    place INTEGER NOT NULL,
    score TEXT NOT NULL,
    grade TEXT NOT NULL,
    period TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE UNIQUE INDEX evaluation_results_rank ON evaluation_results (run, ranking, place, code)",
    "CREATE INDEX evaluation_results_body ON evaluation_results (code)",
    f"""CREATE TABLE supervision_results ({_COMMON}
    subject_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL,
    published_on TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE INDEX supervision_results_newest ON supervision_results (published_on, id)",
    """CREATE INDEX supervision_results_subject
    ON supervision_results (subject_code, published_on, id)""",
    f"""CREATE TABLE third_party_ratings ({_COMMON}
    subject TEXT NOT NULL,
    system TEXT NOT NULL,
    period TEXT NOT NULL,
    institution TEXT NOT NULL,
    region TEXT NOT NULL,
    score TEXT NOT NULL,
    published_on TEXT NOT NULL,
    document TEXT NOT NULL
)""",
    "CREATE INDEX third_party_ratings_newest ON third_party_ratings (published_on, id)",
    "CREATE INDEX third_party_ratings_subject ON third_party_ratings (subject, period, system)",
    """CREATE INDEX third_party_ratings_period
    ON third_party_ratings (system, period, published_on, id)""",
    """CREATE TABLE tombstones (
    id TEXT PRIMARY KEY,
    entity TEXT NOT NULL,
    seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    withdrawn_at TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID""",
)

UNRANKED: Final = 1_000_000
"""`place` of a result without one: after all that have one."""
