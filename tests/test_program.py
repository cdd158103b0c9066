"""The program that is the library's face, as written, on sentences of the Python reference."""

import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.examples.python_sentences import corpus, every_word


@pytest.fixture(scope="module")
def data():
    text = corpus()
    return len(text.words), every_word(text.train[:300]), every_word(text.held_out[:40], step=5)


def test_it_runs_as_written(data, capsys):
    vocab, learned, held_out = data
    sentences, answers = learned["tokens"][:256], learned["answer"][:256]
    batches = [
        {"tokens": sentences[i : i + 32], "answer": answers[i : i + 32]} for i in (0, 32, 64)
    ]
    padded = np.array([[5, 3, 0, 0], [7, 1, 4, 0]])
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 0]])
    full = padded[:, :2]

    sd = SameDiff.create()
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    answer = sd.placeholder("answer", ("batch",), dtype="int32")
    with sd.name_scope("encoder"):
        x = sd.nn.embedding(sd.var("table", (vocab, 64), init="normal"), tokens)
        q, k, v = (x @ sd.var(n, (64, 64)) for n in ("wq", "wk", "wv"))
        h = sd.nn.relu(sd.nn.attention(q, k, v, heads=4)) + x
    pooled = h.mean(axis="time")
    logits = (pooled @ sd.var("w_out", (64, vocab))).rename("logits")
    loss = sd.loss.sparse_softmax_cross_entropy(answer, logits, name="loss")

    sd.training_config = TrainingConfig(
        updater=optax.adam(1e-3), features=["tokens"], labels=["answer"]
    )
    history = sd.fit(
        {"tokens": sentences, "answer": answers},
        epochs=5,
        batch_size=32,
        validation_data=held_out,
    )
    assert history.loss[-1] < history.loss[0] and len(history.validation_loss) == 5
    assert "epoch 5/5" in capsys.readouterr().out
    sd.fit(batches, epochs=1, progress=False)
    assert capsys.readouterr().out == ""
    result = sd.evaluate(held_out, output="logits")
    assert 0 <= result.accuracy <= 1 and result.loss > 0
    ragged = sd.output({"tokens": [[5, 3], [7, 1, 4]]}, "logits")["logits"]
    of_full = sd.output({"tokens": full, "tokens_mask": True}, "logits")["logits"]
    both = sd.output({"tokens": padded, "tokens_mask": mask, "answer": [1, 2]}, "logits", "loss")
    np.testing.assert_allclose(both["logits"], ragged, atol=1e-5)
    np.testing.assert_allclose(of_full[0], ragged[0], atol=1e-5)
    assert both["loss"].shape == ()
    assert h.eval({"tokens": padded, "tokens_mask": mask}).shape == (2, 4, 64)
    gradients = sd.calculate_gradients(
        {"tokens": padded, "tokens_mask": mask, "answer": [1, 2]}, "encoder/table", "w_out"
    )
    assert gradients["encoder/table"].shape == (vocab, 64) and gradients["w_out"].any()
    explained = str(sd.explain_mask(pooled))
    assert "tokens_mask" in explained and "mean" in explained
    report = sd.verify_padding({"tokens": sentences[:8]})
    assert report.ok and report.first_leak is None and "Padding changes nothing" in str(report)
    report.raise_if_leaking()
    assert loss.name == "loss"
