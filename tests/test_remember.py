"""What `msgc check` remembers: the report is that of a run that remembers nothing, whatever has changed in between."""

import json
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import msgc.cli.check
from casefile import find_cases, read_case
from msgc import remember
from msgc.cli import check_run
from msgc.cli.memory_folder import memory_folder
from msgc.resources import data_folder
from program import COMMAND, ENVIRONMENT, invoke
from test_check_fuzz import mutated_texts, mutated_trees

STARTER = Path(__file__).parent.parent / "templates"
FOOTER = "params: {team: {type: string, maxLength: 19}}\ncontent: {text: '{{ team }} says hello'}\n"
GREETED = (
    "params: {name: {type: string, maxLength: 40}}\nmacros: {m: _m.j2}\n"
    "message: {text: '{{ m.hi(name) }}'}\nexamples: {one: {name: Ana}}\n"
)
MACRO = "{% macro hi(name) %}Hi {{ name }}{% endmacro %}"
LISTED = (
    "message:\n  text: Hi\n  replyButtonMessage:\n    footer: {$include: _footer.yaml, $with: {team: Shop}}\n"
    "    buttons: [{id: a, text: Yes}]\n"
)
PLAIN = "message: {text: Thanks}\n"
FALLING = "message: {text: Hi}\nfallback: template\n"
TEMPLATE = "templateName: a\nlanguage: en\n"
WRONG = "message: {text: Thanks, txt: a}\n"


