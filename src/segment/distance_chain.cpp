#include "segment/distance_chain.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "kernels/point_distances.hpp"

namespace clarion::segment {

namespace {

constexpr double far = std::numeric_limits<double>::infinity();

// A column of the matrix touches a page a row: fewer pages are sooner found. A wish that the system may refuse.
void in_large_pages([[maybe_unused]] double* values, [[maybe_unused]] std::size_t n) {
#ifdef MADV_HUGEPAGE
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(values), end = begin + n * sizeof(double);
  const auto first = (begin + page - 1) / page * page;
  if (first + page <= end) ::madvise(reinterpret_cast<void*>(first), (end - first) / page * page, MADV_HUGEPAGE);
#endif
}

// Distances of each cluster to those before it; what is merged away is infinitely far until the matrix is packed again.
class distances {
public:
  distances(const distinct_points& points, const run_options& run)
      : least_(kernels::choose_first_least(core::permitted_simd())),
        n_(points.n),
        held_(std::make_unique_for_overwrite<double[]>(row(points.n))),
        values_(held_.get()) {
    in_large_pages(values_, row(points.n));
    const std::size_t d = points.columns;
    std::vector<double> columns(n_ * d);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < d; ++k) columns[k * n_ + i] = points.values[i * d + k];
    const auto measure = kernels::choose_point_distances(core::permitted_simd());
    constexpr std::size_t together = 16;
    core::parallel_blocks((n_ + together - 1) / together, run, [&](std::size_t block) {
      for (std::size_t i = block * together; i < std::min(n_, (block + 1) * together); ++i)
        measure(columns.data(), n_, i, d, points.values.data() + i * d, values_ + row(i));
    });
  }

  std::size_t size() const { return n_; }
  double& at(std::size_t i, std::size_t j) { return i > j ? values_[row(i) + j] : values_[row(j) + i]; }

  // The nearest of cluster i, and of equals the first.
  std::size_t nearest(std::size_t i, double& height) const {
    std::size_t best = i;
    height = far;
    if (i > 0) {
      best = least_(values_ + row(i), i);
      height = values_[row(i) + best];
    }
    constexpr std::size_t ahead = 16;
    const std::size_t last = row(n_);
    for (std::size_t j = i + 1, at = row(j) + i; j < n_; at += j, ++j) {
      // A step grows from row to row, which no prefetcher of a CPU foresees.
      __builtin_prefetch(values_ + std::min(at + ahead * j + ahead * (ahead - 1) / 2, last));
      if (values_[at] < height) {
        height = values_[at];
        best = j;
      }
    }
    return best;
  }

  // What is left in other rows is up to the caller.
  void remove(std::size_t i) { std::fill_n(values_ + row(i), i, far); }

  // Keeps these, in their order.
  void pack(const std::vector<std::uint32_t>& kept) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const double* from = values_ + row(kept[i]);
      double* to = values_ + row(i);
      for (std::size_t j = 0; j < i; ++j) to[j] = from[kept[j]];
    }
    n_ = kept.size();
  }

private:
  static std::size_t row(std::size_t i) { return i == 0 ? 0 : i * (i - 1) / 2; }

  kernels::first_least least_;
  std::size_t n_;
  std::unique_ptr<double[]> held_;
  double* values_;
};

}  // namespace

std::vector<cluster_merge> distance_chain(const distinct_points& points, chain_method method, const run_options& run) {
  const auto first = part_of(run, 0, 0.3), rest = part_of(run, 0.3, 1);
  distances between(points, first);
  std::vector<std::uint32_t> name(points.n), active(points.n), chain, place(points.n);
  std::iota(name.begin(), name.end(), 0u);
  std::iota(active.begin(), active.end(), 0u);
  std::vector<double> size(points.size.begin(), points.size.end());
  std::vector<cluster_merge> out;
  out.reserve(points.n);
  core::pulse pulse(rest);
  std::size_t alive = points.n;

  const auto drop_merged = [&] { std::erase_if(active, [&](std::uint32_t i) { return size[i] == 0; }); };
  const auto pack = [&] {
    drop_merged();
    between.pack(active);
    for (std::size_t i = 0; i < active.size(); ++i) {
      place[active[i]] = static_cast<std::uint32_t>(i);
      name[i] = name[active[i]];
      size[i] = size[active[i]];
      active[i] = static_cast<std::uint32_t>(i);
    }
    for (auto& link : chain) link = place[link];
  };

  while (alive > 1) {
    if (chain.empty()) chain.push_back(*std::find_if(active.begin(), active.end(), [&](std::uint32_t i) { return size[i] > 0; }));
    const std::size_t tip = chain.back();
    double height;
    std::size_t next = between.nearest(tip, height);
    // Of equals the one that the chain came from, or it would never end.
    if (chain.size() > 1 && between.at(tip, chain[chain.size() - 2]) <= height) next = chain[chain.size() - 2];
    if (chain.size() < 2 || next != chain[chain.size() - 2]) {
      // It is on the chain already where rounding brought a new cluster nearer than what it is made of.
      if (const auto seen = std::find(chain.begin(), chain.end(), next); seen != chain.end())
        chain.erase(seen + 1, chain.end());
      else
        chain.push_back(static_cast<std::uint32_t>(next));
      continue;
    }
    chain.resize(chain.size() - 2);
    const auto [gone, kept] = std::minmax(tip, next);
    out.push_back({name[gone], name[kept], height});
    const double all = size[gone] + size[kept];
    for (const std::uint32_t k : active) {
      if (size[k] == 0 || k == gone || k == kept) continue;
      double& to = between.at(kept, k);
      double& from = between.at(gone, k);
      const double other = std::exchange(from, far);
      to = method == chain_method::complete ? std::max(to, other) : (size[kept] * to + size[gone] * other) / all;
    }
    size[kept] = all;
    size[gone] = 0;
    between.at(kept, gone) = far;
    between.remove(gone);
    --alive;
    const double share = static_cast<double>(alive) / static_cast<double>(points.n);
    pulse.beat(1 - share * share);
    if (alive >= 64 && alive <= active.size() - active.size() / 4) pack();
  }
  return out;
}

}  // namespace clarion::segment
