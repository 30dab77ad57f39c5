"""What strangers see of /readyz and /metrics."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from agi.web import web_app, who_may_look
from engine.settings import Address, Settings


@pytest.mark.parametrize(
    ("host", "token", "sent", "allowed"),
    [
        ("127.0.0.1", "", None, True),
        ("0.0.0.0", "", None, False),
        ("0.0.0.0", "", "Bearer ", False),
        ("0.0.0.0", "hush", None, False),
        ("0.0.0.0", "hush", "Bearer hus", False),
        ("10.0.0.2", "hush", "Bearer hush", True),
    ],
)
def test_web_gives_details_to_whom_it_may(host: str, token: str, sent: str | None, allowed: bool) -> None:
    settings = replace(Settings(), web=Address(host, 8089), metrics_token=token)
    app = web_app(lambda: {"ready": True, "calls": 3}, lambda: b"calls 3\n", who_may_look(settings))
    client = TestClient(app, headers={"Authorization": sent} if sent is not None else {})
    assert client.get("/healthz").text == "ok\n"
    assert ("calls" in client.get("/readyz").json()) is allowed
    metrics = client.get("/metrics")
    assert (metrics.status_code, "token_file" in metrics.text) == ((200, False) if allowed else (401, True))
