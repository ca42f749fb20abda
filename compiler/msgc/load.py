"""YAML becomes a document: plain data, and beside it the place of everything.

Documents are built from the parser's events, with limits on depth and size, because composing recurses in C
and a small hostile file would end the process. Types are YAML 1.2's (see `scalars`). This is the only module
that imports yaml.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from msgc.decode import MAX_BYTES, decode_text
from msgc.diagnostic import Diagnostic, MissingCParser, Rejected
from msgc.document import Document, Node
from msgc.document_builder import MAX_DEPTH, MAX_NODES, DocumentBuilder, Stop
from msgc.source import Source
from msgc.yaml_findings import second_document

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "MissingCParser", "load_text", "load_yaml"]

# libyaml takes these for line breaks, as YAML 1.1 did. In YAML 1.2, and in every editor, they are characters.
_OLD_BREAKS: Final = "\x85\u2028\u2029"
_DEPTH_CHANGES: Final[dict[type, int]] = {
    MappingStartEvent: 1,
    SequenceStartEvent: 1,
    MappingEndEvent: -1,
    SequenceEndEvent: -1,
}


def load_yaml(data: bytes, name: str) -> tuple[Document, list[Diagnostic]]:
    """The document in a YAML file's bytes, and the warnings about it.

    `name` is the file's name in reports. An empty file is a document whose data is None. Raises Rejected with
    at least one error (and the warnings found on the way), and MissingCParser where PyYAML has no libyaml.
    """
    return load_text(decode_text(data, name))


def load_text(source: Source) -> tuple[Document, list[Diagnostic]]:
    """The document in a YAML text, and the warnings about it; raises as `load_yaml` does."""
    if not yaml.__with_libyaml__:
        raise MissingCParser
    text, stand_ins = _disguise(source.text)
    builder = DocumentBuilder(source, stand_ins)
    try:
        _feed(builder, yaml.CLoader(text).get_event)
    except Stop:
        pass
    except yaml.MarkedYAMLError as error:
        _add_syntax_error(builder, error)
    except yaml.YAMLError:  # a ReaderError: it knows the character, but counts its place in bytes
        from msgc.yaml_errors import forbidden_character

        builder.findings.append(forbidden_character(source))
    findings = builder.findings
    if findings:
        findings.sort(key=lambda diagnostic: diagnostic.sort_key)
        if any(diagnostic.severity == "error" for diagnostic in findings):
            raise Rejected(*findings)
    nodes = builder.nodes or {(): Node(0, 0, 0, 0, "plain", "")}
    return Document(source, builder.data, nodes), findings


def _feed(builder: DocumentBuilder, next_event: Callable[[], Any]) -> None:
    """Passes all events of one document to the builder; a second document is a finding."""
    documents = 0
    while (event := next_event()) is not None:
        kind = type(event)
        if builder.skipping:
            builder.skip(event, _DEPTH_CHANGES.get(kind, 0))
        elif kind is ScalarEvent:
            builder.scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            builder.open(event, kind is MappingStartEvent)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            builder.close(event)
        elif kind is AliasEvent:
            builder.alias(event)
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                start = event.start_mark.index
                builder.findings.append(second_document(builder.source.span(start, start + 3)))
                return


def _add_syntax_error(builder: DocumentBuilder, error: yaml.MarkedYAMLError) -> None:
    """Adds the parser's error, unless an error that the builder has found already names its cause."""
    from msgc.yaml_errors import explain  # most files are YAML, and each start counts

    at = error.problem_mark.index if error.problem_mark is not None else len(builder.text)
    context_at = error.context_mark.index if error.context_mark is not None else None
    diagnostic = explain(builder.source, error.problem or "", at, error.context or "", context_at, builder.flow_start)
    if not builder.explains(at, diagnostic.span.start if diagnostic.span is not None else at):
        builder.findings.append(diagnostic)


def _disguise(text: str) -> tuple[str, dict[int, str]]:
    """The text with libyaml's extra line breaks replaced by idle characters, and what these stand for."""
    if text.isascii() or not any(char in text for char in _OLD_BREAKS):
        return text, {}
    lowered = text.lower()  # a character that stands there as an escape (`\ue000`) is not free either
    free = (code for code in range(0xE000, 0xF900) if chr(code) not in text and f"{code:x}" not in lowered)
    stand_ins = dict(zip(free, _OLD_BREAKS, strict=False))
    return text.translate({ord(char): code for code, char in stand_ins.items()}), stand_ins
