#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "clarion/core/error.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::schema {

/// The rule of this code among those of `whose`, ascending by code. Throws std::invalid_argument for a code that is not one.
inline const rule& find_rule(std::span<const rule> rules, std::string_view code, std::string_view whose) {
  const auto at =
      std::lower_bound(rules.begin(), rules.end(), code, [](const rule& r, std::string_view c) { return r.code < c; });
  if (at == rules.end() || at->code != code)
    reject("code", std::string(code), "rules() lists the codes of the " + std::string(whose));
  return *at;
}

}  // namespace clarion::schema
