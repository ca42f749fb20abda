"""The gallery as a web application for this machine alone.

It renders templates on request, so that whoever asks must be the page that msgc opened: a request needs the host of
this server, a token that is new at each start (in the opened address, then in a cookie that no other site's page can
send or read), and for what is posted the page's own origin. Nothing is logged.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from msgc.preview.board import Board
from msgc.preview.page import make_page, policy

Render: TypeAlias = Callable[[str, Mapping[str, str]], str]
"""The HTML of what a definition makes of the texts of its parameters."""

MAX_BODY = 1 << 18
"""The size of a request's body in bytes."""
_WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.15
_HEADERS = {
    "Content-Security-Policy": policy(served=True),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Gate:
    """Who may ask: the server's port, and the token of this start."""

    port: int
    token: str

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies are shared by all ports of a host."""
        return f"msgc-preview-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """What the header `Host` may say; a page whose name was made to lead here still sends its own name."""
        return frozenset(f"{host}:{self.port}" for host in ("127.0.0.1", "localhost", "[::1]"))

    def refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that may not be; None for one that may."""
        request = Request(scope)
        host = request.headers.get("host", "")
        if host not in self.hosts or len(request.headers.getlist("host")) != 1:
            return _plain(421, "This server answers to localhost and its port only.")
        given = request.cookies.get(self.cookie) or self._asked(scope)
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return _plain(403, "Open the address that `msgc preview` printed: it holds the token of this start.")
        if request.method not in ("GET", "HEAD") and request.headers.get("origin") != f"http://{host}":
            return _plain(403, "Only the preview's own page may ask for that.")
        return None

    def is_new(self, scope: Scope) -> bool:
        """Whether the token stands in the address, from where it moves into a cookie."""
        return bool(self._asked(scope))

    def _asked(self, scope: Scope) -> str:
        query: str = scope["query_string"].decode("latin-1")
        return parse_qs(query).get("token", [""])[0]


def make_app(board: Board, title: str, gate: Gate, render: Render) -> ASGIApp:
    """The application that shows a board. `render` is called in threads, one at a time."""
    rendering = asyncio.Semaphore(1)

    async def page(_: Request) -> Response:
        made = await run_in_threadpool(lambda: make_page(title, board.since(0), served=True))
        return Response(made, media_type="text/html")

    async def changes(request: Request) -> Response:
        """Answers as soon as something is newer than the page's version, at the latest after a while."""
        text = request.query_params.get("since", "")
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            return _plain(400, "`since` is a version.")
        since = int(text)
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                while board.version == since and not await request.is_disconnected():
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            pass
        return _json(board.since(since))

    async def try_values(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _plain(413, f"At most {MAX_BODY:,} bytes are taken.")
        asked = _asked_for(body)
        if asked is None:
            return _plain(400, 'Ask with {"name": …, "values": {…}}.')
        async with rendering:
            return _json({"html": await run_in_threadpool(render, *asked)})

    async def icon(_: Request) -> Response:
        return Response(status_code=204)

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/changes", changes),
            Route("/render", try_values, methods=["POST"]),
            Route("/favicon.ico", icon),
        ]
    )
    return _Guarded(app, gate)


class _Guarded:
    """The application behind its gate; every answer has the headers that keep others out."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._gate.refusal(scope)
        extra = dict(_HEADERS)
        if refusal is None and self._gate.is_new(scope):
            extra["Set-Cookie"] = f"{self._gate.cookie}={self._gate.token}; Path=/; HttpOnly; SameSite=Strict"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await (refusal or self._app)(scope, receive, send_with_headers)


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too long; no more of it is read then."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return None
    return body


def _asked_for(body: bytes) -> tuple[str, dict[str, str]] | None:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or asked.keys() != {"name", "values"} or not isinstance(asked["name"], str):
        return None
    values = asked["values"]
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        return None
    return asked["name"], values


def _json(value: object) -> Response:
    text = json.dumps(value, ensure_ascii=False)
    return Response(text.encode("utf-8", "replace"), media_type="application/json")


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, media_type="text/plain")
