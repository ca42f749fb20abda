"""The gallery's server: whom it answers, what it renders, how it follows files and ends; and the page as a file."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from msgc.preview.app import MAX_BODY, Gate
from msgc.preview.board import Board
from msgc.preview.card import Card
from msgc.preview.element import element, html, link, web_address
from msgc.preview.page import make_page
from program import COMMAND, ENVIRONMENT, HELLO, invoke, run, write_project

PRIVATE = "Anastasia"


@dataclass
class Preview:
    """`msgc preview` as a program; `said` is what it has said so far."""

    process: "subprocess.Popen[bytes]"
    port: int
    token: str
    said: list[str]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(
        self, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str | None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; a header that is None is left out."""
        sent = {
            "Host": self.host,
            "Cookie": f"msgc-preview-{self.port}={self.token}",
            **({"Origin": f"http://{self.host}"} if method == "POST" else {}),
            **headers,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def render(self, name: str, values: Any, **headers: str | None) -> tuple[int, str]:
        status, _, body = self.ask("/render", "POST", json.dumps({"name": name, "values": values}).encode(), **headers)
        return status, json.loads(body)["html"] if status == 200 else body.decode()

    def changes(self, since: int) -> dict[str, Any]:
        status, _, body = self.ask(f"/changes?since={since}")
        assert status == 200
        answer: dict[str, Any] = json.loads(body)
        return answer


@contextlib.contextmanager
def preview(folder: Path, *words: str) -> Iterator[Preview]:
    command = [*COMMAND, "preview", "--port", "0", "--no-open", *words]
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stderr is not None
    said: list[str] = []
    try:
        while True:
            line = process.stderr.readline().decode()
            said.append(line)
            assert line, said
            if match := re.search(r"http://127\.0\.0\.1:([0-9]+)/\?token=(\S+)", line):
                break
        reader = threading.Thread(target=lambda: said.extend(each.decode() for each in process.stderr or ()))
        reader.start()
        yield Preview(process, int(match[1]), match[2], said)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        reader.join(20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stderr.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    with preview(write_project(tmp_path_factory.mktemp("served"))) as running:
        yield running
    assert not any(PRIVATE in line for line in running.said)
    assert running.said[-1] == "ended\n"


def test_the_address_with_its_token_opens_the_page_and_the_token_moves_into_a_cookie(served: Preview):
    status, headers, body = served.ask(f"/?token={served.token}", Cookie=None)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["set-cookie"] == f"msgc-preview-{served.port}={served.token}; Path=/; HttpOnly; SameSite=Strict"
    assert "default-src 'none'; script-src 'sha256-" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert b'"hello"' in body
    assert served.token.encode() not in body
    assert "set-cookie" not in served.ask()[1]


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "127.0.0.1.nip.io:{port}", ""]
)
def test_another_host_is_refused(host: str, served: Preview):
    status, headers, body = served.ask(Host=host.format(port=served.port))
    assert (status, b"hello" in body) == (421, False)
    assert "content-security-policy" in headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_its_own_hosts_are_not(host: str, served: Preview):
    assert served.ask(Host=f"{host}:{served.port}")[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/changes?since=0", "/render", "/favicon.ico", "/no/such", "/?token=", "/?token=x"]
)
@pytest.mark.parametrize("cookie", [None, "", "msgc-preview-{port}=x", "msgc-preview-1={token}", "token={token}"])
def test_without_the_token_everything_is_refused(path: str, cookie: str | None, served: Preview):
    given = None if cookie is None else cookie.format(port=served.port, token=served.token)
    method = "POST" if path == "/render" else "GET"
    status, headers, body = served.ask(path, method, Cookie=given)
    assert (status, b"hello" in body) == (403, False)
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "origin", [None, "null", "https://example.com", "http://localhost:1", "http://127.0.0.1", "https://{host}"]
)
def test_what_another_origin_posts_is_refused(origin: str | None, served: Preview):
    given = None if origin is None else origin.format(host=served.host)
    assert served.render("hello", {"name": PRIVATE}, Origin=given)[0] == 403


