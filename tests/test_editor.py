"""Editors: what the authoring schema says of every definition of the tests, and what yaml-language-server makes of it.

The schema is a help while writing and never the verdict: whatever `check` accepts it accepts, and it refuses what is
wrong with a definition's structure. What templates make, what fragments hold and whatever else it cannot know is left
to `check`; `LEFT_TO_CHECK` lists that for the structural rules.
"""

import itertools
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import limit_stages
from casefile import case_id, find_cases, read_case
from command_stages import write_files
from language_server import LanguageServer
from msgc.cli import group
from msgc.configuration import find_configuration
from msgc.diagnostic import Rejected
from msgc.load import load_yaml
from msgc.pipeline import Project, open_project
from msgc.validate import Acceptor
from tools import node_package

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "templates"
CORPUS = Path(__file__).parent / "corpus"
STAGES = ("check", "render", "build", "commands", "suppress", "send", "rows")

# What is wrong with the structure of a definition, whatever its parameters and templates.
STRUCTURAL = {"unknown-key", "request-kind", "not-a-definition", "empty-value", "structure-word", "wrong-type"}
STRUCTURAL |= {"example-name", "macro-name", "parameter-name", "parameter-schema", "content-missing", "button-count"}
STRUCTURAL |= {"button-missing", "row-missing", "attachment-count", "list-body-missing", "channel-type"}
STRUCTURAL |= {"recipient-channel-missing", "recipient-id-missing", "template-name-missing", "latitude-range"}
# Limits that constants break, which the schema knows where no template stands in the way.
SEEN_IN_CONSTANTS = {"button-title-length", "recipient-phone", "template-number", "include-path", "template-syntax"}
# Limits that it cannot state: what differs, sums over several lists, bytes, and what depends on several places.
LEFT_LIMITS = {"button-id-unique", "button-title-unique", "row-id-unique", "row-count", "product-count"}
LEFT_LIMITS |= {"section-title-missing", "product-section-title-missing", "button-header-media", "callback-data-size"}
LEFT_LIMITS |= {"sender-is-recipient", "template-sender-is-recipient", "order-strategy-unspecified"}
# A definition does without a recipient, `{{ 1 }}` is an expression in it, and U+FFFD can stand anywhere.
LEFT_LIMITS |= {"recipient-missing", "unresolved-placeholder", "replacement-character"}
LEFT_TO_CHECK = {
    "check/structure/for-wrong heads-2": "the names before `in`",
    "check/structure/if-wrong conditions": "the expression in a condition",
    "check/structure/emptied buttons": "a list whose only item has `$if`",
    "check/structure/emptied rows": "a list whose only item has `$for`",
    "check/structure/emptied keys": "a key with `$if` that is left out",
    "check/template/wrong words": "words in a slot's place",
    "check/places/number constant-expression": "what an expression makes",
    "check/places/number text-parameter": "the type of a parameter",
    "check/run/failed-parts number": "what an expression makes",
    "check/macros/wrong collision": "a parameter with the name of macros",
    "check/definition/costly-schemas choices": "the cost of a schema",
    "check/definition/costly-schemas defaults": "the cost of a schema",
    "check/definition/costly-schemas two-ways": "the cost of a schema",
}


@dataclass(frozen=True)
class Written:
    """A definition of the tests: where it stands, what it says, and the rules that `check` finds broken in it."""

    name: str
    text: str
    schema: str
    errors: frozenset[str]  # in the definition and what it includes
    own: frozenset[str]  # in the definition's own file

    @property
    def is_accepted_by_schema(self) -> bool:
        return _acceptor(self.schema).accepts(load_yaml(self.text.encode(), self.name)[0].data)


@cache
def _acceptor(schema: str) -> Acceptor:
    return Acceptor(json.loads(schema))