class Catalog:
    """A project with its own memory, and how many definitions its last run has checked."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.memory = root / "project", root / "memory"
        (self.root / ".git").mkdir(parents=True)
        self.checked: list[str] = []
        monkeypatch.setenv("MSGC_CACHE_DIR", str(self.memory))
        real = msgc.cli.check.check_entry

        def count(project: Any, entry: Any, *rest: Any) -> Any:
            self.checked.append(entry.name)
            return real(project, entry, *rest)

        monkeypatch.setattr("msgc.cli.check.check_entry", count)

    def write(self, **files: str | None) -> "Catalog":
        for name, text in files.items():
            path = self.root / "templates" / name.replace("__", ".")
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return self

    def run(self, *words: str) -> tuple[int, str]:
        self.checked.clear()
        return invoke(self.root, "check", *words)

    def same(self, *words: str) -> list[str]:
        """What a run has checked again, once it is known to say what a run without a memory says."""
        found = self.run(*words)
        checked = sorted(self.checked)
        assert found == self.run("--no-cache", *words)
        return checked

    @property
    def files(self) -> list[Path]:
        return sorted((self.memory / "check").iterdir())


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    return Catalog(tmp_path, monkeypatch)


@pytest.fixture
def full(catalog: Catalog) -> Catalog:
    """A definition of each kind of dependence, checked once."""
    catalog.write(
        plain__yaml=PLAIN, wrong__yaml=WRONG, listed__yaml=LISTED, greeted__yaml=GREETED, falling__yaml=FALLING
    )
    catalog.write(template__yaml=TEMPLATE, _footer__yaml=FOOTER, _m__j2=MACRO)
    assert len(catalog.same()) == 6
    assert catalog.same() == []
    return catalog


def test_findings_are_remembered_in_each_form(full: Catalog):
    for words in (
        ["-f", "json"],
        ["-v"],
        ["-q"],
        ["--strict"],
        ["wrong"],
        ["templates/wrong.yaml"],
        ["--color=always"],
    ):
        assert full.same(*words) == []


def test_coverage_and_bounds_are_not_recalled(full: Catalog):
    assert len(full.same("--coverage")) == 6
    full.same("--explain-bounds", "plain")


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"plain__yaml": PLAIN + "# a comment\n"}, ["plain"]),
        ({"wrong__yaml": PLAIN}, ["wrong"]),
        ({"plain__yaml": WRONG}, ["plain"]),
        ({"_footer__yaml": FOOTER.replace("hello", "a word too many, which does not fit")}, ["listed"]),
        ({"_footer__yaml": None}, ["listed"]),
        ({"_footer__yaml": "content: ["}, ["listed"]),
        ({"_m__j2": MACRO + "{% macro other() %}{% endmacro %}"}, ["greeted"]),
        ({"_m__j2": "{% macro hi("}, ["greeted"]),
        ({"_m__j2": None}, ["greeted"]),
        ({"template__yaml": TEMPLATE + "params: {name: string}\n"}, ["falling", "template"]),
        ({"template__yaml": None}, ["falling"]),
        ({"new__yaml": PLAIN}, ["falling", "new"]),  # the list of definitions is another one
        ({"plain__yaml": None}, ["falling"]),
        ({"_unused__yaml": FOOTER}, []),
        ({"plain__yml": PLAIN}, []),  # a second file of the same name is told beside what is remembered
    ],
    ids=str,
)
def test_what_has_changed_is_checked_again_and_nothing_else(
    full: Catalog, change: dict[str, str | None], again: list[str]
):
    full.write(**change)
    assert full.same() == again
    assert full.same() == []


def test_a_file_that_was_looked_for_and_appears(catalog: Catalog):
    catalog.write(listed__yaml=LISTED, greeted__yaml=GREETED, falling__yaml=FALLING)
    assert len(catalog.same()) == 3
    assert catalog.same() == []
    # Another name that is almost the one that is looked for is told of.
    assert catalog.write(_footers__yaml=FOOTER).same() == ["listed"]
    assert catalog.write(_footer__yaml=FOOTER).same() == ["listed"]
    assert catalog.write(_m__j2=MACRO).same() == ["greeted"]
    assert catalog.write(template__yaml=TEMPLATE).same() == ["falling", "template"]
    assert catalog.same() == []


def test_a_template_that_another_definition_has_read_first_counts(catalog: Catalog):
    leaf = "message: {text: \"{% import '_m.j2' as m %}{{ m.hi('Ana') }}\"}\n"
    catalog.write(a__yaml=leaf, b__yaml=leaf, c__yaml=leaf, _m__j2="{% import '_n.j2' as n %}" + MACRO, _n__j2="")
    assert catalog.same() == ["a", "b", "c"]
    assert catalog.write(_n__j2="{% macro").same() == ["a", "b", "c"]
    assert catalog.write(_m__j2=None).same() == ["a", "b", "c"]


def test_a_fragment_that_is_wrong_is_told_once(catalog: Catalog):
    catalog.write(a__yaml=LISTED, b__yaml=LISTED, _footer__yaml="content: {txt: a}\n")
    assert catalog.same() == ["a", "b"]
    assert catalog.same() == []
    assert catalog.write(a__yaml=PLAIN).same() == ["a"]
    assert catalog.same("b") == []


def test_a_definition_keeps_its_name_but_not_its_place(full: Catalog):
    (full.root / "templates" / "plain.yaml").rename(full.root / "templates" / "plain.yml")
    assert full.same() == ["falling", "plain"]


@pytest.mark.parametrize(
    "text",
    [
        'locale = "de"',
        "limits = {text-length = 3}",
        'severity = {unused-parameter = "error"}',
        'sender = "+16044441111"',
    ],
)
def test_another_configuration_is_another_context(full: Catalog, text: str):
    (full.root / "msgc.toml").write_text(text, encoding="utf-8")
    assert len(full.same()) == 6
    assert full.same() == []
    (full.root / "msgc.toml").write_text("limits = {nothing = 3}", encoding="utf-8")
    assert full.same() == []  # it is refused
    assert full.run()[0] == 2


def test_the_macros_of_the_configuration_count(full: Catalog):
    (full.root / "msgc.toml").write_text('macros = {k = "_k.j2"}', encoding="utf-8")
    assert full.same() == []
    assert full.run()[0] == 2  # there is no such file
    full.write(_k__j2=MACRO)
    assert len(full.same()) == 6
    assert full.same() == []
    uses = "message: {text: \"{{ k.hi('Ana') }}\"}\n"
    assert full.write(plain__yaml=uses).same() == ["plain"]
    # Each definition can use them, and those that were checked after it have been told of the file.
    assert "plain" in full.write(_k__j2="{% macro hi(name) %}{% endmacro %}").same()
    full.write(_k__j2=None)
    assert full.same() == []
    assert full.run()[0] == 2


def test_another_contract_is_another_context(full: Catalog, monkeypatch: pytest.MonkeyPatch):
    schemas = full.root / "schemas"
    shutil.copytree(data_folder("schemas"), schemas)
    monkeypatch.setenv("MSGC_SCHEMAS", str(schemas))
    assert len(full.same()) == 6
    assert full.same() == []
    path = schemas / "payload.schema.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert len(full.same()) == 6
    path.write_text("{}", encoding="utf-8")
    assert full.same() == []
    assert full.run()[0] == 2


@pytest.mark.parametrize("name", ["_msgc", "_distributions"])
def test_another_msgc_or_library_is_another_context(full: Catalog, monkeypatch: pytest.MonkeyPatch, name: str):
    real: Callable[[], list[str]] = getattr(remember, name)
    monkeypatch.setattr(remember, name, lambda: [*real(), "another"])
    assert len(full.same()) == 6
    assert full.same() == []


def test_the_context_knows_the_code_and_the_libraries():
    assert any(name.lower().startswith("jinja2-") for name in remember._distributions())
    assert any(name.startswith("jsonschema_rs-") for name in remember._distributions())
    _, code = remember._msgc()
    assert len(code) == 48


def test_a_configuration_that_changes_meanwhile_leaves_nothing_behind(full: Catalog, monkeypatch: pytest.MonkeyPatch):
    full.write(plain__yaml=PLAIN + "#\n")
    told = iter(["one", "another"])
    monkeypatch.setattr(check_run, "context_of", lambda _: next(told))
    before = full.files[0].read_bytes()
    full.run()
    assert full.files[0].read_bytes() == before


def test_a_file_that_changes_while_it_is_checked_is_not_remembered(catalog: Catalog, monkeypatch: pytest.MonkeyPatch):
    catalog.write(listed__yaml=LISTED, other__yaml=LISTED, _footer__yaml=FOOTER)
    real = msgc.cli.check.check_entry

    def check(project: Any, entry: Any, *rest: Any) -> Any:
        checked = real(project, entry, *rest)
        if entry.name == "listed":
            catalog.write(_footer__yaml="content: {txt: a}\n", listed__yaml=WRONG)
        return checked

    with monkeypatch.context() as patch:
        patch.setattr("msgc.cli.check.check_entry", check)
        catalog.run()
    assert catalog.same() == ["listed", "other"]


def test_a_file_that_comes_and_goes_while_it_is_checked_is_not_remembered(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
):
    catalog.write(a__yaml=LISTED, b__yaml=LISTED)
    real = msgc.cli.check.check_entry

    def check(project: Any, entry: Any, *rest: Any) -> Any:
        checked = real(project, entry, *rest)
        catalog.write(_footer__yaml=FOOTER if entry.name == "a" else None)
        return checked

    with monkeypatch.context() as patch:
        patch.setattr("msgc.cli.check.check_entry", check)
        catalog.run()
    assert "b" in catalog.same()


def test_what_depends_on_the_machine_is_not_remembered(full: Catalog, monkeypatch: pytest.MonkeyPatch):
    full.write(plain__yaml=PLAIN + "#\n")
    with monkeypatch.context() as patch:
        patch.setattr("msgc.pipeline.check", lambda *_: (_ for _ in ()).throw(MemoryError))
        assert "too-costly" in full.run()[1]
    assert full.same() == ["plain"]


# ------------------------------------------------------------------------------------------------ the memory's file


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _turn(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _forge(path: Path, change: Callable[[Any], Any]) -> None:
    """Another content with a head that fits it: what another version could have written."""
    _, _, body = path.read_bytes().partition(b"\n")
    body = json.dumps(change(json.loads(body))).encode()
    path.write_bytes(remember._head(body) + b"\n" + body)


def _link(path: Path) -> None:
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut": _cut,
    "one bit": _turn,
    "empty": lambda path: path.write_bytes(b""),
    "not JSON": lambda path: path.write_bytes(remember._head(b"[[") + b"\n[["),
    "deep": lambda path: path.write_bytes(remember._head(b"[" * 9**5) + b"\n" + b"[" * 9**5),
    "another version": lambda path: path.write_bytes(path.read_bytes().replace(b"msgc-memory-1", b"msgc-memory-0")),
    "another context": lambda path: _forge(path, lambda body: {**body, "context": "x"}),
    "no context": lambda path: _forge(path, lambda _: {}),
    "a list": lambda path: _forge(path, lambda body: [body]),
    "a folder": lambda path: (path.unlink(), path.mkdir(), None)[-1],
    "a link": _link,
    "everybody's": lambda path: path.chmod(0o666),
    "everybody's folder": lambda path: path.parent.chmod(0o777),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_memory_that_cannot_be_trusted_is_none(full: Catalog, damage: Callable[[Path], None]):
    (path,) = full.files
    damage(path)
    assert len(full.same()) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        [["x"], [], [["x"]]],
        ["x"],
        None,
        lambda known: [known[0], [10**6], known[2]],
        lambda known: [known[0], ["x"], known[2]],
        lambda known: [known[0], [], [[*known[2][0][:3], ["nowhere.yaml", 0, 1], *known[2][0][4:]]]],
        lambda known: [known[0], [], [[*known[2][0][:3], ["templates/wrong.yaml", 0, 10**6], *known[2][0][4:]]]],
        lambda known: [known[0], [], [known[2][0][:5]]],
    ],
)
def test_findings_that_do_not_fit_the_catalog_are_not_told(full: Catalog, wrong: Any):
    def change(body: Any) -> Any:
        known = body["known"]["templates/wrong.yaml"]
        body["known"]["templates/wrong.yaml"] = wrong(known) if callable(wrong) else wrong
        return body

    _forge(full.files[0], change)
    assert full.same() == ["wrong"]


@pytest.mark.parametrize("answers", [[["what", "x", "y"]], [["read", "../secret", "-"]], [["template", "\0", "-"]]])
def test_questions_that_nobody_has_asked_are_not_answered(full: Catalog, answers: Any):
    _forge(full.files[0], lambda body: {**body, "answers": answers * 20, "opening": [0]})
    assert {"falling", "greeted", "listed"} <= set(full.same())


def test_a_folder_that_is_a_link_is_left_alone(full: Catalog, tmp_path: Path):
    (full.memory / "check").rename(tmp_path / "elsewhere")
    (full.memory / "check").symlink_to(tmp_path / "elsewhere")
    assert len(full.same()) == 6


@pytest.mark.parametrize("function", ["mkdir", "open", "fdopen", "replace", "scandir"])
def test_a_memory_that_cannot_be_written_is_no_failure(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, function: str
):
    catalog.write(plain__yaml=PLAIN, wrong__yaml=WRONG)
    expected = catalog.run("--no-cache")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    real = remember._store

    def store(*arguments: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os if hasattr(os, function) and function != "replace" else Path, function, fail)
            real(*arguments)

    monkeypatch.setattr(remember, "_store", store)
    assert catalog.run() == expected
    assert not [path for path in catalog.memory.rglob("*.half") if path.is_file()]
    assert catalog.run() == expected


def test_a_file_in_the_place_of_the_folder(catalog: Catalog):
    catalog.memory.write_text("a file")
    catalog.write(plain__yaml=PLAIN)
    assert catalog.same() == ["plain"]
    assert catalog.same() == ["plain"]


def test_a_memory_is_private_and_holds_no_text_but_that_of_findings(full: Catalog):
    folder, (path,) = full.memory / "check", full.files
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert "txt" in text  # a finding speaks of it
    for word in ("Thanks", "Hi", "Ana", "says hello", "Shop"):
        assert word not in text


def test_what_is_gone_is_forgotten(full: Catalog):
    assert "templates/wrong.yaml" in full.files[0].read_text(encoding="utf-8")
    full.write(wrong__yaml=None).run()
    assert "templates/wrong.yaml" not in full.files[0].read_text(encoding="utf-8")


def test_what_is_not_looked_at_is_kept(full: Catalog):
    assert full.write(plain__yaml=PLAIN + "#\n").same("plain") == ["plain"]
    assert full.same() == []


def test_only_the_last_catalogs_are_kept(full: Catalog):
    (own,) = full.files
    for number in range(remember.MAX_CATALOGS + 5):
        other = own.with_name(f"{number}.json" if number % 2 else f"{number}.half")
        other.write_bytes(b"")
        os.utime(other, (number, number))
    full.write(plain__yaml=PLAIN + "#\n").run()
    assert len(full.files) == remember.MAX_CATALOGS
    assert own in full.files


def test_a_memory_that_is_too_large_is_not_kept(catalog: Catalog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remember, "MAX_BYTES", 100)
    catalog.write(plain__yaml=PLAIN).run()
    assert not catalog.memory.exists()


def test_no_cache_leaves_no_trace(catalog: Catalog):
    catalog.write(plain__yaml=PLAIN).run("--no-cache")
    assert not catalog.memory.exists()


def test_two_checks_at_the_same_time_do_no_harm(tmp_path: Path):
    shutil.copytree(STARTER, tmp_path / "templates")
    environment = {**ENVIRONMENT, "MSGC_CACHE_DIR": str(tmp_path / "memory")}
    command = [*COMMAND, "check", "--jobs", "1"]
    running = [
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(3)
    ]
    answers = {process.communicate(timeout=120)[0] for process in running}
    assert len(answers) == 1
    assert not list(tmp_path.rglob("*.half"))
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    assert {done.stdout} == answers


def test_where_memories_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ana"))
    root = Path("/work/templates")

    def folder(system: str, **environ: str) -> str | None:
        monkeypatch.setattr(sys, "platform", system)
        found = memory_folder(environ, root)
        return None if found is None else found.as_posix()

    assert folder("linux") == "/home/ana/.cache/msgc/check"
    assert folder("linux", XDG_CACHE_HOME="/caches") == "/caches/msgc/check"
    assert folder("linux", XDG_CACHE_HOME="caches") == "/home/ana/.cache/msgc/check"
    assert folder("darwin") == "/home/ana/Library/Caches/msgc/check"
    assert folder("win32", LOCALAPPDATA="/local") == "/local/msgc/Cache/check"
    assert folder("win32") is None
    assert folder("linux", MSGC_CACHE_DIR="/mine") == "/mine/check"
    assert folder("linux", MSGC_CACHE_DIR="/work/templates/mine") is None


# --------------------------------------------------------------------------------------------------- several processes


@pytest.fixture
def spread(full: Catalog, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalog that is spread over processes, though it is small."""
    for name, value in (("_ALONE", 1), ("_WORTH", 1), ("_PIECE", 2)):
        monkeypatch.setattr(check_run, name, value)
    return full


