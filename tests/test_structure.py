"""The shape of the code, read from its source: who imports what, and who may speak to the world."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import msgc

PACKAGE = Path(msgc.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each library has one room, so that its quirks and its next major version are one room's business.
ROOMS = {
    "aiohttp": ["send/transport.py"],
    "babel": ["template/localize.py"],
    "click": ["cli/"],
    "jinja2": ["template/"],
    "jsonpath_rfc9535": ["schema/overlay.py"],
    "jsonschema": ["validate/"],
    "jsonschema_rs": ["validate/"],
    "orjson": ["emit.py"],
    "referencing": ["validate/"],
    "starlette": ["preview/app.py", "sandbox/app.py"],
    "tomllib": ["load_toml.py"],
    "uvicorn": ["serving/serve.py"],
    "wcwidth": ["graphemes.py"],
    "yaml": ["load.py"],
    "yarl": ["send/transport.py"],
}
NETWORK = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http",
    "httpx",
    "requests",
    "selectors",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "starlette",
    "urllib.request",
    "uvicorn",
    "xmlrpc",
}
# What speaks to the world, and with what. `asyncio` alone opens nothing, but only who has business with it may have it.
NETWORK_ROOMS: dict[str, set[str]] = {
    "cli/interrupts.py": {"asyncio"},
    "cli/send_run.py": {"asyncio"},
    "cli/send_screen.py": {"asyncio"},
    "cli/send_way.py": {"urllib.request"},  # it finds the proxy
    "preview/app.py": {"asyncio", "starlette"},
    "sandbox/app.py": {"asyncio", "starlette"},
    "send/dispatch.py": {"asyncio"},
    "send/transport.py": {"aiohttp", "asyncio", "ssl"},
    "serving/connections.py": {"socket"},
    "serving/serve.py": {"socket", "uvicorn"},
}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def module_name(path: Path) -> str:
    return ".".join(["msgc", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from statements(child)


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it; `from a import b` is `a.b` where that is a module."""
    found = set()
    for node in statements(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: imports name their module in full"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = inside & NAMES
            found |= modules
            if inside - modules:
                found.add(node.module or "")
    return found


NAMES = {module_name(path) for path in MODULES}
IMPORTS = {path: imports(path) for path in MODULES}


def test_every_library_has_one_room():
    rooms: dict[str, set[str]] = {}
    for path, names in IMPORTS.items():
        for name in {name.partition(".")[0] for name in names}:
            if name == "tomllib" or name not in {*sys.stdlib_module_names, "msgc"}:
                allowed = [room for room in ROOMS.get(name, []) if relative(path).startswith(room)]
                assert allowed, f"{relative(path)} imports {name}, whose room is {ROOMS.get(name, 'nowhere yet')}"
                rooms.setdefault(name, set()).update(allowed)
    assert {name: sorted(found) for name, found in rooms.items()} == ROOMS


def test_imports_go_one_way():
    graph = {module_name(path): {name for name in names if name in NAMES} for path, names in IMPORTS.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_the_engine_knows_nothing_of_the_command_line():
    importers = {relative(path) for path, names in IMPORTS.items() if any(n.startswith("msgc.cli") for n in names)}
    assert {name for name in importers if not name.startswith("cli/")} == {"__main__.py"}


def test_stages_know_nothing_of_the_pipeline():
    """cli → library → pipeline → stages → values."""
    importers = {relative(path) for path, names in IMPORTS.items() if names & {"msgc.pipeline", "msgc.library"}}
    assert {name for name in importers if not name.startswith("cli/")} == {"library.py"}


def test_the_table_of_network_rooms_has_no_others():
    assert NETWORK_ROOMS.keys() <= {relative(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_sending_and_the_sandbox_reach_the_network(path: Path):
    names = {word for name in IMPORTS[path] for word in (name, name.partition(".")[0]) if word in NETWORK}
    assert names == NETWORK_ROOMS.get(relative(path), set())


WORLD = {
    "breakpoint",
    "exit",
    "input",
    "print",
    "quit",
    "os._exit",
    "os.environ",
    "os.getenv",
    "os.system",
    "sys.argv",
    "sys.exit",
    "sys.stderr",
    "sys.stdin",
    "sys.stdout",
    "warnings.warn",
}


@pytest.mark.parametrize("path", [path for path in MODULES if not relative(path).startswith("cli/")], ids=relative)
def test_only_the_command_line_prints_exits_and_reads_the_environment(path: Path):
    tree = ast.parse(path.read_bytes())
    found = {ast.unparse(node) for node in statements(tree) if isinstance(node, ast.Attribute | ast.Name)}
    assert not found & WORLD
    assert not IMPORTS[path] & {"logging", "subprocess"}


def test_one_room_starts_programs():
    """What a program is given, and what of the environment it sees, is one room's business."""
    importers = {relative(path) for path, names in IMPORTS.items() if "subprocess" in names}
    assert importers == {"cli/revisions.py"}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_says_what_it_is_for(path: Path):
    assert path.read_bytes().strip() == b"" or ast.get_docstring(ast.parse(path.read_bytes()))
