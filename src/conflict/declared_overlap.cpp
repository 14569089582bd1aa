#include "clarion/conflict/declared_overlap.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "schema/text.hpp"

namespace clarion::conflict {

namespace {

bool means_everyone(std::string_view segment) { return segment == "all" || segment == "all customers" || segment == "everyone"; }

}  // namespace

declared_audiences declare_audiences(const schema::portfolio& portfolio) {
  constexpr auto blank = static_cast<std::uint32_t>(-1), everyone = static_cast<std::uint32_t>(-2),
                 unseen = static_cast<std::uint32_t>(-3);
  declared_audiences out;
  core::dictionary names;
  // By code of the audience column, whose dictionary may hold entries of rows that are no longer in the portfolio.
  std::vector<std::uint32_t> segment_of(portfolio.audience.values.size(), unseen);
  const auto read = [&](std::uint32_t code) {
    const std::string& written = portfolio.audience.values[code];
    const std::string segment = schema::detail::comparable(written);
    if (segment.empty()) return blank;
    if (means_everyone(segment)) return everyone;
    const auto number = names.intern(segment);
    if (number == out.segments.size()) out.segments.push_back(written);
    return number;
  };
  for (std::size_t c = 0; c < portfolio.size(); ++c) {
    const auto from = static_cast<std::ptrdiff_t>(out.codes.size());
    out.everyone.push_back(0);
    for (const auto code : portfolio.audience[c]) {
      auto& segment = segment_of[code];
      if (segment == unseen) segment = read(code);
      if (segment == everyone)
        out.everyone.back() = 1;
      else if (segment != blank)
        out.codes.push_back(segment);
    }
    std::sort(out.codes.begin() + from, out.codes.end());
    out.codes.erase(std::unique(out.codes.begin() + from, out.codes.end()), out.codes.end());
    out.offsets.push_back(out.codes.size());
  }
  return out;
}

overlap_estimate declared_overlap(const declared_audiences& declared, std::size_t a, std::size_t b) {
  if (!declared.known(a) || !declared.known(b)) return {};
  const auto x = declared[a], y = declared[b];
  if (declared.everyone[a] != 0 || declared.everyone[b] != 0) {
    const auto all = static_cast<double>(declared.segments.size());
    const double share_a = declared.everyone[b] != 0 ? 1 : static_cast<double>(y.size()) / all;
    const double share_b = declared.everyone[a] != 0 ? 1 : static_cast<double>(x.size()) / all;
    return {std::min(share_a, share_b), share_a, share_b};
  }
  double shared = 0;
  for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (x[i] == y[j]) ++shared;
    const bool step_x = x[i] <= y[j], step_y = y[j] <= x[i];
    i += step_x;
    j += step_y;
  }
  const auto in_a = static_cast<double>(x.size()), in_b = static_cast<double>(y.size());
  return {shared / (in_a + in_b - shared), shared / in_a, shared / in_b};
}

}  // namespace clarion::conflict
