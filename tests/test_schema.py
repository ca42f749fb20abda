"""The schema builder on its own files: generated schemas, what editors accept, and the writing of files."""

import copy
import json
import random
import re
import stat
from pathlib import Path

import jsonschema
import pytest

from msgc.diagnostic import Rejected
from msgc.load import load_yaml
from msgc.load_json import load_json
from msgc.parameters.vocabulary import KNOWN
from msgc.schema import AUTHORING_FILE, PAYLOAD_FILE, build, build_files, dump, read
from msgc.schema.parameters import PARAMETER
from msgc.validate import Acceptor

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "schemas"
SWAGGER = SCHEMAS / "service.swagger.json"
OVERLAY = SCHEMAS / "limits.overlay.yaml"
PAGES = sorted((ROOT / "compiler/msgc/pages").glob("*.md"))
GOOD = re.compile(r"^## Good\n.*?^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def schemas():
    return build(read(SWAGGER), [read(OVERLAY)])


@pytest.fixture(scope="module")
def editor(schemas):
    return Acceptor(schemas[1]).accepts


def test_generated_schemas_are_what_the_builder_makes(schemas):
    for name, schema in zip((PAYLOAD_FILE, AUTHORING_FILE), schemas, strict=True):
        stale = f"{name} is stale; run `msgc schema build` on {SWAGGER.name} and {OVERLAY.name}"
        assert (SCHEMAS / name).read_bytes() == dump(schema), stale


def test_the_starter_catalog_has_the_schema_that_editors_use():
    copy = ROOT / "templates" / ".msgc.schema.json"
    assert copy.read_bytes() == (ROOT / "schemas" / "authoring.schema.json").read_bytes()


def test_both_schemas_are_json_schema(schemas):
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)
        Acceptor(schema)


def test_builds_are_equal_and_leave_their_input_alone(schemas):
    swagger, overlay = read(SWAGGER), read(OVERLAY)
    before = copy.deepcopy((swagger.data, overlay.data))
    assert [dump(schema) for schema in build(swagger, [overlay])] == [dump(schema) for schema in schemas]
    assert (swagger.data, overlay.data) == before


def test_requests_have_no_webhook_fields(schemas):
    message = schemas[0]["$defs"]["v1Message"]
    assert message["x-webhook-only"] == ["isEcho", "referral"]
    assert not {"isEcho", "referral"} & set(message["properties"])


def test_every_length_in_code_points_warns_in_utf16_units(schemas):
    """Also where the length stands under a condition, such as that of a body beside a list."""

    def lengths(schema, keyword):
        if isinstance(schema, list):
            return [length for item in schema for length in lengths(item, keyword)]
        if not isinstance(schema, dict):
            return []
        own = [schema[keyword]] if keyword in schema and "pattern" not in schema else []
        return own + [length for value in schema.values() for length in lengths(value, keyword)]

    for name, definition in schemas[0]["$defs"].items():
        for place in [definition, *definition.get("properties", {}).values()]:
            errors = [e for e in place.get("allOf", []) if e.get("x-limit", {}).get("unit") == "characters"]
            warned = [w for w in place.get("x-warnings", []) if w["x-limit"]["rule"] == "length-ambiguous"]
            expected = {(e["x-limit"]["rule"], n) for e in errors for n in lengths(e, "maxLength")}
            found = {(w["x-limit"]["of"], n) for w in warned for n in lengths(w, "maxUtf16Length")}
            assert found == expected, name


def test_editors_know_the_keywords_of_parameters():
    assert set(PARAMETER["then"]["properties"]) == KNOWN


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
def test_editors_accept_the_good_example_of_every_page(editor, page):
    for text in GOOD.findall(page.read_text(encoding="utf-8")):
        document, _ = load_yaml(text.encode(), page.name)
        assert editor(document.data), text


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.y*ml")), ids=lambda path: path.stem)
def test_editors_accept_the_starter_catalog(editor, path):
    if path.name.endswith(".test.yaml") or path.name.startswith("."):
        pytest.skip("no definition")
    assert editor(load_yaml(path.read_bytes(), path.name)[0].data)


