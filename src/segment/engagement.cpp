#include "clarion/segment/engagement.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "segment/customer_parts.hpp"

namespace clarion::segment {

namespace {

constexpr std::int32_t first_day = -719162, last_day = 2932896;  // 0001-01-01 and 9999-12-31
constexpr double most_weight = 1e15;
enum reason : std::size_t { is_used, is_no_customer, is_no_day, is_future, is_no_weight, n_reasons };

struct event {
  std::uint32_t customer, kind;
  std::int32_t day;
};

struct day_range {
  std::int32_t first = last_day, last = first_day;  // the other way round: no day
};

bool is_day(std::int32_t day) { return day >= first_day && day <= last_day; }

day_range days_of(std::span<const std::int32_t> days, const run_options& run) {
  constexpr std::size_t block = std::size_t{1} << 18;
  std::vector<day_range> found((days.size() + block - 1) / block);
  core::parallel_blocks(found.size(), run, [&](std::size_t b) {
    day_range out;
    for (const std::int32_t day : days.subspan(b * block, std::min(block, days.size() - b * block))) {
      if (!is_day(day)) continue;
      out.first = std::min(out.first, day);
      out.last = std::max(out.last, day);
    }
    found[b] = out;
  });
  day_range out;
  for (const auto& of : found) out = {std::min(out.first, of.first), std::max(out.last, of.last)};
  return out;
}

std::vector<double> weights_of(const engagement_rows& rows) {
  std::vector<double> out(rows.kinds, 1);
  if (rows.weight.empty()) return out;
  for (std::size_t k = 0; k < rows.kinds; ++k) {
    out[k] = rows.weight[k].value_or(0);
    if (!(out[k] >= 0 && out[k] <= most_weight))
      reject("weight", std::to_string(out[k]) + " of kind " + std::to_string(k), "give a number from 0 to 1e15");
  }
  return out;
}

// Events by kind: a few fixed runs of rows, each with counts of its own.
template <class Judge>
std::vector<std::uint64_t> count_kinds(const engagement_rows& rows, const Judge& judge, const run_options& run) {
  std::vector<std::uint64_t> out(rows.kinds);
  if (rows.kind.empty() || rows.kinds == 0) return out;
  const std::size_t n = rows.kind.size(), chunks = std::clamp<std::size_t>((std::size_t{1} << 20) / rows.kinds, 1, 64);
  std::vector<std::vector<std::uint64_t>> counts(chunks);
  core::parallel_blocks(chunks, run, [&](std::size_t k) {
    std::vector<std::uint64_t> here(rows.kinds);
    for (std::size_t i = n * k / chunks, end = n * (k + 1) / chunks; i < end; ++i) {
      const std::size_t why = judge(i);
      if ((why == is_used || why == is_no_weight) && rows.kind[i] != engagement_rows::none) ++here[rows.kind[i]];
    }
    counts[k] = std::move(here);
  });
  for (const auto& here : counts)
    for (std::size_t k = 0; k < rows.kinds; ++k) out[k] += here[k];
  return out;
}

}  // namespace

engagement_result engagement(const engagement_rows& rows, const engagement_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n = rows.customer.size(), customers = rows.customers;
  detail::require_length("day", rows.day.size(), n);
  if (!rows.kind.empty()) detail::require_length("kind", rows.kind.size(), n);
  if (!rows.weight.empty() && rows.weight.size() != rows.kinds)
    reject("weight", std::to_string(rows.weight.size()) + " weights",
           "give one for each of the " + std::to_string(rows.kinds) + " kinds");
  if (options.at && !is_day(core::day_number(*options.at)))
    reject("at", core::to_string(*options.at), "give a day of the years 1 to 9999");
  core::require_memory(std::to_string(n) + " events of " + std::to_string(customers) + " customers",
                       static_cast<double>(n) * 12 + static_cast<double>(customers) * 16, "give fewer events at a time");
  const std::vector<double> weights = weights_of(rows);
  const bool weighted = !rows.weight.empty();

  engagement_result out;
  const day_range days = days_of(rows.day, part_of(run, 0, .1));
  if (options.at)
    out.at = options.at;
  else if (days.first <= days.last)
    out.at = core::from_day_number(days.last);
  const std::int32_t at = out.at ? core::day_number(*out.at) : last_day;
  std::vector<double> worth(days.first <= at ? static_cast<std::size_t>(at - days.first) + 1 : 0);  // by age
  for (std::size_t age = 0; age < worth.size(); ++age) worth[age] = std::exp2(-static_cast<double>(age) / options.half_life);

  const auto judge = [&](std::size_t i) -> std::size_t {
    if (!detail::has_code("customer", rows.customer[i], customers)) return is_no_customer;
    if (!is_day(rows.day[i])) return is_no_day;
    if (rows.day[i] > at) return is_future;
    if (rows.kind.empty()) return weighted ? is_no_weight : is_used;
    if (!detail::has_code("kind", rows.kind[i], rows.kinds)) return weighted ? is_no_weight : is_used;
    return weights[rows.kind[i]] > 0 ? is_used : is_no_weight;
  };
  const auto make = [&](std::size_t i) {
    return event{rows.customer[i], rows.kind.empty() ? engagement_rows::none : rows.kind[i], rows.day[i]};
  };
  const auto dealt = detail::deal_rows<event, n_reasons>(rows.customer, customers, judge, make, part_of(run, .1, .7));
  out.used = dealt.counts[is_used];
  out.no_customer = dealt.counts[is_no_customer];
  out.no_day = dealt.counts[is_no_day];
  out.future = dealt.counts[is_future];
  out.no_weight = dealt.counts[is_no_weight];
  out.points.assign(customers, 0);
  out.events.assign(customers, 0);
  out.days_since.assign(customers, -1);
  core::parallel_blocks(dealt.size(), part_of(run, .7, .9), [&](std::size_t p) {
    for (const event& of : dealt.part(p)) {
      const std::int32_t age = at - of.day;
      out.points[of.customer] += (of.kind == engagement_rows::none ? 1 : weights[of.kind]) * worth[static_cast<std::size_t>(age)];
      ++out.events[of.customer];
      std::int32_t& since = out.days_since[of.customer];
      if (since < 0 || age < since) since = age;
    }
  });
  out.kinds = count_kinds(rows, judge, part_of(run, .9, 1));
  return out;
}

std::vector<double> engagement_scores(std::span<const double> points, const run_options& run) {
  struct entry {
    double points;
    std::uint32_t customer;
  };
  const std::size_t n = points.size();
  if (n >= engagement_rows::none) reject("points", std::to_string(n) + " customers", "give fewer than 2^32 - 1");
  core::require_memory("scores of " + std::to_string(n) + " customers", static_cast<double>(n) * 40, "give fewer customers");
  std::vector<entry> order;
  order.reserve(n);
  for (std::size_t c = 0; c < n; ++c) {
    if (!(points[c] >= 0)) reject("points", std::to_string(points[c]), "give numbers of 0 or more");
    order.push_back({points[c], static_cast<std::uint32_t>(c)});
  }
  core::detail::sort_parallel(
      order, [](const entry& a, const entry& b) { return a.points < b.points; }, run);
  std::vector<double> out(n);
  for (std::size_t begin = 0, end = 0; begin < n; begin = end) {
    const double most = order[begin].points * (1 + 1e-12);
    while (end < n && order[end].points <= most) ++end;
    const double score = 100 * (static_cast<double>(begin) + static_cast<double>(end - begin) / 2) / static_cast<double>(n);
    for (std::size_t k = begin; k < end; ++k) out[order[k].customer] = score;
  }
  return out;
}

}  // namespace clarion::segment