def test_several_processes_say_what_one_says(spread: Catalog):
    shutil.copytree(STARTER, spread.root / "templates", dirs_exist_ok=True)
    for words in ([], ["-v"], ["-f", "json"], ["--coverage"]):
        one = spread.run("--no-cache", "--jobs", "1", *words)
        assert one == spread.run("--no-cache", "--jobs", "3", *words)
    assert spread.run("--jobs", "2") == spread.run("--jobs", "2")
    assert spread.checked == []
    assert spread.write(_footer__yaml="content: {txt: a}\n").run("-j2") == spread.run("-j1", "--no-cache")


def test_a_lost_process_is_said(spread: Catalog, monkeypatch: pytest.MonkeyPatch):
    parent = os.getpid()

    def die(*_: Any) -> Any:
        if os.getpid() != parent:
            os.kill(os.getpid(), 9)
        return real(*_)

    real = msgc.cli.check.check_entry
    monkeypatch.setattr("msgc.cli.check.check_entry", die)
    code, text = spread.run("--no-cache", "--jobs", "2")
    assert code == 2
    assert "try again with `--jobs 1`" in text
    assert len(text.splitlines()) == 1


# ---------------------------------------------------------------------------------------------------------- any change


CONFIGURATIONS = ("", 'locale = "pt"', "limits = {text-length = 30}", 'macros = {k = "_shared/amounts.j2"}', "x = 1")


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, int, Any]]:
    """A series of changes: of what kind, to which file, and what it then holds."""
    texts = st.one_of(mutated_texts(), mutated_trees())
    kinds = ("write", "write", "shared", "delete", "restore", "add", "configure", "words")
    made = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(kinds))
        value: Any = draw(texts) if kind in ("write", "add") else draw(st.integers(0, 10**6))
        made.append((kind, draw(st.integers(0, 10**6)), value))
    return made


