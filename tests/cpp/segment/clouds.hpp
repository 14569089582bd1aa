#pragma once

// Points around centers, and a method that finds them, for the tests of this room.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "clarion/core/random.hpp"

struct clouds {
  std::vector<double> x;
  std::vector<std::uint32_t> labels;
};

/// `each` points about each of the centers.
inline clouds drawn_clouds(const std::vector<std::vector<double>>& centers, std::size_t each, double spread,
                           std::uint64_t seed = 1) {
  clouds out;
  clarion::core::random_stream random(seed);
  for (std::size_t i = 0; i < each; ++i)
    for (std::uint32_t c = 0; c < centers.size(); ++c) {
      for (const double at : centers[c]) out.x.push_back(at + spread * random.normal());
      out.labels.push_back(c);
    }
  return out;
}

/// Lloyd's k-means from rows that are far apart: simple and the same every time.
inline std::vector<std::uint32_t> plain_k_means(std::span<const double> x, std::size_t d, std::size_t k) {
  const std::size_t n = x.size() / d;
  const auto apart = [&](const double* a, const double* b) {
    double square = 0;
    for (std::size_t c = 0; c < d; ++c) square += (a[c] - b[c]) * (a[c] - b[c]);
    return square;
  };
  std::vector<double> centers(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(d)),
      nearest(n, std::numeric_limits<double>::infinity());
  while (centers.size() < k * d) {
    for (std::size_t i = 0; i < n; ++i)
      nearest[i] = std::min(nearest[i], apart(x.data() + i * d, centers.data() + centers.size() - d));
    const auto far = static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    centers.insert(centers.end(), x.begin() + static_cast<std::ptrdiff_t>(far * d),
                   x.begin() + static_cast<std::ptrdiff_t>((far + 1) * d));
  }
  std::vector<std::uint32_t> labels(n);
  for (int round = 0; round < 30; ++round) {
    std::vector<double> sums(k * d), counts(k);
    for (std::size_t i = 0; i < n; ++i) {
      double best = std::numeric_limits<double>::infinity();
      for (std::uint32_t c = 0; c < k; ++c)
        if (const double at = apart(x.data() + i * d, centers.data() + c * d); at < best) {
          best = at;
          labels[i] = c;
        }
      ++counts[labels[i]];
      for (std::size_t c = 0; c < d; ++c) sums[labels[i] * d + c] += x[i * d + c];
    }
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t at = 0; at < d && counts[c] > 0; ++at) centers[c * d + at] = sums[c * d + at] / counts[c];
  }
  return labels;
}
