"""frontdesk's engine: flow language, dialogue, understanding, speech, booking, simulation."""
