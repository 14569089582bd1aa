#include "segment/first_match.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "clarion/core/error.hpp"
#include "segment/definition_bound.hpp"

namespace clarion::segment::detail {

namespace {

void check_names(const std::vector<definition>& rules) {
  for (std::size_t d = 0; d < rules.size(); ++d)
    for (std::size_t e = 0; e < d; ++e)
      if (rules[d].name == rules[e].name) reject("name", '"' + rules[d].name + '"', "give each definition a name of its own");
}

}  // namespace

first_match match_first(const customer_fields& customers, const std::vector<definition>& rules, const run_options& run) {
  check_names(rules);
  std::vector<bound_condition> bound;
  for (const auto& rule : rules) bound.push_back(bind(rule.when, customers, rule.name));
  const std::size_t words = (customers.rows + 63) / 64, blocks = (words + block_words - 1) / block_words;
  first_match out;
  out.first.assign(customers.rows, -1);
  struct counts {
    std::vector<std::uint64_t> first, all;
  };
  std::vector<counts> of(blocks, {std::vector<std::uint64_t>(rules.size()), std::vector<std::uint64_t>(rules.size())});
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    const std::size_t from = b * block_words, n = std::min(block_words, words - from);
    std::uint64_t taken[block_words] = {}, now[block_words];
    for (std::size_t d = 0; d < bound.size(); ++d) {
      evaluate_block(bound[d], from, n, customers.rows, now);
      for (std::size_t w = 0; w < n; ++w) {
        of[b].all[d] += static_cast<std::uint64_t>(std::popcount(now[w]));
        std::uint64_t fresh = now[w] & ~taken[w];
        taken[w] |= now[w];
        of[b].first[d] += static_cast<std::uint64_t>(std::popcount(fresh));
        for (; fresh != 0; fresh &= fresh - 1)
          out.first[(from + w) * 64 + static_cast<std::size_t>(std::countr_zero(fresh))] = static_cast<std::int32_t>(d);
      }
    }
  });
  out.by_first.assign(rules.size(), 0);
  out.by_all.assign(rules.size(), 0);
  out.unmatched = customers.rows;
  for (const auto& block : of)
    for (std::size_t d = 0; d < rules.size(); ++d) {
      out.by_first[d] += block.first[d];
      out.by_all[d] += block.all[d];
      out.unmatched -= block.first[d];
    }
  return out;
}

condition test_of(const char* field, comparison op, std::vector<condition_value> values) {
  condition out;
  out.join = condition_join::test;
  out.field = field;
  out.op = op;
  out.values = std::move(values);
  return out;
}

definition rule_of_test(const char* name, const char* description, condition when) {
  definition out;
  out.name = name;
  out.description = description;
  out.when = std::move(when);
  return out;
}

}  // namespace clarion::segment::detail
