"""The table of transfer functions: what each filter can make of what it is given, one for each filter there is."""

from __future__ import annotations

from collections.abc import Mapping

from msgc.template.infer.call import Transfer
from msgc.template.infer.gaps import KEEPING, keeping_gaps
from msgc.template.infer.transfer_lists import LISTS
from msgc.template.infer.transfer_locale import LOCALE
from msgc.template.infer.transfer_numbers import NUMBERS
from msgc.template.infer.transfer_texts import TEXTS

TRANSFERS: Mapping[str, Transfer] = {
    name: keeping_gaps(transfer) if name in KEEPING else transfer
    for name, transfer in {**TEXTS, **NUMBERS, **LOCALE, **LISTS}.items()
}
