"""The grammar of generated expressions, as data: what an expression of each kind can be written as.

`<text>` stands for another expression of that kind, `<text0>` for one without operators, `<word>` for a literal text.
The first of each list are the simplest. `{0}` is a list, or what a path leads to, that is there already.
"""

TEXTS = [
    "<text0>",
    *(f"(<text>) | {name}" for name in (
        "upper", "lower", "title", "capitalize", "trim", "trim(<piece>)", "center(<size>)", "center(width=<size>)",
        "indent(<size>)", "indent(<size>, true)", "indent(2, blank=true)", "indent(<piece>)", "urlencode",
        "replace(<piece>, <word>)", "replace('a', <piece>, 1)", "replace(<text0>, <piece>)", "shorten(<size>)",
        "shorten(5)", "truncate(<size> + 3)", "truncate(8, true, '…')", "truncate(7, true, '..', 3)",
        "truncate(6, false, '', 0)", "wordwrap(<size>)", "wordwrap(5, false, <piece>)",
        "wordwrap(8, break_on_hyphens=false)", "reverse", "string", "default('x')", "d('x', true)", "list | join",
        "list | join(<piece>)", "list | unique | join('')", "list | sort | join('')",
        "list | sort(reverse=true) | join(',')")),
    "((<printable>) ~ (<printable>))",
    "((<printable>) ~ (<printable>) ~ (<printable>))",
    "(<text> if <condition> else <text>)",
    "(<text> if <condition> else <text>)",
    "(<text> if <condition>)",
    *("<joined>",) * 5,
    *(f"(<text>)[{cut}]" for cut in (":3", "1:", ":-1", "-2:", "::2", "::-1", "1:4", ":0", "5:", ":<small>")),
    "((<text>) + (<text>))",
    "((<text>) * <small>)",
    "(3 * (<text>))",
    "((<text>) or (<text>))",
    "((<text>) and (<text>))",
    *("<called>",) * 3,
    *(f"((<text>) ~ 'z')[{index}]" for index in ("0", "-1", "1")),
    "((<text>) ~ '!') | first",
    "((<text>) ~ '!') | last",
    *("(%s | format(%s))" % pair for pair in (  # noqa: UP031 - the values are full of `%` and braces
        ("'%s'", "<printable>"), ("'%s-%s'", "<text>, <printable>"), ("'%d'", "<number>"), ("'%5d|'", "<number>"),
        ("'%-8s|'", "<text>"), ("'%08.3f'", "<number>"), ("'%.2f'", "<number>"), ("'%e'", "<number>"),
        ("'%g'", "<number>"), ("'%x'", "<integer>"), ("'%.3s'", "<text>"), ("'%+d'", "<integer>"),
        ("'%(x)s!'", "x=<text>"))),
    *("(%s %% %s)" % pair for pair in (  # noqa: UP031
        ("'%s'", "(<printable>)"), ("'%s-%s'", "(<text>, <printable>)"), ("'%i%%'", "(<number>)"),
        ("'%o'", "(<integer>)"), ("'%10.1f'", "(<number>,)"), ("'%#x'", "(<integer>)"),
        ("'% d'", "(<number>)"), ("'%.0f'", "(<number>)"),
        ("'%G'", "(<number>)"), ("'%-6.2f|'", "(<number>)"), ("'ß%sİ'", "(<text>)"), ("'%(x)s'", "{'x': <text>}"))),
    "(<number>) | number",
    "(<number>) | number(<small>)",
    *(f"(<number>) | money('{currency}')" for currency in ("EUR", "USD", "JPY", "BRL")),
    "(<number>) | filesizeformat",
    "(<integer>) | filesizeformat(true)",
    "(<integer>) | plural(one=<text0>, other=<text0>)",
    "(<number>) | plural('1', 'many', zero=<text0>)",
    "(<number>) | string",
    *(f"(<date>) | date('{form}')" for form in ("short", "medium", "long", "full", "d MMM y", "EEEE")),
    "(<date>) | date",
    *(f"(<clock>) | time('{form}')" for form in ("short", "medium", "HH:mm", "h a")),
    "(<clock>) | time",
]  # fmt: skip
PRINTABLE = ["<text>", "<text>", "<text>", "<text>", "<number>", "<either>"]
INTEGERS = [
    "<integer0>",
    *(f"(<integer> {sign} <integer>)" for sign in "+-*"),
    *(f"(<integer> {sign} {other})" for sign in ("//", "%") for other in (2, 7, -4, 100)),
    "(<integer>) ** <small0>",
    "(2 ** (<small>))",
    *(f"(<text>) | {name}" for name in ("length", "count", "wordcount", "int(0)", "int(-5)", "length")),
    "(<items>) | length",
    "(<items>) | count",
    "(<number>) | int",
    "(<number>) | round | int",
    "(<integer>) | abs",
    "(-(<integer>))",
    "(<integers>) | sum",
    *(f"((<integers>) + [<integer0>]) | {name}" for name in ("min", "max", "first", "last", "sum", "sum(start=2)")),
    "(<integer> if <condition> else <integer>)",
    "(<integer> or <integer>)",
    "(<integer> and <integer>)",
    *(f"range(<small>) | {name}" for name in ("length", "sum", "list | length")),
]
NUMBERS = [
    "<number0>",
    "<integer>",
    "<integer>",
    *(f"(<number> {sign} <number>)" for sign in "+-*"),
    *(f"(<number> {sign} {other})" for sign in ("/", "//", "%") for other in (2, 7, 0.5, 100, -8)),
    "(<number> / (<integer> or 1))",
    *(f"(<number>) | round({how})" for how in ("", "2", "1", "1, 'floor'", "-1", "0, 'ceil'", "3")),
    "(<number>) | abs",
    "(<number>) | float",
    "(<text>) | float(0.5)",
    "(-(<number>))",
    "(<numbers>) | sum",
    *(f"((<numbers>) + [<number0>]) | {name}" for name in ("min", "max", "first", "last", "sort | last")),
    "(<number> if <condition> else <number>)",
    "((<integer0>) ** 2)",
    "((<number>) ** 0.5)",
    "((<number>) ** <small0>)",
]
CONDITIONS = [
    *("<flag>",) * 2,
    *("<guard>",) * 8,
    *(f"(<integer>) {sign} <small>" for sign in ("==", "!=", "<", "<=", ">", ">=")),
    "(<number0>) < (<number0>) <= <integer0>",
    "(<number0>) >= (<number0>) > <integer0>",
    *(f"(<text>) {sign} (<text0>)" for sign in ("==", "!=", "<", ">=", "in", "not in")),
    "(<printable0>) in [<printable0>, <printable0>]",
    "(<printable0>) not in [<printable0>, <printable0>]",
    "(<printable0>) in (<items>)",
    *(f"(<text0>) | length {sign} {size}" for sign in (">", "<", "==", ">=", "!=") for size in (0, 3)),
    *(f"(<items0>) | length {sign} {size}" for sign in (">", "<", "==", ">=", "!=") for size in (0, 2)),
    *(f"(<integer>) is {test}" for test in (
        "odd", "not even", "divisibleby 3", "not divisibleby(2)", "integer", "float", "number", "gt 2",
        "not le 5", "eq 1")),
    *(f"(<text>) is {test}" for test in (
        "lower", "not upper", "string", "sequence", "not iterable", "mapping", "none", "in(<text0>)", "eq(<text0>)",
        "not ne <text0>", "equalto(<word>)")),
    *(f"(<number>) is {test}" for test in ("integer", "not float", "number", "string", "lt 1", "ge 0.5")),
    "<anything> is defined",
    "<anything> is not undefined",
    *(f"<anything> is defined and <anything> is {test}" for test in (
        "none", "not none", "boolean", "true", "not false", "mapping", "sequence", "string", "number")),
    *(f"(<items0>) is {test}" for test in ("sequence", "iterable", "mapping", "not string")),
    *("(not <condition>)",) * 2,
    *("((<condition>) and (<condition>))",) * 3,
    *("((<condition>) or (<condition>))",) * 3,
    "(<items>)",
    "(<text0>)",
]  # fmt: skip
VALUES = [
    *("<text>",) * 4,
    *("<integer>", "<number>") * 2,
    *("<items>",) * 4,
    *("<condition>",) * 3,
    "<anything>",
    "{'x': <value>, 'y': <text0>}",
    "{'x': <value>, 'x': <text0>}",
    "[<value>, <value>]",
    "(<items>) | groupby(0)",
    "(<items>) | groupby('id')",
    *(f"(<anything>) | {name}" for name in (
        "items", "dictsort", "length", "list", "first", "last", "string", "int", "float", "default(1)", "d(0, true)")),
    *(f"(<anything>)[{key}]" for key in ("'id'", "'name'", "0", "-1", "<text0>", "<integer0>")),
    "<anything>.id",
    "<anything>.note",
]  # fmt: skip

