"""How the requests of `msgc send` go out: the address, the business, the key, the proxy and the pace."""

from __future__ import annotations

import contextlib
import math
import os
import re
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgc import __version__
from msgc.cli.send_options import Options
from msgc.cli.session import Session, Unusable
from msgc.pipeline import Project
from msgc.send.endpoint import BASE_URL, Endpoint, EndpointError, check_key, is_loopback, make_endpoint
from msgc.send.message import State
from msgc.send.pace import API_RATE, SENDER_RATE, Pace
from msgc.send.run_file import RunFile

if TYPE_CHECKING:
    from msgc.send.transport import Http

KEY_VARIABLE = "CONNECTLY_API_KEY"
SANDBOX_BUSINESS = "sandbox"
UNNAMED_BUSINESS = "unknown"
"""In a dry run nobody needs to say which business sends."""
_LEAST_IN_FLIGHT = 20


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast a run goes: in all and from one number, how many at once, and why, in words."""

    rate: float
    sender_rate: float
    in_flight: int
    words: str

    def pace(self) -> Pace:
        """The pace to dispatch with."""
        return Pace(self.rate, self.sender_rate)


@dataclass(frozen=True, slots=True)
class Way:
    """Where requests go and with what. `key` is None in a dry run."""

    endpoint: Endpoint
    is_sandbox: bool
    key: str | None
    options: Options

    @property
    def address(self) -> str:
        """What the register knows the place by."""
        return f"{self.endpoint.base_url} {self.endpoint.business_id}"

    def http(self) -> Http:
        """The transport. The key must be there."""
        from msgc.send.transport import Http  # slow to import, and a dry run has no need of it

        assert self.key is not None
        return Http(
            key=self.key,
            user_agent=f"msgc/{__version__}",
            connect_timeout=self.options.connect_timeout,
            timeout=self.options.timeout,
            proxy=None if is_loopback(self.endpoint.base_url) else _proxy(self.endpoint.base_url),
        )

    def pacing(self, run: RunFile, states: Iterable[State] = ("pending",)) -> Pacing:
        """How fast a run's messages in these states go. Raises `Unusable` for a `--rate` that cannot be had."""
        return _pacing(self.options, len(run.senders(states)), is_local=is_loopback(self.endpoint.base_url))


@contextlib.contextmanager
def open_way(session: Session, project: Project, options: Options) -> Iterator[Way]:
    """The way to send; a sandbox that is asked for runs until the block ends. Raises `Unusable`."""
    try:
        if options.sandbox:
            with _sandbox(session, project) as (base_url, key):
                endpoint = make_endpoint(project.contract, base_url, SANDBOX_BUSINESS)
                yield Way(endpoint, True, key, options)
            return
        business = options.business_id or project.configuration.business_id
        if business is None and not options.dry_run:
            raise Unusable(
                "say which business sends: `--business-id ID`, MSGC_BUSINESS_ID, or `business_id` in msgc.toml; "
                "or try it with `--sandbox`"
            )
        endpoint = make_endpoint(project.contract, options.base_url or BASE_URL, business or UNNAMED_BUSINESS)
        given = os.environ.get(KEY_VARIABLE, "")
        if not given and not options.dry_run:
            raise Unusable(
                f"there is no API key: set the environment variable {KEY_VARIABLE}, or try it with `--sandbox`"
            )
        yield Way(endpoint, False, check_key(given) if given else None, options)
    except EndpointError as error:
        raise Unusable(str(error)) from error


@contextlib.contextmanager
def _sandbox(session: Session, project: Project) -> Iterator[tuple[str, str]]:
    from msgc.cli.sandbox import start_sandbox  # an extra, and only for who asks for it

    with start_sandbox(project) as running:
        session.say(f"a sandbox of the API is listening at {running.base_url}")
        yield running.base_url, running.key


def _proxy(base_url: str) -> str | None:
    """The proxy that the environment names for an address."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise Unusable(f"the proxy of the environment is {urlsplit(proxy).scheme}; msgc speaks to HTTP proxies only")
    return proxy


def _pacing(options: Options, senders: int, *, is_local: bool) -> Pacing:
    if options.rate is None:
        rate = min(API_RATE, SENDER_RATE * max(1, senders))
        words = (
            f"{SENDER_RATE:g} a second, which WhatsApp takes from a number that was not upgraded; "
            "`--rate` sets it, up to the API's 200"
        )
        if senders > 1:
            words = f"at most {rate:g} a second in all, {SENDER_RATE:g} from each of {senders} numbers"
        return Pacing(rate, SENDER_RATE, options.in_flight or _places(rate), words)
    if options.rate == "none":
        if not is_local:
            raise Unusable("`--rate none` is for this machine only: the API takes 200 requests a second")
        return Pacing(math.inf, math.inf, options.in_flight or _LEAST_IN_FLIGHT, "as fast as it goes")
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", options.rate) or float(options.rate) <= 0:
        raise Unusable(f"`--rate {options.rate}` is no number of requests a second, such as 80")
    rate = float(options.rate)
    if rate > API_RATE and not is_local:
        raise Unusable(
            f"`--rate {options.rate}` is beyond the {API_RATE:g} requests a second that the API takes in all"
        )
    return Pacing(rate, rate, options.in_flight or _places(rate), f"{rate:g} a second, by `--rate`")


def _places(rate: float) -> int:
    """Half a second's worth of requests: enough for answers that take so long."""
    return max(_LEAST_IN_FLIGHT, math.ceil(rate / 2))
