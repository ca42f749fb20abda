"""Where requests go: the API's address and the business, checked before a key is sent to them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from msgc.contract import KINDS, Contract, RequestKind

BASE_URL = "https://api.connectly.ai"
"""The API's address, from the vendor's quick start."""
_BUSINESS = re.compile(r"[A-Za-z0-9_-]+")
_KEY = re.compile(r"[\x21-\x7e]+")


class EndpointError(ValueError):
    """An address, a business or a key that nothing may be sent with; the text says why, and holds no key."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The API's address without a final slash, the business, and the path of each kind of request."""

    base_url: str
    business_id: str
    paths: tuple[tuple[RequestKind, str], ...]

    def url(self, kind: RequestKind) -> str:
        """The address of a request."""
        return self.base_url + dict(self.paths)[kind]


def make_endpoint(contract: Contract, base_url: str, business_id: str) -> Endpoint:
    """The endpoint of a business at an address. Raises EndpointError."""
    if not _BUSINESS.fullmatch(business_id):
        raise EndpointError(f"the business id `{business_id}` holds other characters than letters, digits, `_` and `-`")
    try:
        paths = tuple((kind, contract.endpoint(kind).replace("{businessId}", business_id)) for kind in KINDS)
    except ValueError as error:
        raise EndpointError(str(error)) from error
    return Endpoint(_checked_base(base_url), business_id, paths)


def check_key(key: str) -> str:
    """A key that can stand in a header. Raises EndpointError, which does not repeat it."""
    if not _KEY.fullmatch(key):
        raise EndpointError(
            "the API key in CONNECTLY_API_KEY is empty, or holds spaces, line breaks or other signs that no key has"
        )
    return key


def is_loopback(base_url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_base(base_url: str) -> str:
    # What may be a password, or a key in the wrong place, is not repeated.
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError as error:
        raise EndpointError("the base URL is not of the form https://host or https://host:port") from error
    if parts.username is not None or parts.password is not None:
        raise EndpointError("the base URL holds a user name or a password; the key comes from CONNECTLY_API_KEY only")
    if parts.query or parts.fragment or "?" in base_url or "#" in base_url:
        raise EndpointError("the base URL has a query or a fragment; give scheme, host and port, as in https://host")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise EndpointError(f"the base URL {base_url} is not of the form https://host")
    if parts.scheme == "http" and not is_loopback(base_url):
        raise EndpointError(
            f"the base URL {base_url} is plain http: the key and the messages would be readable on the way; use https"
        )
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc) or not re.fullmatch(r"[A-Za-z0-9._~/-]*", parts.path):
        raise EndpointError(f"the base URL {base_url} holds characters that no address has")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
