#pragma once

// The nearest point of another component of a forest.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "segment/nearest_cluster.hpp"

namespace clarion::segment {

/// Points, the component of each, and the nearest stranger of each as far as it is known.
struct forest {
  explicit forest(clusters points)
      : of(std::move(points)), component(of.n), near(of.n, no_place), square(of.n), floor(of.n), least(of.n) {}

  /// Shorter edges first, of equals that of the first points: the same for (j, i).
  bool shorter(double a, std::uint32_t i, std::uint32_t j, double b, std::uint32_t k, std::uint32_t l) const {
    if (a != b) return a < b;
    return std::minmax(of.name[i], of.name[j]) < std::minmax(of.name[k], of.name[l]);
  }

  clusters of;
  std::vector<std::uint32_t> component;
  std::vector<std::uint32_t> near;         // no_place where it is not known
  std::vector<double> square;              // of how far that one is
  std::vector<double> floor;               // no stranger is nearer than its root
  std::vector<std::atomic<double>> least;  // of each component, the square of the shortest edge that is known to leave it
};

/// Which boxes hold points of one component alone.
template <class T>
class component_boxes {
public:
  static constexpr std::uint32_t several = no_place, empty = no_place - 1;

  void fill(const forest& in, const cluster_boxes<T>& boxes) {
    levels.resize(boxes.levels.size());
    std::size_t count = (in.of.n + panel_width - 1) / panel_width;
    levels[0].assign(count, empty);
    for (std::size_t i = 0; i < in.of.n; ++i) add(levels[0][i / panel_width], in.component[i]);
    for (std::size_t level = 1; level < levels.size(); ++level) {
      levels[level].assign((count + kernels::box_group - 1) / kernels::box_group, empty);
      for (std::size_t i = 0; i < count; ++i) add(levels[level][i / kernels::box_group], levels[level - 1][i]);
      count = levels[level].size();
    }
  }

  std::vector<std::vector<std::uint32_t>> levels;

private:
  static void add(std::uint32_t& to, std::uint32_t component) {
    if (to == empty)
      to = component;
    else if (to != component)
      to = several;
  }
};

/// Searches few points at a time: what boxes and single precision cannot rule out is measured.
template <class T>
class stranger_search {
public:
  static constexpr std::size_t together = 8;

  stranger_search(forest& in, const cluster_boxes<T>& boxes, const component_boxes<T>& components)
      : in_(in), boxes_(boxes), components_(components), d_(in.of.d), query_(together * d_), low_(d_), high_(d_) {
    rounding_ = 1 + (static_cast<double>(d_) + 8) * 2 * static_cast<double>(std::numeric_limits<T>::epsilon());
  }

  /// For the points at these places, ascending, at most `together`: the nearest stranger, or that there is none as near as the
  /// shortest edge that leaves the component. Gives how many were measured.
  std::size_t operator()(const std::uint32_t* places, std::size_t n) {
    n_ = n;
    measured_ = 0;
    alike_ = in_.component[places[0]];
    double start[together];
    for (std::size_t q = 0; q < n; ++q) {
      const std::uint32_t place = place_[q] = places[q];
      mine_[q] = in_.component[place];
      if (mine_[q] != alike_) alike_ = component_boxes<T>::several;
      near_[q] = no_place;
      start[q] = square_[q] =
          std::min(in_.least[mine_[q]].load(std::memory_order_relaxed), 4.5 * static_cast<double>(d_));  // of values up to 1
      const T* panel = boxes_.values.data() + place / panel_width * d_ * panel_width + place % panel_width;
      for (std::size_t k = 0; k < d_; ++k) query_[q * d_ + k] = panel[k * panel_width];
      for (std::size_t other = place < 4 ? 0 : place - 4; other < std::min(in_.of.n, std::size_t{place} + 5); ++other)
        if (in_.component[other] != mine_[q]) measure(q, static_cast<std::uint32_t>(other));
      bar(q);
    }
    for (std::size_t k = 0; k < d_; ++k) {
      low_[k] = high_[k] = query_[k];
      for (std::size_t q = 1; q < n; ++q) {
        low_[k] = std::min(low_[k], query_[q * d_ + k]);
        high_[k] = std::max(high_[k], query_[q * d_ + k]);
      }
    }
    // Their own panels first: what is found there makes the rest shorter.
    homes_ = 0;
    for (std::size_t q = 0; q < n; ++q)
      if (const std::size_t home = places[q] / panel_width; homes_ == 0 || home_[homes_ - 1] != home) {
        if (!all_alike(0, home)) visit(home);
        home_[homes_++] = home;
      }
    descend(boxes_.levels.size() - 1, 0);
    for (std::size_t q = 0; q < n; ++q) {
      const std::uint32_t place = places[q];
      in_.near[place] = near_[q];
      in_.square[place] = in_.floor[place] = near_[q] == no_place ? start[q] : square_[q];
      if (near_[q] == no_place) continue;
      auto& least = in_.least[mine_[q]];
      double known = least.load(std::memory_order_relaxed);
      while (square_[q] < known && !least.compare_exchange_weak(known, square_[q], std::memory_order_relaxed)) {
      }
    }
    return measured_;
  }

private:
  static constexpr std::size_t group = kernels::box_group;

