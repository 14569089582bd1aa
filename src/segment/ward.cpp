#include "segment/ward.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "segment/k_d_order.hpp"
#include "segment/nearest_cluster.hpp"

namespace clarion::segment {

namespace {

// Searches what has no nearest; gives how many clusters were measured for each at the mean.
template <class T>
double search_all(clusters& of, cluster_boxes<T>& boxes, const std::vector<std::uint32_t>& wanted, const run_options& run,
                  const run_options& quiet) {
  if (!boxes.current) boxes.fill(of, quiet);
  constexpr std::size_t block = 64, apart = 4 * panel_width;  // queries far from each other share nothing
  const std::size_t blocks = (wanted.size() + block - 1) / block;
  std::vector<std::size_t> measured(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    nearest_search<T> find(of, boxes);
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

// Merges pairs that are each other's nearest: the cluster stands where the first of them stood. Only who pointed to one of a pair
// is to be searched again: a merged cluster is no nearer than the nearer of its parts was. Gives the places of the pairs.
std::vector<std::uint32_t> merge_pairs(clusters& of, std::uint32_t& made, std::vector<cluster_merge>& out) {
  std::vector<std::uint32_t> pairs;
  for (std::uint32_t i = 0; i < of.n; ++i)
    if (const std::uint32_t j = of.near[i]; j != no_place && j > i && of.near[j] == i) pairs.insert(pairs.end(), {i, j});
  if (pairs.empty()) return pairs;
  for (std::size_t at = 0; at < pairs.size(); at += 2) {
    const std::uint32_t i = pairs[at], j = pairs[at + 1];
    // Rounding may bring a height below that of its parts.
    const double height = std::max({of.near_height[i], of.height[i], of.height[j]}), all = of.size[i] + of.size[j];
    out.push_back({of.name[i], of.name[j], std::sqrt(height)});
    double* mean = of.mean.data() + i * of.d;
    const double* other = of.mean.data() + j * of.d;
    for (std::size_t k = 0; k < of.d; ++k) mean[k] = (of.size[i] * mean[k] + of.size[j] * other[k]) / all;
    of.size[i] = all;
    of.size[j] = 0;
    of.height[i] = height;
    of.id[i] = made++;
    of.made_new[i] = 1;
    of.near[i] = of.near[j] = no_place;
    of.hint[i] = no_place;
    of.hint[j] = i;  // where it is now
  }
  for (std::uint32_t i = 0; i < of.n; ++i) {
    const std::uint32_t j = of.near[i];
    if (j == no_place || of.near[j] != no_place || (of.size[j] > 0 && !of.made_new[j])) continue;
    of.near[i] = no_place;
    of.hint[i] = of.size[j] > 0 ? j : of.hint[j];
  }
  return pairs;
}

// Moves up who is left.
void pack(clusters& of) {
  std::vector<std::uint32_t> moved(of.n + 1, no_place);
  std::uint32_t to = 0;
  for (std::uint32_t i = 0; i < of.n; ++i)
    if (of.size[i] > 0) moved[i] = to++;
  const auto place_of = [&](std::uint32_t was) { return was == no_place ? no_place : moved[was]; };
  for (std::uint32_t i = 0; i < of.n; ++i) {
    if (of.size[i] == 0) continue;
    to = moved[i];
    std::copy_n(of.mean.data() + i * of.d, of.d, of.mean.data() + to * of.d);
    of.size[to] = of.size[i];
    of.height[to] = of.height[i];
    of.id[to] = of.id[i];
    of.name[to] = of.name[i];
    of.near[to] = place_of(of.near[i]);
    of.hint[to] = place_of(of.hint[i]);
    of.near_height[to] = of.near_height[i];
    of.made_new[to] = of.made_new[i];
  }
  of.n = to + 1;
}

class rounds {
public:
  rounds(const distinct_points& points, const run_options& run)
      : of_(in_k_d_order(points, run)),
        alive_(points.n),
        all_(points.n),
        rough_(of_),
        exact_(of_),
        run_(run),
        team_(silent(run)),
        alone_(silent(run)) {
    alone_.threads = 1;
    out_.reserve(points.n);
  }

  std::vector<cluster_merge> operator()() {
    core::pulse pulse(run_);
    auto made = static_cast<std::uint32_t>(all_);
    probe();
    search([](std::uint32_t) { return true; });
    while (alive_ > 1) {
      pulse.beat(done());
      auto pairs = merge_pairs(of_, made, out_);
      if (pairs.empty()) {
        // All who wait; where none does, rounding has brought a merged cluster nearer than its parts, and pointers into a ring.
        if (!search([](std::uint32_t) { return true; })) std::fill(of_.near.begin(), of_.near.end(), no_place);
        continue;
      }
      alive_ -= pairs.size() / 2;
      if (alive_ == 1) break;
      settle(pairs);
      // New clusters, and whoever waits and is someone's nearest: nobody else can merge in the next round.
      search([&](std::uint32_t i) { return of_.made_new[i] != 0; });
      std::vector<std::uint8_t> wanted(of_.n);
      for (std::uint32_t i = 0; i < of_.n; ++i)
        if (of_.near[i] != no_place) wanted[of_.near[i]] = 1;
      search([&](std::uint32_t i) { return wanted[i] != 0; });
    }
    return std::move(out_);
  }

private:
  double done() const { return alive_ == all_ ? 0 : 1 - 0.5 * static_cast<double>(alive_) / static_cast<double>(all_); }

  // Whether single precision tells the points apart, by a few of them.
  void probe() {
    constexpr std::size_t few = 64;
    if (all_ < 16 * few) return;
    wanted_.clear();
    for (std::size_t i = 0; i < few; ++i) wanted_.push_back(static_cast<std::uint32_t>(i * (all_ / few)));
    search_wanted(alone_, team_);
  }

  // Whether anyone who waits was meant.
  template <class Meant>
  bool search(Meant&& meant) {
    wanted_.clear();
    for (std::uint32_t i = 0; i < of_.n; ++i)
      if (of_.near[i] == no_place && of_.size[i] > 0 && meant(i)) wanted_.push_back(i);
    if (wanted_.empty()) return false;
    // A team of threads takes longer to gather than small work.
    const bool large = static_cast<double>(wanted_.size()) * static_cast<double>(of_.n * of_.d) > 1e6;
    const auto part = part_of(run_, done(), std::max(done(), 0.5));
    search_wanted(large ? part : alone_, large ? team_ : alone_);
    return true;
  }

  void search_wanted(const run_options& loud, const run_options& quiet) {
    const double measured =
        is_rough_ ? search_all(of_, rough_, wanted_, loud, quiet) : search_all(of_, exact_, wanted_, loud, quiet);
    is_rough_ = is_rough_ && measured < 256;
    for (const auto place : wanted_) of_.made_new[place] = 0;
  }

  // Brings the boxes up to date with the pairs that merged.
  void settle(const std::vector<std::uint32_t>& pairs) {
    if (alive_ < of_.n - of_.n / 8) {
      pack(of_);
      rough_.current = exact_.current = false;
      return;
    }
    for (const auto place : pairs) {
      if (rough_.current) rough_.renew(of_, place);
      if (exact_.current) exact_.renew(of_, place);
    }
  }

  clusters of_;
  std::size_t alive_, all_;
  cluster_boxes<float> rough_;
  cluster_boxes<double> exact_;
  bool is_rough_ = true;  // whether single precision tells clusters apart
  const run_options& run_;
  run_options team_, alone_;  // without progress
  std::vector<std::uint32_t> wanted_;
  std::vector<cluster_merge> out_;
};

}  // namespace

std::vector<cluster_merge> ward(const distinct_points& points, const run_options& run) { return rounds(points, run)(); }

double ward_memory(std::size_t n, std::size_t columns) {
  const auto rows = static_cast<double>(n), d = static_cast<double>(columns);
  return rows * (d * (8 + 4.25 + 8.5) + 96);  // means, and panels with boxes in either precision
}

}  // namespace clarion::segment
