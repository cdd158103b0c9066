"""Words: errors, the user's source line, dims and dtypes. Knows no graphs."""
