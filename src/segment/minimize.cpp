#include "segment/minimize.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace clarion::segment {

namespace {

struct point {
  std::vector<double> at, slopes;
  double value = 0;
};

// The minimiser of g.s + s.H.s / 2 over |s| <= radius, in the basis of the eigenvectors.
std::vector<double> step_within(const spectrum& h, const std::vector<double>& slope, double radius) {
  const std::size_t n = slope.size();
  std::vector<double> step(n);
  const auto at = [&](double shift) {
    double square = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double curve = h.value[i] + shift;
      step[i] = slope[i] == 0 ? 0 : -slope[i] / curve;
      square += step[i] * step[i];
    }
    return std::sqrt(square);
  };
  const double steepest = std::max(std::abs(h.value.front()), std::abs(h.value.back())) + 1e-300;
  double low = h.value.front() > 1e-14 * steepest ? 0 : 1e-14 * steepest - h.value.front();
  if (at(low) <= radius) {
    if (h.value.front() >= 0 || low == 0) return step;
    // The hard case: along the most negative curvature to the border.
    double square = 0;
    for (std::size_t i = 1; i < n; ++i) square += step[i] * step[i];
    const double rest = std::sqrt(std::max(0.0, radius * radius - square));
    step[0] = slope[0] > 0 ? -rest : rest;
    return step;
  }
  double high = low + steepest;
  while (at(high) > radius) high = low + 4 * (high - low);
  for (int i = 0; i < 60 && high - low > 1e-10 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (at(middle) > radius ? low : high) = middle;
  }
  at(high);
  return step;
}

}  // namespace

spectrum spectrum_of(std::span<const double> symmetric, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  const Eigen::Map<const Eigen::MatrixXd> matrix(symmetric.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(matrix);
  spectrum out{std::vector<double>(size), std::vector<double>(size * size)};
  Eigen::Map<Eigen::VectorXd>(out.value.data(), n) = solved.eigenvalues();
  Eigen::Map<Eigen::MatrixXd>(out.vector.data(), n, n) = solved.eigenvectors();  // its columns are rows here
  return out;
}

minimum minimize(const smooth_function& f, std::span<const double> start, const minimize_options& options) {
  const std::size_t n = start.size();
  minimum out;
  const auto evaluate = [&](std::vector<double> where) {
    point p{std::move(where), std::vector<double>(slopes_of(n)), 0};
    p.value = f(p.at, p.slopes);
    ++out.evaluations;
    if (!std::all_of(p.slopes.begin(), p.slopes.end(), [](double slope) { return std::isfinite(slope); }))
      p.value = std::numeric_limits<double>::quiet_NaN();
    return p;
  };
  const auto hessian_of = [n](const point& p) {
    std::vector<double> h(n * n);
    for (std::size_t i = 0, k = n; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j, ++k) h[i * n + j] = h[j * n + i] = p.slopes[k];
    return h;
  };

  point now = evaluate({start.begin(), start.end()});
  double radius = 1;
  for (; out.iterations < options.iterations && std::isfinite(now.value); ++out.iterations) {
    const spectrum h = spectrum_of(hessian_of(now), n);
    std::vector<double> slope(n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) slope[i] += h.vector[i * n + j] * now.slopes[j];
    const auto turned = step_within(h, slope, radius);
    double promised = 0, length = 0;
    std::vector<double> next = now.at;
    for (std::size_t i = 0; i < n; ++i) {
      promised -= turned[i] * (slope[i] + 0.5 * h.value[i] * turned[i]);
      length += turned[i] * turned[i];
      for (std::size_t j = 0; j < n; ++j) next[j] += turned[i] * h.vector[i * n + j];
    }
    length = std::sqrt(length);
    point candidate = evaluate(std::move(next));
    if (promised <= options.tolerance && length < 0.999 * radius && h.value.front() >= 0) {
      // The last step is not judged: what it gains is below the rounding of the value.
      now = std::move(candidate);
      out.converged = std::isfinite(now.value);
      break;
    }
    const double gained = now.value - candidate.value;
    const double noise = 1e-14 * std::abs(now.value);
    const double ratio = std::isfinite(candidate.value) ? (gained + noise) / (promised + noise) : -1;
    if (ratio < 0.25) radius = 0.25 * length;
    if (ratio > 0.75 && length > 0.8 * radius) radius = std::min(2 * radius, 4.0);
    if (ratio > 1e-4) now = std::move(candidate);
    if (std::any_of(now.at.begin(), now.at.end(), [&](double x) { return std::abs(x) > options.bound; })) {
      out.ran_away = true;
      break;
    }
    if (radius < 1e-12) break;
  }
  out.hessian = hessian_of(now);
  out.at = std::move(now.at);
  out.value = now.value;
  return out;
}

}  // namespace clarion::segment
