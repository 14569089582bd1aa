import numpy as np
import pandas as pd
import pytest
from clarion.segment import KMeans, Scaler
from clarion.stats import LogisticRegression

x = np.random.default_rng(0).normal(size=(40, 2))
y = np.arange(40) % 2


@pytest.mark.parametrize("model", [KMeans(2, random_state=0), LogisticRegression(), Scaler()])
def test_all_say_the_same_of_a_matrix(model):
    use = getattr(model, "predict", None) or model.transform
    with pytest.raises(ValueError, match="is not fitted yet; call fit first"):
        use(x)
    for wrong, kind, words in (
        (x[0], ValueError, "Expected 2D array, got 1D array"),
        (x[:0], ValueError, r"0 sample\(s\)"),
        (x[:, :0], ValueError, r"0 feature\(s\)"),
        (x + 1j, ValueError, "Complex data not supported"),
    ):
        with pytest.raises(kind, match=words):
            model.fit(wrong, y[: len(wrong)])
    frame = pd.DataFrame(x, columns=["a", "b"])
    model.fit(frame, y)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        use(x)
    with pytest.raises(
        ValueError, match=r"same order .*\nX: columns are b, a; .* was fitted with a, b, in this order"
    ):
        use(frame[["b", "a"]])
    with pytest.raises(ValueError, match="unseen at fit time:\n- c\n"):
        use(frame.rename(columns={"b": "c"}))
    model.fit(x, y)
    assert not hasattr(model, "feature_names_in_")
    with pytest.raises(ValueError, match=r"X has 1 features, but .* is expecting 2"):
        use(x[:, :1])
    np.testing.assert_array_equal(use(np.asfortranarray(x)), use(x))
