#pragma once

#include <boost/math/quadrature/gauss.hpp>
#include <cstddef>

namespace clarion::segment::legendre {

/// Calls f(x, weight) at the ten Gauss-Legendre nodes of [from, to].
template <class F>
void over(double from, double to, F&& f) {
  using rule = boost::math::quadrature::gauss<double, 10>;
  const auto& node = rule::abscissa();
  const auto& weight = rule::weights();
  const double middle = 0.5 * (from + to), half = 0.5 * (to - from);
  for (std::size_t k = 0; k < node.size(); ++k) {
    f(middle - half * node[k], half * weight[k]);
    f(middle + half * node[k], half * weight[k]);
  }
}

}  // namespace clarion::segment::legendre
