#include "segment/spanning_tree.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "segment/k_d_order.hpp"
#include "segment/nearest_stranger.hpp"
#include "segment/prim.hpp"

namespace clarion::segment {

namespace {

constexpr double far = std::numeric_limits<double>::infinity();

class growing {
public:
  growing(const distinct_points& points, const run_options& run)
      : in_(in_k_d_order(points, run)), rough_(in_.of), exact_(in_.of), run_(run), team_(silent(run)), alone_(silent(run)) {
    alone_.threads = 1;
    std::iota(in_.component.begin(), in_.component.end(), 0u);
    trees_ = in_.of.n;
  }

  std::vector<cluster_merge> operator()() {
    std::vector<cluster_merge> out;
    out.reserve(in_.of.n);
    core::pulse pulse(run_);
    while (trees_ > 1) {
      pulse.beat(done());
      forget();
      search();
      join(out);
    }
    return out;
  }

  // Whether boxes and double precision tell the points apart, by a few of them. On one thread: who comes first counts here.
  bool fit() {
    constexpr std::size_t few = 64;
    if (in_.of.n < 16 * few) return true;
    forget();
    for (std::size_t i = 0; i < few; ++i) wanted_.push_back(static_cast<std::uint32_t>(i * (in_.of.n / few)));
    search_wanted(alone_, team_);
    if (is_rough_) return true;
    for (const auto place : wanted_) in_.floor[place] = in_.square[place] = 0;
    forget();
    return search_wanted(exact_, alone_, team_) < much;
  }

private:
  static constexpr double much = 256;  // points that are measured for one at the mean

  double done() const { return 1 - std::log2(static_cast<double>(trees_)) / std::log2(static_cast<double>(in_.of.n)); }

  // What is no stranger any more, and the shortest edges that are known.
  void forget() {
    for (std::size_t c = 0; c < trees_; ++c) in_.least[c].store(far, std::memory_order_relaxed);
    for (std::size_t i = 0; i < in_.of.n; ++i) {
      auto& near = in_.near[i];
      if (near != no_place && in_.component[near] == in_.component[i]) near = no_place;
      auto& least = in_.least[in_.component[i]];
      if (near != no_place && in_.square[i] < least.load(std::memory_order_relaxed))
        least.store(in_.square[i], std::memory_order_relaxed);
    }
  }

  void search() {
    wanted_.clear();
    for (std::uint32_t i = 0; i < in_.of.n; ++i)
      if (in_.near[i] == no_place && in_.floor[i] <= in_.least[in_.component[i]].load(std::memory_order_relaxed))
        wanted_.push_back(i);
    // A team of threads takes longer to gather than small work.
    const bool large = static_cast<double>(wanted_.size()) * static_cast<double>(in_.of.d) > 1e4;
    const auto part = part_of(run_, done(), std::max(done(), 0.2));
    search_wanted(large ? part : alone_, large ? team_ : alone_);
  }

  void search_wanted(const run_options& loud, const run_options& quiet) {
    const double measured = is_rough_ ? search_wanted(rough_, loud, quiet) : search_wanted(exact_, loud, quiet);
    is_rough_ = is_rough_ && measured < much;
  }

  // Gives how many points were measured for each at the mean. Who comes first may spare another work: it changes no answer.
  template <class T>
  double search_wanted(cluster_boxes<T>& boxes, const run_options& loud, const run_options& quiet) {
    if (wanted_.empty()) return 0;
    if (!boxes.current) boxes.fill(in_.of, quiet);
    component_boxes<T> components;
    components.fill(in_, boxes);
    constexpr std::size_t block = 64, apart = 4 * panel_width;  // queries far from each other share nothing
    const std::size_t blocks = (wanted_.size() + block - 1) / block;
    std::vector<std::size_t> measured(blocks);
    core::parallel_blocks(blocks, loud, [&](std::size_t b) {
      stranger_search<T> find(in_, boxes, components);
      const std::size_t end = std::min(wanted_.size(), (b + 1) * block);
      for (std::size_t i = b * block; i < end;) {
        std::size_t n = 1;
        while (n < stranger_search<T>::together && i + n < end && wanted_[i + n] - wanted_[i] < apart) ++n;
        measured[b] += find(wanted_.data() + i, n);
        i += n;
      }
    });
    return static_cast<double>(std::accumulate(measured.begin(), measured.end(), std::size_t{0})) /
           static_cast<double>(wanted_.size());
  }

  // The shortest edge that leaves each tree joins it to another.
  void join(std::vector<cluster_merge>& out) {
    std::vector<std::uint32_t> from(trees_, no_place), parent(trees_);
    for (std::uint32_t i = 0; i < in_.of.n; ++i) {
      if (in_.near[i] == no_place) continue;
      auto& best = from[in_.component[i]];
      if (best == no_place || in_.shorter(in_.square[i], i, in_.near[i], in_.square[best], best, in_.near[best])) best = i;
    }
    std::iota(parent.begin(), parent.end(), 0u);
    const auto root = [&](std::uint32_t tree) {
      while (parent[tree] != tree) tree = parent[tree] = parent[parent[tree]];
      return tree;
    };
    for (std::uint32_t tree = 0; tree < trees_; ++tree) {
      const std::uint32_t one = from[tree], other = in_.near[one];
      const std::uint32_t a = root(tree), b = root(in_.component[other]);
      if (a == b) continue;
      parent[std::max(a, b)] = std::min(a, b);
      out.push_back({in_.of.name[one], in_.of.name[other], std::sqrt(in_.square[one])});
    }
    std::uint32_t next = 0;
    std::vector<std::uint32_t> number(trees_);
    for (std::uint32_t tree = 0; tree < trees_; ++tree) number[tree] = root(tree) == tree ? next++ : number[root(tree)];
    for (auto& component : in_.component) component = number[component];
    trees_ = next;
  }

  forest in_;
  std::size_t trees_;
  cluster_boxes<float> rough_;
  cluster_boxes<double> exact_;
  bool is_rough_ = true;  // whether single precision tells points apart
  const run_options& run_;
  run_options team_, alone_;  // without progress
  std::vector<std::uint32_t> wanted_;
};

}  // namespace

std::vector<cluster_merge> spanning_tree(const distinct_points& points, const run_options& run) {
  {
    growing forest(points, run);
    if (forest.fit()) return forest();
  }
  return prim(points, run);
}

double spanning_tree_memory(std::size_t n, std::size_t columns) {
  const auto rows = static_cast<double>(n), d = static_cast<double>(columns);
  return rows * (d * (8 + 4.25 + 8.5) + 128);  // points, and panels with boxes in either precision: more than Prim's
}

}  // namespace clarion::segment
