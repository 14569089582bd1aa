#pragma once

// What reading has to say about the file itself, before any row is judged.

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clarion/schema/finding.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

struct remarks {
  std::vector<finding> findings;
  std::array<std::uint64_t, rule_count> counts{};

  finding& tell(code which, std::string message, std::vector<evidence> items = {}, std::string column = {}) {
    auto& one = findings.emplace_back(make_finding(rule_at(which), {}, std::move(message)));
    one.evidence = std::move(items);
    one.why = rule_at(which).explanation;
    one.column = std::move(column);
    ++counts[static_cast<std::size_t>(which)];
    return one;
  }
};

}  // namespace clarion::schema::detail
