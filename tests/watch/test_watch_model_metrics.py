"""What Prometheus reads about the model."""

from __future__ import annotations

from engine.understanding.client import OUTCOMES
from engine.watch.metrics import Metrics


def test_questions_are_counted_by_what_came_of_them() -> None:
    metrics = Metrics()
    for outcome in OUTCOMES:
        metrics.model.asked(outcome, 0.2)
    metrics.model.dropped("not_said")
    metrics.model.breaker(True)
    text = metrics.render().decode()
    for outcome in OUTCOMES:
        assert f'frontdesk_model_questions_total{{outcome="{outcome}"}} 1.0' in text
    assert "frontdesk_model_seconds_count 1.0" in text
    assert 'frontdesk_model_dropped_total{why="not_said"} 1.0' in text
    assert "frontdesk_model_breaker_open 1.0" in text
    metrics.model.breaker(False)
    assert "frontdesk_model_breaker_open 0.0" in metrics.render().decode()