LIST = """
message:
  text: "{{ greeting }}"
  listMessage:
    button: {text: Open}
    footer: {$if: late, text: Sorry}
    sections:
      - title: {$if: late, $value: "{{ title | shorten(24) }}"}
        rows:
          - {$for: line in lines if line.ready, $if: line.name, id: "{{ line.id }}", text: "{{ line.name }}"}
          - {$include: _shared/help.yaml, $with: {label: Help}}
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("message: {text: Hi}", id="least"),
        pytest.param("message: {text: 12}", id="an unquoted number is text"),
        pytest.param(LIST, id="structure words"),
        pytest.param('message: {location: {latitude: "{{ lat }}", longitude: 3.5}}', id="number by expression"),
        pytest.param("message: {location: {latitude: {$if: a, $value: 1}, longitude: 2}}", id="number by $value"),
        pytest.param('message: {text: "' + "x{{ y }}" * 2000 + '"}', id="templates have no length"),
        pytest.param("message: {$include: _shared/hello.yaml, $with: {a: [1]}}", id="included message"),
        pytest.param('sender: "+14151111234"\nmessage: {text: Hi}', id="sender as text"),
        pytest.param("recipient: {id: '{{ to }}', channelType: whatsapp}\nmessage: {text: Hi}", id="recipient"),
        pytest.param("message: {text: Hi}\ncallbackData: [1, {a: '{{ b }}'}, null]", id="callback data"),
        pytest.param("templateName: t\nlanguage: en\nparameters: {body_1: '{{ a }}', body_2: x}", id="slots"),
        pytest.param("templateName: t\nlanguage: en\nparameters: [{name: a, value: b}]", id="slots as a list"),
        pytest.param("message: {text: Hi}\nparams: {a: string, b: {type: array, items: integer}}", id="params"),
        pytest.param("description: d\nparams: {a: string}\ncontent: {anything: [goes]}", id="fragment"),
        pytest.param(
            "message: {text: a, replyButtonMessage: {buttons: ["
            + ", ".join(f"{{$if: a{n}, id: b{n}, text: B}}" for n in range(4))
            + "]}}",
            id="more items than allowed, some of them conditional",
        ),
    ],
)
def test_editors_accept(editor, text):
    assert editor(load_yaml(text.encode(), "x.yaml")[0].data)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("mesage: {text: Hi}", id="misspelt key at the root"),
        pytest.param("message: {list_message: {}}", id="misspelt key below"),
        pytest.param("description: no body", id="no message"),
        pytest.param("message: {text: ''}", id="empty text"),
        pytest.param("message: {text: null}", id="null"),
        pytest.param("message: {text: [a]}", id="list for a text"),
        pytest.param("message: {location: {latitude: 91, longitude: 0}}", id="out of range"),
        pytest.param('message: {location: {latitude: "{{ a }} ", longitude: 0}}', id="number with a space"),
        pytest.param("message: {text: {$if: a, $val: b}}", id="unknown structure word"),
        pytest.param("message: {text: {$if: '{{ a }}', $value: b}}", id="condition in braces"),
        pytest.param("message: {text: a, location: {$for: a in b, latitude: 1, longitude: 1}}", id="no list"),
        pytest.param("message: {$include: a.yaml, text: b}", id="key beside $include"),
        pytest.param("message: {attachments: [{type: attachment_type_unspecified, url: 'https://x.y'}]}", id="zero"),
        pytest.param("message: {attachments: [{type: immage, url: 'https://x.y'}]}", id="misspelt choice"),
        pytest.param("recipient: {id: '1', channelTyp: whatsapp}\nmessage: {text: Hi}", id="recipient's key"),
        pytest.param("templateName: t\nlanguage: en\nparameters: {a: [b]}", id="list for a slot"),
        pytest.param("templateName: t\nlanguage: en\nmessage: {text: a}", id="both requests"),
        pytest.param("message: {text: Hi}\nparams: {a: {typ: string}}", id="misspelt parameter keyword"),
        pytest.param("message: {text: Hi}\nparams: {a: text}", id="unknown type name"),
        pytest.param("message: {text: Hi}\nparams: {recipient: string}", id="parameter called recipient"),
        pytest.param("content: a\nmessage: {text: Hi}", id="fragment with a message"),
        pytest.param(
            "message: {text: a, replyButtonMessage: {buttons: ["
            + ", ".join(f"{{id: b{n}, text: B{n}}}" for n in range(4))
            + "]}}",
            id="too many items",
        ),
        pytest.param(
            "message: {text: a, replyButtonMessage: {buttons: [{id: a, text: " + "x" * 21 + "}]}}",
            id="too long",
        ),
    ],
)
def test_editors_refuse(editor, text):
    assert not editor(load_yaml(text.encode(), "x.yaml")[0].data)


def test_hover_text_states_limits_and_their_source(schemas):
    label = schemas[1]["$defs"]["v1ReplyButton.item"]["else"]["properties"]["text"]["description"]
    assert "At most 20 characters (WhatsApp, https://" in label
    assert "Not empty (WhatsApp, https://" in label


def test_files_are_written_whole(tmp_path):
    paths = build_files(SWAGGER, [OVERLAY], tmp_path / "new" / "out")
    assert [path.name for path in paths] == [PAYLOAD_FILE, AUTHORING_FILE]
    assert [path.read_bytes() for path in paths] == [(SCHEMAS / path.name).read_bytes() for path in paths]
    assert sorted(paths) == sorted((tmp_path / "new" / "out").iterdir())
    assert stat.S_IMODE(paths[0].stat().st_mode) & stat.S_IRUSR


def test_nothing_is_written_when_anything_is_wrong(tmp_path):
    broken = tmp_path / "broken.overlay.yaml"
    broken.write_text("overlay: 1.0.0\nactions:\n- {target: $.nowhere, remove: true}\n", encoding="utf-8")
    with pytest.raises(Rejected) as rejected:
        build_files(SWAGGER, [OVERLAY, broken], tmp_path / "out")
    assert [(d.rule, d.span.line, d.span.column) for d in rejected.value.diagnostics] == [("overlay-no-match", 3, 12)]
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Rejected) as rejected:
        build_files(tmp_path / "gone.json", [], tmp_path)
    assert [(d.rule, d.where) for d in rejected.value.diagnostics] == [
        ("unreadable-file", (tmp_path / "gone.json").as_posix())
    ]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(OSError, match="out"):
        build_files(SWAGGER, [OVERLAY], tmp_path / "out")


JUNK = [None, True, -1, 1.5, "", "x", "object", [], ["x"], [None], {}, {"x": 1}, {"$ref": 5}, {"type": "string"}]
JUNK += ["#/definitions/v1Message", {"$ref": "#/definitions/v1Message"}]


def places(data, path=()):
    yield path
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in members:
        yield from places(value, (*path, key))


def damage(data, chance):
    """The same data with one value removed or replaced by something else."""
    data = copy.deepcopy(data)
    *above, last = chance.choice([path for path in places(data) if path])
    node = data
    for step in above:
        node = node[step]
    if chance.random() < 0.3 and isinstance(node, dict):
        del node[last]
    else:
        node[last] = copy.deepcopy(chance.choice(JUNK))
    return data


def judge_damaged(seed):
    """Builds from damaged files: a finding or a schema that works, never anything else."""
    chance = random.Random(seed)
    data = [read(SWAGGER).data, read(OVERLAY).data]
    which = chance.randrange(2)
    data[which] = damage(data[which], chance)
    swagger, overlay = (load_json(json.dumps(part).encode(), name) for part, name in zip(data, "so", strict=True))
    try:
        made = build(swagger, [overlay])
    except Rejected as rejected:
        findings = rejected.diagnostics
    else:
        findings = ()
    if findings:
        assert all(diagnostic.span is not None for diagnostic in findings)
        return "rejected"
    for schema in made:
        Acceptor(schema)
    return "built"


def test_damaged_files_are_rejected_or_still_work():
    assert {judge_damaged(seed) for seed in range(40)} == {"rejected", "built"}


@pytest.mark.long
def test_many_damaged_files_are_rejected_or_still_work():
    assert {judge_damaged(seed) for seed in range(40, 2000)} == {"rejected", "built"}
