// Campaigns out of an Arrow stream: no row is lost, and what is set aside has a reason.
#include "clarion/schema/read.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "cells.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array names{"id",    "name",     "start",     "end",    "budget",  "channel", "owner", "audience",
                             "group", "currency", "objective", "status", "targets", "spend",   "tags",  "note"};
  std::size_t rows = 0;
  auto table = clarion::tests::cells_of({data, size}, names, rows);
  auto stream = table.stream();
  schema::policy policy;
  policy.today = clarion::core::from_day_number(20000);
  policy.tag_pattern = "[a-z_]+";
  const auto out = schema::from_arrow(&stream, policy, nullptr, {}, {.threads = 1});
  if (out.rows_read != rows || out.rows_read != out.accepted.size() + out.quarantine.size()) std::abort();
  for (std::size_t i = 0; i < out.quarantine.size(); ++i)
    if (out.quarantine.reasons[i].empty()) std::abort();
  return 0;
}
