"""One API: its routes on an Event Handler resolver, between an event and an answer.

Order of one request: who (401), which route (404, 405), may they (403), size and type of the body
(413, 415), validation (422), handler. So nobody without a right learns what a valid request is.
"""

from __future__ import annotations

import functools
import re
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
)
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from chalicelib.aws.calls import Call, ConditionFailed, observed
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    GovcreditError,
    Unauthenticated,
)
from chalicelib.kernel.log import log_event
from chalicelib.kernel.settings import Settings
from chalicelib.web import request as requests
from chalicelib.web.answer import render
from chalicelib.web.body import check_body, check_form, check_query, query_names, strict_json
from chalicelib.web.error_pages import pages_by_code
from chalicelib.web.model import Answer, Caller, Scope
from chalicelib.web.problem import (
    MethodNotAllowed,
    NoSuchPath,
    invalid_request,
    problem_response,
)
from chalicelib.web.request import Request
from chalicelib.web.resolver import remember_scalars
from chalicelib.web.routes import PUBLIC, Replay, Routes, RouteSpec

if TYPE_CHECKING:
    from chalicelib.aws.platform import Platform

Event = Mapping[str, Any]
Authenticate = Callable[["Platform", str], Caller]
Authorize = Callable[[Caller, str], Scope]
RefusalPage = Callable[[GovcreditError, str], Answer | None]
"""The page that tells a refusal at a path, or None where a client is told."""

REQUEST_DONE = "request_done"
REQUEST_FAILED = "request_failed"

# What the template's throttling grants all callers together (no quota of one address is kept);
# tests/infra compares the two.
RATE_LIMIT_POLICY = '"everyone";q=500;w=1'
NO_STORE = "no-store"
# What a page of any website may send to a public route, and read of its answer (Fetch standard).
PREFLIGHT = {
    "Access-Control-Allow-Methods": ["GET, HEAD, POST"],
    "Access-Control-Allow-Headers": ["Content-Type, Idempotency-Key, If-None-Match"],
    "Access-Control-Max-Age": ["86400"],
}
EXPOSED = "As-Of-Seq, ETag, Idempotency-Replayed, Link, RateLimit-Policy, Retry-After, X-Request-Id"
PUBLIC_BODY_BYTES = 65_536
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9\-._~+/]+=*)")
_BODIES = frozenset({"POST", "PUT", "PATCH"})


