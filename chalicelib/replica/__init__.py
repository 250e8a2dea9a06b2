"""The public world as one SQLite file: every public worker keeps one, every snapshot is one."""
