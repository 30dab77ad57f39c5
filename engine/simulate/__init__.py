"""Conversations without a telephone: transcripts run against a flow."""
