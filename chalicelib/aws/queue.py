"""SQS: small JSON messages that name things, never carry them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from chalicelib.aws.calls import invoke
from chalicelib.kernel.errors import Unavailable

MAX_BATCH = 10


class Queue:
    """One queue, known by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = url.rsplit("/", 1)[-1]

    def send(self, message: Mapping[str, object], delay_seconds: int = 0) -> None:
        """Send one message, to be delivered at least once, after `delay_seconds` (<= 900)."""
        invoke(
            "sqs",
            "send_message",
            self.name,
            QueueUrl=self.url,
            MessageBody=json.dumps(message, ensure_ascii=False),
            DelaySeconds=delay_seconds,
        )

    def retry_after(self, receipt: str, seconds: int) -> None:
        """Let a message that was received come again after so long, instead of when its worker's
        time is over."""
        invoke(
            "sqs",
            "change_message_visibility",
            self.name,
            QueueUrl=self.url,
            ReceiptHandle=receipt,
            VisibilityTimeout=seconds,
        )

    def send_many(self, messages: Sequence[Mapping[str, object]]) -> None:
        """Send all of them, ten a call. Raises Unavailable if any was not taken: send again."""
        for begin in range(0, len(messages), MAX_BATCH):
            entries = [
                {"Id": str(index), "MessageBody": json.dumps(message, ensure_ascii=False)}
                for index, message in enumerate(messages[begin : begin + MAX_BATCH])
            ]
            answer = invoke(
                "sqs", "send_message_batch", self.name, QueueUrl=self.url, Entries=entries
            )
            if answer.get("Failed"):
                raise Unavailable("消息没有全部送入队列")