# ----------------------------------------------------------------------------------------------------------- lists

SAME_ITEMS = [
    *(f"({{0}})[{cut}]" for cut in (":2", "1:", ":-1", "::2", "::-1", "-1:", ":0", "1:3", ":<small0>")),
    *(f"({{0}}) | {name}" for name in ("reverse", "list", "select", "reject", "select('defined')")),
    "({0}) | batch(2) | first | default([])",
    *(f"({{0}}) | select('{name}')" for name in ("none", "string", "number", "mapping")),
    "(({0}) | list + {0} | list)",
    "(({0}) | list * <small0>)",
    "({0} if <condition> else [])",
]
PLAIN_ITEMS = [
    *(f"({{0}}) | sort{how}" for how in ("", "(reverse=true)", "(case_sensitive=true)")),
    *(f"({{0}}) | unique{how}" for how in ("", "(true)", " | sort")),
    "({0}) | select(<test>)",
    "({0}) | reject(<test>)",
]
TEXT_ITEMS = [
    *(f"({{0}}) | map('{name}')" for name in ("upper", "lower", "trim", "title", "reverse", "capitalize")),
    "({0}) | map('urlencode')",
    "({0}) | map('string')",
    "({0}) | map('shorten', 3)",
    "({0}) | map('replace', 'a', <text0>)",
]
KEYED_ITEMS = [
    "({0}) | selectattr('{1}')",
    "({0}) | rejectattr('{1}', 'defined')",
    *(f"({{0}}) | selectattr('{{1}}', '{name}')" for name in ("none", "defined", "string")),
]
SORTED_ITEMS = [
    "({0}) | sort(attribute='{1}')",
    "({0}) | unique(attribute='{1}')",
    "({0}) | groupby('{1}') | map(attribute='list') | first | default([])",
    "({0}) | selectattr('{1}', <test>)",
]

