#pragma once

// Whom each of many clusters is nearest to, by Ward.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "kernels/near_panel.hpp"

namespace clarion::segment {

inline constexpr std::uint32_t no_place = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::size_t panel_width = kernels::near_panel_width;

/// Clusters by place: near ones stand near each other, and whoever is left moves up.
struct clusters {
  std::size_t n = 0, d = 0;
  std::vector<double> mean;         // n x d
  std::vector<double> size;         // points; 0 where the cluster has merged into another
  std::vector<double> height;       // square of the last merge
  std::vector<std::uint32_t> id;    // in the order in which they were made: equal heights go by it
  std::vector<std::uint32_t> name;  // a point of the cluster
  std::vector<std::uint32_t> near;  // place of the nearest, or none where it is to be searched
  std::vector<std::uint32_t> hint;  // place of who may be the nearest, where that is to be searched
  std::vector<double> near_height;
  std::vector<std::uint8_t> made_new;  // whether it has merged since its nearest was searched

  /// The square of the height at which two would merge, with the same bits for (j, i).
  double apart(std::size_t i, std::size_t j) const {
    const double *a = mean.data() + i * d, *b = mean.data() + j * d;
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) {
      const double gap = a[k] - b[k];
      sum += gap * gap;
    }
    return 2 * sum / (1 / size[i] + 1 / size[j]);
  }
};

/// The clusters as the kernels read them, in T: panels, boxes around the clusters of each, and boxes around those, in groups.
template <class T>
class cluster_boxes {
public:
  struct level {
    std::vector<T> box;       // of each group, d x 2 x box_group: low, high
    std::vector<T> heaviest;  // of each box, the greatest weight inside
  };

  explicit cluster_boxes(const clusters& of) : d(of.d), centre_(of.d) {
    const auto simd = core::permitted_simd();
    if constexpr (std::is_same_v<T, float>) {
      near = kernels::choose_near_panel_float(simd);
      floors_ = kernels::choose_box_floors_float(simd);
    } else {
      near = kernels::choose_near_panel_double(simd);
      floors_ = kernels::choose_box_floors_double(simd);
    }
    std::vector<double> least(d, 2), most(d, -2);
    for (std::size_t i = 0; i < of.n; ++i)
      for (std::size_t k = 0; k < d; ++k) {
        least[k] = std::min(least[k], of.mean[i * d + k]);
        most[k] = std::max(most[k], of.mean[i * d + k]);
      }
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) {
      centre_[k] = least[k] + (most[k] - least[k]) / 2;
      square += (most[k] - least[k]) * (most[k] - least[k]);
    }
    // Each of two values is off by half an ulp of at most half the extent of its column.
    blur = std::sqrt(square) * static_cast<double>(std::numeric_limits<T>::epsilon());
  }

  /// All of them, from scratch.
  void fill(const clusters& of, const run_options& run) {
    current = true;
    const std::size_t panels = (of.n + panel_width - 1) / panel_width;
    values.resize(panels * d * panel_width);
    weight.resize(panels * panel_width);
    levels.resize(1);
    room(levels[0], panels);
    constexpr std::size_t together = 4 * group;
    core::parallel_blocks((panels + together - 1) / together, run, [&](std::size_t block) {
      for (std::size_t p = block * together; p < std::min(panels, (block + 1) * together); ++p) panel(of, p);
    });
    for (std::size_t boxes = (panels + group - 1) / group; boxes > 1; boxes = (boxes + group - 1) / group) {
      levels.emplace_back();
      room(levels.back(), boxes);
      for (std::size_t b = 0; b < boxes; ++b) around(levels[levels.size() - 2], b, levels.back());
    }
  }

  /// One that has changed, or is gone: boxes grow and never shrink.
  void renew(const clusters& of, std::size_t place) {
    const std::size_t p = place / panel_width, lane = place % panel_width;
    T* to = values.data() + p * d * panel_width + lane;
    const bool gone = of.size[place] == 0;
    weight[place] = gone ? T{0} : static_cast<T>(1 / of.size[place]);
    for (std::size_t k = 0; k < d; ++k) {
      const T value = gone ? beyond : static_cast<T>(of.mean[place * d + k] - centre_[k]);
      to[k * panel_width] = value;
      if (gone) continue;
      std::size_t box = p;
      for (level& in : levels) {
        T &low = *edge(in, box, k, 0), &high = *edge(in, box, k, 1);
        low = std::min(low, value);
        high = std::max(high, value);
        box /= group;
      }
    }
  }

  /// What is in reach of a group of boxes and wanted(box), the nearest first: numbers in the group. floor[i] is how near box i
  /// is.
  template <class Wanted>
  std::size_t in_reach(const level& in, std::size_t of, const T* low, const T* high, T reach, T spread, T* floor,
                       std::size_t* order, Wanted&& wanted) const {
    std::size_t count = 0;
    for (auto bits =
             floors_(low, high, in.box.data() + of * d * 2 * group, in.heaviest.data() + of * group, d, reach, spread, floor);
         bits != 0; bits &= bits - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(bits));
      if (!wanted(of * group + i)) continue;
      std::size_t at = count++;
      for (; at > 0 && floor[order[at - 1]] > floor[i]; --at) order[at] = order[at - 1];
      order[at] = i;
    }
    return count;
  }

  kernels::near_panel<T> near;
  bool current = false;  // whether it holds what the clusters are now
  std::size_t d;
  double blur = 0;        // how far a distance may be off beside its rounding
  std::vector<T> values;  // of each panel, d x panel_width
  std::vector<T> weight;  // one over the size
  std::vector<level> levels;