def apply(root: Path, change: tuple[str, int, Any]) -> None:
    kind, number, value = change
    files = sorted(path for path in (root / "templates").rglob("*") if path.is_file())
    originals = sorted(path for path in STARTER.rglob("*") if path.is_file())
    shared = [path for path in files if "_shared" in path.parts]
    if kind == "write" and files:
        files[number % len(files)].write_bytes(value.encode("utf-8", "surrogatepass"))
    elif kind == "add":
        name = ("new", "shop/new", "a", "support/menu2")[number % 4]
        (root / "templates" / f"{name}.yaml").write_bytes(value.encode("utf-8", "surrogatepass"))
    elif kind == "shared" and shared:
        path = shared[number % len(shared)]
        words = random.Random(value).choice(
            ["content: {txt: a}\n", "", "{% macro", "content: [", "params: {a: string}\n"]
        )
        path.write_text(words if value % 3 else path.read_text(encoding="utf-8") + words, encoding="utf-8")
    elif kind == "delete" and files:
        files[number % len(files)].unlink()
    elif kind == "restore":
        original = originals[number % len(originals)]
        shutil.copy(original, root / "templates" / original.relative_to(STARTER))
    elif kind == "configure":
        (root / "msgc.toml").write_text(CONFIGURATIONS[number % len(CONFIGURATIONS)], encoding="utf-8")
    elif kind == "words" and files:
        path = files[number % len(files)]
        text = path.read_bytes().decode("utf-8", "replace")
        path.write_text(text.replace("the", "a", value % 3), encoding="utf-8")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("remember")
    (root / ".git").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSGC_CACHE_DIR", str(root / "memory"))
        yield root


