#include "segment/ward.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/near_panel.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t width = kernels::near_panel_width;
constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

// Clusters by place: near ones stand near each other, and whoever is left moves up.
struct clusters {
  std::size_t n = 0, d = 0;
  std::vector<double> mean;         // n x d
  std::vector<double> size;         // points
  std::vector<double> height;       // square of the last merge
  std::vector<std::uint32_t> id;    // in the order in which they were made: equal heights go by it
  std::vector<std::uint32_t> name;  // a point of the cluster
  std::vector<std::uint32_t> near;  // place of the nearest, or none where it is to be searched
  std::vector<double> near_height;

  // The square of the height at which two would merge, with the same bits for (j, i).
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

// Places of points in boxes of `width`: halves by the median of the widest column, whole boxes to the left.
void k_d_order(const distinct_points& points, std::uint32_t* first, std::size_t n) {
  if (n <= width) return;
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
  const std::size_t boxes = (n + width - 1) / width, half = boxes / 2 * width;
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
  out.near.assign(out.n, none);
  out.near_height.resize(out.n);
  return out;
}

// The clusters as the kernel reads them, in T, and a box around those of each panel.
template <class T>
struct panels {
  std::size_t count = 0, d = 0;
  std::vector<double> centre;
  std::vector<T> values;     // of each panel, d x width
  std::vector<T> weight;     // one over the size
  std::vector<T> low, high;  // d x count
  std::vector<T> heaviest;   // the greatest weight of a panel
  double blur = 0;           // how far a distance may be off beside its rounding

  explicit panels(const clusters& of) : d(of.d), centre(of.d) {
    std::vector<double> least(d, 2), most(d, -2);
    for (std::size_t i = 0; i < of.n; ++i)
      for (std::size_t k = 0; k < d; ++k) {
        least[k] = std::min(least[k], of.mean[i * d + k]);
        most[k] = std::max(most[k], of.mean[i * d + k]);
      }
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) {
      centre[k] = least[k] + (most[k] - least[k]) / 2;
      square += (most[k] - least[k]) * (most[k] - least[k]);
    }
    // Each of two values is off by half an ulp of at most half the extent of its column.
    blur = std::sqrt(square) * static_cast<double>(std::numeric_limits<T>::epsilon());
  }

  void fill(const clusters& of, const run_options& run) {
    count = (of.n + width - 1) / width;
    values.resize(count * d * width);
    weight.resize(count * width);
    low.resize(count * d);
    high.resize(count * d);
    heaviest.resize(count);
    constexpr std::size_t together = 64;
    core::parallel_blocks((count + together - 1) / together, run, [&](std::size_t block) {
      for (std::size_t p = block * together; p < std::min(count, (block + 1) * together); ++p) one(of, p);
    });
  }

private:
  void one(const clusters& of, std::size_t p) {
    constexpr T beyond = static_cast<T>(1e15);  // where a panel is not full: its square is finite, and near nothing
    const std::size_t first = p * width, filled = std::min(width, of.n - first);
    T* to = values.data() + p * d * width;
    T* w = weight.data() + first;
    heaviest[p] = 0;
    for (std::size_t i = 0; i < width; ++i) {
      w[i] = i < filled ? static_cast<T>(1 / of.size[first + i]) : T{0};
      heaviest[p] = std::max(heaviest[p], w[i]);
    }
    for (std::size_t k = 0; k < d; ++k) {
      T least = beyond, most = -beyond;
      for (std::size_t i = 0; i < filled; ++i) {
        const T value = static_cast<T>(of.mean[(first + i) * d + k] - centre[k]);
        to[k * width + i] = value;
        least = std::min(least, value);
        most = std::max(most, value);
      }
      for (std::size_t i = filled; i < width; ++i) to[k * width + i] = beyond;
      low[k * count + p] = least;
      high[k * count + p] = most;
    }
  }
};

kernels::near_panel<float> kernel_of(float) { return kernels::choose_near_panel_float(core::permitted_simd()); }
kernels::near_panel<double> kernel_of(double) { return kernels::choose_near_panel_double(core::permitted_simd()); }

// Searches the nearest of some clusters, few at a time: what the panels cannot rule out is measured again.
template <class T>
class search {
public:
  static constexpr std::size_t together = 8;

