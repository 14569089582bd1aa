#include "clarion/segment/preference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "segment/customer_parts.hpp"

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double most_weight = 1e15;
enum reason : std::size_t { is_used, is_no_customer, is_no_level, is_no_weight, n_reasons };

struct counted_row {
  std::uint32_t customer, level;
  static constexpr double weight() { return 1; }
};
struct weighted_row {
  std::uint32_t customer, level;
  double amount;
  double weight() const { return amount; }
};

// Levels with their weights, ascending within each customer of a part.
struct part_entries {
  std::vector<std::uint32_t> level;
  std::vector<double> weight;
};

template <class Row>
struct part_scratch {
  explicit part_scratch(std::size_t levels) : sum(levels) {}
  std::vector<double> sum;  // by level; zeros between customers
  std::vector<std::uint32_t> touched;
  std::vector<std::uint64_t> next;
  std::vector<Row> sorted;
};

double hill_number(std::span<const double> weights, double total) {
  if (weights.size() == 1) return 1;
  double entropy = 0;
  for (const double w : weights) {
    const double share = w / total;
    if (share > 0) entropy -= share * std::log(share);
  }
  return std::exp(entropy);
}

template <class Row>
void sum_part(std::span<const Row> rows, std::size_t first, std::size_t last, part_scratch<Row>& scratch, part_entries& entries,
              preference_result& out) {
  auto& [sum, touched, next, sorted] = scratch;
  next.assign(last - first + 1, 0);
  sorted.resize(rows.size());
  for (const Row& row : rows) ++next[row.customer - first + 1];
  for (std::size_t c = 1; c < next.size(); ++c) next[c] += next[c - 1];
  for (const Row& row : rows) sorted[next[row.customer - first]++] = row;
  // next[c] is now the end of customer c.
  std::uint64_t at = 0;
  for (std::size_t c = first; c < last; ++c) {
    const std::uint64_t end = next[c - first];
    if (at == end) continue;
    touched.clear();
    double total = 0;
    for (; at < end; ++at) {
      const Row& row = sorted[at];
      double& of = sum[row.level];
      if (of == 0) touched.push_back(row.level);
      of += row.weight();
      total += row.weight();
    }
    std::ranges::sort(touched);
    const std::size_t begin = entries.level.size();
    for (const std::uint32_t level : touched) {
      entries.level.push_back(level);
      entries.weight.push_back(sum[level]);
      sum[level] = 0;
    }
    out.total[c] = total;
    out.distinct[c] = static_cast<std::uint32_t>(touched.size());
    out.effective[c] = hill_number(std::span(entries.weight).subspan(begin), total);
  }
}

// The weight of each level: a few fixed runs of parts, so that threads share the work and the sums keep their order.
std::vector<double> level_totals(const std::vector<part_entries>& parts, std::size_t levels, const run_options& run) {
  const std::size_t chunks = std::clamp<std::size_t>((std::size_t{1} << 20) / std::max<std::size_t>(levels, 1), 1, 64);
  std::vector<std::vector<double>> sums(chunks);
  core::parallel_blocks(chunks, run, [&](std::size_t k) {
    std::vector<double> sum(levels);
    for (std::size_t p = parts.size() * k / chunks, end = parts.size() * (k + 1) / chunks; p < end; ++p)
      for (std::size_t e = 0; e < parts[p].level.size(); ++e) sum[parts[p].level[e]] += parts[p].weight[e];
    sums[k] = std::move(sum);
  });
  for (std::size_t k = 1; k < chunks; ++k)
    for (std::size_t l = 0; l < levels; ++l) sums[0][l] += sums[k][l];
  return std::move(sums[0]);
}

// ((w + a p) / (total + a)) / p
double lift(double weight, double share, double total, double prior) {
  return share > 0 ? (weight / share + prior) / (total + prior) : 1;  // 0: less than numbers can tell
}

// Sums of amounts that are equal on paper differ in their last digits: 0.1 + 0.2 and 0.3.
std::size_t favourite_of(std::span<const std::uint32_t> levels, std::span<const double> weights, std::span<const double> sums) {
  const double least = *std::ranges::max_element(weights) * (1 - 1e-12);
  std::size_t best = weights.size();
  for (std::size_t e = 0; e < weights.size(); ++e)
    if (weights[e] >= least && (best == weights.size() || sums[levels[e]] > sums[levels[best]])) best = e;
  return best;
}

