"""The events of a YAML parser become data and a side table; misuse of YAML becomes findings.

`load` reads the events and passes them on: nothing here knows the parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from msgc import yaml_findings
from msgc.diagnostic import Diagnostic
from msgc.document import Node, Path, Style
from msgc.quoting import EXPRESSION_KEYS
from msgc.scalars import NumberError, Scalar, bad_number, resolve
from msgc.source import Source, Span

MAX_DEPTH: Final = 64
MAX_NODES: Final = 100_000
# A file with more errors than this is not read further: nobody mends a hundred places before looking again.
_MAX_ERRORS: Final = 100

_CORE: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = ("!", f"{_CORE}str")  # `!` alone makes text of whatever follows
_TAG_TYPES: Final = {"int": int, "float": float, "bool": bool, "null": type(None)}
_STYLES: Final[dict[str | None, Style]] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_PROPERTIES = re.compile(r"(?:&[0-9A-Za-z_-]+|!<[^>]*>|![^ \t\r\n,\[\]{}]*|[ \t\r\n]+(?:#[^\r\n]*)?)*")
_ODD_SPACES: Final = ("\xa0", "\u202f", "\u3000", "\ufeff")
_NO_SPACE = re.compile(r"(?P<key>[$\w]+):(?P<value>\"[^\"]*\"|'[^']*')")
_NO_COLON = re.compile(r"\s*[,}]")
_MORE_COMMAS = re.compile(r"(?:\s*,[^,:{}\[\]\r\n\"']*(?=[,}]))*")
_TRAILING_BLANKS = re.compile(r"(?:[\r\n]+[ \t]*)+\Z")


class Stop(Exception):  # noqa: N818 - a signal, not an error
    """An error has been reported behind which reading on is of no use."""


class _Frame:
    """A collection that is being read."""

    __slots__ = (
        "anchor",
        "data",
        "first",
        "has_key",
        "is_map",
        "key",
        "key_end",
        "key_start",
        "path",
        "start",
        "style",
    )

    def __init__(self, is_map: bool, path: Path, start: int, style: Style, anchor: str | None, first: int) -> None:
        self.is_map = is_map
        self.data: Any = {} if is_map else []
        self.path = path
        self.start = start
        self.style: Style = style
        self.anchor = anchor
        self.first = first  # how many nodes there were before this one
        self.has_key = False
        self.key = ""
        self.key_start = start
        self.key_end = start


class _Anchor:
    """What an anchor names: a value, and its nodes as a slice of the builder's `_order`."""

    __slots__ = ("first", "last", "node", "path", "value")

    def __init__(self, value: Any, node: Node, path: Path, first: int, last: int) -> None:
        self.value = value
        self.node = node
        self.path = path
        self.first = first
        self.last = last


_UNREAD: Final = Node(0, 0, 0, 0, "plain")


