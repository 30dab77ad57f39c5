"""Conversations as text: talk files read and written."""
