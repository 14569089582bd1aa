#include "clarion/recommend/interaction_arrays.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/recommend/detail/interaction_store.hpp"

using namespace clarion;
using core::array_owning;
using core::named_array;
using recommend::interaction_arrays;
using recommend::interactions;
using recommend::interactions_from;

namespace {

template <class T>
bool equal(const T* a, const T* b, std::uint64_t n) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || std::equal(a, a + n, b));
}

void check_same(const interactions& a, const interactions& b) {
  // Nobody has ids of no kind.
  if (a.n_users() > 0) CHECK(a.users() == b.users());
  if (a.n_items() > 0) CHECK(a.items() == b.items());
  REQUIRE(a.size() == b.size());
  for (const auto& [x, y] : {std::pair(a.by_user(), b.by_user()), std::pair(a.by_item(), b.by_item())}) {
    REQUIRE(x.rows == y.rows);
    CHECK(x.columns == y.columns);
    CHECK(std::equal(x.offsets, x.offsets + x.rows + 1, y.offsets));
    CHECK(equal(x.index, y.index, x.size()));
    CHECK(equal(x.value, y.value, x.size()));
  }
  CHECK(a.has_times() == b.has_times());
  CHECK(a.unit() == b.unit());
  CHECK(std::ranges::equal(a.times(), b.times()));
  CHECK(a.store()->half_life == b.store()->half_life);
  if (a.store()->half_life > 0) CHECK(a.store()->reference == b.store()->reference);
}

// Users, items, weights and times at random; ids that are texts where asked.
interactions some_data(std::uint64_t seed, bool texts, bool weighted, const char* unit, double half_life) {
  core::random_stream random(seed);
  std::vector<std::int64_t> user, item, time, text_offsets{0};
  std::vector<float> weight;
  std::string bytes;
  for (int e = 0; e < 500; ++e) {
    user.push_back(static_cast<std::int64_t>(random.below(60)) * 7 - 100);
    item.push_back(static_cast<std::int64_t>(random.below(40)));
    time.push_back(20000 + static_cast<std::int64_t>(random.below(300)));
    weight.push_back(static_cast<float>(1 + random.below(9)) / 4);
    bytes += "user " + std::to_string(user.back());
    text_offsets.push_back(static_cast<std::int64_t>(bytes.size()));
  }
  recommend::interaction_columns columns{std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), {}, {}, {}};
  if (texts) columns.user = core::text_cells{bytes.data(), text_offsets};
  if (weighted) columns.weight = std::span<const float>(weight);
  if (unit != nullptr) columns.time = time;
  recommend::interaction_options options{.half_life = half_life, .unit = unit == nullptr ? "seconds" : unit};
  if (!weighted && half_life == 0) options.duplicates = "binary";
  return recommend::build_interactions(columns, options).data;
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("interactions come back as they were") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("clarion_interactions_" + std::to_string(::getpid()));
  for (const auto& data : {some_data(1, false, true, "days", 30), some_data(2, true, true, "seconds", 0),
                           some_data(3, true, false, nullptr, 0), some_data(4, false, false, "days", 0), interactions()}) {
    check_same(data, interactions_from(interaction_arrays(data)));
    // Beside other arrays, under a prefix.
    auto arrays = interaction_arrays(data, "train_");
    arrays.push_back(array_owning("index", std::vector<double>{1}));
    check_same(data, interactions_from(arrays, "train_", {.threads = 1}));
    check_same(data, interactions_from(arrays, "train_", {.threads = 3}));
    recommend::save_interactions(folder, data);
    check_same(data, recommend::load_interactions(folder));
  }
  core::save_model(folder, "other", "{}", {});
  CHECK_THROWS_AS(recommend::load_interactions(folder), error);
  std::filesystem::remove_all(folder);
}

TEST_CASE("entries age on after they were loaded") {
  const auto data = some_data(1, false, true, "days", 30);
  const auto again = interactions_from(interaction_arrays(data));
  const std::vector<std::int64_t> user{5}, item{3}, time{21000};
  const recommend::interaction_columns more{
      std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), {}, time, {}};
  const recommend::interaction_options options{.half_life = 30, .unit = "days"};
  check_same(recommend::append(data, more, options).data, recommend::append(again, more, options).data);
}