  bool all_alike(std::size_t level, std::size_t box) const {
    return alike_ != component_boxes<T>::several && components_.levels[level][box] == alike_;
  }

  void measure(std::size_t q, std::uint32_t other) {
    const double *a = in_.of.mean.data() + place_[q] * d_, *b = in_.of.mean.data() + other * d_;
    double sum = 0;
    for (std::size_t k = 0; k < d_; ++k) {
      const double gap = a[k] - b[k];
      sum += gap * gap;
    }
    ++measured_;
    if (sum > square_[q]) return;
    if (near_[q] != no_place && !in_.shorter(sum, place_[q], other, square_[q], place_[q], near_[q])) return;
    square_[q] = sum;
    near_[q] = other;
  }

  // As in the search of clusters: for any r, (a + b)^2 <= (1 + r) a^2 + (1 + 1 / r) b^2.
  void bar(std::size_t q) {
    const double square = square_[q], blur = boxes_.blur;
    const double r = square > 0 ? std::clamp(blur / std::sqrt(square), 1e-9, 1.0) : 1;
    base_[q] = static_cast<T>(rounding_ * ((1 + r) * square + (1 + 1 / r) * blur * blur) + double{std::numeric_limits<T>::min()});
    reach_ = *std::max_element(base_, base_ + n_);
  }

  // What is in reach of a group of boxes, the nearest first.
  void descend(std::size_t level, std::size_t of) {
    const auto& boxes = boxes_.levels[level];
    T floor[group];
    std::size_t order[group];
    const std::size_t count =
        boxes_.in_reach(boxes, of, low_.data(), high_.data(), reach_, T{0}, floor, order,
                        [&](std::size_t box) { return box < components_.levels[level].size() && !all_alike(level, box); });
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t box = of * group + order[i];
      if (floor[order[i]] > reach_) break;
      if (level > 0)
        descend(level - 1, box);
      else if (std::find(home_, home_ + homes_, box) == home_ + homes_)
        visit(box);
    }
  }

  void visit(std::size_t panel) {
    std::uint32_t hits[together];
    if (boxes_.near(query_.data(), n_, boxes_.values.data() + panel * d_ * panel_width,
                    boxes_.weight.data() + panel * panel_width, d_, base_, slope_, hits) == 0)
      return;
    for (std::size_t q = 0; q < n_; ++q) {
      if (hits[q] == 0) continue;
      const std::uint32_t before = near_[q];
      for (std::uint32_t bits = hits[q]; bits != 0; bits &= bits - 1) {
        const std::size_t other = panel * panel_width + static_cast<std::size_t>(std::countr_zero(bits));
        if (other < in_.of.n && in_.component[other] != mine_[q]) measure(q, static_cast<std::uint32_t>(other));
      }
      if (near_[q] != before) bar(q);
    }
  }

  forest& in_;
  const cluster_boxes<T>& boxes_;
  const component_boxes<T>& components_;
  std::size_t d_;
  std::vector<T> query_, low_, high_;  // the queries, and the box around them
  std::size_t home_[together], homes_ = 0;
  std::uint32_t place_[together], mine_[together], near_[together];
  std::uint32_t alike_ = 0;  // the component of all queries, or several
  double square_[together];
  T base_[together] = {};
  const T slope_[together] = {};
  T reach_ = 0;  // the greatest base
  double rounding_;
  std::size_t n_ = 0, measured_ = 0;
};

}  // namespace clarion::segment
