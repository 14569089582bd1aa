#include "segment/k_d_order.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace clarion::segment {

namespace {

// Places of points in boxes of `panel_width`: halves by the median of the widest column, whole boxes to the left.
void k_d_order(const distinct_points& points, std::uint32_t* first, std::size_t n, core::pulse& pulse) {
  if (n <= panel_width) return;
  if (n > 4096) pulse.beat(0);
  const std::size_t d = points.columns;
  std::vector<double> low(d, 2), high(d, -2);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < d; ++k) {
      const double value = points.values[first[i] * d + k];
      low[k] = std::min(low[k], value);
      high[k] = std::max(high[k], value);
    }
  std::size_t widest = 0;
  for (std::size_t k = 1; k < d; ++k)
    if (high[k] - low[k] > high[widest] - low[widest]) widest = k;
  const std::size_t boxes = (n + panel_width - 1) / panel_width, half = boxes / 2 * panel_width;
  std::nth_element(first, first + half, first + n, [&](std::uint32_t a, std::uint32_t b) {
    const double x = points.values[a * d + widest], y = points.values[b * d + widest];
    return x != y ? x < y : a < b;
  });
  k_d_order(points, first, half, pulse);
  k_d_order(points, first + half, n - half, pulse);
}

}  // namespace

clusters in_k_d_order(const distinct_points& points, const run_options& run) {
  core::pulse pulse(run);
  std::vector<std::uint32_t> order(points.n);
  std::iota(order.begin(), order.end(), 0u);
  k_d_order(points, order.data(), order.size(), pulse);
  clusters out;
  out.n = points.n;
  out.d = points.columns;
  out.mean.resize(out.n * out.d);
  out.size.resize(out.n);
  for (std::size_t i = 0; i < out.n; ++i) {
    std::copy_n(points.values.data() + order[i] * out.d, out.d, out.mean.data() + i * out.d);
    out.size[i] = points.size[order[i]];
  }
  out.id = order;
  out.name = std::move(order);
  out.height.resize(out.n);
  out.near.assign(out.n, no_place);
  out.hint.assign(out.n, no_place);
  out.near_height.resize(out.n);
  out.made_new.resize(out.n);
  return out;
}

}  // namespace clarion::segment
