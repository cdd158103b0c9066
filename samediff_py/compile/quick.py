"""Programs that are run a few times, to see what they give: compiled quickly, on the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import jax

_OPTIONS = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
}


def quickly_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Jitted without being optimised, which compiles three times as fast on a CPU."""
    return jax.jit(function, compiler_options=_known_options())


@cache
def _known_options() -> dict[str, Any]:
    """Options differ between versions of XLA, so each is tried first."""
    return {name: value for name, value in _OPTIONS.items() if _is_known({name: value})}


def _is_known(option: dict[str, Any]) -> bool:
    try:
        jax.jit(lambda x: x, compiler_options=option)(0.0)
    except Exception:
        return False
    return True


@contextmanager
def on_the_host(wide: bool) -> Iterator[None]:
    """Runs on the CPU, whose results are the same every time; in double precision if `wide`."""
    with ExitStack() as stack:
        try:
            stack.enter_context(jax.default_device(jax.local_devices(backend="cpu")[0]))
        except RuntimeError:  # a JAX that has no CPU
            pass
        if wide:
            stack.enter_context(_double())
        yield


def _double() -> Any:
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax.experimental import enable_x64  # type: ignore[attr-defined]

    return enable_x64()
