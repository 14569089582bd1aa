#include "segment/ward.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>

#include "segment/nearest_cluster.hpp"

namespace clarion::segment {

namespace {

// Places of points in boxes of `panel_width`: halves by the median of the widest column, whole boxes to the left.
void k_d_order(const distinct_points& points, std::uint32_t* first, std::size_t n) {
  if (n <= panel_width) return;
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
  k_d_order(points, first, half);
  k_d_order(points, first + half, n - half);
}

clusters in_k_d_order(const distinct_points& points) {
  std::vector<std::uint32_t> order(points.n);
  std::iota(order.begin(), order.end(), 0u);
  k_d_order(points, order.data(), order.size());
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
  out.near_height.resize(out.n);
  return out;
}

// Searches what has no nearest; gives how many clusters were measured for each at the mean.
template <class T>
double search_all(clusters& of, cluster_boxes<T>& boxes, const std::vector<std::uint32_t>& wanted, const run_options& run,
                  const run_options& quiet) {
  boxes.fill(of, quiet);
  const auto level = core::permitted_simd();
  kernels::near_panel<T> near;
  kernels::box_floors<T> floors;
  if constexpr (std::is_same_v<T, float>) {
    near = kernels::choose_near_panel_float(level);
    floors = kernels::choose_box_floors_float(level);
  } else {
    near = kernels::choose_near_panel_double(level);
    floors = kernels::choose_box_floors_double(level);
  }
  constexpr std::size_t block = 64, apart = 4 * panel_width;  // queries far from each other share nothing
  const std::size_t blocks = (wanted.size() + block - 1) / block;
  std::vector<std::size_t> measured(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    nearest_search<T> find(of, boxes, near, floors);
    const std::size_t end = std::min(wanted.size(), (b + 1) * block);
    for (std::size_t i = b * block; i < end;) {
      std::size_t n = 1;
      while (n < nearest_search<T>::together && i + n < end && wanted[i + n] - wanted[i] < apart) ++n;
      measured[b] += find(wanted.data() + i, n);
      i += n;
    }
  });
  return static_cast<double>(std::accumulate(measured.begin(), measured.end(), std::size_t{0})) /
         static_cast<double>(wanted.size());
}

// Merges pairs that are each other's nearest, and moves up who is left. Only who pointed to one of a pair is searched again: a
// merged cluster is no nearer than the nearer of its parts was.
void merge_pairs(clusters& of, std::uint32_t& made, std::vector<cluster_merge>& out) {
  const std::size_t d = of.d;
  std::vector<std::uint32_t> moved(of.n, no_place);  // where who has not merged stands now
  std::uint32_t to = 0;
  for (std::uint32_t i = 0; i < of.n; ++i) {
    const std::uint32_t j = of.near[i];
    const bool merges = of.near[j] == i;
    if (merges && j < i) continue;
    const double* mean = of.mean.data() + i * d;
    double* mean_to = of.mean.data() + to * d;
    if (merges) {
      // Rounding may bring a height below that of its parts.
      const double height = std::max({of.near_height[i], of.height[i], of.height[j]});
      out.push_back({of.name[i], of.name[j], std::sqrt(height)});
      const double *other = of.mean.data() + j * d, all = of.size[i] + of.size[j];
      for (std::size_t k = 0; k < d; ++k) mean_to[k] = (of.size[i] * mean[k] + of.size[j] * other[k]) / all;
      of.size[to] = all;
      of.height[to] = height;
      of.id[to] = made++;
    } else {
      moved[i] = to;
      std::copy_n(mean, d, mean_to);
      of.size[to] = of.size[i];
      of.height[to] = of.height[i];
      of.id[to] = of.id[i];
    }
    of.name[to] = of.name[i];
    ++to;
  }
  std::vector<std::uint32_t> near(to, no_place);
  std::vector<double> near_height(to);
  for (std::uint32_t i = 0; i < of.n; ++i)
    if (moved[i] != no_place) {
      near[moved[i]] = moved[of.near[i]];
      near_height[moved[i]] = of.near_height[i];
    }
  of.near = std::move(near);
  of.near_height = std::move(near_height);
  of.n = to;
}

}  // namespace

std::vector<cluster_merge> ward(const distinct_points& points, const run_options& run) {
  std::vector<cluster_merge> out;
  out.reserve(points.n);
  auto of = in_k_d_order(points);
  auto made = static_cast<std::uint32_t>(points.n);
  cluster_boxes<float> rough(of);
  cluster_boxes<double> exact(of);
  bool is_rough = true;
  run_options team = run, alone = run;  // without progress
  team.progress = alone.progress = nullptr;
  alone.threads = 1;
  core::pulse pulse(run);
  std::vector<std::uint32_t> wanted;
  while (of.n > 1) {
    wanted.clear();
    for (std::uint32_t i = 0; i < of.n; ++i)
      if (of.near[i] == no_place) wanted.push_back(i);
    const double done = of.n == points.n ? 0 : 1 - 0.5 * static_cast<double>(of.n) / static_cast<double>(points.n);
    pulse.beat(done);
    if (!wanted.empty()) {
      // A team of threads takes longer to gather than small work.
      const bool large = static_cast<double>(wanted.size()) * static_cast<double>(of.n * of.d) > 1e6;
      const auto part = part_of(run, done, std::max(done, 0.5));
      const double measured = is_rough ? search_all(of, rough, wanted, large ? part : alone, large ? team : alone)
                                       : search_all(of, exact, wanted, large ? part : alone, large ? team : alone);
      is_rough = is_rough && measured < 128;  // else single precision cannot tell them apart
    }
    const std::size_t before = of.n;
    merge_pairs(of, made, out);
    // Rounding may have brought a merged cluster nearer than its parts, and pointers into a ring.
    if (of.n == before) std::fill(of.near.begin(), of.near.end(), no_place);
  }
  return out;
}

double ward_memory(std::size_t n, std::size_t columns) {
  const auto rows = static_cast<double>(n), d = static_cast<double>(columns);
  return rows * (d * (8 + 8 + 1) + 72);
}

}  // namespace clarion::segment
