"""Measures over real items."""