def test_values_are_rendered(served: Preview):
    status, text = served.render("hello", {"name": f"<b>{PRIVATE}</b> *x*"})
    assert status == 200
    assert f"Hi &lt;b&gt;{PRIVATE}&lt;/b&gt; <strong>x</strong>" in text


def test_values_that_do_not_fit_are_findings(served: Preview):
    assert "parameter-value" in served.render("hello", {"name": PRIVATE * 9})[1]
    assert 'there is no parameter <code class="code">nam</code>' in served.render("hello", {"nam": PRIVATE})[1]
    assert "not there any more" in served.render("nobody", {})[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 100_000, 400),
        (b'{"name": "hello"}', 400),
        (b'{"name": "hello", "values": {"name": 1}}', 400),
        (b'{"name": ["hello"], "values": {}}', 400),
        (b"\xff", 400),
        (b" " * (MAX_BODY + 1), 413),
    ],
    ids=["empty", "deep", "no values", "number", "list", "not UTF-8", "long"],
)
def test_what_is_not_asked_for_properly_is_refused(body: bytes, status: int, served: Preview):
    assert served.ask("/render", "POST", body)[0] == status


def test_other_ways_are_refused(served: Preview):
    assert served.ask("/", "POST")[0] == 405
    assert served.ask("/render")[0] == 405
    assert served.ask("/../pyproject.toml")[0] == 404
    assert served.ask("/changes?since=x")[0] == 400
    assert served.ask("/favicon.ico")[0] == 204


def test_it_follows_the_files_by_their_content(tmp_path: Path):
    folder = write_project(tmp_path)
    hello = folder / "templates" / "hello.yaml"
    with preview(folder) as running:
        first = running.changes(0)
        assert first["order"] == ["hello", "thanks"]
        hello.write_text(HELLO.replace("Hi {{", "Hello {{"), encoding="utf-8")
        news = running.changes(first["version"])
        assert [card["name"] for card in news["cards"]] == ["hello"]
        assert "Hello Ana" in news["cards"][0]["body"]
        hello.touch()  # of the same content
        (folder / "templates" / "thanks.yaml").rename(folder / "templates" / "bye.yaml")
        news = running.changes(news["version"])
        assert (news["order"], [card["name"] for card in news["cards"]]) == (["bye", "hello"], ["bye"])
        hello.write_text("message: {text: [", encoding="utf-8")
        news = running.changes(news["version"])
        assert [(card["kind"], card["level"]) for card in news["cards"]] == [("broken", "error")]
        (folder / "msgc.toml").write_text("nonsense = 1\n", encoding="utf-8")
        news = running.changes(news["version"])
        assert (news["order"], "nonsense" in news["notice"]) == (["bye", "hello"], True)
        (folder / "msgc.toml").unlink()
        news = running.changes(news["version"])
        assert (news["order"], news["notice"]) == (["bye", "hello"], "")


def test_it_ends_at_once_while_a_page_waits(tmp_path: Path):
    with preview(write_project(tmp_path)) as running:
        version = running.changes(0)["version"]
        waiting = threading.Thread(target=_wait, args=(running, version))
        waiting.start()
        time.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 8
    waiting.join(20)


def _wait(running: Preview, version: int) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        running.ask(f"/changes?since={version}")


