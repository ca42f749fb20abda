"""Templates as a program sees them: kinds, offsets, traces, the quick path, the fence and the limits."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgc.diagnostic import Rejected
from msgc.graphemes import shorten
from msgc.rules import RULES, finding
from msgc.source import Source, Span
from msgc.template import Environment, Reference, TemplateProblem, lint
from msgc.template import environment as quick_path
from msgc.template.budget import DEPTH, SIZE, STEPS

SCOPE: dict[str, Any] = {
    "name": "Ana",
    "count": 3,
    "late": False,
    "order": {"id": "A-1", "items": [1, 2], "total": 9.5, "__class__": "key"},
    "lines": [{"name": "Tea"}, {"name": "Cup"}],
}
FILES = {"m.j2": "{% macro hi(x) %}Hi {{ x }}{% endmacro %}{% macro bad(x) %}\n{{ x.y }}{% endmacro %}"}


def load(path: str, span: Span | None) -> Source:
    if path not in FILES:
        raise Rejected(finding("template-include", f"there is no file `{path}`", span))
    return Source(path, FILES[path])


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment("en", load, {"m": "m.j2"})


def problem_of(environment: Environment, text: str, scope: dict[str, Any] = SCOPE) -> TemplateProblem:
    with pytest.raises(TemplateProblem) as caught:
        environment.compile(text).render(scope)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "expressions"),
    [
        ("plain { text }", "constant", []),
        ("{{ name }}", "expression", ["name"]),
        ("{{name|upper}}", "expression", ["name|upper"]),
        ("{{- name -}}", "expression", ["name"]),
        (" {{ name }}", "text", ["name"]),
        ("{{ name }}{{ order.id }}", "text", ["name", "order.id"]),
        ("{{ '}}' }}", "expression", ["'}}'"]),
        ("{% if late %}{{ a ~ b }}{% endif %}", "text", ["a ~ b"]),
        ("{# {{ no }} #}", "text", []),
        ("{% raw %}{{ no }}{% endraw %}", "text", []),
    ],
)
def test_kind_and_expressions(environment, text, kind, expressions):
    template = environment.compile(text)
    assert template.kind == kind
    assert [text[start:end] for start, end in template.expressions] == expressions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ a }} {{ b.c }}", ["a", "b"]),
        ("{{ a | upper }} {{ b[c] }}", ["a", "b", "c"]),
        (
            "{% for x in xs if x.y == z %}{{ x }}{{ loop.index }}{{ w }}{% else %}{{ x }}{% endfor %}",
            ["xs", "z", "w", "x"],
        ),
        ("{% set a = b %}{{ a }}", ["b"]),
        ("{% set a %}{{ c }}{% endset %}{{ a }}", ["c"]),
        ("{% with a = b %}{{ a }}{{ c }}{% endwith %}{{ a }}", ["b", "c", "a"]),
        ("{% macro f(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ caller() }}{% endmacro %}{{ f(e) }}", ["c", "d", "e"]),
        ("{% call(x) m.hi(y) %}{{ x }}{% endcall %}", ["y"]),
        ("{% filter replace(a, b) %}{{ c }}{% endfilter %}", ["a", "b", "c"]),
        ("{% import 'm.j2' as n %}{{ n.hi(a) }}{{ m.hi(b) }}{{ range(c) }}", ["a", "b", "c"]),
        ("{% from 'm.j2' import hi as ho %}{{ ho(hi) }}", ["hi"]),
        ("{{ a ~ \n b }}", ["a", "b"]),
        ("{% if a %}{% elif b %}{% else %}{{ c }}{% endif %}", ["a", "b", "c"]),
    ],
)
def test_references_are_the_names_read_from_outside(environment, text, names):
    references = environment.compile(text).references
    assert [reference.name for reference in references] == names
    assert [text[reference.start : reference.end] for reference in references] == names


def test_a_guarded_reference_asks_before_it_reads(environment):
    text = "{{ a | default('x') }}{{ b.c is defined }}{{ c is undefined }}{{ d }}{{ e | default(f) }}"
    guarded = {reference.name: reference.guarded for reference in environment.compile(text).references}
    assert guarded == {"a": True, "b": True, "c": True, "d": False, "e": True, "f": False}
    assert environment.compile("{{ name }}").references == (Reference("name", 3, 7),)


def test_pieces_tell_which_expression_made_them(environment):
    text = "Hi {{ name }}{% for x in order.items %}, {{ x }}{% endfor %}{{ m.hi('you') }}!"
    pieces = environment.compile(text).traced(SCOPE)
    assert "".join(piece for _, _, piece in pieces) == environment.compile(text).render(SCOPE)
    assert [(text[start:end], piece) for start, end, piece in pieces] == [
        ("Hi ", "Hi "),
        ("name", "Ana"),
        (", ", ", "),
        ("x", "1"),
        (", ", ", "),
        ("x", "2"),
        ("m.hi('you')", "Hi you"),
        ("!", "!"),
    ]
    assert environment.compile("{{ name | upper }}").traced(SCOPE) == [(3, 15, "ANA")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ count }}", 3),
        ("{{ late }}", False),
        ("{{ order['items'] }}", [1, 2]),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ range(2) }}", [0, 1]),
        ("{{ {'a': (1, none)} }}", {"a": [1, None]}),
        ("{{ 'x' if late }}", ""),
        ("{{ name }}!", "Ana!"),
        ("plain", "plain"),
    ],
)
def test_an_expression_keeps_its_type(environment, text, value):
    made = environment.compile(text).evaluate(SCOPE)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize("text", ["{{ m }}", "{{ [m.hi] }}", "{{ {1: 2} }}", "{{ namespace() }}", "{{ range }}"])
def test_what_is_no_data_is_no_value(environment, text):
    with pytest.raises(TemplateProblem) as caught:
        environment.compile(text).evaluate(SCOPE)
    assert caught.value.rule == "unprintable-value"
    assert text[caught.value.start : caught.value.end] == text[3:-3]


def test_a_problem_in_a_macro_has_the_way_to_the_leaf(environment):
    problem = problem_of(environment, "Dear {{ m.bad('x') }}")
    assert problem.source is not None
    assert (problem.source.name, problem.source.text[problem.start : problem.end]) == ("m.j2", "x.y")
    assert problem.trace == ((None, 8, 18),)


@pytest.mark.parametrize(
    "text", ["a\r\nb {{ nam }}", "a\rb\n{{ nam }}", "\r\n{{- nam }}", "🎉\r\n{% if nam %}{% endif %}"]
)
def test_offsets_count_every_character_of_a_line_break(environment, text):
    problem = problem_of(environment, text)
    assert text[problem.start : problem.end] == "nam"


def test_text_is_never_changed(environment):
    text = "a\r\nb\rc\n{{ name | upper }}\n\n"
    assert environment.compile(text).render(SCOPE) == "a\r\nb\rc\nANA\n\n"


def test_rounds_of_a_loop_stay_what_they_were(environment):
    loop = environment.compile_loop("line in lines")
    rounds = list(loop.rounds(SCOPE))
    leaf = environment.compile(
        "{{ loop.index }}/{{ loop.length }}{{ loop.previtem.name if not loop.first }}{{ line.name }}"
    )
    assert [leaf.render(each) for each in rounds] == ["1/2Tea", "2/2TeaCup"]
    assert [each["loop"].last for each in rounds] == [False, True]
    assert environment.compile("{{ loop.nextitem is defined and loop.changed(1) }}").evaluate(rounds[0]) is True
    assert environment.compile("{{ loop.changed(1) }}").evaluate(rounds[1]) is False


def test_a_locale_that_is_not_known_is_refused():
    for name in ("xx", "en-", "../en", "english language", ""):
        with pytest.raises(ValueError, match="locale"):
            Environment(name, load, {})
    assert Environment("pt-BR", load, {}).compile("{{ 1.5 | number }}").render({}) == "1,5"
    assert Environment("zh_TW", load, {}).compile("{{ 1.5 | number }}").render({}) == "1.5"


def test_the_machine_has_no_say_in_what_is_written():
    code = (
        "from msgc.template import Environment\n"
        "e = Environment('de', lambda path, span: None, {})\n"
        "print(ascii(e.compile(\"{{ '2024-05-31T23:30:00Z' | date('full') }} {{ '2024-05-31T23:30:00Z' | time }}"
        " {{ 1234.5 | money('EUR') }}\").render({})))"
    )
    root = Path(__file__).parent.parent / "compiler"
    answers = set()
    for zone, language in (("UTC", "C"), ("Pacific/Kiritimati", "ar_EG.UTF-8"), ("America/Adak", "pt_BR.UTF-8")):
        environ = {**os.environ, "TZ": zone, "LC_ALL": language, "LANG": language, "PYTHONPATH": str(root)}
        answers.add(subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True).stdout)
    assert answers == {b"'Freitag, 31. Mai 2024 23:30 1.234,50\\xa0\\u20ac'" + os.linesep.encode()}


def test_names_and_constants_need_no_jinja():
    code = (
        "import sys\nfrom msgc.template import Environment\n"
        "e = Environment('en', lambda path, span: None, {})\n"
        "assert e.compile('Hi {{ a.b }}').render({'a': {'b': 'x'}}) == 'Hi x'\n"
        "assert 'jinja2' not in sys.modules and 'babel' not in sys.modules\n"
        "e.compile('{{ a | upper }}')\nassert 'jinja2' in sys.modules and 'babel' not in sys.modules"
    )
    root = Path(__file__).parent.parent / "compiler"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root)}, check=True)


_PARTS = st.one_of(
    st.sampled_from(
        ["{{ a }}", "{{ a.b }}", "{{a.b.c}}", "{{ b }}", "{{ loop }}", "{{ m }}", "{{ true }}", "{{ a.items }}"]
    ),
    st.sampled_from(["{{ a.0 }}", "{{-a}}", "{# #}", "{{ not }}", "{{ range }}", "{{\n a\n}}"]),
    st.sampled_from(["x", "{", "}", " ", "\r\n", "{{", "}}", "%}", "é"]),
)
_SCALARS = st.one_of(
    st.text(max_size=3), st.integers(), st.floats(), st.booleans(), st.none(), st.just([1]), st.just(10**30)
)
_VALUES = st.one_of(_SCALARS, st.dictionaries(st.sampled_from(["b", "c", "items", "0"]), _SCALARS, max_size=2))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(_PARTS, max_size=4).map("".join),
    st.dictionaries(st.sampled_from(["a", "b", "m", "loop", "range", "not", "true"]), _VALUES, max_size=3),
)
def test_the_quick_path_says_what_jinja_says(text, scope):
    def verdict(quick: bool) -> Any:
        environment = Environment("en", load, {"m": "m.j2"})
        with pytest.MonkeyPatch.context() as patch:
            if not quick:
                patch.setattr(quick_path, "_simple_pieces", lambda _: None)
            try:
                template = environment.compile(text)
            except TemplateProblem as problem:
                return (problem.rule, problem.message, problem.start, problem.end)
            facts: list[Any] = [template.kind, template.expressions, template.references]
            for method in (template.render, template.evaluate):
                try:
                    facts.append(repr(method(scope)))
                except TemplateProblem as problem:
                    facts.append((problem.rule, problem.message, problem.start, problem.end, problem.help))
            return facts

    assert verdict(quick=True) == verdict(quick=False)


_ALPHABET = st.one_of(
    st.sampled_from(["{{", "}}", "{%", "%}", "{#", "#}", "if", "endif", "for", "in", "endfor", "set"]),
    st.sampled_from(["x", "y", ".", "(", ")", "[", "]", "|", "~", "+", "*", "**", "-", "'", '"', ",", "=", "==", ":"]),
    st.sampled_from(["upper", "loop", "is", "not", "\n"]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_ALPHABET, max_size=14).map(" ".join))
def test_any_text_is_rendered_or_told_about(text):
    environment = Environment("en", load, {})
    lint(text)
    for compile_it in (environment.compile, environment.compile_expression):
        try:
            answer = compile_it(text).render({"x": 2, "y": "z"})
        except TemplateProblem as problem:
            told = problem
        else:
            assert isinstance(answer, str)
            continue
        assert told.rule in RULES
        assert 0 <= told.start <= told.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.integers(1, 30))
def test_shorten_keeps_whole_graphemes_and_the_limit(text, limit):
    import wcwidth

    short = shorten(text, limit)
    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        graphemes = list(wcwidth.iter_graphemes(text))
        beginnings = {"".join(graphemes[:count]).rstrip() for count in range(len(graphemes))}
        assert short[:-1] in beginnings


ESCAPES = [
    ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "template-attribute", "''.__class__"),
    ("{{ name['__class__'] }}", "template-attribute", "name['__class__']"),
    ("{{ count.real }}", "template-attribute", "count.real"),
    ("{{ lines.__len__() }}", "template-attribute", "lines.__len__"),
    ("{{ order.__init__ }}", "undefined-key", "order.__init__"),
    ("{{ '{0.__class__}'.format(name) }}", "template-attribute", "'{0.__class__}'.format"),
    ("{{ '{0.__class__}'.format_map(order) }}", "template-attribute", "'{0.__class__}'.format_map"),
    ("{{ '{0.__class__}' | format(name) }}", "filter-argument", "format(name)"),
    ("{{ '%r' % name }}", "filter-argument", "'%r' % name"),
    ("{{ '%c' % 55296 }}", "filter-argument", "'%c' % 55296"),
    ("{{ name | attr('__class__') }}", "unknown-filter", "attr"),
    ("{{ [name] | map('attr', '__class__') | list }}", "unknown-filter", "map('attr', '__class__')"),
    ("{{ [name] | map(attribute='__class__') | list }}", "template-attribute", "map(attribute='__class__')"),
    ("{{ [name] | groupby('__class__') }}", "template-attribute", "groupby('__class__')"),
    ("{{ [name] | sort(attribute='__class__') }}", "template-attribute", "sort(attribute='__class__')"),
    ("{{ [name] | selectattr('__class__') | list }}", "template-attribute", "selectattr('__class__')"),
    ("{{ [name] | join(attribute='__class__') }}", "template-attribute", "join(attribute='__class__')"),
    ("{{ range.__self__ }}", "template-attribute", "range.__self__"),
    ("{{ dict.fromkeys([1]) }}", "template-attribute", "dict.fromkeys"),
    ("{{ dict.mro() }}", "template-attribute", "dict.mro"),
    ("{{ namespace.__init__.__globals__ }}", "template-attribute", "namespace.__init__"),
    ("{{ namespace(a=1).__class__ }}", "undefined-key", "namespace(a=1).__class__"),
    ("{{ namespace(a=1)._Namespace__attrs }}", "undefined-key", "namespace(a=1)._Namespace__attrs"),
    ("{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__init__ }}", "undefined-key", "ns.__init__"),
    ("{% macro f() %}{% endmacro %}{{ f._func.__globals__ }}", "template-attribute", "f._func"),
    ("{% macro f() %}{% endmacro %}{{ f.name }}", "template-attribute", "f.name"),
    (
        "{% macro f() %}{{ caller._func }}{% endmacro %}{% call f() %}{% endcall %}",
        "template-attribute",
        "caller._func",
    ),
    ("{{ m.hi._environment }}", "template-attribute", "m.hi._environment"),
    ("{{ m.__dict__ }}", "undefined-variable", "m.__dict__"),
    ("{{ m.exported }}", "undefined-variable", "m.exported"),
    ("{% for x in lines %}{{ loop._iterator }}{% endfor %}", "template-attribute", "loop._iterator"),
    ("{% for x in lines %}{{ loop.__init__ }}{% endfor %}", "template-attribute", "loop.__init__"),
    ("{% for x in lines %}{{ loop.cycle.__func__ }}{% endfor %}", "template-attribute", "loop.cycle.__func__"),
    ("{{ self._TemplateReference__context }}", "template-syntax", "self"),
    ("{{ self }}", "template-syntax", "self"),
    ("{{ context }}", "undefined-variable", "context"),
    ("{{ environment }}", "undefined-variable", "environment"),
    ("{{ P }}{{ T }}", "undefined-variable", "P"),
    ("{{ __builtins__ }}", "undefined-variable", "__builtins__"),
    ("{{ __import__('os') }}", "undefined-variable", "__import__"),
    ("{{ missing.__class__ }}", "undefined-variable", "missing"),
    ("{{ ('a' if late).__class__ }}", "undefined-variable", "('a' if late).__class__"),
    ("{{ range(1, environment=5, context=6) }}", "template-call", "range(1, environment=5, context=6)"),
    ("{{ lipsum.__globals__['os'] }}", "undefined-variable", "lipsum"),
    ("{{ cycler.__init__.__globals__ }}", "undefined-variable", "cycler"),
    ("{% include '/etc/passwd' %}", "template-include", "'/etc/passwd'"),
    ("{% include '../../x.j2' %}", "template-include", "{% include '../../x.j2' %}"),
    ("{% include ['m.j2'] %}", "template-include", "['m.j2']"),
    ("{% import name as x %}", "template-include", "name"),
]


@pytest.mark.parametrize(("text", "rule", "place"), ESCAPES)
def test_nothing_of_python_is_in_reach(environment, text, rule, place):
    problem = problem_of(environment, text)
    assert (problem.rule, problem.source, text[problem.start : problem.end]) == (rule, None, place)


def test_a_key_that_looks_like_python_is_a_key(environment):
    assert environment.compile("{{ order.__class__ }}").render(SCOPE) == "key"
    assert environment.compile("{{ order.items | join }}").render(SCOPE) == "12"


_LONG = "{% for i in range(99999) %}{% set x = EXPRESSION %}{% endfor %}"
COSTLY = [
    *(
        _LONG.replace("EXPRESSION", expression)
        for expression in (
            "'2024-05-31' | date('full')",
            "1234567.891 | number(2)",
            "5.5 | money('EUR')",
            "('x' * 99999) == ('x' * 99998 ~ 'y')",
            "('a' * 49999 ~ 'b') in ('a' * 99999)",
            "range(99999) | list | sort | first",
            "range(49000) | map('string') | sort | first",
            "('ab-' * 3000) | wordwrap(1)",
            "('x ' * 49999) | title",
            "'a' in range(99999)",
            "[" + "1, " * 400 + "1]",
            "true" + " and true" * 99,
        )
    ),
    "{% for i in range(99999) %}" + "{% if true %}{% endif %}" * 490 + "{% endfor %}",
    "{% set z %}{% for i in range(99999) %}" + "a{# #}" * 900 + "{% endfor %}{% endset %}",
    "{% macro f() %}" + "a{# #}" * 900 + "{% endmacro %}{% for i in range(99999) %}{% set x = f() %}{% endfor %}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(45) }}",
    "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
    "{% for i in range(99999) %}{% set x %}" + "a" * 90_000 + "{% endset %}{% endfor %}",
    "{{" * 5000,
    "{% " * 5000,
    "{{ " + "(" * 50_000,
    "{{1}}" * 1001,
    "x" * 100_001 + "{{ 1 }}",
    "{{ [" + "a, " * 9_000 + "] }}",
]


@pytest.mark.parametrize("text", COSTLY, ids=range(len(COSTLY)))
def test_what_costs_too_much_ends_soon_and_by_count(text):
    verdicts = set()
    for _ in range(2):
        start = time.process_time()
        problem = problem_of(Environment("en", load, {}), text)
        assert time.process_time() - start < 3  # a second on a quiet machine; the verdict itself never depends on it
        verdicts.add((problem.rule, problem.message, problem.start, problem.end))
    assert len(verdicts) == 1
    assert verdicts.pop()[0] in ("template-limit", "unprintable-value")


def test_both_sides_of_the_counted_limits(environment):
    loop = "{% for i in range(COUNT) %}{% endfor %}"
    assert environment.compile(loop.replace("COUNT", str(STEPS - 1))).render({}) == ""
    assert problem_of(environment, loop.replace("COUNT", str(STEPS))).rule == "template-limit"
    assert len(environment.compile(f"{{{{ 'x' * {SIZE} }}}}").render({})) == SIZE
    assert problem_of(environment, f"{{{{ 'x' * {SIZE} }}}}y").rule == "template-limit"
    macro = "{% macro f(n) %}{% if n > 1 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(COUNT) }}"
    assert environment.compile(macro.replace("COUNT", str(DEPTH))).render({}) == ""
    assert problem_of(environment, macro.replace("COUNT", str(DEPTH + 1))).rule == "template-limit"
    assert environment.compile("{{ " + "1 + " * 100 + "1 }}").render({}) == "101"
    assert problem_of(environment, "{{ " + "1 + " * 101 + "1 }}").rule == "template-limit"
    assert environment.compile("{% if 1 %}" * 15 + "x" + "{% endif %}" * 15).render({}) == "x"
    assert problem_of(environment, "{% if 1 %}" * 16 + "x" + "{% endif %}" * 16).rule == "template-limit"


WORST = [
    "{% if 1 %}" * 15 + "{{ " + "-[" * 19 + "-(" + "-" * 20 + "1" + ")" + "][0]" * 19 + " }}" + "{% endif %}" * 15,
    "{% if 1 %}" * 15 + "{{ " + "not (" * 20 + "not " * 50 + "1" + ")" * 20 + " or 1 }}" + "{% endif %}" * 15,
    "{% for x in [1] %}" * 15 + "{{ " + "range(" * 20 + "1" + ")" * 20 + " | length }}" + "{% endfor %}" * 15,
    "{% macro f(n) %}{% if n %}{% call f(n - 1) %}{{ n }}{% endcall %}{% endif %}{% endmacro %}{{ f(49) }}",
    (
        "{% macro f(n) %}{% for x in [n] %}{% if n %}{{ [[f(n - 1)]] | map('join') | join }}{% endif %}{% endfor %}"
        "{% endmacro %}{{ f(49) }}"
    ),
]


@pytest.mark.parametrize("text", WORST, ids=range(len(WORST)))
def test_limits_come_before_the_interpreters_own(text):
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    environment = Environment("en", load, {})
    environment.compile("{{ 1 }}").render({})
    sys.setrecursionlimit(depth + 800)  # less than a program has by default
    rule = None
    try:
        environment.compile(text).render({})
    except TemplateProblem as problem:
        rule = problem.rule
    finally:
        sys.setrecursionlimit(before)
    assert rule != "template-limit"


def test_one_leaf_leaves_nothing_for_the_next(environment):
    costly = environment.compile("{% for i in range(60000) %}{% endfor %}")
    for _ in range(3):
        assert costly.render({}) == ""
    assert environment.compile("{{ name }}") is environment.compile("{{ name }}")
