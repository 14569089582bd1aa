#include "clarion/recommend/rp3beta.hpp"

#include <cmath>
#include <vector>

#include "recommend/co_occurrence.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

// Each entry over the sum of its row, to a power.
core::sparse_rows steps(const core::sparse_view& of, double power) {
  core::sparse_rows out{of.rows, of.columns, {0}, {}, {}};
  out.offsets.reserve(of.rows + 1);
  out.index.reserve(of.size());
  out.value.reserve(of.size());
  for (std::size_t row = 0; row < of.rows; ++row) {
    const auto index = of.indices(row);
    const auto value = of.values(row);
    double sum = value.empty() ? static_cast<double>(index.size()) : 0;
    for (const float v : value) sum += v;
    for (std::size_t e = 0; e < index.size(); ++e) {
      out.index.push_back(index[e]);
      out.value.push_back(static_cast<float>(std::pow((value.empty() ? 1.0 : double{value[e]}) / sum, power)));
    }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

}  // namespace

double rp3beta_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const rp3beta_options& options,
                      const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  // Steps both ways.
  return 2 * of.turned() + 8 * of.all() + nearest_memory(of.items, of.items, options.k, run);
}

core::sparse_rows rp3beta(const core::sparse_view& by_user, const rp3beta_options& options, const run_options& run) {
  core::check_options(options);
  core::require_memory("the walks from " + std::to_string(by_user.columns) + " items",
                       rp3beta_memory(by_user.rows, by_user.columns, by_user.size(), options, run), "keep fewer items for each");
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));
  const auto to_users = steps(core::transposed(by_user, part_of(run, 0.02, 0.05)), options.alpha);
  const auto to_items = steps(by_user, options.alpha);
  std::vector<double> held(by_user.columns);
  for (std::size_t i = 0; i < held.size(); ++i)
    held[i] = std::pow(static_cast<double>(to_users.offsets[i + 1] - to_users.offsets[i]), -options.beta);
  return nearest<shared_sum>(
      to_users, to_items, {options.k, 1, options.normalize},
      [&](std::uint32_t, std::uint32_t item, const shared_sum& shared) { return static_cast<float>(shared.total * held[item]); },
      part_of(run, 0.05, 1));
}

}  // namespace clarion::recommend
