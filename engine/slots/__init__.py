"""Spoken words to typed values and back: one file per slot type, one row each in the registry."""
