#include "clarion/segment/rfm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/segment/detail/purchase_store.hpp"
#include "clarion/segment/rules.hpp"
#include "schema/wording.hpp"

namespace clarion::segment {

namespace {

using enum rfm_segment;

constexpr std::size_t block_rows = std::size_t{1} << 15;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using four = std::array<double, 4>;

// [r - 1][f - 1]
constexpr rfm_segment grid[5][5] = {
    {hibernating, hibernating, at_risk, at_risk, cannot_lose_them},
    {hibernating, hibernating, at_risk, at_risk, cannot_lose_them},
    {about_to_sleep, about_to_sleep, need_attention, loyal, loyal},
    {promising, potential_loyalist, potential_loyalist, loyal, loyal},
    {new_customers, potential_loyalist, potential_loyalist, champions, champions},
};

void check_boundaries(const char* field, const std::vector<double>& given) {
  if (given.empty()) return;
  std::string text;
  for (const double b : given) text += (text.empty() ? "" : ", ") + wording::number(b);
  if (given.size() != 4) reject(field, std::to_string(given.size()) + " numbers", "give four, between five scores");
  for (std::size_t b = 0; b < 4; ++b)
    if (!std::isfinite(given[b]) || (b > 0 && given[b] < given[b - 1]))
      reject(field, text, "give four finite numbers, none below the one before");
}

// The m-th smallest of the values, m = ceil(k n / 5) for k = 1..4: a value has m below it exactly if it is above that one.
template <class T>
four fifths(std::vector<T> values) {
  four out{};
  const std::size_t n = values.size();
  if (n == 0) return out;
  auto from = values.begin();
  for (std::size_t k = 1; k <= 4; ++k) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>((k * n + 4) / 5 - 1);
    if (at >= from) {
      std::nth_element(from, at, values.end());
      from = at;
    }
    out[k - 1] = static_cast<double>(*at);
  }
  return out;
}

std::uint8_t above(double value, const four& boundaries) {
  return static_cast<std::uint8_t>((value > boundaries[0]) + (value > boundaries[1]) + (value > boundaries[2]) +
                                   (value > boundaries[3]));
}

four array_of(const std::vector<double>& given) { return {given[0], given[1], given[2], given[3]}; }

std::size_t blocks_of(std::size_t n) { return (n + block_rows - 1) / block_rows; }

template <class Body>
void for_rows(std::size_t n, const run_options& run, const Body& body) {
  core::parallel_blocks(blocks_of(n), run, [&](std::size_t b) {
    const std::size_t end = std::min(n, (b + 1) * block_rows);
    for (std::size_t i = b * block_rows; i < end; ++i) body(i);
  });
}

void find_flat(const char* what, const std::vector<std::uint8_t>& scores, std::vector<schema::finding>& out) {
  std::array<std::uint64_t, 6> count{};
  for (const auto s : scores) ++count[s];
  const auto most = static_cast<std::size_t>(std::ranges::max_element(count) - count.begin());
  if (scores.empty() || count[most] * 2 <= scores.size()) return;
  auto found = schema::make_finding(rule_of("G005"), {},
                                    wording::percent(static_cast<double>(count[most]) / static_cast<double>(scores.size())) +
                                        " of " + wording::plural(scores.size(), "customer") + " have a " + what + " score of " +
                                        std::to_string(most));
  found.evidence = wording::evidence_list()
                       .add_count("score", static_cast<double>(most), {})
                       .add_count("customers", static_cast<double>(count[most]), "customers")
                       .done();
  found.column = what;
  out.push_back(std::move(found));
}

}  // namespace

std::string_view to_string(rfm_segment segment) {
  static constexpr std::string_view names[n_rfm_segments] = {
      "Champions",      "Loyal",   "Potential Loyalist", "New Customers", "Promising", "Need Attention",
      "About to Sleep", "At Risk", "Cannot Lose Them",   "Hibernating"};
  return names[static_cast<std::size_t>(segment) % n_rfm_segments];
}

rfm_segment rfm_segment_of(int recency_score, int frequency_score) {
  if (recency_score < 1 || recency_score > 5) reject("recency_score", std::to_string(recency_score), "give a score from 1 to 5");
  if (frequency_score < 1 || frequency_score > 5)
    reject("frequency_score", std::to_string(frequency_score), "give a score from 1 to 5");
  return grid[recency_score - 1][frequency_score - 1];
}

