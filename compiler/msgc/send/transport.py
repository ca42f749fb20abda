"""The only door to the network: one POST, and what came of it (aiohttp).

httpx has the nicer interface, but costs three times the processor time of aiohttp at a campaign's rate, its own pool
twenty times; see `tests/benchmarks/send.py`. Nothing is retried here, redirects are not followed, no cookie is kept,
and neither the environment nor a `.netrc` is read.
"""

from __future__ import annotations

import asyncio
import math
import os
import ssl
from types import TracebackType
from typing import Any, Self

import aiohttp
import yarl

from msgc.send.answer import MAX_BODY, Answer, Failure, Reply

_IDLE = 4.0
"""Seconds after which an idle connection is not used again: servers close theirs after five, and a request that
crosses with that is lost without anybody knowing whether it was read."""
_DNS_KEPT = 60


class _Connector(aiohttp.TCPConnector):
    """Never uses a connection again on which something has come that nobody asked for.

    aiohttp would take that for the answer to the next request: a server that says 408 before it closes an idle
    connection would have refused a message that it never saw.
    """

    async def _get(self, key: Any, traces: Any) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
            protocol = connection.protocol
            if protocol is not None and not protocol.should_close:
                return connection
            connection.close()
        return None


class Http:
    """Posts over HTTP. To be used as an asynchronous context manager.

    `key` goes into the header `X-API-Key`. `connect_timeout` and `timeout` are seconds: for a connection, and for the
    whole request. `proxy` is the address of an HTTP proxy, or None.
    """

    def __init__(
        self, *, key: str, user_agent: str, connect_timeout: float, timeout: float, proxy: str | None = None
    ) -> None:
        self._user_agent = user_agent
        # Of each request and not of the session, whose headers a proxy gets as well, and in plain text.
        self._headers = {"X-API-Key": key, "Content-Type": "application/json", "Accept": "application/json"}
        # The time for a connection must end first, and unrounded: only then is it known that nothing has left.
        connect = min(connect_timeout, 0.9 * timeout)
        self._timeout = aiohttp.ClientTimeout(
            total=timeout, connect=connect, sock_connect=connect, ceil_threshold=math.inf
        )
        self._proxy = proxy
        self._urls: dict[str, yarl.URL] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # How many connections there are is the dispatcher's business. The default context honours SSL_CERT_FILE.
        connector = _Connector(
            limit=0, ssl=ssl.create_default_context(), keepalive_timeout=_IDLE, ttl_dns_cache=_DNS_KEPT
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._user_agent},
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def post(self, url: str, body: bytes) -> Reply:
        """Post a body of JSON to an address. Never raises for what the network or the server does."""
        assert self._session is not None
        address = self._urls.get(url)
        if address is None:
            address = self._urls[url] = yarl.URL(url, encoded=True)
        status: int | None = None
        retry_after: str | None = None
        try:
            async with self._session.post(
                address, data=body, headers=self._headers, allow_redirects=False, proxy=self._proxy
            ) as response:
                status, retry_after = response.status, response.headers.get("Retry-After")
                return Answer(status, await _read(response), retry_after)
        except Exception as error:  # sorted out below; what is none of the network's is raised again
            failure = _failure(error)
            if status is None or failure.phase != "lost":
                return failure
            # The head of the answer came, and its body did not: the status is still worth something.
            return Answer(status, None, retry_after)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The body, or None for one that is larger than any answer of the API."""
    pieces = []
    size = 0
    while piece := await response.content.readany():
        size += len(piece)
        if size > MAX_BODY:
            response.close()
            return None
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _failure(error: Exception) -> Failure:
    """What an exception of the network means. Its own words are not kept: they can hold addresses with passwords."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return Failure("insecure", f"no secure connection: {_of_tls(error)}")
        case aiohttp.ClientConnectorDNSError():
            return Failure("unreached", "the host's name is not known")
        case aiohttp.ClientProxyConnectionError():
            return Failure("unreached", f"the proxy cannot be reached: {_of_system(error)}")
        case aiohttp.ClientHttpProxyError(status=407):
            return Failure("insecure", "the proxy asks for a password")
        case aiohttp.ClientHttpProxyError():
            return Failure("unreached", f"the proxy refuses with status {error.status}")
        case aiohttp.ClientConnectorError():
            return Failure("unreached", f"no connection: {_of_system(error)}")
        case aiohttp.ConnectionTimeoutError():
            return Failure("unreached", "no connection within the time for one")
        case TimeoutError() | asyncio.TimeoutError():
            return Failure("lost", "no whole answer in time")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
            return Failure("lost", "the connection was closed without a whole answer")
        case aiohttp.ClientError() | OSError() | ValueError():
            return Failure("lost", f"no answer that can be read ({type(error).__name__})")
    raise error


def _of_tls(error: aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError) -> str:
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    words = getattr(inner, "verify_message", None) or getattr(inner, "reason", None)
    return str(words).replace("_", " ").lower() if words else "the handshake failed"


def _of_system(error: aiohttp.ClientConnectorError) -> str:
    inner = error.os_error
    if isinstance(inner, ConnectionRefusedError):
        return "connection refused"
    if isinstance(inner, OSError) and inner.errno:
        return os.strerror(inner.errno).lower()  # asyncio puts words of its own, and the address, into the exception
    return "it was closed" if isinstance(inner, ConnectionError) else "it failed"
