"""Training: configuration, the compiled step, the loop."""