def hold(root: Path, series: list[tuple[str, int, Any]]) -> None:
    """After each change: with a memory, and once more with what that run has left, as without one."""
    for name in ("templates", "memory"):
        shutil.rmtree(root / name, ignore_errors=True)
    (root / "msgc.toml").unlink(missing_ok=True)
    shutil.copytree(STARTER, root / "templates")
    assert invoke(root, "check")[0] == 0
    for change in series:
        apply(root, change)
        form = ("text", "json")[change[1] % 2]
        expected = invoke(root, "check", "--no-cache", "-v", "-f", form)
        assert invoke(root, "check", "-v", "-f", form) == expected
        assert invoke(root, "check", "-v", "-f", form) == expected


def _projects(folder: Path) -> Iterator[Path]:
    """The starter catalog, the corpus and the cases of `check`, each in a folder of its own."""
    for number, source in enumerate((STARTER, STARTER.parent / "tests" / "corpus")):
        shutil.copytree(source, folder / f"{number}" / "templates")
        yield folder / f"{number}"
    for path in find_cases("check"):
        for name, text in read_case(path).inputs.items():
            file = folder / path.stem / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        yield folder / path.stem


@pytest.mark.long
def test_what_is_checked_alone_is_what_is_checked_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("_ALONE", "_WORTH", "_PIECE"):
        monkeypatch.setattr(check_run, name, 1)
    for root in _projects(tmp_path):
        (root / ".git").mkdir()
        monkeypatch.setenv("MSGC_CACHE_DIR", str(root / "memory"))
        expected = invoke(root, "check", "--no-cache", "-j1", "-f", "json")
        assert invoke(root, "check", "--no-cache", "-j2", "-f", "json") == expected
        for path in sorted((root / "templates").rglob("*.yaml"), reverse=True):
            invoke(root, "check", path.relative_to(root).as_posix())
        assert invoke(root, "check", "-f", "json") == expected


quiet = settings(deadline=None, suppress_health_check=list(HealthCheck))


@given(series=changes())
@settings(quiet, max_examples=12)
def test_a_report_is_the_same_with_and_without_a_memory(workplace: Path, series: list[tuple[str, int, Any]]):
    hold(workplace, series)


@pytest.mark.long
@given(series=changes())
@settings(quiet, max_examples=400)
def test_many_reports_are_the_same_with_and_without_a_memory(workplace: Path, series: list[tuple[str, int, Any]]):
    hold(workplace, series)
