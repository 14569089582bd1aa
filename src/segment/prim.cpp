#include "segment/prim.hpp"

#include <cmath>
#include <limits>

#include "kernels/point_distances.hpp"

namespace clarion::segment {

std::vector<cluster_merge> prim(const distinct_points& points, const run_options& run) {
  const std::size_t d = points.columns, stride = (points.n + 7) / 8 * 8;
  constexpr double far = std::numeric_limits<double>::infinity();
  const auto step = kernels::choose_spanning_step(core::permitted_simd());

  // Points that are not in the tree, without gaps: the last takes the place of one that joins.
  std::vector<double> columns(stride * d, far), best(stride, far), query(d);
  std::vector<std::uint64_t> from(stride);
  std::vector<std::uint32_t> name(points.n);
  for (std::size_t i = 0; i < points.n; ++i) {
    name[i] = static_cast<std::uint32_t>(i);
    for (std::size_t k = 0; k < d; ++k) columns[k * stride + i] = points.values[i * d + k];
  }
  std::size_t left = points.n;
  const auto take = [&](std::size_t place) {
    const std::size_t last = --left;
    for (std::size_t k = 0; k < d; ++k) {
      double* column = columns.data() + k * stride;
      query[k] = column[place];
      column[place] = column[last];
      column[last] = far;
    }
    const auto taken = name[place];
    name[place] = name[last];
    best[place] = best[last];
    from[place] = from[last];
    best[last] = far;
    return taken;
  };

  std::vector<cluster_merge> out;
  out.reserve(points.n);
  core::pulse pulse(run);
  auto newest = take(0);
  const double all = 0.5 * static_cast<double>(points.n) * static_cast<double>(points.n);
  while (left > 0) {
    const auto rest = static_cast<double>(left);
    pulse.beat(1 - 0.5 * rest * rest / all);
    const std::size_t place = step(columns.data(), stride, left, d, query.data(), newest, best.data(), from.data());
    const auto joined = static_cast<std::uint32_t>(from[place]);
    const double height = std::sqrt(best[place]);
    newest = take(place);
    out.push_back({joined, newest, height});
  }
  return out;
}

}  // namespace clarion::segment
