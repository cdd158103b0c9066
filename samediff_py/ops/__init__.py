"""One declaration per op, and the closed family of rules that say what a mask does there."""
