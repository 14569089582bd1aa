#include "schema/drift.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace clarion::schema::detail {

double stability_index(std::span<const double> now, std::span<const double> before) {
  constexpr double least = 1e-4;
  const double n = std::accumulate(now.begin(), now.end(), 0.0), m = std::accumulate(before.begin(), before.end(), 0.0);
  if (n == 0 || m == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double p = std::max(now[i] / n, least), q = std::max(before[i] / m, least);
    sum += (p - q) * std::log(p / q);
  }
  return sum;
}

void decile_counts(std::span<const double> now, std::span<const double> before, std::vector<double>& now_counts,
                   std::vector<double>& before_counts) {
  std::vector<double> edges;
  for (std::size_t k = 1; k < 10 && !before.empty(); ++k) {
    const double edge = before[std::min(before.size() - 1, k * before.size() / 10)];
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  const auto count = [&](std::span<const double> sample, std::vector<double>& into) {
    into.assign(edges.size() + 1, 0);
    for (const double value : sample)
      ++into[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin())];
  };
  count(now, now_counts);
  count(before, before_counts);
}

distance kolmogorov_smirnov(std::span<const double> a, std::span<const double> b) {
  distance out;
  if (a.empty() || b.empty()) return out;
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    out.d = std::max(out.d, std::abs(static_cast<double>(i) / n - static_cast<double>(j) / m));
  }
  // Q(x) = 2 sum (-1)^(k-1) exp(-2 k^2 x^2); where x is small the series hardly falls, and Q is 1 to all digits.
  const double x = std::sqrt(n * m / (n + m)) * out.d;
  if (x < 0.2) return out;
  double sum = 0, sign = 1;
  for (int k = 1; k <= 100; ++k, sign = -sign) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += sign * term;
    if (term < 1e-16) break;
  }
  out.p = std::clamp(2 * sum, 0.0, 1.0);
  return out;
}

}  // namespace clarion::schema::detail
