"""Asking a model server, against a fake one: good answers, every bad one, and a server that goes and comes back."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from engine.understanding.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker
from engine.understanding.client import LONGEST_BODY, ModelServer, open_model
from engine.understanding.model import ModelFault, ModelPrompt, ModelSettings, base_of, key_of
from tests.calls.virtual import run as run_in_simulated_time
from tests.understanding.chat_server import ChatServer, chat_server, completion, http

PROMPT = ModelPrompt("read this", "Said: yes")
SCHEMA = {"type": "object"}
SHORT = 0.15
"""A deadline, in seconds, that a test waits for."""


@dataclass
class Watch:
    """Keeps what it is told."""

    outcomes: list[str] = field(default_factory=list)
    states: list[bool] = field(default_factory=list)

    def asked(self, outcome: str, seconds: float) -> None:
        self.outcomes.append(outcome)

    def dropped(self, why: str) -> None:
        raise AssertionError("the client reads no acts")

    def breaker(self, is_open: bool) -> None:
        self.states.append(is_open)


def with_server(
    answer: Any, work: Callable[[ChatServer, ModelServer, Watch], Coroutine[Any, Any, None]], **set_: Any
) -> None:
    async def held() -> None:
        watch = Watch()
        async with chat_server(answer) as server:
            client = open_model(ModelSettings(**{"url": server.url, "deadline": 5.0, **set_}), watch)
            try:
                await work(server, client, watch)
            finally:
                await client.close()

    asyncio.run(held())


def test_an_answer_and_what_was_asked() -> None:
    async def work(server: ChatServer, client: ModelServer, watch: Watch) -> None:
        assert await client.ask(PROMPT, SCHEMA) == '{"acts": [1]}'
        assert await client.ask(PROMPT, SCHEMA) == '{"acts": [1]}'
        (question, again) = server.questions
        assert question == again
        assert [message["content"] for message in question["messages"]] == ["read this", "Said: yes"]
        assert question["response_format"]["json_schema"]["schema"] == SCHEMA
        assert (question["model"], question["temperature"], question["max_tokens"]) == ("fake", 0, 77)
        assert server.connections == 1
        assert watch.outcomes == ["answered", "answered"]

    with_server('{"acts": [1]}', work, max_tokens=77)


def test_a_model_that_is_not_served_is_refused() -> None:
    async def work(server: ChatServer, client: ModelServer, watch: Watch) -> None:
        with pytest.raises(ModelFault, match=r"answered 400.*no_such does not exist") as refused:
            await client.ask(PROMPT, SCHEMA)
        assert refused.value.kind == "status"

    with_server("", work, name="no_such")


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def dropped(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(writer: asyncio.StreamWriter) -> None:
    writer.write(http(completion("x"))[:-9])
    await writer.drain()
    writer.close()


async def dripping(writer: asyncio.StreamWriter) -> None:
    for byte in http(completion('{"acts": []}')):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(SHORT / 10)


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
        await writer.drain()


BAD: dict[str, tuple[Any, str]] = {
    "nothing ever comes": (silent, "timeout"),
    "a byte now and then": (dripping, "timeout"),
    "the connection breaks at once": (dropped, "dropped"),
    "the connection breaks in the answer": (half, "dropped"),
    "no HTTP": (b"220 mail.example ESMTP\r\n\r\n", "dropped"),
    "an error of the server": (http("oops", "500 Internal Server Error", "text/plain"), "status"),
    "too many questions": (http("{}", "429 Too Many Requests"), "status"),
    "not allowed": (http("{}", "401 Unauthorized"), "status"),
    "somewhere else": (http("", "302 Found", more="location: http://127.0.0.1:9/\r\n"), "status"),
    "a web page": (http("<html>", kind="text/html"), "not_json"),
    "no type": (http("{}", kind=""), "not_json"),
    "packed": (http(gzip.compress(b"{}"), more="content-encoding: gzip\r\n"), "not_json"),
    "a body without end": (endless, "too_long"),
    "a large body": (http(completion("x" * LONGEST_BODY)), "too_long"),
    "half of a JSON": (http(completion("x")[:-3]), "not_json"),
    "not UTF-8": (http(b'{"choices": "\xff"}'), "not_json"),
    "a nest": (http("[" * 20000), "not_json"),
    "an error as a success": (http('{"error": {"message": "no"}}'), "not_json"),
    "no choices": (http('{"choices": []}'), "not_json"),
    "a list": (http("[]"), "not_json"),
    "no text": (http(completion(None)), "not_json"),
    "a number": (http(completion(7)), "not_json"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_fault_of_its_kind_within_the_deadline(name: str) -> None:
    answer, kind = BAD[name]

    async def work(server: ChatServer, client: ModelServer, watch: Watch) -> None:
        with pytest.raises(ModelFault) as fault:
            await client.ask(PROMPT, SCHEMA)
        assert fault.value.kind == kind
        assert watch.outcomes == [kind]
        server.answer = '{"acts": []}'
        assert await client.ask(PROMPT, SCHEMA) == '{"acts": []}'

    with_server(answer, work, name="fake", deadline=SHORT if kind == "timeout" else 5.0)


def test_nobody_there() -> None:
    async def work(server: ChatServer, client: ModelServer, watch: Watch) -> None:
        away = open_model(ModelSettings("http://127.0.0.1:9/v1"))
        with pytest.raises(ModelFault) as fault:
            await away.ask(PROMPT, SCHEMA)
        assert fault.value.kind == "dropped"
        await away.close()

    with_server("", work)


def test_a_question_that_is_given_up_is_no_failure_and_the_server_notices() -> None:
    async def work(server: ChatServer, client: ModelServer, watch: Watch) -> None:
        for _ in range(FAILURES + 1):
            server.asked.clear()
            server.left.clear()
            task = asyncio.create_task(client.ask(PROMPT, SCHEMA))
            await server.asked.wait()
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
        assert not client.is_open
        assert watch.outcomes == ["cancelled"] * (FAILURES + 1)

    with_server(silent, work, name="fake")


class Peer:
    """A server in simulated time: `down` says whether it answers."""

    def __init__(self) -> None:
        self.down = False
        self.asked: list[tuple[float, str]] = []

    async def handle(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        body = json.loads(request.content)
        self.asked.append((now, body["messages"][1]["content"]))
        await asyncio.sleep(0.1)
        if self.down:
            raise httpx.ConnectError("refused")
        kind = {"content-type": "application/json"}
        return httpx.Response(200, headers=kind, stream=httpx.ByteStream(completion("{}").encode()))


def in_simulated_time(work: Callable[[Peer, ModelServer, Watch], Coroutine[Any, Any, None]]) -> None:
    async def held() -> None:
        peer, watch = Peer(), Watch()
        client = ModelServer(ModelSettings("http://model/v1", name="fake"), watch, httpx.MockTransport(peer.handle))
        try:
            await work(peer, client, watch)
        finally:
            await client.close()

    run_in_simulated_time(held())


async def ask_in_vain(client: ModelServer, times: int) -> list[str]:
    kinds = []
    for _ in range(times):
        with pytest.raises(ModelFault) as fault:
            await client.ask(PROMPT, SCHEMA)
        kinds.append(fault.value.kind)
    return kinds


def test_a_server_that_fails_is_left_alone_and_comes_back_warm_by_itself() -> None:
    async def work(peer: Peer, client: ModelServer, watch: Watch) -> None:
        warming = ModelPrompt("read this", "warm")
        await client.warm(warming, SCHEMA)
        peer.down = True
        assert await ask_in_vain(client, FAILURES + 2) == ["dropped"] * FAILURES + ["open"] * 2
        count = len(peer.asked)
        await asyncio.sleep(FIRST_PAUSE * 20)
        assert client.is_open
        assert 3 <= len(peer.asked) - count <= 6
        assert {words for _, words in peer.asked[count:]} == {"warm"}
        peer.down = False
        await asyncio.sleep(LONGEST_PAUSE + 1)
        assert not client.is_open
        assert await client.ask(PROMPT, SCHEMA) == "{}"
        assert watch.states == [True, False]

    in_simulated_time(work)


def test_a_server_that_is_away_at_the_start_is_found_later() -> None:
    async def work(peer: Peer, client: ModelServer, watch: Watch) -> None:
        peer.down = True
        await client.warm(PROMPT, SCHEMA)
        assert await ask_in_vain(client, 1) == ["open"]
        peer.down = False
        await asyncio.sleep(FIRST_PAUSE + 1)
        assert await client.ask(PROMPT, SCHEMA) == "{}"

    in_simulated_time(work)


def test_many_calls_that_fail_at_once_do_not_make_the_pause_longer() -> None:
    async def work(peer: Peer, client: ModelServer, watch: Watch) -> None:
        await client.warm(PROMPT, SCHEMA)
        peer.down = True
        asked = await asyncio.gather(*(client.ask(PROMPT, SCHEMA) for _ in range(20)), return_exceptions=True)
        assert all(isinstance(fault, ModelFault) for fault in asked)
        peer.down = False
        await asyncio.sleep(FIRST_PAUSE + 0.5)
        assert await client.ask(PROMPT, SCHEMA) == "{}"
        assert watch.states == [True, False]

    in_simulated_time(work)


def test_a_success_between_failures_keeps_the_breaker_closed() -> None:
    async def work(peer: Peer, client: ModelServer, watch: Watch) -> None:
        for _ in range(4):
            peer.down = True
            await ask_in_vain(client, FAILURES - 1)
            peer.down = False
            await client.ask(PROMPT, SCHEMA)
        assert watch.states == []

    in_simulated_time(work)


def test_pauses_grow_and_end_at_half_a_minute() -> None:
    breaker = Breaker()
    assert [breaker.failed() for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    pauses = []
    for _ in range(8):
        pauses.append(breaker.pause)
        breaker.failed()
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    breaker.succeeded()
    assert (breaker.is_open, breaker.pause, breaker.failures) == (False, FIRST_PAUSE, 0)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("https://host/", "https://host/v1"),
        ("http://host:1/openai/v1/", "http://host:1/openai/v1"),
    ],
)
def test_addresses(given: str, base: str) -> None:
    assert base_of(given) == base


@pytest.mark.parametrize(
    "given", ["", "host:8000", "ftp://host", "http://", "http://host:port", "http://h?x=1", "//h", "http://me:pass@h"]
)
def test_no_addresses(given: str) -> None:
    with pytest.raises(Exception, match=r"http://127\.0\.0\.1:8000/v1"):
        base_of(given)


def test_a_recording_is_found_by_prompt_and_schema_alone() -> None:
    assert key_of(PROMPT, {"a": 1, "b": 2}) == key_of(ModelPrompt("read this", "Said: yes"), {"b": 2, "a": 1})
    assert len({key_of(PROMPT, {}), key_of(PROMPT, SCHEMA), key_of(ModelPrompt("read this", "Said: no"), SCHEMA)}) == 3
