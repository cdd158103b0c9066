"""Ops of the user's own: JAX functions as nodes of a graph, by the same declaration as ours."""
