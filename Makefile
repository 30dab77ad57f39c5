# Two targets set up by themselves on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-engines lint recordings reference mutants score fuzz fuzz-wire kills pictures

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo:  ## plays a whole booking call from recordings and shows the booking
	@script/setup demo
	@script/demo

test:  ## lint, types and all tests
	@script/setup test
	@script/test

test-engines:  ## tests with a real model server and voice (vLLM and XTTS, which take gigabytes)
	@script/setup test
	@script/setup_engines
	@.venv/bin/pytest -m 'vllm or xtts' tests/understanding tests/speech

lint:  ## ruff and mypy alone
	@script/setup test
	@.venv/bin/ruff check .
	@.venv/bin/mypy --strict engine agi

recordings:  ## makes the demo's caller clips again (needs flite)
	@script/setup test
	@.venv/bin/python script/make_recordings

kills:  ## kills ROUNDS=100 booking calls at each of five moments, on SQLite and PostgreSQL (17 minutes)
	@script/setup test
	@.venv/bin/python tests/actions/kills.py $(or $(ROUNDS),100)

fuzz:  ## reads flows broken at random, for SECONDS=600
	@script/setup test
	@.venv/bin/python script/fuzz $(or $(SECONDS),600)

fuzz-wire:  ## reads broken dialogues of the four wire formats, INPUTS=1000000
	@script/setup test
	@.venv/bin/python script/fuzz_wire $(or $(INPUTS),1000000)

pictures:  ## takes the console's pictures in docs/pictures again, from a call over real sound (two minutes)
	@script/setup test
	@mkdir -p docs/pictures
	@FRONTDESK_PICTURES=docs/pictures .venv/bin/pytest tests/console/test_console_story.py

reference:  ## writes docs/reference.md from schemas/, docs/findings.md from the rules
	@script/setup test
	@.venv/bin/python script/make_reference

mutants:  ## puts every fault into the shipped flows and writes docs/proofs.md (half an hour)
	@script/setup test
	@.venv/bin/python script/mutants

score:  ## faults that the shipped flows' own talks notice, and 100,000 random callers (half an hour)
	@script/setup test
	@.venv/bin/frontdesk simulate trattoria --mutate --min 90
	@.venv/bin/frontdesk simulate clinic --mutate --min 90
	@.venv/bin/frontdesk simulate trattoria clinic --random 50000 --seed $(or $(SEED),2026)