TEST_CASE("arrays that are no interactions are refused, by name") {
  using u4 = std::vector<std::uint32_t>;
  using u8 = std::vector<std::uint64_t>;
  using f4 = std::vector<float>;
  const auto good = [] {
    return std::vector<named_array>{array_owning("offsets", u8{0, 2, 3}),
                                    array_owning("index", u4{0, 2, 1}),
                                    array_owning("weights", f4{1, 2, 3}),
                                    array_owning("days", std::vector<std::int64_t>{5, 6, 7}),
                                    array_owning("user_ids", std::vector<std::int64_t>{8, 9}),
                                    array_owning("item_ids", std::vector<std::int64_t>{1, 2, 3})};
  };
  CHECK(interactions_from(good()).size() == 3);
  const auto with = [&](named_array changed, const char* why) {
    auto arrays = good();
    const auto at = std::ranges::find(arrays, changed.name, &named_array::name);
    if (at == arrays.end())
      arrays.push_back(std::move(changed));
    else
      *at = std::move(changed);
    const std::string message = message_of([&] { interactions_from(arrays); });
    CAPTURE(message);
    CHECK(message.find(why) != std::string::npos);
  };
  with(array_owning("offsets", u8{}), "array offsets: ");
  with(array_owning("offsets", u8{1, 2, 3}), "array offsets: its offsets do not rise from 0 to the 3 entries");
  with(array_owning("offsets", u8{0, 2, 4}), "array offsets: its offsets do not rise");
  with(array_owning("offsets", u8{0, std::uint64_t{1} << 63, 3}), "an offset that falls after row 1");
  with(array_owning("offsets", u8{0, 3}), "array offsets: it has 1 rows for 2 users");
  with(array_owning("offsets", u4{0, 2, 3}), "array offsets: it is <u4 of shape (3,); <u8 of shape (any) is needed");
  with(array_owning("index", u4{0, 3, 1}), "array index: its matrix: column 3 in row 0");
  with(array_owning("index", u4{2, 2, 1}), "column 2 after 2 in row 0");
  with(array_owning("index", u4{0, 2, 1}, {3, 1}), "array index: it is <u4 of shape (3, 1)");
  with(array_owning("weights", f4{1, 2}), "array weights: it is <f4 of shape (2,)");
  with(array_owning("weights", f4{1, 0, 3}), "array weights: a weight is not above 0");
  with(array_owning("weights", f4{1, -1, 3}), "array weights: a weight is not above 0");
  with(array_owning("weights", f4{1, std::numeric_limits<float>::quiet_NaN(), 3}), "nan in row 0");
  with(array_owning("weights", f4{1, 2, std::numeric_limits<float>::infinity()}), "inf in row 1");
  with(array_owning("days", std::vector<std::int64_t>{5, 6}), "array days: it is <i8 of shape (2,)");
  with(array_owning("seconds", std::vector<std::int64_t>{5, 6, 7}), "there are times in seconds too");
  with(array_owning("user_ids", std::vector<std::int64_t>{8, 8}), "array user_ids: user: 8 twice");
  with(array_owning("item_ids", std::vector<std::int64_t>{1, 2}), "column 2 in row 0");
  with(array_owning("half_life", std::vector<double>{3}), "the array reference is missing");
  for (const double half_life : {0.0, -1.0, std::nan("")}) {
    auto arrays = good();
    arrays.push_back(array_owning("half_life", std::vector<double>{half_life}));
    arrays.push_back(array_owning("reference", std::vector<std::int64_t>{0}));
    CHECK(message_of([&] { interactions_from(arrays); }) == "array half_life: it is not a positive number");
  }
  CHECK(message_of([] { interactions_from({}); }) == "arrays: the array offsets is missing");
  CHECK(message_of([&] { interactions_from(good(), "train_"); }) == "arrays: the array train_offsets is missing");
}
