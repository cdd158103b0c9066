"""Building a graph: names, initial values, arguments, and one checked step per op."""