def definitions_of(project: Project, name: str) -> list[Written]:
    schema = json.dumps(project.authoring_schema())
    found = []
    for entry in project.entries()[0]:
        try:
            text = project.catalog.read(entry.path).decode()
            load_yaml(text.encode(), entry.shown)
        except (Rejected, UnicodeDecodeError):
            continue  # no YAML, which editors say in their own words
        (checked,) = project.check([entry])
        errors = [problem for problem in checked.diagnostics if problem.severity == "error"]
        own = [problem.rule for problem in errors if problem.span and problem.span.source.name == entry.shown]
        found.append(
            Written(f"{name} {entry.name}", text, schema, frozenset(problem.rule for problem in errors), frozenset(own))
        )
    return found


def definitions_of_case(path: Path, folder: Path) -> list[Written]:
    write_files(read_case(path), folder)
    try:
        try:
            project = open_project(folder, find_configuration(folder, folder))
        except Rejected:
            project = open_project(folder, find_configuration(folder, folder), ["."])
        return definitions_of(project, case_id(path))
    except Rejected:
        return []  # a configuration that is wrong, or no definition at all


CASE_FILES = [
    path
    for stage in STAGES
    for path in find_cases(stage)
    if re.search(r"^-- .*\.ya?ml --$", path.read_text("utf-8"), re.MULTILINE)
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every definition of the case files, the starter catalog and the corpus."""
    folder = tmp_path_factory.mktemp("cases")
    found = []
    for number, path in enumerate(CASE_FILES):
        (folder / str(number)).mkdir()
        found += definitions_of_case(path, folder / str(number))
    for catalog in (STARTER, CORPUS):
        project = open_project(catalog, find_configuration(catalog, catalog), catalog=catalog)
        found += definitions_of(project, catalog.name)
    return found


def test_the_schema_accepts_what_check_accepts(written):
    accepted = [definition for definition in written if not definition.errors]
    assert len(accepted) > 300
    assert [definition.name for definition in accepted if not definition.is_accepted_by_schema] == []


def test_the_schema_refuses_what_is_wrong_with_the_structure(written):
    wrong = [definition for definition in written if definition.own & STRUCTURAL]
    assert {rule for definition in wrong for rule in definition.own} >= STRUCTURAL
    missed = {definition.name for definition in wrong if definition.is_accepted_by_schema}
    assert missed == set(LEFT_TO_CHECK)


def test_the_schema_refuses_nothing_else(written):
    """Where a definition is refused, `check` finds something that a schema can see in the same file."""
    seen = STRUCTURAL | SEEN_IN_CONSTANTS
    surprising = [d.name for d in written if not d.is_accepted_by_schema and not d.own & seen]
    assert surprising == []


def test_constants_are_judged_by_every_limit_that_the_schema_can_state():
    """The payloads of the limits' cases as definitions: none that is right is refused; of what is wrong, most."""
    accepts = _acceptor((ROOT / "schemas" / "authoring.schema.json").read_text("utf-8")).accepts
    refused, left = set(), set()
    for path in find_cases("limits"):
        for phrase, (kind, payload) in limit_stages.variants(read_case(path)).items():
            answer = limit_stages.judge(kind, payload, limit_stages.contract())
            broken = set(re.findall(r"^error\[(.*?)\]", answer, re.MULTILINE))
            if accepts(payload):
                left |= broken
            else:
                assert broken, f"{case_id(path)}: {phrase}"
                refused |= broken
    assert left == LEFT_LIMITS
    assert len(refused - left) > 75


# ------------------------------------------------------------------------------------------- yaml-language-server


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project as `msgc init` makes it, in a folder whose name needs escaping in an address."""
    folder = tmp_path_factory.mktemp("editor") / "méssages & more"
    answer = CliRunner().invoke(group, ["init", "-q", str(folder)])
    assert answer.exit_code == 0, answer.output
    return folder


@pytest.fixture(scope="module")
def server(project):
    """The server in that project, with the settings that `init` wrote and without the network."""
    package = node_package("yaml-language-server")
    written = json.loads((project / ".vscode" / "settings.json").read_text("utf-8"))
    yaml = {"schemas": written["yaml.schemas"], "schemaStore": {"enable": False}}
    yaml |= {"validate": True, "hover": True, "completion": True}
    command = ["node", str(package / "bin" / "yaml-language-server"), "--stdio"]
    with LanguageServer(command, project, {"yaml": yaml}) as running:
        yield running


def test_the_server_agrees_about_every_definition(server, project, written):
    """No error where `check` finds none, and one wherever the schema refuses a definition."""
    schemas: dict[str, Path] = {}
    texts, expected = {}, {}
    for number, definition in enumerate(written):
        file = schemas.setdefault(definition.schema, project / f"schema-{len(schemas)}.json")
        path = project / "templates" / f"zz{number}.yaml"
        # on the first line, so that nothing moves
        texts[path] = f"# yaml-language-server: $schema={file.as_uri()}\n{definition.text}"
        expected[path] = definition
    for schema, file in schemas.items():
        file.write_text(schema, encoding="utf-8")
    said = server.open_all(texts)
    for path in texts:
        server.close(path)
    false = {d.name: said[path] for path, d in expected.items() if said[path] and not d.errors}
    assert false == {}
    silent = {d.name for path, d in expected.items() if not said[path] and not d.is_accepted_by_schema}
    # of a document that holds nothing the server says nothing
    assert silent == {"check/keys/kind comment", "check/keys/kind empty", "commands/check/one-broken c"}


DRAFTS = itertools.count()


def put(server, project, text):
    """Opens a text in which `|` marks places; its errors by line, and a function from a place's number to the place."""
    spots = []
    while (at := text.find("|")) >= 0:
        text = text[:at] + text[at + 1 :]
        before = text[:at]
        spots.append((before.count("\n"), at - before.rfind("\n") - 1))
    # a name of its own, since what is said when a document is closed may come late
    path = project / "templates" / f"draft-{next(DRAFTS)}.yaml"
    problems = [(problem["range"]["start"]["line"], problem["message"]) for problem in server.open(path, text)]
    return path, spots, problems


# What is offered where `|` stands: each of these, in drafts as they are while somebody writes.
OFFERED = {
    "root": ("|\n", {"description", "params", "message", "examples", "macros", "fallback", "locale", "callbackData"}),
    "templated": ("templateName: x\n|\n", {"language", "parameters", "number", "sender", "params", "examples"}),
    "message": (
        "message:\n  |\n",
        {"text", "attachments", "location", "listMessage", "replyButtonMessage", "$include"},
    ),
    "buttons": ("message:\n  text: a\n  replyButtonMessage:\n    |\n", {"header", "footer", "buttons", "$if"}),
    "button": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n      - |\n",
        {"id", "text", "$for", "$if", "$include"},
    ),
    "list": ("message:\n  text: a\n  listMessage:\n    |\n", {"button", "sections", "header", "footer"}),
    "row": (
        (
            "message:\n  text: a\n  listMessage:\n    button: {text: a}\n    sections:\n      - rows:\n"
            "          - $for: x in xs\n            |\n"
        ),
        {"id", "text", "description", "$if"},
    ),
    "header": ("message:\n  text: a\n  replyButtonMessage:\n    header:\n      |\n", {"text", "attachment"}),
    "media": ("message:\n  attachments:\n    - |\n", {"type", "url", "caption", "filename"}),
    "kind of media": ("message:\n  attachments:\n    - type: |\n", {"image", "video", "audio", "document"}),
    "location": ("message:\n  location:\n    |\n", {"latitude", "longitude", "name", "address"}),
    "product": ("message:\n  singleProductMessage:\n    |\n", {"catalogId", "productItem", "footer"}),
    "products": ("message:\n  text: a\n  multiProductMessage:\n    |\n", {"catalogId", "header", "sections"}),
    "recipient": ("message: {text: a}\nrecipient:\n  |\n", {"id", "channelType", "userId"}),
    "a template's parameter": (
        "templateName: x\nlanguage: en\nparameters:\n  - name: a\n    |\n",
        {"value", "filename", "$if", "$for"},
    ),
    "optional text": ("message:\n  text:\n    |\n", {"$if", "$value"}),
    "include": ("message:\n  $include: a.yaml\n  |\n", {"$with", "$if"}),
    "type of a parameter": ("params:\n  a: |\nmessage: {text: x}\n", {"string", "integer", "boolean", "array"}),
    "keyword of a parameter": (
        "params:\n  a:\n    type: object\n    properties:\n      b:\n        |\nmessage: {text: x}\n",
        {"type", "enum", "pattern", "format", "maxLength", "default", "items", "properties"},
    ),
    "types": ("params:\n  a:\n    type: |\nmessage: {text: x}\n", {"string", "number", "object"}),
    "formats": ("params:\n  a:\n    format: |\nmessage: {text: x}\n", {"date", "email", "uri", "uuid"}),
    "fragment": ("content: {text: a}\n|\n", {"description", "params"}),
}


