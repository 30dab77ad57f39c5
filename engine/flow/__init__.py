"""What an author wrote, read and typed."""