private:
  kernels::box_floors<T> floors_;
  static constexpr std::size_t group = kernels::box_group;
  static constexpr T beyond = static_cast<T>(1e15);  // where nothing is: its square is finite, and near nothing

  void room(level& of, std::size_t boxes) const {
    const std::size_t groups = (boxes + group - 1) / group;
    of.box.resize(groups * d * 2 * group);
    for (std::size_t k = (groups - 1) * d; k < groups * d; ++k) {
      std::fill_n(of.box.begin() + static_cast<std::ptrdiff_t>(2 * k * group), group, beyond);
      std::fill_n(of.box.begin() + static_cast<std::ptrdiff_t>((2 * k + 1) * group), group, -beyond);
    }
    of.heaviest.assign(groups * group, T{0});
  }

  T* edge(level& of, std::size_t box, std::size_t k, std::size_t side) const {
    return of.box.data() + ((box / group * d + k) * 2 + side) * group + box % group;
  }

  void panel(const clusters& of, std::size_t p) {
    const std::size_t first = p * panel_width, filled = std::min(panel_width, of.n - first);
    T* to = values.data() + p * d * panel_width;
    T* w = weight.data() + first;
    T& heaviest = levels[0].heaviest[p];
    for (std::size_t i = 0; i < panel_width; ++i) {
      w[i] = i < filled ? static_cast<T>(1 / of.size[first + i]) : T{0};
      heaviest = std::max(heaviest, w[i]);
    }
    for (std::size_t k = 0; k < d; ++k) {
      T least = beyond, most = -beyond;
      for (std::size_t i = 0; i < filled; ++i) {
        const T value = static_cast<T>(of.mean[(first + i) * d + k] - centre_[k]);
        to[k * panel_width + i] = value;
        least = std::min(least, value);
        most = std::max(most, value);
      }
      std::fill(to + k * panel_width + filled, to + (k + 1) * panel_width, beyond);
      *edge(levels[0], p, k, 0) = least;
      *edge(levels[0], p, k, 1) = most;
    }
  }

  // Box b of a level, around group b of the one below.
  void around(const level& below, std::size_t b, level& above) const {
    const T* heavy = below.heaviest.data() + b * group;
    above.heaviest[b] = *std::max_element(heavy, heavy + group);
    for (std::size_t k = 0; k < d; ++k) {
      const T* low = below.box.data() + (b * d + k) * 2 * group;
      *edge(above, b, k, 0) = *std::min_element(low, low + group);
      *edge(above, b, k, 1) = *std::max_element(low + group, low + 2 * group);
    }
  }

  std::vector<double> centre_;
};

/// Searches the nearest of some clusters, few at a time: what boxes and single precision cannot rule out is measured.
template <class T>
class nearest_search {
public:
  static constexpr std::size_t together = 8;

  nearest_search(clusters& of, const cluster_boxes<T>& boxes)
      : of_(of), boxes_(boxes), query_(together * of.d), low_(of.d), high_(of.d) {
    rounding_ = 1 + (static_cast<double>(of.d) + 8) * 2 * static_cast<double>(std::numeric_limits<T>::epsilon());
  }

  /// Finds the nearest of the clusters at these places, ascending, at most `together`; gives how many were measured.
  std::size_t operator()(const std::uint32_t* places, std::size_t n) {
    n_ = n;
    measured_ = 0;
    for (std::size_t q = 0; q < n; ++q) begin(q, places[q]);
    for (std::size_t k = 0; k < of_.d; ++k) {
      low_[k] = high_[k] = query_[k];
      for (std::size_t q = 1; q < n; ++q) {
        low_[k] = std::min(low_[k], query_[q * of_.d + k]);
        high_[k] = std::max(high_[k], query_[q * of_.d + k]);
      }
    }
    // Their own panels first: what is found there makes the rest shorter.
    homes_ = 0;
    for (std::size_t q = 0; q < n; ++q)
      if (const std::size_t home = places[q] / panel_width; homes_ == 0 || home_[homes_ - 1] != home) {
        visit(home);
        home_[homes_++] = home;
      }
    descend(boxes_.levels.size() - 1, 0);
    for (std::size_t q = 0; q < n; ++q) {
      of_.near[places[q]] = nearest_[q];
      of_.near_height[places[q]] = height_[q];
    }
    return measured_;
  }

private:
  static constexpr std::size_t group = kernels::box_group;

