"""Calls that frontdesk makes: one, or a campaign of them."""
