"""Tests compile many small programs and run each a few times: so XLA is asked to compile quickly,
and of equal programs those that take a while are compiled once in a test run.

With XLA_FLAGS set by whoever runs the tests, theirs holds: `XLA_FLAGS= pytest` optimises as usual.
The notebooks always run as users run them.
"""

import os
import subprocess
import sys
import tempfile

_QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
_QUICKER = f"{_QUICK} --xla_cpu_use_fusion_emitters=false"


def _known_to_xla(flags: str) -> bool:
    """XLA ends a process that gives it a flag it does not know."""
    code = "import jax; jax.jit(lambda x: x + 1)(0.0)"
    environment = {**os.environ, "XLA_FLAGS": flags}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    return done.returncode == 0


if "XLA_FLAGS" not in os.environ:  # workers inherit what the first process has found
    os.environ["XLA_FLAGS"] = next(filter(_known_to_xla, (_QUICKER, _QUICK)), "")

import jax  # noqa: E402  # XLA reads its flags when it is loaded

_FOLDER = tempfile.TemporaryDirectory(prefix="samediff_py_programs_")
jax.config.update("jax_compilation_cache_dir", _FOLDER.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.25)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
