"""Is everything there that a server needs? One file per part of it, each in the registry."""

from engine.doctor import ari, asterisk, database, flows, machine, model, outside, speech  # noqa: F401  (they register)
