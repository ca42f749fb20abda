"""The sandbox as a web application: requests become values, and answers leave as they should or fail as they should.

The two endpoints are plain ASGI, because a campaign's speed is measured against them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from msgc.contract import KINDS, RequestKind
from msgc.sandbox import control
from msgc.sandbox.answer import (
    MAX_BODY,
    Answer,
    Request,
    answer,
    bad_control,
    foreign_host,
    mistake,
    unknown_route,
    wrong_method,
)
from msgc.sandbox.faults import MAX_SECONDS
from msgc.sandbox.loopback import is_loopback
from msgc.sandbox.world import World
from msgc.serving.connections import Connections

OnAnswer: TypeAlias = Callable[[Answer, bool], None]
"""Called after each request to an endpoint, with its answer and whether its client got that."""

_Action: TypeAlias = Callable[[World, bytes, bytes], bytes]
"""A control: the world, the query and the body of the request become JSON."""
_GONE_SECONDS = 5.0
"""How long a connection that was ended may take to be gone."""


def make_app(world: World, connections: Connections, on_answer: OnAnswer | None = None) -> Starlette:
    """The application of a world. Raises ValueError for a contract that does not say where requests go."""

    async def no_route(_: WebRequest, __: Exception) -> Response:
        return _response(unknown_route(world))

    async def own_mistake(_: WebRequest, error: Exception) -> Response:
        return _response(mistake(world, error))

    endpoints = [Route(world.contract.endpoint(kind), _Endpoint(kind, world, connections, on_answer)) for kind in KINDS]
    controls = [Route(path, _Control(world, actions)) for path, actions in _CONTROLS.items()]
    app = Starlette(
        routes=[*endpoints, *controls, Route("/sandbox/messages.jsonl", _Lines(world))],
        exception_handlers={HTTPException: no_route, Exception: own_mistake},
    )
    app.router.redirect_slashes = False  # the API has no such paths
    return app


_CONTROLS: Mapping[str, Mapping[str, _Action]] = {
    "/sandbox": {"GET": lambda world, _, __: control.summary(world)},
    "/sandbox/messages": {
        "GET": lambda world, query, _: control.page(world, query),
        "DELETE": lambda world, _, __: control.forget(world),
    },
    "/sandbox/faults": {
        "GET": lambda world, _, __: control.show_faults(world),
        "PUT": lambda world, _, body: control.change_faults(world, body),
    },
    "/sandbox/windows": {
        "GET": lambda world, _, __: control.show_windows(world),
        "PUT": lambda world, _, body: control.change_windows(world, body),
    },
}


class _Endpoint:
    """One of the API's endpoints."""

    def __init__(
        self, kind: RequestKind, world: World, connections: Connections, on_answer: OnAnswer | None = None
    ) -> None:
        self._kind = kind
        self._world = world
        self._connections = connections
        self._on_answer = on_answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        world = self._world
        key = next((value for name, value in scope["headers"] if name == b"x-api-key"), None)
        request = Request(
            self._kind,
            body,
            business=next(iter(scope["path_params"].values()), ""),
            key=None if key is None else key.decode("latin-1"),
            method=scope["method"],
        )
        given = answer(request, world)
        is_told = await self._deliver(given, scope["client"], receive, send)
        if not is_told:
            world.traffic.unanswered += 1
        else:
            world.traffic.answers[given.status] += 1
            if given.message is not None:
                world.messages.mark_answered(given.message)
        if self._on_answer is not None:
            self._on_answer(given, is_told)

    async def _deliver(self, given: Answer, client: tuple[str, int], receive: Receive, send: Send) -> bool:
        """Gives an answer, or loses it as it asks to be lost; whether the client could still hear it."""
        connections, latency = self._connections, self._world.faults.latency
        if latency and given.ending not in ("reset", "drop") and await _is_gone(receive, latency):
            return False
        if given.ending == "stall":
            await _is_gone(receive, MAX_SECONDS)
        if given.ending == "reset":
            connections.reset(client)
        elif given.ending in ("drop", "stall"):
            connections.drop(client)
        else:
            await send(_start(given))
            pause = self._world.faults.slow_pause
            if given.ending == "slow" and not await _trickle(given.body, pause, receive, send):
                return False
            if given.ending == "whole":
                await send({"type": "http.response.body", "body": given.body})
            return client in connections
        # Whoever returns without an answer while the connection is still there has one made by the server.
        await _is_gone(receive, _GONE_SECONDS)
        return False


class _Control:
    """A path that shows or changes the sandbox; only this machine's own programs may."""

    def __init__(self, world: World, actions: Mapping[str, _Action]) -> None:
        self._world = world
        self._actions = actions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = self._actions.get(scope["method"])
        if not _is_local(scope):
            response = _response(foreign_host(self._world))
        elif action is None:
            response = _response(wrong_method(self._world, self._actions))
        else:
            body = await _read(receive)
            if body is None:
                return
            response = self._respond(action, scope["query_string"], body)
        await response(scope, receive, send)

    def _respond(self, action: _Action, query: bytes, body: bytes) -> Response:
        try:
            return Response(action(self._world, query, body), media_type="application/json")
        except control.BadControl as reason:
            return _response(bad_control(self._world, str(reason)))


class _Lines:
    """All accepted messages as JSON Lines."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response
        if not _is_local(scope):
            response = _response(foreign_host(self._world))
        elif scope["method"] != "GET":
            response = _response(wrong_method(self._world, ["GET"]))
        else:
            response = StreamingResponse(self._parts(), media_type="application/x-ndjson")
        await response(scope, receive, send)

    async def _parts(self) -> AsyncIterator[bytes]:
        for part in control.lines(self._world):
            yield part
            await asyncio.sleep(0)  # a million lines must not keep the endpoints waiting


async def _read(receive: Receive) -> bytes | None:
    """The body of a request, of a long one as much as shows that it is too long; None if the client is gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        body = body + part if body else part
        if len(body) > MAX_BODY or not message.get("more_body", False):
            return body


async def _is_gone(receive: Receive, seconds: float) -> bool:
    """Waits; whether the client went away meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _trickle(body: bytes, pause: float, receive: Receive, send: Send) -> bool:
    """Sends a body byte by byte, what is left after a minute at once; False if the client does not wait for the end."""
    patience = int(MAX_SECONDS / pause) if pause else len(body)
    for at in range(min(len(body), patience)):
        await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
        if await _is_gone(receive, pause):
            return False
    await send({"type": "http.response.body", "body": body[patience:]})
    return True


def _is_local(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return is_loopback(host.decode("latin-1"))


def _start(given: Answer) -> dict[str, object]:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(given.body))]
    headers += [(name.encode("ascii"), value.encode("ascii")) for name, value in given.headers]
    return {"type": "http.response.start", "status": given.status, "headers": headers}


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, dict(given.headers), media_type="application/json")