@pytest.mark.parametrize("place", OFFERED)
def test_completion(server, project, place):
    text, expected = OFFERED[place]
    path, [spot], _ = put(server, project, text)
    offered = server.completions(path, *spot)
    assert expected <= set(offered)
    # names of the API's own making are no help
    assert [label for label in offered if "v1" in label or ".item" in label or ".file" in label] == []


# What the hover window holds where `|` stands.
SHOWN = {
    "a text with conditions": (
        "message:\n  te|xt: Hi\n",
        ["The text of a text message, or the body", "At most 4096 characters: the text of a text message — WhatsApp"],
    ),
    "a button's title": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n      - {id: a, te|xt: b}\n",
        ["Label of the button.", "At most 20 characters — WhatsApp, [read 20", "](<https://", "`button-title-length`"],
    ),
    "buttons": (
        "message:\n  text: a\n  replyButtonMessage:\n    but|tons:\n      - {id: a, text: b}\n",
        ["At most 3 items — WhatsApp", "`button-count`"],
    ),
    "a row's optional description": (
        (
            "message:\n  text: a\n  listMessage:\n    button: {text: a}\n    sections:\n      - rows:\n"
            "          - {id: a, text: b, description: {$if: c, $va|lue: d}}\n"
        ),
        ["Smaller text below the title.", "At most 72 characters — WhatsApp"],
    ),
    "a number by expression": (
        "params: {a: number}\nmessage:\n  location: {lati|tude: '{{ a }}', longitude: 1}\n",
        ["Degrees north of the equator.", "From -90 to 90 degrees", "`latitude-range`"],
    ),
    "media": (
        "message:\n  attachments:\n    - {ty|pe: image, url: 'https://a.b/c.png'}\n",
        ["Kind of media.", "* `image`"],
    ),
    "a product": (
        "message:\n  singleProductMessage: {catal|ogId: a, productItem: {productRetailerId: b}}\n",
        ["Identifier of the catalog that holds the product."],
    ),
    "a template's slot": (
        "templateName: a\nlanguage: en\nparameters: {bod|y_1: a}\n",
        ["Text, or the address of the media, that fills the slot."],
    ),
    "callback data": ("message: {text: a}\ncall|backData: {a: 1}\n", ["At most 1024 bytes — Connectly"]),
    "a keyword": ("params:\n  a: {max|Length: 1}\nmessage: {text: a}\n", ["At most so many characters (code points)."]),
    "params": ("par|ams: {a: string}\nmessage: {text: a}\n", ["each parameter by its name"]),
    "examples": ("message: {text: a}\nexam|ples: {a: {}}\n", ["each one is checked and built"]),
    "$if": ("message:\n  text: {$i|f: a, $value: b}\n", ["An expression without braces"]),
    "$include": ("message:\n  $incl|ude: a.yaml\n", ["A fragment, by its path from the catalog's folder"]),
    "$with": ("message:\n  $include: a.yaml\n  $wi|th: {a: 1}\n", ["Values for the fragment's parameters."]),
    "a fragment's content": ("con|tent: {text: a}\n", ["What stands in the place of the `$include`"]),
}


