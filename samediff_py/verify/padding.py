"""`verify_padding`: whether padding can change an answer of the user's own model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..compile.quick import on_the_host
from ..compile.session import bucketed_dims
from ..inference.outputs import check_outputs
from ..inference.runner import Runner
from ..ir.masks import Lost
from ..passes.guards import warnings_of
from .batch import Fed, fed_in_double, read
from .definition import examine_singles, without_masks
from .examination import Examination
from .objective import Objective, objective_of
from .report import Report
from .subject import Subject, computable, in_double, subject_of
from .trial import Trial

_TOLERANCE = {True: 1e-7, False: 1e-3}
"""Relative to the size of the numbers; in double precision, and in that of the model."""


def verify_padding(
    runner: Runner,
    feeds: Mapping[str, Any],
    outputs: Sequence[str],
    gradients: bool,
    tolerance: float | None,
) -> Report:
    """Runs the tests on what the outputs are made of; without outputs, on all that can be fed."""
    began = time.perf_counter()
    builder, key = runner.builder, runner.builder.key
    graph, notes, bounds = builder.graph, builder.notes, builder.bounds
    check_outputs(notes, outputs)
    outputs = tuple(outputs) or computable(graph, feeds, bounds)
    subject = subject_of(graph, notes, bounds, runner.arrays, outputs, builder.losses, key)
    fed = read(subject, graph, feeds)
    plain = without_masks(subject)
    objective = objective_of(subject) if gradients else None
    for wide in (True, False):
        with on_the_host(wide):
            examination = _examined(subject, plain, fed, objective, wide, tolerance)
            if examination is not None:
                break
    assert examination is not None
    return _report(examination, time.perf_counter() - began)


def _examined(
    subject: Subject,
    plain: Subject,
    fed: Fed,
    objective: Objective | None,
    wide: bool,
    tolerance: float | None,
) -> Examination | None:
    """All tests; None where the model does not run in double precision, but may in its own."""
    dims = bucketed_dims(subject.graph, subject.notes)
    if wide:
        subject, plain, fed = in_double(subject), in_double(plain), fed_in_double(fed)
    trial = Trial(subject, objective)
    limit = _TOLERANCE[wide] if tolerance is None else tolerance
    examination = Examination(subject, fed, trial, limit)
    if wide and examination.base.failed:
        return None
    alone = Trial(subject, objective, graph=plain.graph, notes=plain.notes)
    examine_singles(examination, alone)
    if subject.masks:
        examination.content()
    examination.amount(Trial(subject, objective, bucketed=dims) if dims else None)
    if subject.example is not None:
        examination.company()
        if subject.masks:
            examination.emptiness()
    return examination


def _report(examination: Examination, seconds: float) -> Report:
    subject, fed = examination.subject, examination.fed
    lengths = [
        f"{dim}: {min(sizes)} to {max(sizes)} real positions"
        for dim in subject.padded
        if (sizes := [len(own[dim]) for own in fed.own if dim in own])
    ]
    along = f" along {subject.example!r}" if subject.example else ""
    shown = f" ({'; '.join(lengths)})" if lengths else ""
    headline = (
        f"{len(subject.graph.makers)} variables, {len(fed.own)} examples{along}{shown}, "
        f"{seconds:.1f} s"
    )
    notes = tuple(_notes(examination))
    leaks, checks = examination.findings.leaks(), examination.findings.checks
    return Report(leaks, checks, notes, headline, subject.outputs)


def _named(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _notes(examination: Examination) -> Iterator[str]:
    subject, fed = examination.subject, examination.fed
    if not subject.masks:
        yield (
            "no placeholder declares a mask, so nothing is padded but by buckets; "
            "sd.placeholder(..., mask='name') declares one"
        )
    empty = [fed.numbers[i] for i in fed.examples if fed.is_empty(i)]
    if empty:
        yield f"examples without a real position have no answer alone: {empty}"
    if len(fed.numbers) < fed.count:
        yield f"of {fed.count} examples, {len(fed.numbers)} of all lengths were taken"
    lost = [name for name in subject.graph.names if isinstance(subject.notes.tag(name), Lost)]
    if lost:
        yield f"which elements are real is not known of {_named(lost)}"
    compared = examination.findings.compared("definition")
    apart = [n for n in examination.computed if n in subject.fed and n not in compared]
    if apart:
        yield f"not compared with single examples, being made of several or none: {_named(apart)}"
    yield from examination.findings.notes
    yield from warnings_of(subject.graph)
    if examination.trial.undifferentiable is not None:
        yield f"gradients were not compared: {examination.trial.undifferentiable}"
