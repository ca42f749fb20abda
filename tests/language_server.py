"""A small client of language servers: starts one, opens documents, and asks for what an editor shows.

Everything has a limit in time, and the server ends with the client. Positions are as in the protocol: from 0, in
UTF-16 units.
"""

import contextlib
import json
import queue
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

SECONDS = 60


@dataclass
class LanguageServer:
    """A server that speaks over its standard input and output; `settings` are what it asks its editor for."""

    command: list[str]
    folder: Path
    settings: dict[str, Any]
    _process: subprocess.Popen[bytes] = field(init=False, repr=False)
    _answers: dict[int, "queue.Queue[dict[str, Any]]"] = field(default_factory=dict, repr=False)
    _published: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _asked: int = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        root = self.folder.as_uri()
        words = {"documentationFormat": ["markdown"], "snippetSupport": True}
        try:
            self.ask(
                "initialize",
                {
                    "processId": None,
                    "rootUri": root,
                    "workspaceFolders": [{"uri": root, "name": "project"}],
                    "capabilities": {
                        "workspace": {"configuration": True, "workspaceFolders": True},
                        "textDocument": {
                            "hover": {"contentFormat": ["markdown"]},
                            "completion": {"completionItem": words},
                            "publishDiagnostics": {},
                        },
                    },
                },
            )
            self.tell("initialized", {})
            self.tell("workspace/didChangeConfiguration", {"settings": self.settings})
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            self.ask("shutdown", None, seconds=5)
            self.tell("exit", None)
        self._end()

    def _end(self) -> None:
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()

    def tell(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any, seconds: float = SECONDS) -> Any:
        """Sends a request; its result. Raises TimeoutError where none comes, RuntimeError for an error."""
        self._asked += 1
        number = self._asked
        self._answers[number] = queue.Queue()
        self._send({"id": number, "method": method, "params": params})
        try:
            answer = self._answers[number].get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"no answer to {method} in {seconds} s") from None
        finally:
            del self._answers[number]
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """What the server has to say of a text that an editor opens under this path; the file need not exist."""
        return self.open_all({path: text})[path]

    def open_all(self, texts: dict[Path, str]) -> dict[Path, list[dict[str, Any]]]:
        """The same of many texts at once, since servers wait a moment before they look at each."""
        uris = {path: path.as_uri() for path in texts}
        with self._changed:
            for uri in uris.values():
                self._published.pop(uri, None)
        for path, text in texts.items():
            document = {"uri": uris[path], "languageId": "yaml", "version": 1, "text": text}
            self.tell("textDocument/didOpen", {"textDocument": document})
        until = time.monotonic() + SECONDS
        with self._changed:
            while missing := [path for path, uri in uris.items() if uri not in self._published]:
                if not self._changed.wait(max(0, until - time.monotonic())):
                    raise TimeoutError(f"nothing was said of {missing[0]} in {SECONDS} s")
            return {path: self._published[uri] for path, uri in uris.items()}

    def close(self, path: Path) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def hover(self, path: Path, line: int, character: int) -> str:
        """The text in the hover window, as Markdown; empty where there is none."""
        shown = self.ask("textDocument/hover", _at(path, line, character))
        return str(shown["contents"]["value"]) if shown else ""

    def completions(self, path: Path, line: int, character: int) -> dict[str, dict[str, Any]]:
        """What is offered, by its label."""
        shown = self.ask("textDocument/completion", _at(path, line, character))
        return {item["label"]: item for item in (shown["items"] if isinstance(shown, dict) else shown or ())}

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        with self._writing:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
            self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while headers := stream.readline():
                length = 0
                while headers.strip():
                    name, _, value = headers.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                    headers = stream.readline()
                self._take(json.loads(stream.read(length)))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            if message["id"] in self._answers:
                self._answers[message["id"]].put(message)
        elif "id" in message:
            result = None
            if message["method"] == "workspace/configuration":
                result = [self.settings.get(item.get("section")) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": result})
        elif message["method"] == "textDocument/publishDiagnostics":
            with self._changed:
                self._published[message["params"]["uri"]] = message["params"]["diagnostics"]
                self._changed.notify_all()


def _at(path: Path, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
