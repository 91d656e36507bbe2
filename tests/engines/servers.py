"""A server that speaks the OpenAI chat interface, well or badly, on a port of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server answers: a status with a body, or nothing until ``hold`` is set."""

    content: str = ""
    finish_reason: str = "stop"
    refusal: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # in place of the interface's JSON
    hold: threading.Event | None = None


#: Told the request and how many came before it; gives the reply.
Behaviour = Callable[[dict[str, Any], int], Reply]


@dataclass
class Chat:
    """A running server and every request it got, in order of arrival."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def chat_server(behave: Behaviour) -> Iterator[Chat]:
    """Run a server for the length of the block."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                count = len(chat.requests)
                chat.requests.append({"path": self.path, **body})
                chat.keys.append(self.headers.get("Authorization"))
            reply = behave(body, count)
            if reply.hold is not None:
                reply.hold.wait(30)
            message = {"role": "assistant", "content": reply.content, "refusal": reply.refusal}
            choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
            data = json.dumps({"choices": [choice]}).encode() if reply.body is None else reply.body
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # the client did not wait
                return

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat = Chat(url=f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_text(body: dict[str, Any]) -> str:
    """Return what the user said first: the sentence, or the numbered sentences."""
    return str(next(each["content"] for each in body["messages"] if each["role"] == "user"))
