"""Languages as data: one YAML file each, what they hear and say, and the machinery that reads any of them."""
