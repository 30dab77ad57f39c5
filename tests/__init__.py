"""The tests, as a package so that rooms can share the telephone and the Asterisk of tests/agi."""
