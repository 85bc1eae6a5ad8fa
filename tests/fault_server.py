"""A web server on 127.0.0.1 that answers each path as a test orders it."""

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultServer:
    """Serves `files`: path -> (fault, content); fault "" answers properly."""

    def __init__(self):
        self.files, self.hits, self.closing = {}, [], threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,)).start()

    def close(self):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: FaultServer

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.owner.hits.append(self.path)
        fault, content = self.owner.files.get(self.path, ("404", b""))
        with contextlib.suppress(OSError):  # the client has given up
            self._answer(fault, content)

    def _answer(self, fault, content):
        if fault == "404":
            self.send_error(404)
        elif fault == "hang":
            self.owner.closing.wait(20)
        elif fault == "drip header":
            self._drip(b"HTTP/1.0 200 OK\r\n" * 100)
        else:
            half = content[: len(content) // 2]
            body = {"truncated": half, "short": half, "wrong": bytes(len(content)),
                    "long": content + b"more", "drip": b""}.get(fault, content)
            announced = body if fault in ("short", "long") else content
            self.send_response(200)
            self.send_header("Content-Length", str(len(announced)))
            self.end_headers()
            self.wfile.write(body)
        if fault == "drip":
            self._drip(content)

    def _drip(self, content):
        for byte in content:
            if not self.owner.closing.is_set():
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)


def closed_port():
    """Return an address of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
