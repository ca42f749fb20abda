"""msgc: a compiler for messages.

    import msgc

    catalog = msgc.open_catalog("templates")
    compiled = catalog.compile("shop/order-shipped", values, to="+16044441111")
    if compiled.ok:
        send(compiled.json)
    else:
        for finding in compiled.findings:
            print(finding.rule, finding.message)

The names in `__all__` are the public interface; everything else may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Catalog", "Compiled", "Diagnostic", "Rejected", "__version__", "open_catalog"]

if TYPE_CHECKING:
    from msgc.diagnostic import Diagnostic, Rejected
    from msgc.library import Catalog, Compiled, open_catalog

_HOMES = {
    "Catalog": "msgc.library",
    "Compiled": "msgc.library",
    "Diagnostic": "msgc.diagnostic",
    "Rejected": "msgc.diagnostic",
    "open_catalog": "msgc.library",
}


def __getattr__(name: str) -> Any:
    # Imported when first used: the command line needs few of these, and each start counts.
    if name not in _HOMES:
        raise AttributeError(f"module 'msgc' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
