#pragma once

// A lower bound on cost + price * conflict, spread over tables of campaigns, pairs and triples of campaigns; and what is left of
// it when some of them are decided.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "conflict/reschedule_choices.hpp"

namespace clarion::conflict::detail {

/// A value for one campaign.
struct choice {
  std::uint32_t campaign = 0;
  value_index value = 0;
};

/// Some campaigns with the values left to them, the others being decided or left aside. Of every schedule of them,
///
///     cost + price * conflict  =  floor + shares of its values + entries of its pairs and triples
///
/// whatever is moved between the terms, or less where terms were left out. After a pass over the variables no term is negative,
/// which makes `floor` a lower bound, and a value whose share exceeds what is left below a cut can go.
struct tables {
  struct variable {
    std::uint32_t campaign = 0;
    std::uint32_t first = 0, size = 0;  ///< its values
  };
  struct pair {
    std::uint32_t a = 0, b = 0, link = 0;  ///< a < b
    std::size_t first = 0;                 ///< of its table; `loose` when there is none, and its least, 0, stands for it
  };
  struct triple {
    std::uint32_t member[3] = {}, side[3] = {};  ///< sides: pairs (0, 1), (0, 2), (1, 2)
    std::size_t first[3] = {};                   ///< a table a side; an entry of the triple is the sum of three
  };
  static constexpr std::size_t loose = std::numeric_limits<std::size_t>::max();

  double price = 0;
  double floor = 0;
  bool sound = true;              ///< no term is negative: floor is a bound
  bool forward = true;            ///< the order of the next round
  bool partial = false;           ///< terms were left out: what holds for the whole need not hold for a part
  double cost = 0, conflict = 0;  ///< of what is decided
  std::vector<choice> decided;
  std::vector<variable> variables;
  std::vector<value_index> value;  ///< by variable and value left: index in the campaign's domain ...
  std::vector<std::int32_t> shift;
  std::vector<double> value_cost, value_conflict, share;
  std::vector<pair> pairs;
  std::vector<triple> triples;
  std::vector<double> entry;                           ///< all tables
  std::vector<std::uint32_t> touching, touching_from;  ///< pairs of each variable

  /// `members` ascending. Tables of at most `most_entries` in all: links beyond them stay loose, then triples are left out.
  tables(const choices& c, std::span<const std::uint32_t> members, double price, std::size_t most_entries);
  tables() = default;

  std::span<const std::uint32_t> pairs_of(std::size_t v) const {
    return std::span(touching).subspan(touching_from[v], touching_from[v + 1] - touching_from[v]);
  }
  /// Memory, in numbers.
  std::size_t bulk() const { return entry.size() + 4 * value.size() + 3 * pairs.size() + 6 * triples.size(); }
};

/// Changes the price; what was moved between terms stays moved.
void reprice(const choices& c, tables& t, double price);

/// The same under a new price with nothing moved: better where the price is far from the old one.
void renew(const choices& c, tables& t, double price);

/// A schedule read off the tables: index of a value left, by variable.
std::vector<std::uint32_t> decode(const tables& t);

/// Cost and conflict of a schedule, by indices of values left.
std::pair<double, double> assess(const choices& c, const tables& t, std::span<const std::uint32_t> at);

/// The subproblem of `kept` variables (ascending) without the values marked in `gone`; variables with one value left are decided.
/// Variables that are not kept share no pair with those that are. With `whole`, what is decided so far stays part of it. With
/// `lean`, triples are left out.
tables restricted(const choices& c, const tables& t, std::span<const std::uint32_t> kept, std::span<const char> gone, bool whole,
                  bool lean);

/// Variables that still depend on each other.
std::vector<std::vector<std::uint32_t>> groups(const tables& t);

}  // namespace clarion::conflict::detail