class Edge:
    """A handler `(event, context)` for API Gateway REST proxy events. Made by `build`."""

    def __init__(
        self,
        routes: Sequence[Routes],
        authenticate: Authenticate | None,
        authorize: Authorize | None,
        platform_factory: Callable[[], Platform],
        largest_body: int,
        refusal_page: RefusalPage | None,
    ) -> None:
        self.specs = tuple(spec for group in routes for spec in group.specs)
        self.pages = pages_by_code(page for group in routes for page in group.error_pages)
        self.is_public = authenticate is None
        self.resolver = APIGatewayRestResolver(json_body_deserializer=strict_json)
        self._authenticate = authenticate
        self._authorize = authorize
        self._open_platform = platform_factory
        self._public_body = largest_body
        self._refusal_page = refusal_page
        self._by_rule: dict[tuple[str, str], RouteSpec] = {}
        self._queries: dict[tuple[str, str], frozenset[str]] = {}
        # Guard first, then validation: the resolver's own switch would validate before we know
        # who asks. One middleware does both, because each costs the resolver 6 microseconds, and
        # as a function, because it inspects a bound method again for every request (150).
        remember_scalars()
        self._validation = OpenAPIRequestValidationMiddleware()  # type: ignore[no-untyped-call]
        self.resolver.use([_function(self._guard)])
        self._register()

    def __call__(self, event: Event, context: object) -> dict[str, Any]:
        """Answer one event."""
        started = time.perf_counter_ns()
        request = self._arrived(event)
        counter = _Counter()
        entered = requests.enter(request)
        try:
            with observed(counter):
                answer = self._answered(event, context, request)
        finally:
            requests.leave(entered)
        self._finish(answer, request)
        self._log(request, answer["statusCode"], started, counter)
        return answer

    def _arrived(self, event: Event) -> Request:
        headers = event.get("headers") or {}
        return Request(
            event=event,
            request_id=str((event.get("requestContext") or {}).get("requestId") or "unknown"),
            headers={name.lower(): value for name, value in headers.items()},
            open_platform=self._open_platform,
            is_public=self.is_public,
        )

    def _answered(self, event: Event, context: object, request: Request) -> dict[str, Any]:
        if event.get("httpMethod") == "OPTIONS" and self.is_public:
            return {
                "statusCode": 204,
                "multiValueHeaders": dict(PREFLIGHT),
                "body": "",
                "isBase64Encoded": False,
            }
        if event.get("httpMethod") == "HEAD":
            answer = self.resolver.resolve({**event, "httpMethod": "GET"}, context)  # type: ignore[arg-type]
            return {**answer, "body": None}
        return self.resolver.resolve(event, context)  # type: ignore[arg-type]

    # -- registration ---------------------------------------------------------------------------

    def _register(self) -> None:
        for spec in self.specs:
            if self.is_public and spec.operation != PUBLIC:
                raise ValueError(
                    f"{spec.method} {spec.path}: the public API has public routes only"
                )
            place = (spec.method, spec.rule)
            if place in self._by_rule:
                raise ValueError(f"{spec.method} {spec.path} is declared twice")
            self._by_rule[place] = spec
            self.resolver.route(
                spec.rule,
                spec.method,
                summary=spec.summary,
                description=spec.description,
                tags=[spec.tag],
                operation_id=_operation_id(spec),
                include_in_schema=not spec.is_page,
            )(self._called(spec))
        self.resolver.not_found(self._on_not_found)
        handles = self.resolver.exception_handler
        handles(RequestValidationError)(self._on_invalid)
        handles(GovcreditError)(self._on_refusal)
        handles(ConditionFailed)(self._on_race)
        handles(Exception)(self._on_crash)

    def _called(self, spec: RouteSpec) -> Callable[..., Response[str]]:
        handler = spec.handler

        @functools.wraps(handler)
        def call(**arguments: Any) -> Response[str]:
            request = requests.current()
            if spec.is_write and spec.replay is Replay.EDGE and not self.is_public:
                answer = _answer_once(lambda: handler(**arguments))
            else:
                answer = handler(**arguments)
            return render(answer, request)

        # The resolver reads parameters off the signature; `wraps` would lead it past this one.
        del call.__wrapped__
        call.__annotations__ = {}
        vars(call)["__signature__"] = spec.signature()
        return call

    # -- before the handler ---------------------------------------------------------------------

    def _guard(
        self, app: APIGatewayRestResolver, next_middleware: Callable[..., Response[str]]
    ) -> Response[str]:
        request = requests.current()
        if self._authenticate is not None:
            request.caller = self._identified(request)
        route = app.context["_route"]
        spec = request.spec = self._by_rule.get((route.method, route.path))
        if spec is None:
            self._refuse_path(app)
        if request.caller is not None and self._authorize is not None and spec.operation != PUBLIC:
            request.scope = self._authorize(request.caller, spec.operation)
        check_query(request, self._known_query(spec, route))
        if spec.form:
            check_form(request)
        elif spec.method in _BODIES:
            check_body(request, self._largest_body(request), bool(route.dependant.body_params))
        return self._validation.handler(app, next_middleware)  # type: ignore[arg-type]

    def _identified(self, request: Request) -> Caller:
        text = request.headers.get("authorization", "")
        if not text:
            raise Unauthenticated("请以 Authorization: Bearer 方式携带令牌")
        found = _BEARER.fullmatch(text.strip())
        if found is None:
            raise Unauthenticated("Authorization 请求头应为 Bearer 加一个令牌")
        if self._authenticate is None:
            raise Forbidden()
        return self._authenticate(request.open_platform(), found[1])

    def _refuse_path(self, app: APIGatewayRestResolver) -> NoReturn:
        path = app.current_event.path
        resolver = self.resolver
        allowed = sorted(
            {
                route.method
                for route in (*resolver._static_routes, *resolver._dynamic_routes)
                if route.rule.match(path)
            }
        )
        if allowed:
            raise MethodNotAllowed(allowed)
        raise NoSuchPath("没有这个接口，请对照 /docs 检查地址")

    def _known_query(self, spec: RouteSpec, route: Any) -> frozenset[str]:
        place = (spec.method, spec.rule)
        known = self._queries.get(place)
        if known is None:
            known = self._queries[place] = frozenset(query_names(route.dependant.query_params))
        return known

    def _largest_body(self, request: Request) -> int:
        if self.is_public:
            return self._public_body
        settings: Settings = request.open_platform().settings
        return settings.max_body_bytes

    # -- refusals -------------------------------------------------------------------------------

    def _on_not_found(self, error: NotFoundError) -> Response[str]:
        return self._on_refusal(NoSuchPath("没有这个接口，请对照 /docs 检查地址"))

    def _on_refusal(self, error: GovcreditError) -> Response[str]:
        request = requests.current()
        told = problem_response(error, request, self.pages)
        if self._refusal_page is not None:
            shown = self._refusal_page(error, str(request.event.get("path", "")))
            if shown is not None:
                told.headers |= {**shown.headers, "Content-Type": shown.media_type}
                told.body = str(shown.body)
        return told

    def _on_invalid(self, error: RequestValidationError) -> Response[str]:
        return self._on_refusal(invalid_request(error, requests.raw_body()))

    def _on_race(self, error: ConditionFailed) -> Response[str]:
        # A service that expects a race handles it; this one met it where nobody was expected.
        return self._on_refusal(Conflict("同一数据正在被另一个请求修改，请重新读取后再试"))

    def _on_crash(self, error: Exception) -> Response[str]:
        # Where, never what: an exception's text may quote a person's data.
        places = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
        log_event(
            "ERROR",
            REQUEST_FAILED,
            error=type(error).__name__,
            places=places,
            request_id=requests.request_id(),
        )
        return self._on_refusal(GovcreditError("平台出现了未预料的错误，请稍后重试"))

    # -- after the handler ----------------------------------------------------------------------

    def _finish(self, answer: dict[str, Any], request: Request) -> None:
        headers = answer["multiValueHeaders"]
        headers["X-Request-Id"] = [request.request_id]
        for name, value in request.answer_headers.items():
            headers[name] = [value]
        headers["X-Content-Type-Options"] = ["nosniff"]
        # A proxy integration takes text: the local emulator fails on null.
        answer["body"] = answer["body"] or ""
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = [NO_STORE]
        if self.is_public:
            headers["RateLimit-Policy"] = [RATE_LIMIT_POLICY]
            headers["Access-Control-Allow-Origin"] = ["*"]
            headers["Access-Control-Expose-Headers"] = [EXPOSED]

    def _log(self, request: Request, status: int, started: int, counter: _Counter) -> None:
        spec, caller = request.spec, request.caller
        log_event(
            "INFO",
            REQUEST_DONE,
            method=request.event.get("httpMethod", ""),
            route="" if spec is None else spec.path,
            status=status,
            ms=round((time.perf_counter_ns() - started) / 1e6, 2),
            aws_calls=counter.calls,
            capacity=counter.capacity,
            code=request.problem_code,
            agency="" if caller is None else caller.agency_code,
            request_id=request.request_id,
        )


