"""Meaning: from a graph to one pure function, its programs and its buckets."""
