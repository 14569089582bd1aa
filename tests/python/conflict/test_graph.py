"""The conflict graph of a portfolio, against what the pairs say."""

import json
from datetime import date, timedelta

import clarion as cl
import numpy as np
import pytest
from clarion._core import Policy
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = date(2027, 3, 1)


def campaign(name, start=0, days=10, channel="Email", audience=("loyal",), **fields):
    return {
        "id": name,
        "name": name.title(),
        "start": (DAY + timedelta(start)).isoformat(),
        "end": (DAY + timedelta(start + days - 1)).isoformat(),
        "budget": 1000,
        "channel": channel,
        "audience": list(audience),
        "owner": "Ada",
        **fields,
    }


def portfolio(*rows):
    plan = cl.Portfolio.read(list(rows))
    assert len(plan) == len(rows)
    return plan


@pytest.fixture
def knot():
    """Two pile-ups that share one campaign, and one campaign apart."""
    return portfolio(
        campaign("a", audience=["x"]),
        campaign("b", audience=["x"]),
        campaign("knot", audience=["x", "y"]),
        campaign("c", audience=["y"]),
        campaign("d", audience=["y"]),
        campaign("apart", start=100, audience=["x"]),
    )


def test_structure(knot):
    graph = cl.conflict.conflict_graph(knot)
    assert len(graph) == 6
    assert graph.components == [("a", "b", "knot", "c", "d"), ("apart",)]
    assert {frozenset(group) for group in graph.cliques} == {
        frozenset(("a", "b", "knot")),
        frozenset(("knot", "c", "d")),
    }
    assert not graph.cliques_truncated
    assert graph.articulation.to_dict() == {
        "campaign": ["knot"],
        "conflict_freed": [pytest.approx(40)],
        "parts": [2],
        "largest_part": [2],
    }
    assert len(graph.waves) == graph.waves_bound == 3
    assert sorted(name for wave in graph.waves for name in wave) == sorted(graph.campaigns)


def test_edges_are_the_pairs(knot):
    edges = cl.conflict.conflict_graph(knot).edges.to_frame("pandas")
    pairs = cl.conflict.pairs(knot).to_frame("pandas")
    pairs = pairs[pairs.weight > 0]
    np.testing.assert_array_equal(edges[["campaign_a", "campaign_b"]], pairs[["campaign_a", "campaign_b"]])
    np.testing.assert_allclose(edges.weight, pairs.weight)
    assert set(edges.reason) == {"audience, channel"}


def test_frames_dictionaries_and_text(knot):
    graph = cl.conflict.conflict_graph(knot)
    frame = graph.to_frame("pandas")
    assert list(frame.columns) == ["campaign", "component", "conflicts", "conflict", "wave", "articulation"]
    assert frame.conflict.sum() == pytest.approx(2 * graph.weight)
    assert frame[frame.articulation].campaign.tolist() == ["knot"]
    assert json.loads(json.dumps(graph.to_dict()))["waves_bound"] == 3
    assert "6 campaigns" in repr(graph)
    evil = portfolio(campaign("<script>"), campaign("b"))
    assert "<script>" not in cl.conflict.conflict_graph(evil)._repr_html_()


def test_findings(knot):
    graph = cl.conflict.conflict_graph(knot)
    codes = {finding.code for finding in graph.findings}
    assert codes == {"C501", "C502", "C503", "C504"}
    assert graph.findings.with_code("C503")[0].campaigns == ["knot"]
    fixed = portfolio(campaign("a", fixed_dates=True), campaign("b", fixed_dates=True))
    locked = cl.conflict.conflict_graph(fixed).findings.with_code("C506")
    assert locked[0].campaigns == ["a", "b"]


def test_what_is_over_conflicts_with_nothing():
    plan = portfolio(
        campaign("a"), campaign("b", status="cancelled"), campaign("c", status="finished"), campaign("d")
    )
    graph = cl.conflict.conflict_graph(plan)
    assert graph.components[0] == ("a", "d")
    policy = Policy()
    policy.today = DAY + timedelta(50)
    assert cl.conflict.conflict_graph(plan, policy=policy).weight == 0


def test_limits(knot):
    few = cl.conflict.conflict_graph(knot, max_cliques=1)
    assert few.cliques_truncated
    assert len(few.cliques) == 1
    assert len(cl.conflict.conflict_graph(knot, min_weight=1e6).edges) == 0
    with pytest.raises(ValueError, match="min_clique"):
        cl.conflict.conflict_graph(knot, min_clique=1)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 20), st.sets(st.sampled_from("xyz"), min_size=1)),
        min_size=1,
        max_size=12,
    )
)
def test_waves_never_hold_a_conflict(rows):
    plan = portfolio(
        *(campaign(f"c{i}", start, days, audience=sorted(tags)) for i, (start, days, tags) in enumerate(rows))
    )
    graph = cl.conflict.conflict_graph(plan)
    wave = {name: number for number, group in enumerate(graph.waves) for name in group}
    edges = graph.edges
    assert all(wave[a] != wave[b] for a, b in zip(edges["campaign_a"], edges["campaign_b"], strict=True))
    assert graph.waves_bound <= len(graph.waves)
    part = {name: number for number, group in enumerate(graph.components) for name in group}
    assert all(part[a] == part[b] for a, b in zip(edges["campaign_a"], edges["campaign_b"], strict=True))
