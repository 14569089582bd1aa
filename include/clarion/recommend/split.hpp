#pragma once

// What a model learns from and what it is judged by.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/recommend/interactions.hpp"

namespace clarion::recommend {

/// Two parts with the users and items, and their numbers, of the whole: each entry is in exactly one.
struct split {
  interactions train;
  interactions test;
};

/// Entries from `cut` on (in the unit of the data) are test. O(entries).
CLARION_API split split_by_time(const interactions& data, std::int64_t cut, const run_options& run = {});

/// The latest cut that leaves at least `test_fraction` of the entries, a number above 0 and below 1, to its test. O(entries).
CLARION_API std::int64_t time_cut(const interactions& data, double test_fraction);

/// The last `n` entries by time of each user are test; among equal times the higher item is the later one. A user with no more
/// than `n` entries stays in train as a whole. O(entries log entries of a user).
CLARION_API split leave_last_out(const interactions& data, std::uint32_t n = 1, const run_options& run = {});

struct random_split_options {
  double test_fraction = .2;  ///< of each user's entries, rounded to the nearest; a user keeps at least one in train
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using o = random_split_options;
    return std::tuple{core::option("test_fraction", &o::test_fraction, "share of each user's entries that is test", {0, 1}),
                      core::option("seed", &o::seed, "seed of the draw", {0, 18446744073709551615.0})};
  }
};

/// Entries of each user are drawn at random, the same for the same seed. O(entries).
CLARION_API split random_split(const interactions& data, const random_split_options& options = {}, const run_options& run = {});

struct strong_split_options {
  double user_fraction = .2;    ///< users that are held out
  double target_fraction = .5;  ///< of a held-out user's entries that are to be predicted; at least one stays on each side
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using o = strong_split_options;
    return std::tuple{core::option("user_fraction", &o::user_fraction, "share of the users that is held out", {0, 1}),
                      core::option("target_fraction", &o::target_fraction,
                                   "share of a held-out user's entries that is to be predicted", {0, 1}),
                      core::option("seed", &o::seed, "seed of the draw", {0, 18446744073709551615.0})};
  }
};

/// Strong generalization (Marlin, "Collaborative filtering: a machine learning perspective", 2004): a model learns from the other
/// users, folds in one part of each held-out user and is judged by the rest. Users with one entry are never held out.
struct strong_split {
  interactions train;
  interactions fold_in;
  interactions target;
  std::vector<std::uint32_t> held_out;  ///< users, ascending
};
CLARION_API strong_split split_users(const interactions& data, const strong_split_options& options = {},
                                     const run_options& run = {});

/// Entries of each user dealt at random into `folds` parts of equal size but for one; part i is the test of split i. O(entries x
/// folds). Throws std::invalid_argument for fewer than 2 folds.
CLARION_API std::vector<split> k_fold(const interactions& data, std::uint32_t folds = 5, std::uint64_t seed = 0,
                                      const run_options& run = {});

/// What a test part gives away or cannot be judged by. The parts must have the same numbers of users and items.
struct leakage_report {
  std::uint64_t train = 0, test = 0;     ///< entries
  std::uint64_t in_both = 0;             ///< entries of test that are in train
  std::uint64_t users_not_in_train = 0;  ///< users with entries in test and none in train
  std::uint64_t items_not_in_train = 0;
  std::uint64_t entries_of_unknown_users = 0, entries_of_unknown_items = 0;
  std::optional<std::int64_t> cut;    ///< the given one, or the latest time of train; nothing without times
  std::uint64_t test_before_cut = 0;  ///< entries of test earlier than the cut
  std::uint64_t train_after_cut = 0;  ///< entries of train at the given cut or later

  /// Nothing of test could be seen in training.
  bool clean() const { return in_both == 0 && test_before_cut == 0 && train_after_cut == 0; }
};
CLARION_API leakage_report leakage(const interactions& train, const interactions& test, std::optional<std::int64_t> cut = {},
                                   const run_options& run = {});

}  // namespace clarion::recommend
