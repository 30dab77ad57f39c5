"""The sockets around the wire formats."""