class DocumentBuilder:
    """One pass over the events of one text."""

    def __init__(self, source: Source, stand_ins: Mapping[int, str]) -> None:
        self.source = source
        self.text = source.text
        self.data: Any = None
        self.nodes: dict[Path, Node] = {}
        self.findings: list[Diagnostic] = []
        self.skipping = 0  # how many collections must end before an event counts again
        self._stand_ins = stand_ins
        self._order: list[Path] = []  # the paths of `nodes` in order, so that an anchor's nodes are a slice
        self._frames: list[_Frame] = []
        self._frame: _Frame | None = None
        self._anchors: dict[str, _Anchor | None] = {}  # None: its collection is still being read
        self._errors = 0
        self._last_end = 0  # the end of the last scalar or flow collection: a block collection ends there
        self._in_expression = False  # what is being skipped is `{{ … }}`
        self._closes_frame = False  # and its outer mapping is the current frame
        self._expression_end = -1
        self._comma_end = 0  # where the text ends whose commas have been reported

    def _report(self, diagnostic: Diagnostic) -> None:
        """Adds a finding; raises Stop when there are too many errors."""
        self.findings.append(diagnostic)
        self._errors += diagnostic.severity == "error"
        if self._errors >= _MAX_ERRORS:
            raise Stop

    def _stop(self, diagnostic: Diagnostic) -> NoReturn:
        """Raises Stop behind the diagnostic of an error."""
        self._report(diagnostic)
        raise Stop

    # --- scalars

    def scalar(self, event: Any) -> None:
        """A scalar, as a key or a value."""
        text: str = event.value
        if self._stand_ins:
            text = text.translate(self._stand_ins)
        first: int = event.start_mark.index
        start = first
        end: int = event.end_mark.index
        tag: str | None = event.tag
        style = _STYLES[event.style]
        value: Scalar = text
        if start < end and self.text[start] in "&!":
            start = self._behind_properties(start, end)
        frame = self._frame
        if style == "plain":
            if tag is None:
                value = self._resolve(text, start, end)
            if ":" in text:
                self._check_colon(text, start, end)
            if "{" in text or (frame is not None and frame.key in EXPRESSION_KEYS):
                self._check_comment(text, start, end)
        elif style == "literal" or style == "folded":
            blanks = _TRAILING_BLANKS.search(self.text[start:end])
            end = start + blanks.start() if blanks else end
        if tag is not None:
            value = self._tagged(tag, text, self.source.span(first, start))
        self._last_end = end
        if frame is not None and frame.is_map and not frame.has_key:
            self._key(frame, value, text, start, end, style)
            if event.anchor is not None:
                node = Node(start, end, start, start, style, text)
                self._anchors[event.anchor] = _Anchor(value, node, (), 0, 0)
        else:
            self._place(value, start, end, style, text, event.anchor)

    def _place(self, value: Any, start: int, end: int, style: Style, text: str | None, anchor: str | None) -> None:
        """Puts a scalar where the next value belongs."""
        order = self._order
        if len(order) >= MAX_NODES:
            self._stop(yaml_findings.too_large(self.source.span(start, end), MAX_NODES))
        frame = self._frame
        if frame is None:
            path: Path = ()
            node = Node(start, end, start, start, style, text)
            self.data = value
        elif frame.is_map:
            path = (*frame.path, frame.key)
            node = Node(start, end, frame.key_start, frame.key_end, style, text)
            frame.data[frame.key] = value
            frame.has_key = False
        else:
            path = (*frame.path, len(frame.data))
            node = Node(start, end, start, start, style, text)
            frame.data.append(value)
        self.nodes[path] = node
        order.append(path)
        if anchor is not None:
            self._anchors[anchor] = _Anchor(value, node, path, len(order) - 1, len(order))

    def _resolve(self, text: str, start: int, end: int) -> Scalar:
        try:
            return resolve(text)
        except NumberError as error:
            self._report(bad_number(self.source.span(start, end), text, error))
            return 0

    def _tagged(self, tag: str, text: str, place: Span) -> Scalar:
        """The value of a scalar with a tag; a tag that does not fit is a finding. `place` is the tag's."""
        if tag in _TEXT_TAGS:
            return text
        name = tag.removeprefix(_CORE)
        if name in _TAG_TYPES:
            value = self._resolve(text, place.end, place.end + len(text))
            if name == "float" and type(value) is int:
                try:
                    value = float(value)
                except OverflowError:
                    too_large = NumberError("is too large for 64 bits")
                    self._report(bad_number(self.source.span(place.end, place.end + len(text)), text, too_large))
                    return 0.0
            if type(value) is _TAG_TYPES[name]:
                return value
        self._bad_tag(tag, place)
        return text

    def _bad_tag(self, tag: str, place: Span) -> None:
        written = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
        key = self._frame.key if self._frame is not None and self._frame.has_key else None
        span = self.source.span(place.start, place.start + len(place.text.rstrip()))
        self._report(yaml_findings.bad_tag(span, written, key))

    def _behind_properties(self, start: int, end: int) -> int:
        """Where a node begins behind its anchor and its tag."""
        match = _PROPERTIES.match(self.text, start, end)
        return match.end() if match else start

    def _check_comment(self, text: str, start: int, end: int) -> None:
        """A comment that cuts an unquoted expression short is a finding."""
        key = self._frame.key if self._frame is not None and self._frame.has_key else None
        if key in EXPRESSION_KEYS or "{{" in text or "{%" in text:
            diagnostic = yaml_findings.cutting_comment(self.source, start, end, key)
            if diagnostic is not None:
                self._report(diagnostic)

    def _check_colon(self, text: str, start: int, end: int) -> None:
        """A line `key:"value"` is one text for YAML; where it begins the line, it was meant as a key."""
        frame = self._frame
        if frame is not None and frame.is_map and not frame.has_key:
            return
        match = _NO_SPACE.fullmatch(text)
        line = self.source.line_start(self.source.position(start)[0]) if match else start
        if match and not self.text[line:start].strip(" \t-"):
            span = self.source.span(start, end)
            self._report(yaml_findings.no_space(span, match["key"], match["value"]))

    # --- keys

    def _key(self, frame: _Frame, value: Scalar, text: str, start: int, end: int, style: Style) -> None:
        if style == "plain" and frame.style == "flow" and self._continues(frame, start, end):
            pass
        elif style == "plain" and text.startswith(_ODD_SPACES):
            odd = len(text) - len(text.lstrip("".join(_ODD_SPACES) + " "))
            self._report(yaml_findings.odd_space(self.source.span(start, start + odd)))
        elif style == "plain" and text == "<<":
            self._report(yaml_findings.merge_key(self.source.span(start, end)))
        elif not isinstance(value, str):
            self._report(yaml_findings.bad_key(self.source.span(start, end), value, text))
        elif text in frame.data:
            node = self.nodes[(*frame.path, text)]
            first = self.source.span(node.key_start, node.key_end)
            self._report(yaml_findings.duplicate_key(self.source.span(start, end), first, text))
        frame.has_key = True
        frame.key = text
        frame.key_start = start
        frame.key_end = end

    def _continues(self, frame: _Frame, start: int, end: int) -> bool:
        """Whether a key without a colon goes on with the unquoted text before its comma: one finding for each text."""
        if start < self._comma_end:
            return True
        key = next(reversed(frame.data), None)
        if key is None or not _NO_COLON.match(self.text, end):
            return False
        value = self.nodes[(*frame.path, key)]
        if value.style != "plain" or value.end == value.start or self.text[value.end : start].strip() != ",":
            return False
        more = _MORE_COMMAS.match(self.text, end)
        self._comma_end = more.end() if more else end
        whole = self.text[value.start : self._comma_end]
        self._report(yaml_findings.comma_in_value(self.source.span(start, end), key, whole))
        return True

    def _complex_key(self, frame: _Frame, event: Any) -> None:
        """A collection as a key: usually the `{{` of an expression that is not quoted."""
        start: int = event.start_mark.index
        frame.has_key = True
        frame.key = ""
        frame.key_start = start
        frame.key_end = start + 1
        # `{{ a }}` is two mappings: the rest of the outer one says nothing more.
        self._closes_frame = frame.style == "flow" and start == frame.start + 1 and self.text[frame.start] == "{"
        self.skipping = 2 if self._closes_frame else 1
        begin = frame.start if self._closes_frame else start
        self._in_expression = self.text.startswith("{{", begin)
        if self._in_expression:
            self._report(yaml_findings.unquoted_expression(self.source, begin))
        else:
            self._report(yaml_findings.collection_key(self.source.span(start, start + 1)))

    def skip(self, event: Any, change: int) -> None:
        """An event while `skipping`; `change` is 1 where a collection begins, -1 where one ends, else 0."""
        self.skipping += change
        if change > 0:
            self._check_depth(event, self.skipping)
        if change >= 0:
            return
        self._last_end = event.end_mark.index
        if not self.skipping:
            self._expression_end = self._last_end if self._in_expression else -1
            self._in_expression = False
            if self._closes_frame:
                self._close(self._frames[-1])

    def _check_depth(self, event: Any, more: int) -> None:
        if len(self._frames) + more > MAX_DEPTH:
            start = event.start_mark.index
            self._stop(yaml_findings.too_deep(self.source.span(start, start + 1), MAX_DEPTH, alias=False))

    # --- collections

    def open(self, event: Any, is_map: bool) -> None:
        """The beginning of a mapping or a list."""
        frame = self._frame
        if frame is not None and frame.is_map and not frame.has_key:
            self._complex_key(frame, event)
            return
        start: int = event.start_mark.index
        self._check_depth(event, 1)
        if len(self._order) >= MAX_NODES:
            self._stop(yaml_findings.too_large(self.source.span(start, start + 1), MAX_NODES))
        if self.text[start] in "&!":
            begin = self._behind_properties(start, len(self.text))
            if event.tag not in (None, "!", f"{_CORE}map" if is_map else f"{_CORE}seq"):
                self._bad_tag(event.tag, self.source.span(start, begin))
            start = begin
        path: Path = ()
        if frame is not None:
            path = (*frame.path, frame.key if frame.is_map else len(frame.data))
        style: Style = "flow" if event.flow_style else "block"
        self._frame = _Frame(is_map, path, start, style, event.anchor, len(self._order))
        self._frames.append(self._frame)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self.nodes[path] = _UNREAD  # keeps the order of the file; replaced when the end is known
        self._order.append(path)
        self._last_end = event.end_mark.index

    def close(self, event: Any) -> None:
        """The end of a mapping or a list."""
        frame = self._frames[-1]
        if frame.style == "flow":
            self._last_end = event.end_mark.index
        self._close(frame)

    def _close(self, frame: _Frame) -> None:
        self._frames.pop()
        parent = self._frames[-1] if self._frames else None
        key_start = key_end = frame.start
        if parent is None:
            self.data = frame.data
        elif parent.is_map:
            key_start, key_end = parent.key_start, parent.key_end
            parent.data[parent.key] = frame.data
            parent.has_key = False
        else:
            parent.data.append(frame.data)
        node = Node(frame.start, self._last_end, key_start, key_end, frame.style)
        self.nodes[frame.path] = node
        if frame.anchor is not None:
            self._anchors[frame.anchor] = _Anchor(frame.data, node, frame.path, frame.first, len(self._order))
        self._frame = parent

    # --- aliases

    def alias(self, event: Any) -> None:
        """An alias, as a key or a value."""
        start: int = event.start_mark.index
        end: int = event.end_mark.index
        self._last_end = end
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            make = yaml_findings.endless_alias if event.anchor in self._anchors else yaml_findings.missing_anchor
            self._report(make(self.source.span(start, end), event.anchor))
            anchor = _Anchor("", Node(start, end, start, start, "plain", ""), (), 0, 0)
        node = anchor.node
        frame = self._frame
        if frame is not None and frame.is_map and not frame.has_key:
            if node.text is None:
                self._report(yaml_findings.collection_key(self.source.span(start, end)))
                self._key(frame, "", self.text[start:end], start, end, node.style)
            else:
                self._key(frame, anchor.value, node.text, start, end, node.style)
        elif node.text is not None:
            self._place(anchor.value, node.start, node.end, node.style, node.text, None)
        else:
            self._expand(anchor, start, end)

    def _expand(self, anchor: _Anchor, start: int, end: int) -> None:
        """Writes out the collection that an alias repeats: its data copied, its nodes as they stand."""
        frame = self._frames[-1]  # the root is no alias of a collection: nothing stands above it
        if len(self._order) + anchor.last - anchor.first > MAX_NODES:
            self._stop(yaml_findings.too_large(self.source.span(start, end), MAX_NODES))
        path: Path = (*frame.path, frame.key if frame.is_map else len(frame.data))
        cut = len(anchor.path)
        for original in self._order[anchor.first : anchor.last]:
            node = self.nodes[original]
            copy = path + original[cut:]
            if len(copy) + (node.text is None) > MAX_DEPTH:
                self._stop(yaml_findings.too_deep(self.source.span(start, end), MAX_DEPTH, alias=True))
            if copy == path:
                keys = (frame.key_start, frame.key_end) if frame.is_map else (node.start, node.start)
                node = Node(node.start, node.end, *keys, node.style)
            self.nodes[copy] = node
            self._order.append(copy)
        value = _copy(anchor.value)
        if frame.is_map:
            frame.data[frame.key] = value
            frame.has_key = False
        else:
            frame.data.append(value)

    @property
    def flow_start(self) -> int | None:
        """Where the innermost collection begins that is being read, if it is a `{…}` or `[…]`."""
        frame = self._frame
        return frame.start if frame is not None and frame.style == "flow" else None

    def explains(self, *offsets: int) -> bool:
        """Whether an error on the line of one of these offsets is known, so that another says nothing new."""
        if self._in_expression:
            return True
        known = [d.span.start for d in self.findings if d.severity == "error" and d.span is not None]
        lines = {self.source.position(offset)[0] for offset in known}
        if self._expression_end >= 0:
            lines.add(self.source.position(self._expression_end)[0])
        return any(self.source.position(offset)[0] in lines for offset in offsets)


def _copy(value: Any) -> Any:
    """A copy of nested dicts and lists, which are at most 64 deep."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value
