import numpy as np
import pytest
from clarion.segment import ParetoNBD
from scipy import special


def test_cdnow(cdnow):
    # BTYD walkthrough, of recencies with more digits than this file's.
    model = ParetoNBD().fit(**cdnow)
    assert model.converged_
    for name, value in {"r": 0.553, "alpha": 10.580, "s": 0.606, "beta": 11.656}.items():
        assert model.params_[name] == pytest.approx(value, rel=2e-3)
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=0.01)
    assert model.expected_purchases_of_new(52) == pytest.approx(1.473434, rel=1e-4)
    assert model.expected_purchases(52, [26], [30.857], [31])[0] == pytest.approx(25.45647, rel=1e-4)
    assert model.p_alive([26], [30.857], [31])[0] == pytest.approx(0.997874, rel=1e-5)


def test_the_likelihood_is_that_of_hypergeometric_functions(customers):
    model = ParetoNBD().fit(**customers)
    r, alpha, s, beta = model.params_.values()
    x, t, T = customers.values()
    high, low = max(alpha, beta), min(alpha, beta)
    second = s + 1 if alpha >= beta else r + x

    def part(time):
        total = r + s + x
        return special.hyp2f1(total, second, total + 1, (high - low) / (high + time)) / (high + time) ** total

    lost = s / (r + s + x) * (part(t) - part(T))
    one = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    both = np.log((alpha + T) ** -(r + x) * (beta + T) ** -s + lost)
    assert model.log_likelihood_ == pytest.approx(float((one + both).sum()), rel=1e-10)
    alive = (alpha + T) ** -(r + x) * (beta + T) ** -s
    np.testing.assert_allclose(model.p_alive(), alive / (alive + lost), rtol=1e-9)
