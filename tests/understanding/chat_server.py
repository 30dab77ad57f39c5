"""A fake of a model server: it checks what it is asked as the real one does, and answers as a test says, well or badly.

Not a model: nothing is understood here. The real vLLM has tests of its own (`make test-engines`)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

Answer = str | bytes | Callable[[asyncio.StreamWriter], Any]
"""A text that the model says, the raw bytes of a whole HTTP answer, or what is done with the connection."""


@dataclass
class ChatServer:
    """Answers with `answer`; keeps every question, and counts connections and those that were left while it wrote."""

    answer: Answer = '{"acts": []}'
    names: tuple[str, ...] = ("fake",)
    questions: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._reply(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()

    async def _reply(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if lines[0].startswith("GET /v1/models "):
            writer.write(http(json.dumps({"object": "list", "data": [{"id": name} for name in self.names]})))
            return
        assert lines[0].startswith("POST /v1/chat/completions "), lines[0]
        question = json.loads(body)
        self.questions.append(question)
        self.asked.set()
        if fault := wrong(question, self.names):
            writer.write(http(json.dumps({"error": {"message": fault}}), "400 Bad Request"))
        elif callable(self.answer):
            await self.answer(writer)
        else:
            writer.write(self.answer if isinstance(self.answer, bytes) else http(completion(self.answer)))
        await writer.drain()


def wrong(question: dict[str, Any], names: tuple[str, ...]) -> str:
    """What a real server would refuse in a question; empty when nothing."""
    if question.get("model") not in names:
        return f"the model {question.get('model')} does not exist"
    if [message["role"] for message in question["messages"]] != ["system", "user"]:
        return "messages"
    form = question["response_format"]
    if form["type"] != "json_schema" or not form["json_schema"]["name"]:
        return "response_format"
    Draft202012Validator.check_schema(form["json_schema"]["schema"])
    if question["temperature"] != 0 or not 0 < question["max_tokens"] <= 1000:
        return "sampling"
    return ""


def completion(text: object) -> str:
    """A chat completion that says `text`."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps({"id": "1", "object": "chat.completion", "model": "fake", "choices": [choice]})


def http(body: str | bytes, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP answer."""
    data = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n{more}\r\n".encode() + data


@asynccontextmanager
async def chat_server(answer: Answer = '{"acts": []}', port: int = 0) -> AsyncIterator[ChatServer]:
    """Serves on a port of its own while the body runs."""
    here = ChatServer(answer)
    listener = await asyncio.start_server(here.serve, "127.0.0.1", port)
    here.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    async with listener:
        yield here


@contextmanager
def chat_server_beside(answer: Answer = '{"acts": []}') -> Iterator[ChatServer]:
    """The same in a thread, for commands that have a loop of their own."""
    loop, ready, here = asyncio.new_event_loop(), threading.Event(), [ChatServer()]
    done = asyncio.Event()

    async def serve() -> None:
        async with chat_server(answer) as server:
            here[0] = server
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield here[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
