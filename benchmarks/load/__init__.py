"""The two sides of `calls.py`: many callers in one process, and the servers that they call."""
