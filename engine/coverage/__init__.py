"""What callers can live through in a flow, and what of it conversations have lived through."""
