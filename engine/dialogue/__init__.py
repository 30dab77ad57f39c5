"""The mind: one pure step that advances a conversation."""
