"""Recognisers that any language can use: what they look for comes from its file in `engine/languages`."""
