#include "kmeans_start.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/nearest_center.hpp"
#include "kernels/start_potential.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t start_block = 4096;

std::uint32_t drawn_by_weight(std::size_t rows, const double* weight, double total, core::random_stream& random) {
  if (weight == nullptr) return static_cast<std::uint32_t>(random.below(rows));
  double left = random.uniform() * total;
  std::size_t last = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    if (weight[r] <= 0) continue;
    last = r;
    left -= weight[r];
    if (left < 0) break;
  }
  return static_cast<std::uint32_t>(last);
}

}  // namespace

template <class T>
std::vector<std::uint32_t> plusplus_rows(const points_view<T>& x, std::uint32_t k, const double* weight, double total,
                                         core::random_stream random, const run_options& run) {
  const std::size_t n = x.rows, d = x.columns, blocks = (n + start_block - 1) / start_block;
  const auto draws = static_cast<std::size_t>(2 + std::log(static_cast<double>(k)));
  const auto step = kernels::choose_start_potential(core::permitted_simd(), T{});
  std::vector<T> closest(n, std::numeric_limits<T>::infinity()), centers((1 + draws) * d);
  std::vector<double> potential(blocks * draws), current(blocks);
  const auto pass = [&](std::size_t b, std::size_t trials, double* to, std::vector<T>& work) {
    const std::size_t first = b * start_block;
    step(x.row(first), d, std::min(n - first, start_block), centers.data(), trials, weight == nullptr ? nullptr : weight + first,
         closest.data() + first, to, work.data());
  };
  const auto place = [&](std::size_t at, std::uint32_t row) { std::copy_n(x.row(row), d, centers.data() + at * d); };

  std::vector<std::uint32_t> chosen{drawn_by_weight(n, weight, total, random)};
  place(0, chosen[0]);
  place(1, chosen[0]);
  std::vector<T> own(kernels::nearest_work(d));
  for (std::uint32_t c = 0; c < k; ++c) {
    const bool begun = c > 0;
    const std::size_t trials = begun ? draws : 1;
    std::vector<std::uint32_t> trial(trials, chosen[0]);
    if (begun) {
      const double all = std::accumulate(current.begin(), current.end(), 0.0);
      if (!(all > 0)) {  // every row is where one of the chosen is
        chosen.push_back(drawn_by_weight(n, weight, total, random));
        if (chosen.size() == k) break;
        continue;
      }
      for (std::size_t t = 0; t < trials; ++t) {
        double left = random.uniform() * all;
        std::size_t b = 0, last = 0;
        for (std::size_t at = 0; at < blocks; ++at) {
          if (!(current[at] > 0)) continue;
          b = at;
          if (left < current[at]) break;
          left -= current[at];
        }
        double none = 0;
        pass(b, 0, &none, own);  // closest has yet to hear of the last that was chosen
        const std::size_t end = std::min(n, (b + 1) * start_block);
        for (std::size_t r = b * start_block; r < end; ++r) {
          const double part = (weight == nullptr ? 1.0 : weight[r]) * static_cast<double>(closest[r]);
          if (!(part > 0)) continue;
          last = r;
          left -= part;
          if (left < 0) break;
        }
        trial[t] = static_cast<std::uint32_t>(last);
        place(1 + t, trial[t]);
      }
    }
    const auto part = part_of(run, static_cast<double>(c) / k, (c + 1.0) / k);
    core::parallel_blocks(blocks, part, [&](std::size_t b) {
      std::vector<T> work(kernels::nearest_work(d));
      pass(b, trials, potential.data() + b * trials, work);
    });
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t t = 0; t < trials; ++t) {
      double sum = 0;
      for (std::size_t b = 0; b < blocks; ++b) sum += potential[b * trials + t];
      if (sum < least) {
        least = sum;
        best = t;
      }
    }
    for (std::size_t b = 0; b < blocks; ++b) current[b] = potential[b * trials + best];
    if (begun) {
      chosen.push_back(trial[best]);
      place(0, trial[best]);
    }
    if (chosen.size() == k) break;
  }
  return chosen;
}

std::vector<std::uint32_t> random_rows(std::size_t rows, std::uint32_t k, const double* weight, core::random_stream random,
                                       const run_options& run) {
  // The k least of exponential times, each at the rate of its weight (Efraimidis and Spirakis, 2006).
  core::pulse pulse(run);
  std::vector<std::pair<double, std::uint32_t>> times(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    if (r % 65536 == 0) pulse.beat(static_cast<double>(r) / static_cast<double>(rows));
    times[r] = {random.exponential() / (weight == nullptr ? 1.0 : weight[r]), static_cast<std::uint32_t>(r)};
    if (std::isnan(times[r].first)) times[r].first = std::numeric_limits<double>::infinity();
  }
  std::nth_element(times.begin(), times.begin() + (k - 1), times.end());
  std::sort(times.begin(), times.begin() + k);
  std::vector<std::uint32_t> out(k);
  for (std::uint32_t c = 0; c < k; ++c) out[c] = times[c].second;
  return out;
}

template std::vector<std::uint32_t> plusplus_rows(const points_view<float>&, std::uint32_t, const double*, double,
                                                  core::random_stream, const run_options&);
template std::vector<std::uint32_t> plusplus_rows(const points_view<double>&, std::uint32_t, const double*, double,
                                                  core::random_stream, const run_options&);

}  // namespace clarion::segment
