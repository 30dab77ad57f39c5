"""Flows with one fault put in, to see whether checks and talks notice."""
