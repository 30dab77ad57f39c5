"""Text of YAML files to trees in which every part knows its place, for every file that people write."""
