"""`check` answers with findings whatever a definition holds: definitions that work are mutated, and must never raise.

The mutations are of the tree (keys and values deleted, moved, retyped; structure words anywhere) and of the text.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from casefile import find_cases, read_case
from msgc.catalog import Entry
from msgc.configuration import Configuration
from msgc.pipeline import open_project
from msgc.report import REPORTERS

STARTER = Path(__file__).parent.parent / "templates"
SCALARS = [
    *("", "null", "~", "true", "no", "007", "+1604", "12:30", "1e400", "1.5", "-0", "0x10", "18446744073709551616"),
    *("{{", "}}", "{{ x }}", "{{ }}", "{% if x %}", "{{ loop.index }}", "{{ 1/0 }}"),
    "{% for a in b %}{{ a }}{% endfor %}",
    *("{{ x.y.z }}", "{{ [1, 2] }}", "{{ none }}", "{{ range(10**9) }}", "{{ 'x' * 10**9 }}", "{{ self }}"),
    *("x in y", "x in [1, 2, 3]", "x, y in [[1, 2]]", "x in x", "loop in [1]", "x in [1] if x"),
    *("_shared/footer.yaml", "_shared/rating-buttons.yaml", "support/menu.yaml", "../x", "_shared/amounts.j2"),
    *("string", "object", "array", "number", "😀" * 30, "a\u202eb", "a\nb", "\n", "a # b", "a: b"),
    *("[", "{", "&a", "*a", "!!str x"),
]  # fmt: skip
WORDS = ["$for", "$if", "$include", "$with", "$value", "$foo", "$ref"]


def definitions() -> list[str]:
    """The text of the starter catalog's definitions and of those in the case files."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(STARTER.rglob("*.yaml"))]
    for path in find_cases("check"):
        texts += [text for name, text in read_case(path).inputs.items() if name.endswith(".yaml")]
    return texts


TEXTS = definitions()


def trees() -> Iterator[dict[str, Any]]:
    for text in TEXTS:
        try:
            data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
        except yaml.YAMLError:
            continue
        if isinstance(data, dict):
            yield data


TREES = list(trees())
KEYS = sorted(
    {key for text in TEXTS for key in re.findall(r"[A-Za-z_]+(?=:)", text)} | set(WORDS) | {"", "a b", "loop"}
)
keys = st.sampled_from(KEYS)
values = st.one_of(
    st.sampled_from(SCALARS),
    st.text(max_size=8),
    st.sampled_from([None, True, 1, 1.5, 2**60, [], {}, [[]], {"a": None}]),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def look_up(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def choose(draw: st.DrawFn, options: list[Any]) -> Any:
    """One of many; Hypothesis would print all options of `sampled_from`."""
    return options[draw(st.integers(0, len(options) - 1))]


@st.composite
def mutated_trees(draw: st.DrawFn) -> str:
    data = deepcopy(choose(draw, TREES))
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(data))
        if not found:
            break
        path = choose(draw, found)
        mutate(draw, look_up(data, path[:-1]), path[-1], data, found)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)


def mutate(draw: st.DrawFn, parent: Any, key: Any, data: Any, found: list[tuple[Any, ...]]) -> None:
    kind = draw(st.sampled_from(["delete", "value", "wrap", "list", "rename", "copy", "word", "move", "foreign"]))
    if kind == "delete":
        del parent[key]
    elif kind == "value":
        parent[key] = deepcopy(draw(values))
    elif kind == "wrap":
        parent[key] = {draw(keys): parent[key]}
    elif kind == "list":
        parent[key] = [parent[key]]
    elif kind == "copy" and isinstance(parent, list):
        parent.insert(key, deepcopy(parent[key]))
    elif kind in ("copy", "rename") and isinstance(parent, dict):
        parent[draw(keys)] = parent.pop(key) if kind == "rename" else deepcopy(parent[key])
    elif kind == "word":
        target = parent[key] if isinstance(parent[key], dict) else parent if isinstance(parent, dict) else {}
        target[draw(st.sampled_from(WORDS))] = deepcopy(draw(values))
    elif kind == "move":
        parent[key] = deepcopy(look_up(data, choose(draw, found)))
    elif kind == "foreign":
        other = choose(draw, TREES)
        parent[key] = deepcopy(look_up(other, choose(draw, [(), *places(other)])))


@st.composite
def mutated_texts(draw: st.DrawFn) -> str:
    lines = choose(draw, TEXTS).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        at = draw(st.integers(0, len(line)))
        kind = draw(st.sampled_from(["delete", "repeat", "indent", "insert", "cut", "unquote"]))
        if kind == "delete" and len(lines) > 1:
            del lines[number]
        elif kind == "repeat":
            lines.insert(number, choose(draw, lines))
        elif kind == "indent":
            lines[number] = "  " + line
        elif kind == "insert":
            lines[number] = line[:at] + str(draw(values)) + line[at:]
        elif kind == "cut":
            lines[number] = line[:at] + line[at + 2 :]
        else:
            lines[number] = line.replace('"', "").replace("'", "")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], None]:
    """Checks a definition's text in a catalog that has the starter catalog's fragments."""
    root = tmp_path_factory.mktemp("fuzz")
    for path in STARTER.rglob("_*/*"):
        copy = root / "templates" / path.relative_to(STARTER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    project = open_project(root, Configuration(None, root))
    file = root / "templates" / "fuzz.yaml"

    def check_text(text: str) -> None:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        (checked,) = project.check([Entry("fuzz", file, "templates/fuzz.yaml")])
        assert checked.definition is not None or any(found.severity == "error" for found in checked.diagnostics)
        for report in REPORTERS.values():
            assert report(list(checked.diagnostics), files=1, color=False)

    return check_text


quiet = settings(deadline=None, suppress_health_check=list(HealthCheck))


@given(text=mutated_trees())
@example(text="message: {text: Hi}\nmacros: {h: }\n")
@settings(quiet, max_examples=150)
def test_mutated_trees_never_raise(check: Callable[[str], None], text: str):
    check(text)


@given(text=mutated_texts())
@example(text="message: {text: Hi}\nparams: {a: {type: string, pattern: '[[a'}}\n")
@settings(quiet, max_examples=150)
def test_mutated_texts_never_raise(check: Callable[[str], None], text: str):
    check(text)


@pytest.mark.long
@given(text=st.one_of(mutated_trees(), mutated_texts()))
@settings(quiet, max_examples=10_000)
def test_many_mutations_never_raise(check: Callable[[str], None], text: str):
    check(text)
