"""Every mistake gives an error that names what was wrong, the user's line, and what to do, and
leaves graph and parameters as they were.

A case is a program: what stands before `yield` works, the line behind it fails.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.foundation.errors import (
    FeedError,
    GraphError,
    LossError,
    MaskError,
    NameTakenError,
    NotANumberError,
    SameDiffError,
    TrainingError,
)
from samediff_py.ir.masks import Lost

Program = Callable[[SameDiff], Iterator[None]]
CASES: list[tuple[Program, type[SameDiffError], str]] = []
SGD = TrainingConfig(updater=optax.sgd(0.1))


def fails(error: type[SameDiffError], text: str) -> Callable[[Program], Program]:
    def collect(program: Program) -> Program:
        CASES.append((program, error, text))
        return program

    return collect


def sequences(sd: SameDiff, name: str = "x", mask: str | None = "m"):
    return sd.placeholder(name, ("batch", "time", 3), mask=mask)


def regression(sd: SameDiff) -> None:
    x = sd.placeholder("x", ("batch", 2))
    sd.loss.mean_squared_error(x, x @ sd.var("w", (2, 2)), name="loss")


ROWS = {"x": np.ones((2, 2), np.float32)}


# Feeds.


@fails(FeedError, "placeholder 'x' was not fed\n  x = placeholder.float32.* declared at .*test_err")
def a_placeholder_is_missing(sd):
    y = sequences(sd).mean(axis="time")
    yield
    sd.output({}, y)


@fails(FeedError, "no placeholder is called 'tokns'; did you mean 'tokens'")
def a_name_that_no_placeholder_has(sd):
    tokens = sd.placeholder("tokens", ("batch",))
    yield
    sd.output({"tokns": np.ones(2)}, tokens)


@fails(FeedError, "'w'.*there are: 'x'")
def a_variable_is_fed(sd):
    regression(sd)
    yield
    sd.output({"w": np.ones((2, 2))}, "w")


@fails(FeedError, "feeds are a dict of arrays by placeholder, not ndarray")
def feeds_without_names(sd):
    x = sd.placeholder("x", ("batch",))
    yield
    sd.output(np.ones(2), x)


@fails(FeedError, "'x' was fed <U1 values, e.g. .*it takes numbers")
def text_for_numbers(sd):
    x = sd.placeholder("x", ("batch",))
    yield
    sd.output({"x": ["a", "b"]}, x)


@fails(FeedError, "'x' wants integers and was fed float64; round or cast")
def fractions_for_integers(sd):
    x = sd.placeholder("x", ("batch",), "int32")
    yield
    sd.output({"x": np.array([0.5])}, x)


@fails(FeedError, "'x' was fed 1099511627776..1099511627776, too large for int32")
def integers_that_do_not_fit(sd):
    x = sd.placeholder("x", ("batch",), "int32")
    yield
    sd.output({"x": np.array([2**40])}, x)


@fails(FeedError, r"'x' has dims \[batch, 3\] and was fed an array of shape \[6\]")
def another_rank(sd):
    x = sd.placeholder("x", ("batch", 3))
    yield
    sd.output({"x": np.ones(6)}, x)


@fails(FeedError, r"'x' has dims \[batch, 3\] and was fed an array of shape \[2, 4\]")
def another_size(sd):
    x = sd.placeholder("x", ("batch", 3))
    yield
    sd.output({"x": np.ones((2, 4))}, x)


@fails(FeedError, "batch is 2 in 'x' and 4 in 'y'")
def placeholders_that_disagree(sd):
    y = sd.placeholder("x", ("batch",)) * sd.placeholder("y", ("batch",))
    yield
    sd.output({"x": np.ones(2), "y": np.ones(4)}, y)


@fails(FeedError, "'x' was fed time = 5, but sd.dim says time <= 4")
def a_size_that_a_dim_excludes(sd):
    x = sd.placeholder("x", ("batch", sd.dim("time", max=4)))
    yield
    sd.output({"x": np.ones((1, 5))}, x)


@fails(FeedError, "'x' was fed an empty list; leave empty batches out")
def an_empty_list(sd):
    x = sequences(sd)
    yield
    sd.output({"x": []}, x)


@fails(FeedError, "'x' was fed an empty array: batch is 0")
def an_empty_batch(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((0, 2, 3)), "m": True}, x)


@fails(FeedError, r"'x' holds 1 NaN in real positions, the first at \[0, 1, 2\]; mask what is mis")
def nan_in_real_data(sd):
    x, array = sequences(sd), np.ones((1, 3, 3))
    array[0, 1:, 2] = np.nan
    yield
    sd.output({"x": array, "m": [[1, 1, 0]]}, x)


@fails(FeedError, r"'ids': 1 ids are out of range 0..3, the first at \[1, 0\]: 4; mask what stands")
def ids_out_of_range(sd):
    ids = sd.placeholder("ids", ("batch", "time"), "int32", mask="m")
    rows = sd.nn.embedding(sd.var("table", (4, 2)), ids)
    yield
    sd.output({"ids": [[0, 1], [4]]}, rows)


@fails(FeedError, r"'y': 1 labels are out of range 0..1, the first at \[1\]: -1; .* 2 classes")
def a_label_that_is_no_class(sd):
    x, y = sd.placeholder("x", ("batch", 2)), sd.placeholder("y", ("batch",), "int32")
    loss = sd.loss.sparse_softmax_cross_entropy(y, x)
    yield
    sd.output({"x": np.ones((2, 2)), "y": [0, -1]}, loss)


# Masks and ragged feeds.


@fails(
    FeedError,
    "'x' declares the mask 'm'(.|\n)*- feed 'm'(.|\n)*- feed 'x' as a list of rows(.|\n)*'m': True",
)
def an_array_without_its_mask(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3))}, x)


@fails(FeedError, "mask 'm' must be boolean, or 0 and 1; it was fed float64 values such as 0.5")
def a_mask_of_fractions(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [[1, 0.5]]}, x)


@fails(FeedError, "0.5; fractions are weights: pass them to the loss")
def a_mask_that_holds_weights(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [[1, 0.5]]}, x)


@fails(FeedError, "mask 'm' must be boolean, or 0 and 1; it was fed float64 values such as nan\n")
def a_mask_that_holds_nan(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [[1, np.nan]]}, x)


@fails(FeedError, "mask 'm' must be boolean, or 0 and 1; it was fed <U1 values such as 'y'\n")
def a_mask_of_text(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [["y", "n"]]}, x)


@fails(FeedError, "mask 'm' must be boolean, or 0 and 1; it was fed object values such as None\n")
def a_mask_that_holds_nothing(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [[True, None]]}, x)


@fails(FeedError, r"'m' was fed 1: a mask is True, if every position is real, or an arr")
def a_mask_that_is_one(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": 1}, x)


@fails(FeedError, "'m' was fed False: a mask is True, if every position is real, or an array")
def a_mask_that_is_false(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": False}, x)


@fails(FeedError, "'m' was fed None: a mask is True, if every position is real, or an array")
def a_mask_that_is_none(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": None}, x)


@fails(FeedError, "'tokens' was fed the variable 'tokens' of a graph, which is no data: feed")
def a_variable_for_data(sd):
    tokens = sd.placeholder("tokens", ("batch", "time"), "int32", mask="m")
    yield
    sd.output({"tokens": tokens}, tokens)


@fails(FeedError, r"'m' has dims \[batch, time\] and was fed an array of shape \[2\]")
def a_mask_of_another_rank(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [1, 1]}, x)


@fails(FeedError, "time is 2 in 'x' and 1 in 'm'")
def a_mask_of_another_size(sd):
    x = sequences(sd)
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": [[1]]}, x)


@fails(FeedError, "rows of 'x' have different lengths: declare sd.placeholder.*mask=\"x_mask\"")
def ragged_rows_without_a_mask(sd):
    x = sd.placeholder("x", ("batch", "time"))
    yield
    sd.output({"x": [[1, 2], [3]]}, x)


@fails(FeedError, "rows of 'y' have other lengths than .* with the same mask 'm'")
def two_ragged_feeds_that_disagree(sd):
    y = sequences(sd, "x") + sequences(sd, "y")
    yield
    sd.output({"x": [np.ones((2, 3))], "y": [np.ones((1, 3))]}, y)


@fails(FeedError, r"row 0 of 'x' must have shape \[length, 3\], not \[2, 4\]")
def a_row_of_another_width(sd):
    x = sequences(sd)
    yield
    sd.output({"x": [np.ones((2, 4))]}, x)


@fails(FeedError, r"'x' takes lists 3 deep; at \[0, 1\]: 2")
def lists_that_are_not_deep_enough(sd):
    x = sd.placeholder("x", ("batch", "sentence", "word"), mask="m")
    yield
    sd.output({"x": [[[1], 2]]}, x)


@fails(GraphError, r"mask 'm' \[batch\] does not lie along the open dims of 'x' \[batch, time\]")
def a_declared_mask_of_other_dims(sd):
    sd.placeholder("m", ("batch",), "bool")
    yield
    sd.placeholder("x", ("batch", "time"), mask="m")


@fails(GraphError, "'x' has no open dim that a mask could lie along")
def a_mask_for_fixed_dims(sd):
    yield
    sd.placeholder("x", (2, 3), mask="m")


@fails(GraphError, r"mask 'm' \[batch\] does not lie along the open dims of 'x' \[batch, time\]")
def a_mask_of_other_dims_declared_later(sd):
    sd.placeholder("m", ("batch",), "bool")
    sd.placeholder("x", ("batch", "time")).mean(axis="time")
    yield
    sd.declare_mask("x", "m")


@fails(GraphError, "'total' can't be fed as the mask of 'x': choose a name of its own")
def a_mask_that_is_computed(sd):
    sequences(sd, "y").sum(name="total")
    yield
    sd.placeholder("x", ("batch", "time"), mask="total")


@fails(GraphError, "'total' can't be fed as the mask of 'x'")
def a_mask_that_is_computed_declared_later(sd):
    sequences(sd, mask=None).sum(name="total")
    yield
    sd.declare_mask("x", "total")


@fails(GraphError, "'x' can't be fed as the mask of 'x'")
def a_mask_of_itself(sd):
    yield
    sd.placeholder("x", ("batch", "time"), mask="x")


@fails(GraphError, "'x' declares the mask 'm' already")
def a_second_mask(sd):
    sequences(sd)
    yield
    sd.declare_mask("x", "n")


@fails(GraphError, "'y' is no placeholder, so nobody can feed a mask for it")
def a_mask_for_a_result(sd):
    sequences(sd, mask=None).sum(axis=2, name="y")
    yield
    sd.declare_mask("y", "m")


@fails(MaskError, r"no rule says what it does with padding(.|\n)*x: float32\[batch, time, 3\] \| m")
def a_mask_declared_before_an_op_that_takes_none(sd):
    sd.call(jnp.sin, sequences(sd, mask=None))
    yield
    sd.declare_mask("x", "m")


@fails(MaskError, r"mask 'm2' has dims \[batch, steps\], which do not lie along 'x'.*name the dims")
def a_claimed_mask_of_other_dims(sd):
    x, valid = sequences(sd), sd.placeholder("m2", ("batch", "steps"), "bool")
    yield
    x.with_mask(valid)


@fails(MaskError, "mask 'm2' is float32, and a mask is boolean: .*m2 > 0")
def a_claimed_mask_of_numbers(sd):
    x, valid = sequences(sd), sd.placeholder("m2", ("batch", "time"))
    yield
    x.with_mask(valid)


def losing(sd: SameDiff):
    """A variable of which nobody knows what is real."""
    y = sd.nn.relu(sequences(sd), name="y")
    values = sd._builder.notes.values
    values["y"] = replace(values["y"], tag=Lost("a reason", "y", y.source))
    return y


@fails(MaskError, r"'z' is asked for, .* lost at 'y' \(a reason\)\n  lost at .*test_errors.py")
def an_output_whose_mask_was_lost(sd):
    losing(sd).add(1.0, name="z")
    yield
    sd.output({"x": np.ones((1, 2, 3)), "m": True}, "z")


@fails(MaskError, r"mean: needs to know which positions are real, but that was lost at 'y'")
def a_reduction_of_what_was_lost(sd):
    y = losing(sd)
    yield
    y.mean()


# Names and variables.


@fails(NameTakenError, r"there is a variable 'w' already; .*sd\['w'\]\n  made at .*test_errors.py")
def two_variables_of_one_name(sd):
    sd.var("w", (2, 2))
    yield
    sd.var("w", (3, 3))


@fails(NameTakenError, "there is a variable 'w' already")
def an_op_of_a_name_that_is_taken(sd):
    w = sd.var("w", (2, 2))
    yield
    w.sum(name="w")


@fails(NameTakenError, "there is a variable 'x' already")
def a_new_name_that_is_taken(sd):
    y = sequences(sd) + 1
    yield
    y.rename("x")


@fails(GraphError, "'w w' is no name: use letters")
def a_name_with_a_space(sd):
    yield
    sd.var("w w", (2,))


@fails(GraphError, "'a b' is no name: use letters")
def a_scope_with_a_space(sd):
    yield
    with sd.name_scope("a b"):
        pass


@fails(GraphError, "'flot32' is no element type; e.g. 'float32'")
def a_type_that_is_none(sd):
    yield
    sd.placeholder("x", (2,), "flot32")


@fails(GraphError, "no initialiser is called 'gloro'; there are .*glorot")
def an_initialiser_that_is_none(sd):
    yield
    sd.var("w", (2, 2), init="gloro")


@fails(GraphError, "variable 'w': say init='ones' .* by keyword")
def an_initialiser_by_position(sd):
    yield
    sd.var("w", (2, 2), "ones")


@fails(GraphError, "'v' is int32 and can't take 1.5: it holds whole numbers from -2147483648 to")
def fractions_set_for_integers(sd):
    sd.var("v", np.array([1, 2]), trainable=False)
    yield
    sd.set_array("v", [1.0, 1.5])


@fails(GraphError, "'v' is int32 and can't take 300000000000")
def a_number_set_that_is_too_large(sd):
    sd.var("v", np.array([1, 2]), trainable=False)
    yield
    sd.set_array("v", [1, 3e11])


@fails(GraphError, "'v' was given <U1 values; it takes numbers")
def text_set_for_numbers(sd):
    sd.var("v", np.array([1.0, 2.0]))
    yield
    sd.set_array("v", ["a", "b"])


@fails(GraphError, "'v' can't be made of .*: .*inhomogeneous")
def rows_of_different_length_set(sd):
    sd.var("v", np.ones((2, 2)))
    yield
    sd.set_array("v", [[1.0, 2.0], [3.0]])


@fails(GraphError, "fill_padding: int32 can't hold 2.7: .* whole number from .* cast x first")
def padding_filled_with_a_fraction(sd):
    tokens = sd.placeholder("tokens", ("batch", "time"), "int32", mask="m")
    yield
    tokens.fill_padding(2.7)


@fails(GraphError, "there is no variable 'wieghts'; did you mean 'weights'")
def another_name_for_nothing(sd):
    sd.var("weights", (2, 2))
    yield
    sd.rename_variable("wieghts", "w")


@fails(GraphError, "variable 'v' begins with the array that it is given: leave init out")
def an_initialiser_beside_an_array(sd):
    yield
    sd.var("v", np.ones(2, np.float32), init="zeros")


@fails(GraphError, "'v' is int32 and can't take 1.5")
def an_array_of_fractions_for_integers(sd):
    yield
    sd.var("v", np.array([1.0, 1.5]), dtype="int32", trainable=False)


@fails(GraphError, r"variable 'w': .*one tuple: sd.var\('w', \(2, 3\), init=")
def an_initialiser_beside_sizes_in_javas_order(sd):
    yield
    sd.var("w", 2, 3, init="ones")


@fails(GraphError, r"variable 'w': its initialiser fails for int32\[2\]: .*dtype")
def random_integers(sd):
    yield
    sd.var("w", (2,), init="normal", dtype="int32", trainable=False)


@fails(GraphError, r"variable 'w' is float32\[2, 2\], and its initialiser gives float32\[3, 3\]")
def an_initialiser_of_another_shape(sd):
    yield
    sd.var("w", (2, 2), init=lambda key, shape, dtype: jnp.ones((3, 3), dtype))


@fails(GraphError, r"variable 'w' is float16\[2, 2\], and its initialiser gives float32\[2, 2\]")
def an_initialiser_of_another_type(sd):
    yield
    sd.var("w", (2, 2), init=lambda key, shape, dtype: jnp.ones(shape), dtype="float16")


@fails(GraphError, r"an initialiser is a name or a function, not ndarray: .* sd.var\(name, array\)")
def an_array_for_an_initialiser(sd):
    yield
    sd.var("w", (2,), init=np.ones(2))


@fails(GraphError, r"variable 'w' \[batch, 2\]: every size must be a number")
def a_variable_of_open_size(sd):
    yield
    sd.var("w", ("batch", 2))


@fails(GraphError, "variable 'w' is int64|int32, and only floating point can be trained")
def integers_to_train(sd):
    yield
    sd.var("w", np.arange(3))


@fails(GraphError, "2.5 is no size: use a number, a name, or None")
def half_a_size(sd):
    yield
    sd.placeholder("x", (2.5,))


@fails(GraphError, "'w' is no variable with trainable=False, so sd.update can't set it")
def an_update_of_what_is_trained(sd):
    w = sd.var("w", (2,))
    more = w + 1
    yield
    sd.update(w, more)


@fails(GraphError, r"sd.update\('w'\): float32\[2\] can't take float32\[\]")
def an_update_of_another_size(sd):
    w = sd.var("w", (2,), trainable=False)
    total = w.sum()
    yield
    sd.update(w, total)


@fails(GraphError, "'x' belongs to another graph")
def a_variable_of_another_graph(sd):
    x, other = sequences(sd), sequences(SameDiff.create())
    yield
    x + other


@fails(GraphError, "'x' belongs to another graph")
def an_output_of_another_graph(sd):
    sequences(sd)
    other = sequences(SameDiff.create())
    yield
    sd.output({}, other)


@fails(GraphError, "there is no variable 'poold'; did you mean 'pooled'")
def an_output_that_is_not_there(sd):
    sequences(sd).mean(axis="time", name="pooled")
    yield
    sd.output({}, "poold")


@fails(GraphError, r"say which variables: sd.output\(feeds, 'logits'\)")
def no_output_at_all(sd):
    sequences(sd)
    yield
    sd.output({"x": np.ones((1, 1, 3))})


# Ops.


@fails(GraphError, r"mmul: (.|\n)*x: float32\[batch, time, 3\] \| m@0,1\n  w: float32\[4, 2\] \|")
def shapes_that_do_not_fit(sd):
    x, w = sequences(sd), sd.var("w", (4, 2))
    yield
    x @ w


@fails(GraphError, "mean: no axis is called 'tme'; the axes are 0: batch, 1: time, 2: 3")
def an_axis_that_is_not_there(sd):
    x = sequences(sd)
    yield
    x.mean(axis="tme")


@fails(GraphError, "mean: 2 axes are called 'time'; say which number: 0: batch, 1: time, 2: time")
def an_axis_that_is_there_twice(sd):
    x = sequences(sd)
    scores = x @ x.permute((0, 2, 1))
    yield
    scores.mean(axis="time")


@fails(GraphError, "no axis is called 'time'; the axes are 0: batch, 1: heads, 2: query, 3: key")
def attention_weights_by_the_axis_of_the_sequence(sd):
    x = sequences(sd)
    _, weights = sd.nn.attention(x, x, x, with_weights=True)
    yield
    weights.sum(axis="time")


@fails(GraphError, "mean: no axis is called 'm'; .*to call the result so: name='m'")
def a_name_where_an_axis_stands(sd):
    x = sequences(sd)
    yield
    x.mean("m")


@fails(
    GraphError, r"the size of the features must be a number, and is time: .*\[batch, features, ti"
)
def attention_with_time_in_the_place_of_features(sd):
    x = sequences(sd)
    yield
    sd.nn.dot_product_attention(x, x, x, scaled=False)


@fails(GraphError, "'x' would be read step by step along axis 0, which is 'batch': .*'NTS' for")
def recurrence_over_the_batch(sd):
    x, w, r = sequences(sd), sd.var("w", (3, 8)), sd.var("r", (2, 8))
    yield
    sd.rnn.lstm_layer(x, w, r)


@fails(GraphError, r"axis 3 is not in \[batch, time, 3\], of rank 3")
def an_axis_beyond_the_rank(sd):
    x = sequences(sd)
    yield
    x.mean(axis=3)


@fails(GraphError, "getitem: position 5 is out of range for axis 2 of size 3")
def an_index_out_of_range(sd):
    x = sequences(sd)
    yield
    x[:, :, 5]


@fails(GraphError, "4 indices for a variable of rank 3")
def too_many_indices(sd):
    x = sequences(sd)
    yield
    x[0, 0, 0, 0]


@fails(GraphError, "1.5 can't index a variable: use integers, slices")
def half_an_index(sd):
    x = sequences(sd)
    yield
    x[1.5]


@fails(GraphError, "'x' can't be indexed by a condition: .* use sd.where")
def an_index_that_is_a_condition(sd):
    x = sequences(sd)
    positive = x > 0
    yield
    x[positive]


@fails(GraphError, "'x' can't be indexed by a condition: .* use sd.where")
def an_index_that_is_an_array_of_conditions(sd):
    x = sequences(sd)
    yield
    x[:, :, np.array([True, False, True])]


@fails(GraphError, "'x' can't be indexed by a condition: .* use sd.where")
def an_index_that_is_a_list_of_conditions(sd):
    x = sequences(sd)
    yield
    x[:, :, [True, False, True]]


@fails(GraphError, r"\[0.5, 1.5\] can't index a variable: use integers, slices")
def an_array_of_halves_as_index(sd):
    x = sequences(sd)
    yield
    x[:, :, np.array([0.5, 1.5])]


@fails(GraphError, "'x': an index takes one integer variable or array, among full slices; index")
def an_index_of_two_arrays(sd):
    x = sequences(sd)
    yield
    x[:, [0, 1], np.array([0, 1])]


@fails(GraphError, "gather: 1 numbers of 'const' are out of range 0..2, the first at .1.: 3")
def an_array_of_indices_out_of_range(sd):
    x = sequences(sd)
    yield
    x[:, :, np.array([0, 3])]


@fails(GraphError, "einsum: letter 't' is time in 'btf' and 8 in 'tg'")
def a_letter_of_two_sizes(sd):
    x, eight = sequences(sd), sd.constant(np.ones((8, 5), np.float32))
    yield
    sd.einsum("btf,tg->bfg", x, eight)


@fails(GraphError, "einsum: letter 't' is time and 3 in 'btt'")
def a_diagonal_that_is_none(sd):
    x = sequences(sd)
    yield
    sd.einsum("btt->bt", x)


@fails(GraphError, "einsum: the equation comes first, as text, not SDVariable")
def an_equation_behind_its_operands(sd):
    x = sequences(sd)
    yield
    sd.einsum(x, "btf->bt")


@fails(GraphError, "the truth of 'gt' is not known while the graph is built; use sd.where")
def a_python_branch(sd):
    x = sequences(sd)
    condition = x > 0
    yield
    bool(condition)


@fails(GraphError, "'x' can't be iterated: the size of its first axis is open")
def a_python_loop(sd):
    x = sequences(sd)
    yield
    list(x)


@fails(GraphError, r"'x' has no value while the graph is built; .eval\(feeds\) computes it")
def a_function_of_numpy(sd):
    x = sequences(sd)
    yield
    np.asarray(x)


@fails(GraphError, "'a' and 'b' have dims without a name and a mask each, .* give equal dims one")
def dims_without_names_that_are_both_padded(sd):
    a = sd.placeholder("a", (None, None), mask="am")
    b = sd.placeholder("b", (None, None), mask="bm")
    yield
    a + b


@fails(MaskError, r"'b' is padded along (.|\n)*What you can do:")
def a_refusal_behind_the_joining_of_dims(sd):
    a, b = sd.placeholder("a", (None, None)), sd.placeholder("b", (None, None), mask="bm")
    yield
    sd.loss.softmax_cross_entropy(a, b)


@fails(GraphError, r"mean got an unexpected keyword argument 'axes'; it takes \(x, axis=None")
def a_parameter_that_is_not_there(sd):
    x = sequences(sd)
    yield
    x.mean(axes=1)


@fails(GraphError, r"relu can't be called with .* it takes \(x, cutoff=0.0, \*")
def too_many_arguments(sd):
    x = sequences(sd)
    yield
    sd.nn.relu(x, 1, 2)


@fails(GraphError, "relu needs at least one variable among its inputs")
def no_variable_among_the_inputs(sd):
    yield
    sd.nn.relu(3.0)


@fails(GraphError, r"reshape: no placeholder has a dim 'tme' \(there are: batch, time\)")
def a_dim_that_nobody_declares(sd):
    x = sequences(sd)
    yield
    x.reshape(("tme", 3))


@fails(GraphError, r"'y': cannot reshape (.|\n)*x: shape \[1, 5\]\n  at .*(.|\n)*called at .*")
def sizes_that_do_not_fit_at_run_time(sd):
    y = sd.placeholder("x", ("batch", "time")).reshape((2, 3), name="y")
    yield
    sd.output({"x": np.ones((1, 5))}, y)


# Losses.


@fails(LossError, r"loss 'w' has dims \[2, 2\]; a loss must be a scalar: take its mean\(\)")
def a_loss_that_is_no_scalar(sd):
    w = sd.var("w", (2, 2))
    yield
    sd.set_loss_variables(w)


@fails(LossError, "loss 'argmax' is int32; a loss must be floating point")
def a_loss_of_integers(sd):
    index = sd.var("w", (2, 2)).argmax()
    yield
    index.mark_as_loss()


@fails(LossError, r"the loss 'l' has dims \[batch, 2\], .*leave out reduction=\"none\"")
def training_by_a_loss_that_is_not_reduced(sd):
    x = sd.placeholder("x", ("batch", 2))
    sd.loss.mean_squared_error(x, x @ sd.var("w", (2, 2)), reduction="none", name="l")
    sd.training_config = SGD
    yield
    sd.fit(ROWS, progress=False)


@fails(LossError, "the graph has no loss: use an op of sd.loss, or sd.set_loss_variables")
def training_without_a_loss(sd):
    sd.training_config = SGD
    yield
    sd.fit(ROWS, progress=False)


@fails(TrainingError, "there is no training config; set sd.training_config = TrainingConfig")
def training_without_a_config(sd):
    regression(sd)
    yield
    sd.fit(ROWS, progress=False)


@fails(GraphError, "there is no variable 'xs'; did you mean 'x'")
def a_config_for_other_placeholders(sd):
    regression(sd)
    yield
    sd.training_config = TrainingConfig(updater=optax.sgd(0.1), features=["xs"])


@fails(FeedError, "1 features for 0 names in the training config; .*features=")
def a_batch_without_names(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit((ROWS["x"], None), progress=False)


@fails(FeedError, "data is a dict of arrays by placeholder.* not int")
def data_that_is_none(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit(3, progress=False)


@fails(TrainingError, "there was no batch; an iterator that is used up gives none")
def an_iterator_that_is_used_up(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit(iter([]), progress=False)


@fails(NotANumberError, r"NaN or infinite in 1 steps, which were not taken: .*sd.debug\(\)")
def a_step_that_meets_nan(sd):
    x = sd.placeholder("x", ("batch", 2))
    sd.loss.mean_squared_error(x, sd.math.log(-x) @ sd.var("w", (2, 2)))
    sd.training_config = SGD
    yield
    sd.fit(ROWS, progress=False)


@fails(TrainingError, "epochs must be 1 or more, not -1")
def fewer_epochs_than_none(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit(ROWS, epochs=-1, progress=False)


@fails(TrainingError, "epochs must be 1 or more, not 1.5")
def half_an_epoch(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit([ROWS], epochs=1.5, progress=False)  # type: ignore[arg-type]


@fails(FeedError, "batch_size must be 1 or more, not 2.0")
def a_batch_size_that_is_no_integer(sd):
    regression(sd)
    sd.training_config = SGD
    yield
    sd.fit(ROWS, batch_size=2.0, progress=False)  # type: ignore[arg-type]


@fails(GraphError, r"say for which variables: sd.calculate_gradients\(feeds, 'w'\)")
def gradients_for_nothing(sd):
    regression(sd)
    yield
    sd.calculate_gradients(ROWS)


@fails(GraphError, "'i' is not floating point, so it has no gradient")
def a_gradient_for_integers(sd):
    x = sd.placeholder("i", (2,), "int32").cast("float32")
    x.mean(name="l").mark_as_loss()
    yield
    sd.calculate_gradients({}, "i")


@fails(LossError, "wants logits, but 'softmax' is a softmax already(.|\n)*softmax at(.|\n)*allow_")
def softmax_twice(sd):
    x = sd.placeholder("x", ("batch", 2))
    probabilities = sd.nn.softmax(x)
    yield
    sd.loss.softmax_cross_entropy(x, probabilities)


@fails(LossError, "wants logits, but 'reshape' is a softmax already")
def softmax_twice_behind_moves(sd):
    x, y = sd.placeholder("x", ("batch", 3, 2)), sd.placeholder("y", ("batch", 3), "int32")
    moved = sd.identity(sd.nn.softmax(x)).permute((1, 0, 2))[:, ::-1].reshape((-1, 3, 2))
    yield
    sd.loss.sparse_softmax_cross_entropy(y, moved)


@fails(LossError, "wants logits, but 'last_valid' is a softmax already")
def softmax_twice_behind_picks(sd):
    y = sd.placeholder("y", ("batch",), "int32")
    rows = sd.gather(sd.nn.softmax(sequences(sd)), sd.constant(np.array([2, 0])), axis=2)
    last = rows.last_valid(axis="time")
    yield
    sd.loss.sparse_softmax_cross_entropy(y, last)


@fails(LossError, "weighted_cross_entropy_with_logits wants logits, but 's' is a sigmoid already")
def sigmoid_twice_with_a_weight(sd):
    x = sd.placeholder("x", ("batch", 2))
    probabilities = sd.nn.sigmoid(x, name="s")
    yield
    sd.loss.weighted_cross_entropy_with_logits(x, probabilities, 2.0)


@fails(LossError, "sigmoid_cross_entropy wants logits, but 'sigmoid' is a sigmoid already")
def sigmoid_twice(sd):
    x = sd.placeholder("x", ("batch", 2))
    probabilities = sd.nn.sigmoid(x)
    yield
    sd.loss.sigmoid_cross_entropy(x, probabilities)


@fails(TrainingError, "a training config is a TrainingConfig, not None")
def a_training_config_that_is_none(sd):
    yield
    sd.training_config = None


@fails(TrainingError, "'w' is no placeholder")
def a_feature_that_is_a_variable(sd):
    sd.var("w", (2, 2))
    yield
    sd.training_config = TrainingConfig(updater=optax.sgd(0.1), features=["w"])


def state(sd: SameDiff):
    """Graph, annotation, numbers of names and losses, and all parameters."""
    values = {name: str(sd.value_of(name)) for name in sd.graph.names}
    notes = values, sd._builder.names.counts
    return str(sd.graph), notes, sd.loss_variables, {k: np.array(v) for k, v in sd.params.items()}


@pytest.mark.parametrize("program, error, text", CASES, ids=[c[0].__name__ for c in CASES])
def test_mistake(program, error, text):
    sd = SameDiff.create()
    steps = program(sd)
    next(steps)
    before = state(sd)
    with pytest.raises(error) as caught:
        next(steps)
    assert type(caught.value) is error
    assert re.search(text, str(caught.value)), str(caught.value)
    line = next(frame.lineno + 1 for frame in caught.traceback if frame.name == program.__name__)
    assert f"{Path(__file__)}, line {line}: " in str(caught.value), str(caught.value)
    after = state(sd)
    assert after[:3] == before[:3]
    for name, value in before[3].items():
        np.testing.assert_array_equal(after[3][name], value)


# What looks like one of these mistakes, and is none.


def test_harmless_inputs_of_a_cross_entropy():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 2))
    sd.loss.softmax_cross_entropy(x, sd.nn.log_softmax(x))
    sd.loss.softmax_cross_entropy(x, sd.nn.sigmoid(x))
    sd.loss.softmax_cross_entropy(x, sd.nn.softmax(x) * 2.0)
    sd.loss.softmax_cross_entropy(x, sd.nn.softmax(x), allow_softmax=True)
    sd.loss.sigmoid_cross_entropy(x, sd.nn.sigmoid(x), allow_softmax=True)
    indices = sd.nn.softmax(x).argmax(axis=1)
    sd.loss.softmax_cross_entropy(x, sd.gather(sd.var("w", (2, 2)), indices))
    assert len(sd.loss_variables) == 6


def test_a_softmax_twice_in_javas_spelling_is_a_warning_that_stays():
    sd = SameDiff.create()
    x, y = sd.placeholder("x", ("batch", 2)), sd.placeholder("y", ("batch", 2))
    probabilities = sd.nn().softmax("p", x, 1)
    with pytest.warns(UserWarning, match=r"but 'p' is a softmax(.|\n)*test_errors.py"):
        sd.loss().softmaxCrossEntropy("loss", y, probabilities, None)
    sd.loss.softmax_cross_entropy(y, probabilities, allow_softmax=True, name="meant")
    line = "'loss' applies a softmax to 'p', which is one already"
    assert line in sd.summary() and "'meant' applies" not in sd.summary()
    feeds = {"x": np.ones((2, 2)), "y": np.eye(2)}
    report = sd.verify_padding(feeds, gradients=False)
    assert report.ok and f"Note: {line}" in str(report)
    assert sd.output(feeds, "loss")["loss"] == sd.output(feeds, "meant")["meant"]
    with pytest.raises(LossError, match="wants logits"):
        sd.loss.softmax_cross_entropy("name", y, probabilities)


def test_nan_and_wild_ids_in_padding():
    sd = SameDiff.create()
    x = sequences(sd)
    ids = sd.placeholder("ids", ("batch", "time"), "int32", mask="m")
    y = (x + sd.nn.embedding(sd.var("table", (4, 3)), ids)).mean(axis="time")
    clean = {"x": np.ones((1, 3, 3)), "ids": [[1, 2, 0]], "m": [[1, 1, 0]]}
    wild = {"x": np.ones((1, 3, 3)), "ids": [[1, 2, 99]], "m": [[1, 1, 0]]}
    wild["x"][0, 2] = np.nan
    expected = sd.output(clean, y)[y.name]
    np.testing.assert_array_equal(sd.output(wild, y)[y.name], expected)


def test_columns_that_are_looked_up_apart():
    """A limit for one column is none for another; what `with_mask` hides may be anything."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 2), "int32")
    small = sd.nn.embedding(sd.var("small", (2, 3)), x[:, 0])
    large = sd.nn.embedding(sd.var("large", (90, 3)), x[:, 1])
    y = sd.placeholder("y", ("batch",), "int32")
    loss = sd.loss.sparse_softmax_cross_entropy(y.with_mask(y >= 0), small + large)
    assert np.isfinite(sd.output({"x": [[1, 50], [0, 3]], "y": [2, -1]}, loss)[loss.name])


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
def test_a_mask_of_zeros_and_ones_has_its_declared_type(dtype):
    sd = SameDiff.create()
    mask = sd.placeholder("m", ("batch", "time"), dtype)
    y = sequences(sd).sum(axis="time")
    feeds = {"x": np.ones((1, 2, 3)), "m": np.array([[1.0, 0.0]])}
    out = sd.output(feeds, y, mask)
    np.testing.assert_array_equal(out[y.name], [[1, 1, 1]])
    assert out["m"].dtype == dtype


