"""Tests of the Asterisk door, and what other tests borrow from it: a telephone and a running Asterisk."""