def test_a_port_that_is_taken_is_said(served: Preview, tmp_path: Path):
    done = run(write_project(tmp_path), "preview", "--no-open", "--port", str(served.port))
    assert done.returncode == 2
    said = f"msgc: port {served.port} of 127.0.0.1 cannot be had: it is in use; choose another with `--port`\n"
    assert done.stderr.decode() == said


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_the_extra_it_says_what_to_install_and_still_writes_the_page(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("msgc.preview.app", "msgc.serving.serve"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    folder = write_project(tmp_path)
    code, output = invoke(folder, "preview", "--no-open")
    assert code == 2
    assert (
        output
        == f"msgc: serving a preview needs `{missing}`: pip install 'msgc[preview]'; `--out DIR` writes it without\n"
    )
    assert invoke(folder, "preview", "--out", "site")[0] == 0


# ----------------------------------------------------------------------------------------------- the page as a file


def test_the_page_is_one_file_and_the_same_each_time(tmp_path: Path):
    folder = write_project(tmp_path)
    assert invoke(folder, "preview", "--out", "site") == (0, "2 definitions written to site/index.html\n")
    first = (folder / "site" / "index.html").read_bytes()
    assert invoke(folder, "preview", "--out", "site", "hello")[0] == 0
    assert b'"thanks"' not in (folder / "site" / "index.html").read_bytes()
    assert invoke(folder, "preview", "--out", "site")[0] == 0
    assert (folder / "site" / "index.html").read_bytes() == first
    assert [path.name for path in (folder / "site").iterdir()] == ["index.html"]


def test_what_cannot_be_shown_is_said(tmp_path: Path):
    folder = write_project(tmp_path)
    code, output = invoke(folder, "preview", "--out", "site", "helo")
    assert (code, "Did you mean `hello`?" in output) == (2, True)
    (folder / "file").write_text("")
    code, output = invoke(folder, "preview", "--out", "file")
    assert (code, output) == (
        2,
        "msgc: file/index.html cannot be written: it is a file; choose another folder with `--out`\n",
    )
    assert not (folder / "site").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are Linux's")
def test_a_file_name_can_be_any_bytes(tmp_path: Path):
    folder = write_project(tmp_path)
    Path(os.fsdecode(os.fsencode(folder / "templates") + b"/\xff\x1b.yaml")).write_text("message: {text: Odd}\n")
    assert invoke(folder, "preview", "--out", "site") == (0, "3 definitions written to site/index.html\n")
    page = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "\\\\u{dcff}\\\\u{1b}" in page


# --------------------------------------------------------------------------------------------------------- its parts


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        " https://a.example",
        "https://a b",
        "https:/a",
        "//a.example",
        "data:text/html,x",
        "https://\x01",
    ],
)
def test_only_addresses_of_the_web_become_links(text: str):
    assert web_address(text) is None
    assert html([link(text, text)]).startswith("<span>")


def test_text_and_attributes_are_escaped():
    made = html([element("p", "<i>&", title='"><script>', hidden=True, lang=None)])
    assert made == '<p title="&quot;&gt;&lt;script&gt;" hidden>&lt;i&gt;&amp;</p>'


def test_data_cannot_end_the_script_that_holds_it():
    page = make_page("<title>", {"cards": ["</script><!--<script>"]}, served=False)
    assert page.count(b"</script>") == 2
    assert b"&lt;title&gt;" in page


def test_a_gate_compares_whole_tokens():
    gate = Gate(8090, "token")

    def asked(**headers: str) -> int | None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "headers": raw, "query_string": b""}
        refusal = gate.refusal(scope)
        return None if refusal is None else refusal.status_code

    assert asked(host="localhost:8090", cookie="msgc-preview-8090=token") is None
    assert asked(host="localhost:8090", cookie="msgc-preview-8090=toke") == 403
    assert asked(host="localhost:8090", cookie="msgc-preview-8090=tökén") == 403


def test_a_board_tells_what_is_new():
    def card(name: str, body: str) -> Card:
        return Card(name, name, "text", "", "", "", "", body)

    board = Board()
    assert board.put([card("a", "1"), card("b", "1")]) == 2
    assert board.put([card("a", "1"), card("b", "1")]) == 0
    assert board.version == 1
    assert board.put([card("b", "2"), card("c", "1")]) == 3
    assert board.since(1)["order"] == ["b", "c"]
    assert [each["name"] for each in board.since(1)["cards"]] == ["b", "c"]
    assert board.since(2)["cards"] == []
    board.put([card("c", "1"), card("b", "2")], "notice")
    assert (board.version, board.since(2)["order"], board.since(2)["cards"]) == (3, ["c", "b"], [])