rfm_result rfm(const purchases& data, const rfm_options& options, const run_options& run) {
  check_boundaries("recency_boundaries", options.recency_boundaries);
  check_boundaries("frequency_boundaries", options.frequency_boundaries);
  check_boundaries("monetary_boundaries", options.monetary_boundaries);
  const std::size_t n = data.size();
  const std::int32_t at = core::day_number(data.at());
  const bool amounts = data.has_amounts();
  rfm_result out;
  out.recency.resize(n);
  out.frequency.resize(n);
  out.monetary.resize(n);
  out.mean.resize(n);
  out.tenure.resize(n);
  const auto first = data.first_day(), last = data.last_day();
  const auto count = data.count();
  const auto bought = data.bought(), returned = data.returned();
  for_rows(n, part_of(run, 0, .3), [&](std::size_t c) {
    out.recency[c] = at - last[c];
    out.tenure[c] = at - first[c];
    out.frequency[c] = count[c];
    out.monetary[c] = amounts ? bought[c] + returned[c] : nan;
    out.mean[c] = out.monetary[c] / count[c];
  });

  core::parallel_blocks(3, part_of(run, .3, .7), [&](std::size_t which) {
    if (which == 0 && options.recency_boundaries.empty()) {
      // Worse is longer ago: fifths of what is left to the reference date, whose whole days turn "below" into "at most".
      std::vector<std::int32_t> late(n);
      std::ranges::transform(out.recency, late.begin(), [](std::int32_t days) { return -days; });
      const four b = fifths(std::move(late));
      for (std::size_t k = 0; k < 4; ++k) out.recency_boundaries[k] = n > 0 ? -b[3 - k] - 1 : 0;
    } else if (which == 1 && options.frequency_boundaries.empty()) {
      out.frequency_boundaries = fifths(out.frequency);
    } else if (which == 2 && options.monetary_boundaries.empty() && amounts) {
      out.monetary_boundaries = fifths(out.monetary);
    }
  });
  if (!options.recency_boundaries.empty()) out.recency_boundaries = array_of(options.recency_boundaries);
  if (!options.frequency_boundaries.empty()) out.frequency_boundaries = array_of(options.frequency_boundaries);
  if (!options.monetary_boundaries.empty()) out.monetary_boundaries = array_of(options.monetary_boundaries);

  out.r.resize(n);
  out.f.resize(n);
  out.m.resize(n);
  out.segment.resize(n);
  for_rows(n, part_of(run, .7, 1), [&](std::size_t c) {
    out.r[c] = static_cast<std::uint8_t>(5 - above(out.recency[c], out.recency_boundaries));
    out.f[c] = static_cast<std::uint8_t>(1 + above(out.frequency[c], out.frequency_boundaries));
    out.m[c] = static_cast<std::uint8_t>(1 + above(out.monetary[c], out.monetary_boundaries));
    out.segment[c] = grid[out.r[c] - 1][out.f[c] - 1];
  });
  for (std::size_t c = 0; c < n; ++c) ++out.grid[out.r[c] - 1u][out.f[c] - 1u];
  for (std::size_t r = 0; r < 5; ++r)
    for (std::size_t f = 0; f < 5; ++f) out.segments[static_cast<std::size_t>(grid[r][f])] += out.grid[r][f];
  find_flat("recency", out.r, out.findings);
  find_flat("frequency", out.f, out.findings);
  if (amounts) find_flat("monetary", out.m, out.findings);
  return out;
}

rfm_build rfm(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& reading, const rfm_options& options,
              const run_options& run) {
  auto built = detail::read_purchases(stream, names, reading, false, part_of(run, 0, .9));
  rfm_build out{std::move(built.data), {}, std::move(built.report)};
  out.result = rfm(out.data, options, part_of(run, .9, 1));
  return out;
}

purchase_summary_result purchase_summary(const purchases& data, const purchase_summary_options& options, const run_options& run) {
  core::check_options(options);
  if (!data.store()->kept && data.size() > 0)
    reject("data", "sums alone", "read the transactions with read_purchases, which keeps the purchases");
  const std::size_t n = data.size();
  const std::int32_t at = core::day_number(data.at());
  purchase_summary_result out;
  out.frequency.resize(n);
  out.recency.resize(n);
  out.T.resize(n);
  out.monetary.resize(n);
  const auto first = data.first_day(), last = data.last_day();
  for_rows(n, run, [&](std::size_t c) {
    const history of = data.of(c);
    const auto repeats = static_cast<double>(of.day.size() - 1);
    double sum = 0;
    for (std::size_t i = 1; i < of.amount.size(); ++i) sum += of.amount[i];
    out.frequency[c] = repeats;
    out.recency[c] = static_cast<double>(last[c] - first[c]) / options.unit;
    out.T[c] = static_cast<double>(at - first[c]) / options.unit;
    out.monetary[c] = !data.has_amounts() ? nan : repeats > 0 ? sum / repeats : 0;
  });
  return out;
}

}  // namespace clarion::segment