def test_parameters_survive_a_bad_batch():
    sd = SameDiff.create()
    regression(sd)
    sd.training_config = SGD
    with pytest.raises(FeedError, match="'x' has dims"):
        sd.fit([ROWS, {"x": np.ones((2, 3))}], progress=False)
    once = sd.params["w"]
    other = SameDiff.create()
    regression(other)
    other.training_config = SGD
    other.fit([ROWS], progress=False)
    np.testing.assert_array_equal(once, other.params["w"])
    assert np.isfinite(sd.fit([ROWS], progress=False).loss[0])


def test_jax_arrays_are_checked_too():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch",), "int32")
    with pytest.raises(FeedError, match="wants integers"):
        sd.output({"x": jnp.ones(2)}, x)


def test_a_call_that_fails_takes_no_name():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 3))
    for _ in range(2):
        with pytest.raises(GraphError):
            x @ np.ones((2, 7), np.float32)
        with pytest.raises(LossError):
            sd.loss.softmax_cross_entropy(x, sd.nn.softmax(x, name="p" if "p" not in sd else "q"))
    assert set(sd.graph.names) == {"x", "p", "q"}
    sd.loss.softmax_cross_entropy(x, x + np.ones(3, np.float32))
    assert set(sd.graph.names) == {"x", "p", "q", "const", "add", "softmax_cross_entropy"}
