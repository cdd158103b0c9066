"""Mathematics on arrays: no graphs, no names, no tags."""
