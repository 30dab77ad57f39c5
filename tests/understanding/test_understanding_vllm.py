"""A real vLLM whose model says garbage: nothing is learnt from it, and every call goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any, TypeVar

import pytest
from jsonschema import Draft202012Validator

from engine.actions.ledger import bookings_of
from engine.actions.registry import Toolbox
from engine.actions.store import open_store
from engine.acts import Affirm, Ask, Deny, Exclude, Fill, Understood, Want
from engine.effects import Effect, Expecting
from engine.events import Event, Heard
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.simulate.chat import Conversation
from engine.simulate.stage import load_stage
from engine.understanding.asked import expecting_of
from engine.understanding.client import ModelServer, open_model
from engine.understanding.model import ModelFault, ModelSettings
from engine.understanding.tier import ModelTier
from tests.understanding.vllm_server import Vllm

pytestmark = [pytest.mark.vllm, pytest.mark.xdist_group("vllm")]
T = TypeVar("T")
FLOW = load_flow(find_flow("trattoria"))
NOW = datetime.fromisoformat("2026-10-01T12:00+01:00")
PATIENT = 30.0
"""Seconds for answers whose time is not what is tested."""
ODD = ("er hello we want", "could you squeeze my lot in", "what about my aunt", "the usual thing really",
       "purple rain", "as it were on the morrow", "some of us and the dog", "whenever the moon is full")  # fmt: skip


@pytest.fixture(scope="module")
def vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vllm]:
    server = Vllm(tmp_path_factory.mktemp("vllm"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


class Watch:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.why: list[str] = []

    def asked(self, outcome: str, seconds: float) -> None:
        self.outcomes.append(outcome)

    def dropped(self, why: str) -> None:
        self.why.append(why)

    def breaker(self, is_open: bool) -> None:
        """Not kept."""


def with_model(
    vllm: Vllm,
    work: Callable[[ModelServer, Watch], Coroutine[Any, Any, T]],
    deadline: float = PATIENT,
    tokens: int = 200,
) -> T:
    async def held() -> T:
        watch = Watch()
        model = open_model(ModelSettings(vllm.url, deadline=deadline, max_tokens=tokens), watch)
        try:
            return await work(model, watch)
        finally:
            await model.close()

    return asyncio.run(held())


def asking(name: str) -> Expecting:
    found = expecting_of(FLOW, name)
    assert found is not None
    return found


async def until(holds: Callable[[], bool], within: float = PATIENT) -> None:
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends, "this never came true"
        await asyncio.sleep(0.2)


def test_a_flow_is_warmed_and_its_prefix_stays_with_the_server(vllm: Vllm) -> None:
    async def work(model: ModelServer, _: Watch) -> None:
        assert await model.served() == ("random",)
        for name in ("trattoria", "clinic"):
            tier = ModelTier(load_flow(find_flow(name)), model)
            await model.warm(tier.warming, tier.schema)
            assert not model.is_open
        tier = ModelTier(FLOW, model)
        before = vllm.count("vllm:prefix_cache_hits_total")
        await tier.ask(ODD[0], Understood(), asking("day"), NOW)
        hits = vllm.count("vllm:prefix_cache_hits_total") - before
        assert hits > 0.9 * len(tier.system.encode())

    with_model(vllm, work)


def test_garbage_teaches_nothing(vllm: Vllm) -> None:
    async def work(model: ModelServer, watch: Watch) -> int:
        tier, valid = ModelTier(FLOW, model, watch), 0
        check = Draft202012Validator(dict(tier.schema))
        for asked in ("menu", "day", "party_size", "name"):
            waiting = asking(asked)
            for said in ODD:
                consulted = await tier.consult(said, Understood(), waiting, NOW)
                assert consulted.fault == ""
                for act in consulted.understood.acts:
                    assert act.span.text == said[act.span.start : act.span.end] != ""
                    assert not isinstance(act, Affirm | Deny)
                    assert not isinstance(act, Fill | Exclude) or act.slot in waiting.open
                    assert not isinstance(act, Want) or act.intent in waiting.intents
                    assert not isinstance(act, Ask) or act.answer in FLOW.answers
                valid += _fits(check, consulted.answer)
        assert set(watch.outcomes) == {"answered"}
        return valid

    assert with_model(vllm, work) > 0


def _fits(check: Draft202012Validator, answer: str) -> bool:
    """Whether an answer came to its end and keeps to the schema; one that was cut off does neither."""
    try:
        data = json.loads(answer, strict=False)
    except ValueError:
        return False
    check.validate(data)
    return True


def test_a_whole_conversation_goes_on_to_its_booking(vllm: Vllm) -> None:
    stage = load_stage(find_flow("trattoria").resolve())
    heard: list[Heard] = []

    def tell(what: Event | Effect) -> None:
        if isinstance(what, Heard):
            heard.append(what)

    async def work(model: ModelServer, watch: Watch) -> None:
        with open_store(":memory:") as store:
            tier = ModelTier(stage.flow, model, watch)
            talk = Conversation(stage, Toolbox(stage.flow, store), lambda: NOW, "vllm", tell, tier)
            await talk.begin("+441632960123")
            for words in ("no", ODD[4], "a table for four on Saturday at half past seven", "Maria Rossi", "yes",
                          ODD[6], "yes", "no thanks"):  # fmt: skip
                await talk.say(words)
            assert talk.state.why == "goodbye"
            (booking,) = store.read(lambda connection: bookings_of(connection, None, "booked"))
            assert booking.party_size == 4
            assert watch.outcomes

    with_model(vllm, work)
    assert not any(isinstance(act, Affirm | Deny) for one in heard if one.tier == "model" for act in one.acts)


def test_what_takes_too_long_is_given_up_on_both_sides(vllm: Vllm) -> None:
    async def work(model: ModelServer, watch: Watch) -> None:
        tier = ModelTier(FLOW, model, watch)
        await model.served()
        waiting = asking("name")
        consulted = await tier.consult(ODD[1], Understood(), waiting, NOW)
        assert "did not answer within 0.02 s" in consulted.fault
        assert watch.outcomes == ["timeout"]
        await until(lambda: vllm.count("vllm:num_requests_running") == 0)

    with_model(vllm, work, deadline=0.02, tokens=1000)


def test_a_question_is_given_up_when_the_caller_goes_on(vllm: Vllm) -> None:
    async def work(model: ModelServer, watch: Watch) -> None:
        tier = ModelTier(FLOW, model, watch)
        task = asyncio.create_task(model.ask(tier.warming, {"type": "string", "minLength": 900}))
        await until(lambda: vllm.count("vllm:num_requests_running") > 0 or task.done())
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await until(lambda: vllm.count("vllm:num_requests_running") == 0)
        assert watch.outcomes == ["cancelled"]

    with_model(vllm, work, tokens=1000)


def test_a_server_that_is_killed_is_left_alone_and_taken_back(vllm: Vllm) -> None:
    async def work(model: ModelServer, watch: Watch) -> None:
        tier = ModelTier(FLOW, model, watch)
        waiting = asking("day")
        await model.warm(tier.warming, tier.schema)
        going = asyncio.create_task(model.ask(tier.warming, {"type": "string", "minLength": 900}))
        await until(lambda: vllm.count("vllm:num_requests_running") > 0 or going.done())
        await asyncio.to_thread(vllm.kill)
        with pytest.raises(ModelFault):
            await going
        while not model.is_open:
            assert await tier.ask(ODD[2], Understood(), waiting, NOW) == Understood()
        assert (await tier.consult(ODD[2], Understood(), waiting, NOW)).fault.endswith("is not asked now")
        await asyncio.to_thread(vllm.start)
        await until(lambda: not model.is_open, within=90)
        assert await model.ask(tier.warming, tier.schema)

    with_model(vllm, work, tokens=1000)
