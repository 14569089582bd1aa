#include "clarion/segment/rules.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::segment {

namespace {

using schema::rule;
using enum schema::severity;

constexpr std::array all{
    rule{"G301", "Constant columns", warning,
         "A column has the same value in every row, but for rounding. It tells no row from another; it is left with scale 1.",
         "Leave the column out, or look at why it was filled with one value."},
    rule{"G302", "Half of a column is one value", info,
         "The quartiles of a column are equal though it varies, as where most customers spend nothing. The interquartile range "
         "is 0 "
         "then, and the column was scaled by its standard deviation.",
         "Scale by log1p or yeo_johnson, or make two columns of it: whether there is a value, and how much."},
};

static_assert(std::is_sorted(all.begin(), all.end(), [](const rule& x, const rule& y) { return x.code < y.code; }));

}  // namespace

std::span<const schema::rule> rules() { return all; }

const schema::rule& rule_of(std::string_view code) {
  const auto at = std::lower_bound(all.begin(), all.end(), code, [](const rule& r, std::string_view c) { return r.code < c; });
  if (at == all.end() || at->code != code) reject("code", std::string(code), "rules() lists the codes of the segment room");
  return *at;
}

}  // namespace clarion::segment
