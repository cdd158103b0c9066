"""The main job in small: it learns, padding changes nothing, and the broken variant is found."""

import re

import numpy as np
import pytest

from samediff_py.examples.language_model import (
    build,
    guesses,
    main,
    spoilt,
    train,
    unigram,
    with_padding,
)
from samediff_py.examples.python_sentences import (
    MASK,
    PAD,
    SPECIAL,
    UNKNOWN,
    ClozeBatches,
    corpus,
    every_word,
    sentences,
    tokens_of,
)


def test_sentences_are_plain_prose():
    found = sentences()
    lengths = [len(tokens) for tokens in found]
    assert len(found) > 2000 and len(set(map(tuple, found))) == len(found)
    assert min(lengths) >= 3 and max(lengths) <= 119 and 15 < np.mean(lengths) < 25
    text = [" ".join(tokens) for tokens in found]
    assert not [s for s in text if '"' in s or "::=" in s.replace(" ", "") or s != s.lower()]
    assert sum("the" in tokens for tokens in found) > len(found) / 2


def test_tokens_are_words_and_punctuation():
    wanted = ["a", "user-defined", "function", "(", "e.g.", "x", ")", "."]
    assert tokens_of("A user-defined function (e.g. x).") == wanted


@pytest.fixture(scope="module")
def text():
    return corpus(held_out=60, size=560, longest=24)


def test_the_split_is_fixed_and_clean(text):
    assert text == corpus(held_out=60, size=560, longest=24)
    assert len(text.held_out) == 60 and len(text.train) == 500
    whole = corpus()
    assert not set(map(tuple, sentences())) < set(map(tuple, whole.held_out))
    assert text.words[: len(SPECIAL)] == SPECIAL and len(set(text.words)) == len(text.words)
    assert MASK not in np.concatenate(text.train) and PAD not in np.concatenate(text.held_out)


def test_every_known_word_is_asked_for_once(text):
    questions = every_word(text.held_out)
    answers = [word for row in text.held_out for word in row if word != UNKNOWN]
    assert questions["answer"].tolist() == answers
    assert all(row.count(MASK) == 1 for row in questions["tokens"])


def test_batches_are_of_even_length_and_never_the_same(text):
    batches = ClozeBatches(text.train, 16, copies=2)
    first, second = list(batches), list(batches)
    assert len(first) == len(batches)
    rows = [row for batch in first for row in batch["tokens"]]
    assert all(row.count(MASK) == 1 for row in rows) and len(rows) == 2 * len(text.train)
    asked = [sorted((tuple(row), a) for b in p for row, a in zip(b["tokens"], b["answer"],
             strict=True)) for p in (first, second)]  # fmt: skip
    assert asked[0] != asked[1]
    whole = {tuple(a if w == MASK else w for w in row) for row, a in asked[0]}
    assert whole == set(map(tuple, text.train))
    spread = [max(map(len, b["tokens"])) - min(map(len, b["tokens"])) for b in first]
    assert np.mean(spread) < 2


def test_padding_is_appended_and_masked():
    feeds = with_padding(np.array([[5, 6]]), 2)
    assert feeds["tokens"].tolist() == [[5, 6, PAD, PAD]]
    assert feeds["tokens_mask"].tolist() == [[True, True, False, False]]


def test_unigram_is_the_best_constant_guess(text):
    questions = every_word(text.held_out)
    loss, accuracy = unigram(text, questions)
    shares = np.bincount(questions["answer"]) / len(questions["answer"])
    assert 0.02 < accuracy <= shares.max()
    assert 3 < loss < np.log(len(text.words))


@pytest.fixture(scope="module")
def trained(text):
    sd = build(len(text.words), 32)
    return sd, train(sd, text, epochs=6, copies=6, batch_size=64)


@pytest.fixture(scope="module")
def questions(text):
    return every_word(text.held_out, step=4)


@pytest.mark.slow
def test_it_learns(trained, text, questions):
    sd, history = trained
    loss, accuracy = unigram(text, questions)
    learned = sd.evaluate(questions)
    assert history.loss[-1] < history.loss[0]
    assert learned.loss < loss and learned.accuracy > 1.3 * accuracy


@pytest.mark.slow
def test_padding_changes_no_guess(trained, questions):
    sd, _ = trained
    plain = guesses(sd, questions["tokens"])
    assert len(set(plain.tolist())) > 5
    for padding in (1, 3, 50):
        assert (guesses(sd, questions["tokens"], padding) == plain).all()


@pytest.mark.slow
def test_the_broken_variant_leaks_and_is_found(trained, text, questions):
    sd, _ = trained
    broken = spoilt(sd, len(text.words))
    rows = questions["tokens"]
    plain = guesses(sd, rows)
    assert (guesses(broken, rows) == plain).all(), "without padding it is the same model"
    assert (guesses(broken, rows, 3) != plain).mean() > 0.05
    assert sd.verify_padding({"tokens": rows[:3]}).ok
    report = broken.verify_padding({"tokens": rows[:3]})
    assert not report.ok and report.first_leak.name == "encoder/attention"
    assert "sd.nn.attention(" in report.first_leak.source.text
    assert "remove masked=False" in str(report)


@pytest.mark.slow
def test_the_whole_program(capsys):
    main(corpus(held_out=12, size=150, longest=10), epochs=1)
    shown = capsys.readouterr().out
    sound, broken = shown.split("masked=False", 1)
    changed = r"(\d+) of (\d+)  "
    assert [n for n, _ in re.findall(changed, sound)] == ["0", "0", "0"]
    assert len(re.findall(changed, broken)) == 3
    for part in ("12 held out", "epoch 1/1", "most frequent word", "____", "guesses: ", "answer: "):
        assert part in sound
    assert "Padding leaks" in broken and "sd.nn.attention(" in broken
