"""A fake of the other side: a web address that checks what we send as docs/integration.md promises it, and an SMTP
server. Both are fakes for tests: nothing is booked and nothing is mailed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a secret of the tests"


@dataclass
class Told:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Answer = dict[str, Any] | int | bytes | Callable[[BaseHTTPRequestHandler], None]
"""JSON, a status, raw bytes of an answer's body, or what is done with the connection."""


@dataclass
class FakeWeb:
    """Answers with the first of `answers`, the last one for ever. A request whose signature, time, id or key is not as
    the contract says gets status 418 and is kept in `wrong`."""

    answers: list[Answer] = field(default_factory=lambda: [200])
    asked: list[Told] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    url: str = ""
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers["content-length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        fault = fault_of(headers, raw)
        if fault:
            self.wrong.append(fault)
            answer: Answer = 418
        else:
            self.asked.append(Told(request.path, headers, json.loads(raw)))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.arrived.release()
        if callable(answer):
            answer(request)
            return
        body = answer if isinstance(answer, bytes) else b"" if isinstance(answer, int) else json.dumps(answer).encode()
        request.send_response(answer if isinstance(answer, int) else 200)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def fault_of(headers: dict[str, str], raw: bytes) -> str:
    """What the contract does not allow in a request; empty when nothing."""
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key"):
        if not headers.get(name):
            return f"no {name}"
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return "too old"
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    due = base64.b64encode(hmac.new(SECRET.encode(), content, hashlib.sha256).digest()).decode()
    if headers["webhook-signature"] != f"v1,{due}":
        return "wrong signature"
    return "" if headers["content-type"] == "application/json" else "no JSON"


@contextmanager
def fake_web() -> Iterator[FakeWeb]:
    """Serves on loopback."""
    web = FakeWeb()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            web.handle(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        web.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield web
        finally:
            server.shutdown()
            thread.join()


def cut(request: BaseHTTPRequestHandler) -> None:
    """The connection breaks before an answer."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def flood(request: BaseHTTPRequestHandler) -> None:
    """An answer without end."""
    request.send_response(200)
    request.end_headers()
    request.close_connection = True
    try:
        for _ in range(64):
            request.wfile.write(b"x" * 65536)
    except OSError:
        pass


@dataclass
class FakeMail:
    """Keeps the letters; `refuses` is what it says to a recipient."""

    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    refuses: str = ""
    port: int = 0


@contextmanager
def fake_mail() -> Iterator[FakeMail]:
    """An SMTP server on loopback, with the few commands that smtplib uses."""
    mail = FakeMail()

    class Handler(socketserver.StreamRequestHandler):
        timeout = 10

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            sender = recipient = ""
            self.say("220 fake")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                if verb == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                if verb == "DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    mail.letters.append((sender, recipient, b"".join(lines)))
                self.say(mail.refuses if verb == "RCPT" and mail.refuses else "221 bye" if verb == "QUIT" else "250 ok")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        mail.port = server.server_address[1]
        try:
            yield mail
        finally:
            server.shutdown()
            thread.join()
