import numpy as np
import pytest
from clarion import Portfolio, _core, sample


def test_a_simulated_portfolio_is_clean():
    plan = Portfolio._of(_core.simulate_portfolio(campaigns=2000, first_year=2027), policy=sample.policy())
    assert len(plan) == 2000
    assert len(plan.findings) == 0
    assert len(set(plan.ids)) == 2000
    assert min(campaign.start for campaign in plan).year == 2027
    assert max(campaign.end for campaign in plan).year == 2028
    past = Portfolio._of(
        _core.simulate_portfolio(campaigns=2000, first_year=2024, actuals=True),
        policy=sample.policy(),
        history=True,
    )
    assert len(past.findings) == 0


def test_threads_do_not_matter():
    one = _core.simulate_portfolio(campaigns=9000, n_jobs=1, actuals=True)
    three = _core.simulate_portfolio(campaigns=9000, n_jobs=3, actuals=True)
    for field in ("start", "budget", "conversions"):
        assert np.array_equal(one.column(field), three.column(field))


def test_history_follows_the_planted_response_curves():
    truth = sample.truth(customers=100)["history"]
    past = sample.history(campaigns=3000).to_frame()
    past = past[~past["id"].isin([performer["campaign"] for performer in truth["performers"]])]
    for response in truth["responses"]:
        of = past[past["channel"] == response["channel"]]
        kinds = of["name"].str.replace(r" \d{4}$", "", regex=True)
        # A recurring campaign keeps its season and category: within it only money varies.
        x = np.log(of["spend"]).groupby(kinds).transform(lambda values: values - values.mean())
        y = np.log(of["conversions"]).groupby(kinds).transform(lambda values: values - values.mean())
        error = truth["noise"] / np.sqrt(x @ x)
        assert error < 0.03
        assert (x @ y) / (x @ x) == pytest.approx(response["elasticity"], abs=4 * error)


def test_options_are_checked():
    with pytest.raises(ValueError, match="years"):
        _core.simulate_portfolio(years=0)
    with pytest.raises(TypeError, match="unknown option size"):
        _core.simulate_portfolio(size=3)
