"""How whoever keeps a file of the public world follows the feed: a step at a time, to where the
file shows a world that ever was."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from chalicelib.aws.platform import Platform
from chalicelib.feed import service as feed
from chalicelib.feed.model import Change, Document
from chalicelib.replica import building


def follow(platform: Platform, connection: sqlite3.Connection, limit: int) -> int:
    """Apply the next changes, `limit` at most; up to which number to go on, at least. 0: the feed
    gave none.

    A document that has changed again since, or is gone since, is brought by a later change. Before
    that one is applied the file shows a world that never was, so do not stop short of it. (A
    document that is as of an earlier change is one a restore set back: nothing later brings it.)
    """
    changes = feed.changes_after(platform, building.seq_of(connection), limit)
    if not changes:
        return 0
    shown = [change for change in changes if change.entry.kind != "withdraw"]
    ids = list(dict.fromkeys(change.entry.id for change in shown))
    documents = feed.current_documents(platform, ids) if ids else {}
    goal = _goal(platform, shown, documents)
    return max(goal, building.apply(connection, changes, documents))


def _goal(platform: Platform, shown: Sequence[Change], documents: Mapping[str, Document]) -> int:
    goals = [document.seq for document in documents.values()]
    if any(change.entry.id not in documents for change in shown):
        # Gone by a change that is committed by now; by which one, only the feed tells.
        goals.append(feed.head(platform).seq)
    return max(goals, default=0)
