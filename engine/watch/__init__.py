"""Observers of events and effects: call log and metrics."""
