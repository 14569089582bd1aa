import numpy as np
import pandas as pd
import pytest
from clarion import ClarionError
from clarion.segment import Definition, DefinitionSet, ready_segments, segment_customers


def above(name, value, **options):
    return Definition(name, {"field": "x", "op": ">", "value": value}, **options)


FRAME = pd.DataFrame({"x": np.random.default_rng(0).integers(0, 100, 5000)})


def test_first_match_wins():
    got = segment_customers(FRAME, [above("top", 89), above("middle", 49), above("same", 60)])
    expected = np.where(FRAME["x"] > 89, "top", np.where(FRAME["x"] > 49, "middle", "none"))
    assert (got.segment == expected).all()
    assert got.counts == {name: int((expected == name).sum()) for name in ("top", "middle", "same", "none")}
    assert sum(got.counts.values()) == len(got) == len(FRAME)
    assert [finding.code for finding in got.findings] == ["G101"]
    frame = got.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame["meeting"][2] == (FRAME["x"] > 60).sum()
    assert got.plot() is not None
    assert "middle" in got._repr_html_()
    assert got.to_dict()["segments"] == got.counts


def test_thresholds():
    got = segment_customers(
        FRAME, [above("top", 89, minimum_size=4000, expected_response=0.1, precision=0.01)]
    )
    assert [finding.code for finding in got.findings] == ["G102", "G103"]
    assert got.findings[1].evidence["customers_needed"] == 3458
    n = got.counts["top"]
    assert got.to_frame("pandas")["half_width"][0] == pytest.approx(1.959964 * (0.09 / n) ** 0.5)


def test_sets():
    chosen = ready_segments(inactive_days=90)
    assert chosen.names == ["inactive", "high-value", "OTC"]
    assert DefinitionSet.from_json(chosen.to_json())[0] == chosen[0]
    assert chosen.to_frame("pandas")["condition"][0] == "recency is above 90"
    assert len([*chosen[:2], above("x", 1)]) == 3
    with pytest.raises(ValueError, match="'x' is not allowed"):
        DefinitionSet([above("x", 1), above("x", 2)])
    with pytest.raises(ClarionError, match=r"definitions\[0\]\.when"):
        DefinitionSet.from_json('{"definitions": [{"name": "x"}]}')
    assert segment_customers(FRAME, []).counts == {"none": len(FRAME)}
    assert "inactive" in chosen._repr_html_()


def test_document():
    text = segment_customers(FRAME, [above("<b>top</b>", 89)]).document(date="2026-11-27", version="4")
    assert "Version 4, 2026-11-27." in text
    assert "x is above 89" in text
    assert "<b>" not in text