  search(clusters& of, const panels<T>& boxes, kernels::near_panel<T> kernel)
      : of_(of), boxes_(boxes), kernel_(kernel), query_(together * of.d), floor_(boxes.count) {
    // A square in T is at most (1 + slack) of the true one, plus what blur adds: (a + b)^2 <= (1 + 1/16) a^2 + 17 b^2.
    slack_ = (1 + 1.0 / 16) * (1 + (static_cast<double>(of.d) + 8) * 2 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    haze_ = 17 * boxes.blur * boxes.blur + static_cast<double>(std::numeric_limits<T>::min());
  }

  /// Finds the nearest of the clusters at these places, at most `together`; gives how many were measured.
  std::size_t operator()(const std::uint32_t* places, std::size_t n) {
    n_ = n;
    measured_ = 0;
    for (std::size_t q = 0; q < n; ++q) begin(q, places[q]);
    lower_bounds();
    const std::size_t first = places[0] / width, last = places[n - 1] / width;
    for (std::size_t p = first; p <= last; ++p) visit(p);
    // What is near first: it makes the rest shorter.
    const T close = reach_ / 4;
    const auto ring = [&](auto&& wanted) {
      for (std::size_t step = 1; step <= std::max(first, boxes_.count - 1 - last); ++step) {
        if (step <= first && wanted(first - step)) visit(first - step);
        if (last + step < boxes_.count && wanted(last + step)) visit(last + step);
      }
    };
    ring([&](std::size_t p) { return floor_[p] <= close; });
    ring([&](std::size_t p) { return floor_[p] > close && floor_[p] <= reach_ + spread_ * boxes_.heaviest[p]; });
    for (std::size_t q = 0; q < n; ++q) {
      of_.near[places[q]] = nearest_[q];
      of_.near_height[places[q]] = height_[q];
    }
    return measured_;
  }

private:
  void begin(std::size_t q, std::uint32_t place) {
    place_[q] = place;
    nearest_[q] = none;
    height_[q] = std::numeric_limits<double>::infinity();
    const T* panel = boxes_.values.data() + place / width * of_.d * width + place % width;
    for (std::size_t k = 0; k < of_.d; ++k) query_[q * of_.d + k] = panel[k * width];
    if (place > 0) measure(q, place - 1);
    if (place + 1 < of_.n) measure(q, place + 1);
    bar(q);
  }

  void measure(std::size_t q, std::uint32_t other) {
    const std::uint32_t place = place_[q];
    const double height = of_.apart(place, other);
    ++measured_;
    if (height > height_[q]) return;
    if (height == height_[q]) {
      const auto key = [&](std::uint32_t with) { return std::minmax(of_.id[place], of_.id[with]); };
      if (nearest_[q] == other || key(nearest_[q]) < key(other)) return;
    }
    height_[q] = height;
    nearest_[q] = other;
  }

  void bar(std::size_t q) {
    slope_[q] = static_cast<T>(slack_ * height_[q] / 2);
    base_[q] = static_cast<T>(slack_ * height_[q] / (2 * of_.size[place_[q]]) + haze_);
    reach_ = spread_ = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      reach_ = std::max(reach_, base_[i]);
      spread_ = std::max(spread_, slope_[i]);
    }
  }

  // The square of the distance between the box of the queries and that of each panel.
  void lower_bounds() {
    std::fill(floor_.begin(), floor_.end(), T{0});
    for (std::size_t k = 0; k < of_.d; ++k) {
      T least = query_[k], most = least;
      for (std::size_t q = 1; q < n_; ++q) {
        least = std::min(least, query_[q * of_.d + k]);
        most = std::max(most, query_[q * of_.d + k]);
      }
      const T *low = boxes_.low.data() + k * boxes_.count, *high = boxes_.high.data() + k * boxes_.count;
      for (std::size_t p = 0; p < boxes_.count; ++p) {
        const T below = low[p] - most, above = least - high[p];
        const T gap = below > above ? below : above;
        const T outside = gap > T{0} ? gap : T{0};
        floor_[p] += outside * outside;
      }
    }
  }

