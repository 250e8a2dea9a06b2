"""Idempotency-Key: the first answer is kept for 24 hours and given again; another body is refused.

The kept answer is one item of the intake table, so that a service reads it together with whatever
else it needs and writes it inside its own transaction:

    claim = request.idempotency_claim()
    found = batch_get([*keys, claim.key])
    if (answer := claim.replay(found.get(claim.key))) is not None:
        return answer
    commit([*writes, claim.item_write(answer)])     # ConditionFailed: somebody was faster, replay

Neither the key nor the request is kept: both only as keyed digests (a plain hash of a body with a
citizen code in it could be guessed), and the answer is sealed.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import to_json

from chalicelib.aws.attributes import Item
from chalicelib.aws.writes import Condition, Key, Put
from chalicelib.kernel.errors import Conflict, Malformed
from chalicelib.web.model import Answer

if TYPE_CHECKING:
    from chalicelib.aws.platform import Platform

KEPT_SECONDS = 24 * 3600
ENTITY = "kept_answer"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """One client's wish to have one request answered once."""

    key: Key
    """Where the answer is kept."""
    body_mac: str
    """Keyed digest of the request's path, query and body."""
    platform: Platform

    def item_write(self, answer: Answer) -> Put:
        """The write that keeps `answer`; it fails if another answer is kept already."""
        now = int(self.platform.clock().timestamp())
        kept = {
            "status": answer.status,
            "body": json.loads(to_json(answer.body)),
            "version": answer.version,
            "location": answer.location,
            "headers": dict(answer.headers),
        }
        packed = zlib.compress(json.dumps(kept, ensure_ascii=False).encode(), 1)
        item: Item = {
            "pk": self.key.pk,
            "sk": self.key.sk,
            "entity": ENTITY,
            "version": 1,
            "body_mac": self.body_mac,
            "sealed": self.platform.keyring.seal_internal(packed, self.key.pk, self.platform.ids),
            "expires_at": now + KEPT_SECONDS,
        }
        # TTL deletes late: an expired item counts as absent.
        free = Condition(
            "attribute_not_exists(#pk) OR #expires_at <= :claimed_at", {"claimed_at": now}
        )
        return Put(self.key.table, item, free)

    def replay(self, item: Item | None) -> Answer | None:
        """The answer kept in `item`; None without one. Raises Conflict when the key was used for
        another request."""
        now = int(self.platform.clock().timestamp())
        if item is None or int(str(item["expires_at"])) <= now:
            return None
        if item["body_mac"] != self.body_mac:
            raise Conflict(
                "这个 Idempotency-Key 已用于内容不同的请求，请换一个新的值",
                code="idempotency_key_reused",
            )
        packed = self.platform.keyring.unseal_internal(str(item["sealed"]), self.key.pk)
        kept = json.loads(zlib.decompress(packed))
        return Answer(
            status=kept["status"],
            body=kept["body"],
            version=kept["version"],
            location=kept["location"],
            headers={**kept["headers"], _REPLAYED: "true"},
        )

    def find(self) -> Answer | None:
        """`replay` of what the table holds now."""
        return self.replay(self.platform.intake.get(self.key.pk, self.key.sk))


def claim_for(
    platform: Platform, *, key: str, client_id: str, operation: str, request: Sequence[str | bytes]
) -> IdempotencyClaim:
    """The claim of `client_id` on `key` for `operation`. Raises Malformed for an impossible key."""
    if _KEY.fullmatch(key) is None:
        raise Malformed(
            "Idempotency-Key 应是 1 至 200 个可见的 ASCII 字符", code="idempotency_key_malformed"
        )
    keyring = platform.keyring
    place = keyring.mac("idempotency_key", client_id, operation, key).hex()
    return IdempotencyClaim(
        key=platform.intake.key(f"IDEM#{place}"),
        body_mac=keyring.mac("idempotency_body", *request).hex(),
        platform=platform,
    )
