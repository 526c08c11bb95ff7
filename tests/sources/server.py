"""A real HTTP server on this machine that answers as a test says, and ends by itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """One answer; `cut` bytes of the promised body are never sent, `hang` seconds pass before anything is."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hang: bool = False


Script = Callable[[str, dict[str, str]], Reply]
"""What is answered to a path with its headers."""


class Office(ThreadingHTTPServer):
    """Serves what `script` says and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: Script = lambda _path, _headers: Reply(status=404)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Office

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        reply = self.server.script(self.path, headers)
        if reply.hang:
            self.server.over.wait(30)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) - reply.cut])
        self.close_connection = bool(reply.cut)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Office]:
    """A running server."""
    office = Office()
    thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        office.over.set()
        office.shutdown()
        office.server_close()
        thread.join(5)