  void visit(std::size_t p) {
    std::uint32_t hits[together];
    if (kernel_(query_.data(), n_, boxes_.values.data() + p * of_.d * width, boxes_.weight.data() + p * width, of_.d, base_,
                slope_, hits) == 0)
      return;
    for (std::size_t q = 0; q < n_; ++q) {
      if (hits[q] == 0) continue;
      const double before = height_[q];
      for (std::uint32_t bits = hits[q]; bits != 0; bits &= bits - 1) {
        const auto other = static_cast<std::uint32_t>(p * width) + static_cast<std::uint32_t>(std::countr_zero(bits));
        if (other != place_[q]) measure(q, other);
      }
      if (height_[q] < before) bar(q);
    }
  }

  clusters& of_;
  const panels<T>& boxes_;
  kernels::near_panel<T> kernel_;
  std::vector<T> query_, floor_;
  std::uint32_t place_[together], nearest_[together];
  double height_[together];
  T base_[together], slope_[together];
  T reach_ = 0, spread_ = 0;  // the greatest base and slope
  double slack_, haze_;
  std::size_t n_ = 0, measured_ = 0;
};

// Searches what has no nearest; gives how many clusters were measured for each at the mean.
template <class T>
double search_all(clusters& of, panels<T>& boxes, const std::vector<std::uint32_t>& wanted, const run_options& run) {
  boxes.fill(of, run);
  const auto kernel = kernel_of(T{});
  constexpr std::size_t block = 8 * search<T>::together;
  const std::size_t blocks = (wanted.size() + block - 1) / block;
  std::vector<std::size_t> measured(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    search<T> find(of, boxes, kernel);
    for (std::size_t i = b * block; i < std::min(wanted.size(), (b + 1) * block); i += search<T>::together)
      measured[b] += find(wanted.data() + i, std::min(search<T>::together, wanted.size() - i));
  });
  return static_cast<double>(std::accumulate(measured.begin(), measured.end(), std::size_t{0})) /
         static_cast<double>(wanted.size());
}

// Merges pairs that are each other's nearest, and moves up who is left. Only who pointed to one of a pair is searched again: a
// merged cluster is no nearer than the nearer of its parts was.
void merge_pairs(clusters& of, std::uint32_t& made, std::vector<cluster_merge>& out) {
  const std::size_t d = of.d;
  std::vector<std::uint32_t> moved(of.n, none);  // where who has not merged stands now
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
  std::vector<std::uint32_t> near(to, none);
  std::vector<double> near_height(to);
  for (std::uint32_t i = 0; i < of.n; ++i)
    if (moved[i] != none) {
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
  panels<float> rough(of);
  panels<double> exact(of);
  bool is_rough = true;
  run_options alone;
  alone.threads = 1;
  alone.cancel = run.cancel;
  core::pulse pulse(run);
  std::vector<std::uint32_t> wanted;
  while (of.n > 1) {
    wanted.clear();
    for (std::uint32_t i = 0; i < of.n; ++i)
      if (of.near[i] == none) wanted.push_back(i);
    const double done = of.n == points.n ? 0 : 1 - 0.5 * static_cast<double>(of.n) / static_cast<double>(points.n);
    pulse.beat(done);
    if (!wanted.empty()) {
      // A team of threads takes longer to gather than small work.
      const bool large = static_cast<double>(wanted.size()) * static_cast<double>(of.n * of.d) > 1e6;
      const auto part = part_of(run, done, std::max(done, 0.5));
      const double measured =
          is_rough ? search_all(of, rough, wanted, large ? part : alone) : search_all(of, exact, wanted, large ? part : alone);
      is_rough = is_rough && measured < 128;  // else single precision cannot tell them apart
    }
    const std::size_t before = of.n;
    merge_pairs(of, made, out);
    // Rounding may have brought a merged cluster nearer than its parts, and pointers into a ring.
    if (of.n == before) std::fill(of.near.begin(), of.near.end(), none);
  }
  return out;
}

double ward_memory(std::size_t n, std::size_t columns) {
  const auto rows = static_cast<double>(n), d = static_cast<double>(columns);
  return rows * (d * (8 + 8 + 1) + 72);
}

}  // namespace clarion::segment