class _Counter:
    """Counts the AWS calls of one request."""

    __slots__ = ("calls", "capacity")

    def __init__(self) -> None:
        self.calls = 0
        self.capacity = 0.0

    def before(self, call: Call) -> None:
        self.calls += 1

    def after(self, call: Call, capacity: float) -> None:
        self.capacity += capacity


def build(
    routes: Sequence[Routes],
    authenticate: Authenticate | None,
    authorize: Authorize | None,
    platform_factory: Callable[[], Platform],
    largest_body: int = PUBLIC_BODY_BYTES,
    refusal_page: RefusalPage | None = None,
) -> Edge:
    """One API of `routes`. Without `authenticate` it is a public one, takes public routes only,
    and bodies of `largest_body` bytes; where it has pages, `refusal_page` makes one of a refusal.
    Raises ValueError for a route that is declared twice or has no place here."""
    return Edge(routes, authenticate, authorize, platform_factory, largest_body, refusal_page)


def _answer_once(run: Callable[[], Answer]) -> Answer:
    claim = requests.idempotency_claim()
    if claim is None:
        return run()
    kept = claim.find()
    if kept is not None:
        return kept
    answer = run()
    if answer.status < 300:
        write = claim.item_write(answer)
        try:
            claim.platform.intake.put(write.item, write.condition)
        except ConditionFailed as error:
            # The same request ran twice at once; both are answered alike.
            return claim.replay(error.items[0]) or answer
    return answer


def _operation_id(spec: RouteSpec) -> str:
    words = re.sub(r"\W+", "_", spec.path).strip("_")
    return f"{spec.method.lower()}_{words}"


def _function(method: Callable[..., Response[str]]) -> Callable[..., Response[str]]:
    def guard(
        app: APIGatewayRestResolver, next_middleware: Callable[..., Response[str]]
    ) -> Response[str]:
        return method(app, next_middleware)

    return guard
