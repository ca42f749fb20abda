"""What the gallery makes of texts and payloads: `*.json` is a payload as a phone shows it, all else a text's markup."""

import json
from pathlib import Path

from casefile import Case
from msgc.preview.element import html
from msgc.preview.markup import markup
from msgc.preview.phone import phone


def preview(case: Case, _: Path) -> str:
    answer = ""
    for name, text in case.inputs.items():
        made = phone(json.loads(text)) if name.endswith(".json") else html(markup(text.removesuffix("\n")))
        answer += f"{name}\n" + "".join(f"  {line}\n" for line in made.replace("><", ">\n<").split("\n"))
    return answer
