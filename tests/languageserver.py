"""A small editor: it speaks the Language Server Protocol with a server, over pipes.

Places are those of the protocol: lines and columns, counted from 0.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

TIMEOUT = 120
"""Seconds after which a server that has not done its work is ended."""

CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}


class Place(NamedTuple):
    """A line and a column."""

    line: int
    character: int


class Finding(NamedTuple):
    """What is underlined, and why."""

    underlined: str
    message: str


class Editor:
    """An editor with one language server, and documents that are open in it."""

    def __init__(self, command: list[str], folder: Path, settings: dict[str, Any]) -> None:
        """Starts the server, which gets ``settings``: a section by its name."""
        self._settings = settings
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._timer = threading.Timer(TIMEOUT, self._server.kill)
        self._timer.start()
        self._texts: dict[str, str] = {}
        self._asked = 0
        arguments = {"processId": None, "rootUri": folder.as_uri(), "capabilities": CAPABILITIES}
        self._request("initialize", arguments)
        self._send({"method": "initialized", "params": {}})

    def close(self) -> None:
        """Ends the server."""
        self._timer.cancel()
        self._server.kill()
        self._server.communicate()

    def open(self, path: Path, text: str) -> None:
        """Opens a document that was not open; the file itself need not be there."""
        uri = path.as_uri()
        assert uri not in self._texts
        self._texts[uri] = text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def findings(self, path: Path) -> list[Finding]:
        """What is found in a document that was just opened: the server says so by itself, once."""
        uri = path.as_uri()
        found = self._receive(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
            )
        )
        return [
            Finding(self._between(uri, **each["range"]), each["message"])
            for each in found["params"]["diagnostics"]
        ]

    def complete(self, path: Path, place: Place) -> list[dict[str, Any]]:
        """What is offered at a place, as the protocol has it (CompletionItem)."""
        found = self._ask("completion", path, place)
        items: list[dict[str, Any]] = found["items"]
        return items

    def hover(self, path: Path, place: Place) -> str:
        """What is said of a place, in Markdown; empty where nothing is."""
        found = self._ask("hover", path, place)
        return str(found["contents"]["value"]) if found else ""

    def _ask(self, what: str, path: Path, place: Place) -> Any:
        arguments = {"textDocument": {"uri": path.as_uri()}, "position": place._asdict()}
        return self._request(f"textDocument/{what}", arguments)

    def _between(self, uri: str, start: dict[str, int], end: dict[str, int]) -> str:
        lines = self._texts[uri].split("\n")
        first, last = start["line"], end["line"]
        if first == last:
            return lines[first][start["character"] : end["character"]]
        middle = lines[first + 1 : last]
        return "\n".join((lines[first][start["character"] :], *middle, lines[last][: end["character"]]))

    # --- messages ---------------------------------------------------------------------------------

    def _request(self, method: str, params: dict[str, Any]) -> Any:
        self._asked += 1
        number = self._asked
        self._send({"id": number, "method": method, "params": params})
        answer = self._receive(lambda message: "method" not in message and message["id"] == number)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _receive(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that is wanted; what the server asks meanwhile is answered."""
        while True:
            message = self._next()
            if wanted(message):
                return message
            if "method" in message and "id" in message:
                items = message["params"].get("items", ()) if "params" in message else ()
                result = [self._settings.get(item["section"]) for item in items] or None
                self._send({"id": message["id"], "result": result})

    def _next(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server ended, or was ended because it took too long"
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message