# ---------------------------------------------------------------------------------------- conditions on what may be

_SIZES = [f"{{0}} | length {sign} {size}" for sign in (">", "==", "<", "<=", ">=", "!=") for size in (0, 1, 2, 5)]
LOOSE = ["{0} is defined", "{0} is defined and {0}", "{0} is undefined", "{0} | default('')"]
GUARDS = ["{0}", "{0} is not none", "not {0}", "{0} is none"]
GUARDS_OF = {
    "text": [*_SIZES, "{0} | length", "{0} == <word>", "{0} in ['a', '', <word>]", "{0} != <word>", "{0} is string",
             "{0} is in ['yes', 'a']", "{0} not in ['no', 'Ana']"],
    "list": [*_SIZES, "{0} | length"],
    "object": [*_SIZES, "{0} | length"],
    "integer": [*(f"{{0}} {sign} {size}" for sign in (">", "==", "<", "<=", ">=", "!=") for size in (0, 1, 2.5, 100)),
                "0 < {0} <= 3", "{0} in [1, 2, 3]", "{0} is eq 1", "{0} == true", "{0} is ge 2", "{0} is not gt 2.5",
                "1 == {0}", "<integer0> > {0}"],
    "boolean": ["{0} is true", "{0} is false", "{0} == false", "{0} == 1", "{0} is not true", "{0} is boolean",
                "{0} in [1, 0]"],
    "either": ["{0} is string", "{0} is number", "{0} is not string", "{0} is integer", "{0} == 1", "{0} in ['a', 1]"],
}  # fmt: skip
GUARDS_OF["number"] = GUARDS_OF["integer"]
