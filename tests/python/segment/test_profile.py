import numpy as np
import pandas as pd
import pytest
from clarion.segment import Definition, profile, segment_customers

RANDOM = np.random.default_rng(0)
N = 2000
FRAME = pd.DataFrame(
    {
        "monetary": RANDOM.gamma(2, 50, N),
        "region": RANDOM.choice(["N", "S", None], N),
        "online": RANDOM.random(N) < 0.3,
        "since": np.datetime64("2020-01-01") + RANDOM.integers(0, 900, N),
    }
)
LABELS = np.where(FRAME["monetary"] > 150, "rich", np.where(FRAME["region"] == "S", "south", "none"))


def test_as_numpy_says():
    got = profile(FRAME, LABELS, top=50)
    frame = got.to_frame("pandas").set_index(["segment", "field", "level"])
    inside = LABELS == "rich"
    x = FRAME["monetary"]
    spread = np.sqrt((x[inside].var(ddof=0) + x[~inside].var(ddof=0)) / 2)
    row = frame.loc["rich", "monetary", ""]
    assert row["difference"] == pytest.approx((x[inside].mean() - x[~inside].mean()) / spread)
    known = FRAME["region"].notna()
    share = (FRAME["region"] == "S")[inside & known].mean()
    assert frame.loc["rich", "region", "S"]["inside"] == pytest.approx(share)
    assert frame.loc["rich", "region", "S"]["missing"] == pytest.approx((~known)[inside].mean())
    assert got.names["rich"].startswith("high monetary")
    assert got.names["south"].startswith("region S")
    assert got.customers == {"rich": inside.sum(), "south": (LABELS == "south").sum()}


def test_of_a_segmentation_and_by_region():
    found = segment_customers(FRAME, [Definition("rich", {"field": "monetary", "op": ">", "value": 150})])
    got = profile(FRAME, found, ["monetary", "online"], region="region", n_jobs=2)
    assert set(got.to_frame("pandas")["field"]) == {"monetary", "online"}
    counts = got.regions.to_frame("pandas").set_index("segment")
    assert counts.to_numpy().sum() == N
    assert counts.loc["rich"].sum() == found.counts["rich"]
    assert got.plot() is not None
    assert "high monetary" in got._repr_html_()
    assert got.to_dict()["names"] == got.names


def test_a_column_of_labels_and_what_is_refused():
    labelled = FRAME.assign(cluster=RANDOM.integers(-1, 3, N))
    got = profile(labelled, "cluster")
    assert got.segments == ["0", "1", "2"]
    assert set(got.names.values()) == {"average"}
    with pytest.raises(ValueError, match="segment: 'clusters'"):
        profile(labelled, "clusters")
    with pytest.raises(ValueError, match="rows"):
        profile(FRAME, LABELS[:3])
    with pytest.raises(ValueError, match="fields: 'age'"):
        profile(FRAME, LABELS, ["age"])
