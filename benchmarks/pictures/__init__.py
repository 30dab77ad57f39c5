"""Pictures of what benchmarks measured."""