  void begin(std::size_t q, std::uint32_t place) {
    place_[q] = place;
    nearest_[q] = no_place;
    height_[q] = std::numeric_limits<double>::infinity();
    const T* panel = boxes_.values.data() + place / panel_width * of_.d * panel_width + place % panel_width;
    for (std::size_t k = 0; k < of_.d; ++k) query_[q * of_.d + k] = panel[k * panel_width];
    const auto found = [&](std::size_t other) {
      if (other >= of_.n || other == place || of_.size[other] == 0) return false;
      measure(q, static_cast<std::uint32_t>(other));
      return true;
    };
    found(of_.hint[place]);
    for (std::size_t step = 1; step < of_.n; ++step) {
      const bool right = found(place + step), left = step <= place && found(place - step);
      if (right || left) break;
    }
    bar(q);
  }

  void measure(std::size_t q, std::uint32_t other) {
    const std::uint32_t place = place_[q];
    const double height = of_.apart(place, other);
    ++measured_;
    if (height > height_[q]) return;
    if (height == height_[q]) {
      const auto key = [&](std::uint32_t with) {
        return std::pair{std::min(of_.id[place], of_.id[with]), std::max(of_.id[place], of_.id[with])};
      };
      if (nearest_[q] == other || key(nearest_[q]) < key(other)) return;
    }
    height_[q] = height;
    nearest_[q] = other;
  }

  // A distance in T is off by blur and rounding: for any r, (a + b)^2 <= (1 + r) a^2 + (1 + 1 / r) b^2, and r = b / a is the
  // best.
  void bar(std::size_t q) {
    const double slope = height_[q] / 2, base = slope / of_.size[place_[q]], blur = boxes_.blur;
    const double r = base > 0 ? std::clamp(blur / std::sqrt(base), 1e-9, 1.0) : 1;
    slope_[q] = static_cast<T>(rounding_ * (1 + r) * slope);
    base_[q] = static_cast<T>(rounding_ * ((1 + r) * base + (1 + 1 / r) * blur * blur) + double{std::numeric_limits<T>::min()});
    reach_ = spread_ = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      reach_ = std::max(reach_, base_[i]);
      spread_ = std::max(spread_, slope_[i]);
    }
  }

  // What is in reach of a group of boxes, the nearest first.
  void descend(std::size_t level, std::size_t of) {
    const auto& boxes = boxes_.levels[level];
    const T* heaviest = boxes.heaviest.data() + of * group;
    T floor[group];
    std::size_t order[group];
    const std::size_t count =
        boxes_.in_reach(boxes, of, low_.data(), high_.data(), reach_, spread_, floor, order, [](std::size_t) { return true; });
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t box = of * group + order[i];
      if (floor[order[i]] > reach_ + spread_ * heaviest[order[i]]) continue;
      if (level > 0)
        descend(level - 1, box);
      else if (std::find(home_, home_ + homes_, box) == home_ + homes_)
        visit(box);
    }
  }

  void visit(std::size_t panel) {
    std::uint32_t hits[together];
    if (boxes_.near(query_.data(), n_, boxes_.values.data() + panel * of_.d * panel_width,
                    boxes_.weight.data() + panel * panel_width, of_.d, base_, slope_, hits) == 0)
      return;
    for (std::size_t q = 0; q < n_; ++q) {
      if (hits[q] == 0) continue;
      const double before = height_[q];
      for (std::uint32_t bits = hits[q]; bits != 0; bits &= bits - 1) {
        const auto other = static_cast<std::uint32_t>(panel * panel_width) + static_cast<std::uint32_t>(std::countr_zero(bits));
        if (other != place_[q]) measure(q, other);
      }
      if (height_[q] < before) bar(q);
    }
  }

  clusters& of_;
  const cluster_boxes<T>& boxes_;
  std::vector<T> query_, low_, high_;  // the queries, and the box around them
  std::size_t home_[together], homes_ = 0;
  std::uint32_t place_[together], nearest_[together];
  double height_[together];
  T base_[together] = {}, slope_[together] = {};
  T reach_ = 0, spread_ = 0;  // the greatest base and slope
  double rounding_;
  std::size_t n_ = 0, measured_ = 0;
};

}  // namespace clarion::segment
