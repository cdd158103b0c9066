"""Nouns: the graph, its nodes, and the algebra of masks."""