@pytest.mark.parametrize("place", SHOWN)
def test_hover(server, project, place):
    text, expected = SHOWN[place]
    path, [spot], problems = put(server, project, text)
    assert problems == []
    shown = server.hover(path, *spot)
    assert [words for words in expected if words not in shown] == [], shown


# What is said of a mistake, on its line.
SAID = {
    "misspelt key": ("message:\n  text: a\n  txt: a\n", (2, "Property txt is not allowed.")),
    "unknown key of a button": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n      - id: a\n        txt: b\n        text: c\n",
        (5, "Property txt is not allowed."),
    ),
    "missing key": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n      - id: a\n",
        (4, 'Missing property "text".'),
    ),
    "too many buttons": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n"
        + "".join(f"      - {{id: a{n}, text: b{n}}}\n" for n in range(4)),
        (4, "Array has too many items. Expected 3 or fewer."),
    ),
    "too long": (
        "message:\n  text: a\n  replyButtonMessage:\n    buttons:\n      - id: a\n        text: " + "x" * 21 + "\n",
        (5, "String is longer than the maximum length of 20."),
    ),
    "wrong type": ("message: {text: a}\nparams: [a]\n", (1, 'Incorrect type. Expected "params".')),
    "no address": (
        "message:\n  attachments:\n    - type: image\n      url: /a.png\n",
        (3, "The address of the attachment is not an http or https address."),
    ),
    "two kinds": (
        "message:\n  location: {latitude: 1, longitude: 1}\n  attachments: [{type: image, url: 'https://a.b/c.png'}]\n",
        (1, "The message has more than one kind of content."),
    ),
    "a number in a text": (
        "message:\n  location: {longitude: 1, latitude: 'about {{ a }}'}\n",
        (1, 'Only one expression, with nothing around it, can become a number here: "{{ name }}".'),
    ),
    "condition in braces": (
        "message:\n  text: {$if: '{{ a }}', $value: b}\n",
        (1, "A condition is an expression without braces: `$if: order.late`."),
    ),
    "a message that may be left out": (
        "message:\n  $if: a\n  text: b\n",
        (1, "A message is always sent, so that it has no `$if`."),
    ),
    "unknown type of a parameter": (
        "message: {text: a}\nparams:\n  a: text\n",
        (
            2,
            'Value is not accepted. Valid values: "string", "number", "integer", "boolean", "array", "object", "null".',
        ),
    ),
}


@pytest.mark.parametrize("mistake", SAID)
def test_what_is_said_of_a_mistake(server, project, mistake):
    text, expected = SAID[mistake]
    _, _, problems = put(server, project, text)
    assert problems == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "message:\n  location: {latitude: '{{ a }}', longitude: '{% if a %}1{% endif %}'}\n", id="a number by tags"
        ),
    ],
)
def test_tags_do_not_make_numbers(server, project, text):
    _, _, problems = put(server, project, text)
    assert [line for line, _ in problems] == [1]


TEMPLATED = """\
params: {kind: {enum: [image, video]}, at: number, who: string, url: {type: string, format: uri}, channel: string}
recipient: {id: "{{ who }}", channelType: "{{ channel }}"}
sender: "{{ who }}"
message:
  attachments:
    - type: "{{ kind }}"
      url: "{{ url }}"
      caption: "{% if at > 1 %}a{% endif %}"
order: {strategy: "{{ kind }}"}
callbackData: "{{ at }}"
"""


def test_expressions_stand_for_numbers_choices_and_patterns(server, project):
    assert put(server, project, TEMPLATED)[2] == []
