"""Many tests build the same graph: the program it lowers to is compiled once in a test run."""

import tempfile

import jax

_FOLDER = tempfile.TemporaryDirectory(prefix="samediff_py_programs_")
jax.config.update("jax_compilation_cache_dir", _FOLDER.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
