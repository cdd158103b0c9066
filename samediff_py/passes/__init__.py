"""Passes: plain functions from a graph to what is known of it."""
