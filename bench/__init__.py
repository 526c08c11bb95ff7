"""Benchmarks: figures of the engine, each beside a baseline that writes the same rows in the same run."""