template <class Row, class Make>
preference_result summarize(const preference_rows& rows, const preference_options& options, const Make& make,
                            const run_options& run) {
  const std::size_t customers = rows.customers, levels = rows.levels;
  const auto judge = [&](std::size_t i) -> std::size_t {
    if (!detail::has_code("customer", rows.customer[i], customers)) return is_no_customer;
    if (!detail::has_code("level", rows.level[i], levels)) return is_no_level;
    if (!rows.weight.empty() && !(rows.weight[i] > 0 && rows.weight[i] <= most_weight)) return is_no_weight;
    return is_used;
  };
  const auto dealt = detail::deal_rows<Row, n_reasons>(rows.customer, customers, judge, make, part_of(run, 0, .4));

  preference_result out;
  out.used = dealt.counts[is_used];
  out.no_customer = dealt.counts[is_no_customer];
  out.no_level = dealt.counts[is_no_level];
  out.no_weight = dealt.counts[is_no_weight];
  out.total.assign(customers, 0);
  out.distinct.assign(customers, 0);
  out.effective.assign(customers, nan);
  std::vector<part_entries> parts(dealt.size());
  {
    core::detail::scratch_pool<part_scratch<Row>> pool;
    core::parallel_blocks(parts.size(), part_of(run, .4, .8), [&](std::size_t p) {
      auto scratch = pool.take(levels);
      sum_part(dealt.part(p), dealt.first(p), std::min(customers, dealt.first(p + 1)), *scratch, parts[p], out);
      pool.give(std::move(scratch));
    });
  }

  const std::vector<double> sums = level_totals(parts, levels, part_of(run, .8, .85));
  double all = 0;
  for (const double sum : sums) all += sum;
  out.shares.assign(levels, 0);
  if (out.used > 0) {
    for (std::size_t l = 0; l < levels; ++l) out.shares[l] = sums[l] / all;
    out.prior_weight = options.prior * (all / static_cast<double>(out.used));
  }

  out.weights.rows = customers;
  out.weights.columns = levels;
  out.weights.offsets.assign(customers + 1, 0);
  for (std::size_t c = 0; c < customers; ++c) out.weights.offsets[c + 1] = out.weights.offsets[c] + out.distinct[c];
  out.weights.index.resize(out.weights.offsets.back());
  out.weights.value.resize(out.weights.offsets.back());
  out.favourite.assign(customers, preference_rows::none);
  out.share.assign(customers, nan);
  out.affinity.assign(customers, nan);
  core::parallel_blocks(parts.size(), part_of(run, .85, 1), [&](std::size_t p) {
    const std::size_t first = dealt.first(p), last = std::min(customers, dealt.first(p + 1));
    const auto to = static_cast<std::ptrdiff_t>(out.weights.offsets[first]);
    std::ranges::copy(parts[p].level, out.weights.index.begin() + to);
    std::ranges::transform(parts[p].weight, out.weights.value.begin() + to, [](double w) { return static_cast<float>(w); });
    std::size_t e = 0;
    for (std::size_t c = first; c < last; ++c) {
      if (out.distinct[c] == 0) continue;
      const std::size_t begin = e;
      e += out.distinct[c];
      const std::size_t best = favourite_of(std::span(parts[p].level).subspan(begin, e - begin),
                                            std::span(parts[p].weight).subspan(begin, e - begin), sums) +
                               begin;
      const std::uint32_t level = parts[p].level[best];
      out.favourite[c] = level;
      out.share[c] = out.distinct[c] == 1 ? 1 : parts[p].weight[best] / out.total[c];
      out.affinity[c] = lift(parts[p].weight[best], out.shares[level], out.total[c], out.prior_weight);
    }
    parts[p] = {};
  });
  return out;
}

}  // namespace

preference_result preference(const preference_rows& rows, const preference_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n = rows.customer.size();
  detail::require_length("level", rows.level.size(), n);
  if (!rows.weight.empty()) detail::require_length("weight", rows.weight.size(), n);
  const bool weighted = !rows.weight.empty();
  const double customers = static_cast<double>(rows.customers), levels = static_cast<double>(rows.levels);
  core::require_memory("what " + std::to_string(rows.customers) + " customers favour in " + std::to_string(n) + " rows",
                       static_cast<double>(n) * (weighted ? 16 : 8) + std::min(static_cast<double>(n), customers * levels) * 20 +
                           customers * 48 + levels * 8 * (core::team_size(run, 512) + 2),
                       "give fewer rows, or levels that are groups of these");
  if (weighted)
    return summarize<weighted_row>(
        rows, options,
        [&](std::size_t i) {
          return weighted_row{rows.customer[i], rows.level[i], rows.weight[i]};
        },
        run);
  return summarize<counted_row>(
      rows, options,
      [&](std::size_t i) {
        return counted_row{rows.customer[i], rows.level[i]};
      },
      run);
}

std::vector<double> affinities(const preference_result& result, std::span<const std::uint32_t> levels, const run_options& run) {
  constexpr std::size_t block = 4096;
  const std::size_t customers = result.total.size(), all = result.shares.size();
  const std::size_t columns = levels.empty() ? all : levels.size();
  std::vector<std::uint32_t> column(all, preference_rows::none), level(columns);
  for (std::size_t k = 0; k < columns; ++k) {
    level[k] = levels.empty() ? static_cast<std::uint32_t>(k) : levels[k];
    if (level[k] >= all) reject("levels", std::to_string(level[k]), "there are " + std::to_string(all) + " levels");
    if (column[level[k]] != preference_rows::none) reject("levels", std::to_string(level[k]) + " twice", "give each level once");
    column[level[k]] = static_cast<std::uint32_t>(k);
  }
  core::require_memory("a table of " + std::to_string(customers) + " customers x " + std::to_string(columns) + " levels",
                       static_cast<double>(customers) * static_cast<double>(columns) * 8, "choose levels");
  std::vector<double> out(customers * columns);
  const core::sparse_view weights = result.weights;
  core::parallel_blocks((customers + block - 1) / block, run, [&](std::size_t b) {
    for (std::size_t c = b * block, end = std::min(customers, c + block); c < end; ++c) {
      double* row = out.data() + c * columns;
      const double total = result.total[c], prior = result.prior_weight;
      const double nothing = total > 0 ? prior / (total + prior) : 1;
      for (std::size_t k = 0; k < columns; ++k) row[k] = result.shares[level[k]] > 0 ? nothing : 1;
      const auto index = weights.indices(c);
      const auto value = weights.values(c);
      for (std::size_t e = 0; e < index.size(); ++e)
        if (const std::uint32_t k = column[index[e]]; k != preference_rows::none)
          row[k] = lift(static_cast<double>(value[e]), result.shares[index[e]], total, prior);
    }
  });
  return out;
}

}  // namespace clarion::segment
