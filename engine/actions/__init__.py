"""The outside world: tools and bookings."""
