#include "clarion/segment/purchase_holdout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void check_column(const char* name, std::span<const double> values, std::size_t rows) {
  if (values.size() != rows) reject(name, std::to_string(values.size()) + " rows", "give " + std::to_string(rows));
  for (std::size_t i = 0; i < rows; ++i)
    if (!(values[i] >= 0) || std::isinf(values[i]))
      reject(name, std::to_string(values[i]) + " in row " + std::to_string(i), "give numbers that are at least 0");
}

}  // namespace

purchase_holdout_result purchase_holdout(const purchases& all, date cut, const purchase_summary_options& options,
                                         const run_options& run) {
  core::check_options(options);
  if (cut >= all.at()) reject("cut", core::to_string(cut), "give a day before the reference date, " + core::to_string(all.at()));
  purchase_holdout_result out;
  out.before = purchases_until(all, cut, part_of(run, 0, .4));
  out.learned = purchase_summary(out.before, options, part_of(run, .4, .7));
  out.T = static_cast<double>(core::day_number(all.at()) - core::day_number(cut)) / options.unit;
  const std::size_t n = out.before.size();
  out.frequency.resize(n);
  out.monetary.resize(n);
  std::vector<std::uint32_t> in_all;  // those that are in `before`, in its order
  in_all.reserve(n);
  for (std::uint32_t c = 0; c < all.size(); ++c)
    if (all.first_day()[c] <= core::day_number(cut)) in_all.push_back(c);
  constexpr std::size_t together = 8192;
  core::parallel_blocks((n + together - 1) / together, part_of(run, .7, 1), [&](std::size_t b) {
    for (std::size_t c = b * together; c < std::min(n, (b + 1) * together); ++c) {
      const history whole = all.of(in_all[c]);
      const std::size_t until = out.before.count()[c];
      out.frequency[c] = static_cast<double>(whole.day.size() - until);
      double sum = 0;
      for (std::size_t i = until; i < whole.amount.size(); ++i) sum += whole.amount[i];
      out.monetary[c] = !all.has_amounts() ? nan : out.frequency[c] > 0 ? sum / out.frequency[c] : 0;
    }
  });
  return out;
}

holdout_quality_result holdout_quality(std::span<const double> expected, std::span<const double> seen,
                                       std::span<const double> frequency, std::uint32_t most) {
  const std::size_t n = expected.size();
  if (n == 0) reject("expected", "no customer", "give at least one");
  check_column("expected", expected, n);
  check_column("seen", seen, n);
  check_column("frequency", frequency, n);
  holdout_quality_result out;
  const std::size_t classes = std::size_t{most} + 2;
  out.customers.assign(classes, 0);
  out.mean_seen.assign(classes, 0);
  out.mean_expected.assign(classes, 0);
  double absolute = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double off = expected[i] - seen[i];
    out.seen += seen[i];
    out.expected += expected[i];
    absolute += std::abs(off);
    square += off * off;
    const auto at = static_cast<std::size_t>(std::min(frequency[i], static_cast<double>(most) + 1));
    ++out.customers[at];
    out.mean_seen[at] += seen[i];
    out.mean_expected[at] += expected[i];
  }
  for (std::size_t k = 0; k < classes; ++k) {
    const auto count = static_cast<double>(out.customers[k]);
    out.mean_seen[k] = count > 0 ? out.mean_seen[k] / count : nan;
    out.mean_expected[k] = count > 0 ? out.mean_expected[k] / count : nan;
  }
  out.mean_absolute_error = absolute / static_cast<double>(n);
  out.root_mean_square_error = std::sqrt(square / static_cast<double>(n));
  return out;
}

}  // namespace clarion::segment
