#include "clarion/stats/paired_test.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/stats/distributions.hpp"

namespace clarion::stats {

namespace {

constexpr std::uint32_t random_room = 0x50414952;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// What each choice of signs of four differences in a row sums to.
using sums = std::array<double, 16>;

std::vector<sums> tables_of(std::span<const double> differences) {
  std::vector<sums> out((differences.size() + 3) / 4);
  for (std::size_t i = 0; i < out.size(); ++i)
    for (unsigned signs = 0; signs < 16; ++signs) {
      double sum = 0;
      for (std::size_t j = 0; j < std::min<std::size_t>(4, differences.size() - 4 * i); ++j)
        sum += (signs >> j & 1u) != 0 ? differences[4 * i + j] : -differences[4 * i + j];
      out[i][signs] = sum;
    }
  return out;
}

void sign_flip(std::span<const double> differences, const paired_options& options, const run_options& run, paired_result& out) {
  const std::size_t n = differences.size();
  const auto tables = tables_of(differences);
  // Sums in the order of the tables: the observed one too, so that equal ones are equal.
  double observed = 0;
  for (const auto& table : tables) observed += table[15];
  double size = 0;
  for (const double d : differences) size += std::abs(d);
  const double bar = std::abs(observed) - 1e-12 * size;  // rounding makes no difference extreme

  out.exact = n < 24 && (std::uint64_t{1} << n) <= std::uint64_t{options.permutations} + 1;
  const std::uint64_t draws = out.exact ? std::uint64_t{1} << n : options.permutations;
  constexpr std::uint64_t together = 64;
  std::vector<std::uint64_t> extreme((draws + together - 1) / together);
  core::parallel_blocks(extreme.size(), run, [&](std::size_t block) {
    for (std::uint64_t draw = block * together; draw < std::min(draws, (block + 1) * together); ++draw) {
      core::random_stream random(options.seed, draw, random_room);
      double sum = 0;
      std::uint32_t signs = static_cast<std::uint32_t>(draw);
      for (std::size_t i = 0; i < tables.size(); ++i, signs >>= 4) {
        if (!out.exact && i % 8 == 0) signs = random.bits();
        sum += tables[i][signs & 15u];
      }
      extreme[block] += std::abs(sum) >= bar;
    }
  });
  const auto count = static_cast<double>(std::accumulate(extreme.begin(), extreme.end(), std::uint64_t{0}));
  out.p_sign_flip = out.exact ? count / static_cast<double>(draws) : (1 + count) / (1 + static_cast<double>(draws));
}

}  // namespace

paired_result paired_test(std::span<const double> a, std::span<const double> b, const paired_options& options,
                          const run_options& run) {
  core::check_options(options);
  if (a.size() != b.size())
    reject("b", std::to_string(b.size()) + " values", "give one for each of the " + std::to_string(a.size()) + " of a");
  paired_result out;
  out.difference = out.sd = out.low = out.high = out.t = nan;
  std::vector<double> differences;  // those that are not 0, whose signs matter
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isinf(a[i]) || std::isinf(b[i])) reject("a and b", "infinity", "give finite numbers, or NaN where there is none");
    const double d = a[i] - b[i];
    if (std::isnan(d)) continue;
    ++out.n;
    sum += d;
    if (d != 0) differences.push_back(d);
  }
  if (out.n == 0) return out;
  const auto n = static_cast<double>(out.n);
  out.difference = sum / n;
  if (out.n < 2) return out;

  double square = (n - static_cast<double>(differences.size())) * out.difference * out.difference;
  for (const double d : differences) square += (d - out.difference) * (d - out.difference);
  out.sd = std::sqrt(square / (n - 1) / n);
  const double reach = student_quantile((1 + options.level) / 2, n - 1) * out.sd;
  out.low = out.difference - reach;
  out.high = out.difference + reach;
  if (differences.empty()) {
    out.t = 0;
    out.exact = true;
    return out;
  }
  out.t = out.difference / out.sd;  // infinite where all differences are the same
  out.p_t = std::isinf(out.t) ? 0 : 2 * student_cdf(-std::abs(out.t), n - 1);
  sign_flip(differences, options, run, out);
  return out;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (std::isnan(p[i])) continue;
    if (p[i] < 0 || p[i] > 1) reject("p", std::to_string(p[i]), "give numbers from 0 to 1");
    order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
  std::vector<double> out(p.begin(), p.end());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    least = std::max(least, std::min(1.0, static_cast<double>(order.size() - i) * p[order[i]]));
    out[order[i]] = least;
  }
  return out;
}

}  // namespace clarion::stats
