"""Routes as data: path, operation and what the document says of them, declared beside the handler.

A capability's `routes.py` makes one `Routes` and decorates typed functions with it; `edge.build`
turns all of them into one Event Handler resolver. No route exists without an operation, and every
operation stands in `access/permissions.py`.
"""

from __future__ import annotations

import enum
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer

PUBLIC = "public"
"""The operation of routes that need no token."""

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PAGE_TYPES = frozenset({"text/html", "text/css"})
_PARAMETER = re.compile(r"\{(\w+)\}")

Handler = TypeVar("Handler", bound=Callable[..., Answer])


class Replay(enum.Enum):
    """Who keeps the first answer of a write that carries an Idempotency-Key."""

    EDGE = "edge"
    """The edge, right after the handler: for writes that are harmless to repeat by themselves."""
    SERVICE = "service"
    """The service, inside its own transaction (`request.idempotency_claim`)."""
    NONE = "none"
    """Nobody: a read by POST, whose answer is made afresh, and noted afresh, every time."""


@dataclass(frozen=True)
class RouteSpec:
    """One route. `errors` are the statuses it answers beyond those every route can."""

    method: str
    path: str
    operation: str
    summary: str
    tag: str
    handler: Callable[..., Answer]
    description: str = ""
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    examples: Mapping[int, object] = field(default_factory=dict)
    """Status -> example answer, 0 -> example body; what is left out is made from the schema."""
    errors: tuple[int, ...] = ()
    replay: Replay = Replay.EDGE
    edits: bool = False
    """Needs If-Match."""
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()
    """What its answers carry beyond the headers every answer does."""
    form: bool = False
    """Takes the fields of an HTML form (`request.form`) and nothing else."""

    @property
    def rule(self) -> str:
        """The path in the resolver's spelling (`<name>` for `{name}`)."""
        return _PARAMETER.sub(r"<\1>", self.path)

    @property
    def is_write(self) -> bool:
        """Whether the method changes something."""
        return self.method in WRITES

    @property
    def is_page(self) -> bool:
        """Whether it is for people with a browser, and therefore no part of the API."""
        return self.media_type in PAGE_TYPES

    def signature(self) -> inspect.Signature:
        """The handler's parameters with resolved annotations, and no return annotation: answers
        are described by `answers`, not validated a second time."""
        hints = typing.get_type_hints(self.handler, include_extras=True)
        parameters = [
            parameter.replace(annotation=hints.get(name, parameter.annotation))
            for name, parameter in inspect.signature(self.handler).parameters.items()
        ]
        return inspect.Signature(parameters)


class Routes:
    """The routes of one capability under one tag of the document; `headers`: those that its answers
    carry beyond the usual ones, unless a route says otherwise."""

    def __init__(
        self, tag: str, errors: Sequence[ErrorPage] = (), *, headers: Sequence[str] = ()
    ) -> None:
        self.tag = tag
        self.headers = tuple(headers)
        self.error_pages = tuple(errors)
        """Pages of the error codes this capability adds."""
        self.specs: list[RouteSpec] = []

    def get(
        self, path: str, *, operation: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Read. `more`: any further field of RouteSpec."""
        return self._add("GET", path, operation, summary, more)

    def post(
        self, path: str, *, operation: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Create, or start something."""
        return self._add("POST", path, operation, summary, more)

    def put(
        self, path: str, *, operation: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Replace the whole."""
        return self._add("PUT", path, operation, summary, more)

    def patch(
        self, path: str, *, operation: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Change a part; needs If-Match unless `edits=False` is said."""
        return self._add("PATCH", path, operation, summary, {"edits": True, **more})

    def delete(
        self, path: str, *, operation: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Remove."""
        return self._add("DELETE", path, operation, summary, more)

    def _add(
        self, method: str, path: str, operation: str, summary: str, more: Mapping[str, Any]
    ) -> Callable[[Handler], Handler]:
        if not operation or not summary:
            raise ValueError(f"{method} {path}: a route declares its operation and a summary")

        def register(handler: Handler) -> Handler:
            description = inspect.getdoc(handler) or ""
            values: dict[str, Any] = {"description": description, "headers": self.headers, **more}
            self.specs.append(
                RouteSpec(method, path, operation, summary, self.tag, handler, **values)
            )
            return handler

        return register
