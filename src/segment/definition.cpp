#include "clarion/segment/definition.hpp"

#include <algorithm>
#include <bit>

#include "clarion/core/error.hpp"
#include "segment/definition_bound.hpp"
#include "segment/definition_text.hpp"

namespace clarion::segment {

namespace {

void explain_tests(const detail::bound_condition& when, std::size_t row, explanation& out) {
  if (when.join == condition_join::test)
    out.tests.push_back({when.place, detail::in_words(*when.source), when.field->shown(row), detail::holds(when, row)});
  for (const auto& part : when.parts) explain_tests(part, row, out);
}

}  // namespace

std::uint64_t customer_mask::count() const {
  std::uint64_t out = 0;
  for (const auto word : words) out += static_cast<std::uint64_t>(std::popcount(word));
  return out;
}

customer_mask evaluate(const definition& segment, const customer_fields& customers, const run_options& run) {
  const auto bound = detail::bind(segment.when, customers, segment.name);
  customer_mask out{customers.rows, std::vector<std::uint64_t>((customers.rows + 63) / 64)};
  core::parallel_blocks((out.words.size() + detail::block_words - 1) / detail::block_words, run, [&](std::size_t b) {
    const std::size_t first = b * detail::block_words, n = std::min(detail::block_words, out.words.size() - first);
    detail::evaluate_block(bound, first, n, customers.rows, out.words.data() + first);
  });
  return out;
}

explanation explain(const definition& segment, const customer_fields& customers, std::size_t row) {
  const auto bound = detail::bind(segment.when, customers, segment.name);
  if (row >= customers.rows) reject("row", std::to_string(row), "give a row below " + std::to_string(customers.rows));
  explanation out;
  explain_tests(bound, row, out);
  std::uint64_t word = 0;
  detail::evaluate_block(bound, row / 64, 1, customers.rows, &word);
  out.holds = ((word >> (row % 64)) & 1u) != 0;
  return out;
}

}  // namespace clarion::segment
