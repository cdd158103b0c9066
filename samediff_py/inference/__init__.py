"""Asking a graph for values: outputs, gradients, and the way out to JAX."""
