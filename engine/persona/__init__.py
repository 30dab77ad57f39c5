"""How we sound: personas, prompts, values read aloud."""
