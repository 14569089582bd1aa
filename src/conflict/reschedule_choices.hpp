#pragma once

// What each campaign may choose, what a choice costs, and the conflict that two choices make together.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace clarion::conflict::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Index of a value in a campaign's domain.
using value_index = std::uint16_t;

struct choices {
  struct campaign {
    std::uint32_t row = 0;             ///< among those that were given
    std::int32_t start = 0;            ///< planned, as a day number
    std::int32_t length = 1;           ///< days
    std::vector<std::int32_t> shift;   ///< the domain, ascending, in days
    std::vector<double> cost;          ///< of each shift
    std::vector<double> conflict;      ///< of each shift, with campaigns that have no choice
    std::vector<std::uint32_t> links;  ///< all that touch it
    std::int32_t twin = -1;            ///< an interchangeable campaign before it, whose shift must not exceed its own
  };
  struct link {
    std::uint32_t a = 0, b = 0;  ///< a < b
    double rate = 0;             ///< conflict per shared day
    std::int32_t offset = 0;
    std::vector<double> tent;  ///< conflict by shift of b minus shift of a, plus offset
  };
  std::vector<campaign> campaigns;  ///< by planned start
  std::vector<link> links;
  /// What no choice changes.
  double cost = 0, conflict = 0;
  std::vector<std::pair<std::uint32_t, std::int32_t>> decided;  ///< row and shift of campaigns without a choice

  std::size_t size() const { return campaigns.size(); }
  double conflict_of(const link& l, std::size_t value_a, std::size_t value_b) const {
    return l.tent[static_cast<std::size_t>(campaigns[l.b].shift[value_b] - campaigns[l.a].shift[value_a] + l.offset)];
  }
  /// Conflict of link l when campaign c (one of its ends) takes a value and the other end takes another.
  double conflict_at(const link& l, std::size_t c, std::size_t value, std::size_t other) const {
    return l.a == c ? conflict_of(l, value, other) : conflict_of(l, other, value);
  }
  std::uint32_t beyond(const link& l, std::size_t c) const { return l.a == c ? l.b : l.a; }
  /// Campaigns that depend on each other, ascending; a campaign that depends on nobody is a group of its own.
  std::vector<std::vector<std::uint32_t>> groups() const;
};

/// Drops shifts that another shift of the same campaign equals or beats in cost and in conflict whatever the others do, and folds
/// campaigns with one shift left and links that no choice changes into constants, until nothing is left to drop. Marks twins. No
/// point of the cost-conflict frontier is lost. `stop` is asked now and then; true leaves the rest as it is.
void reduce(choices& c, const std::function<bool()>& stop);

/// Some campaigns by themselves (ascending), while all others stay at `values`.
choices alone(const choices& c, std::span<const std::uint32_t> members, std::span<const value_index> values);

/// A complete schedule: a value for each campaign.
struct schedule {
  double cost = 0;
  double conflict = 0;
  std::vector<value_index> values;
};

schedule assess(const choices& c, std::vector<value_index> values);

/// Lowers cost + price * conflict, or conflict alone under an infinite price, by moving one of `members` at a time until none
/// helps, or `stop` says true.
void descend(const choices& c, std::span<const std::uint32_t> members, double price, std::vector<value_index>& values,
             const std::function<bool()>& stop);

/// Largest step of which every cost is a multiple, 0 when there is none worth using: a cost below another is then a whole step
/// below it.
double cost_step(const choices& c);

}  // namespace clarion::conflict::detail
