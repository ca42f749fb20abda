"""Which addresses belong to this machine alone: the sandbox takes people's numbers, so it listens on no others."""

from __future__ import annotations

import ipaddress
import re

_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::[0-9]*)?")


def loopback_address(host: str) -> str:
    """The address to listen on for a host: `localhost`, `::1`, or one that begins with 127.

    Raises ValueError for every other.
    """
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not (address.is_loopback if address.version == 4 else address == ipaddress.ip_address("::1")):
        raise ValueError(
            f"`{host}` is no loopback address; the sandbox holds people's numbers and messages, so it listens on this "
            "machine only: 127.0.0.1, ::1 or localhost"
        )
    return str(address)


def is_loopback(authority: str) -> bool:
    """Whether the header `Host` of a request names this machine, with or without a port.

    A web page whose name was made to lead here (DNS rebinding) still sends its own name.
    """
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return False
    try:
        loopback_address(match[1].removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
