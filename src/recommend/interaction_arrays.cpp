#include "clarion/recommend/interaction_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/sparse.hpp"
#include "clarion/recommend/detail/interaction_store.hpp"

namespace clarion::recommend {

namespace {

constexpr const char* folder_kind = "interactions";
constexpr std::size_t checked_at_once = std::size_t{1} << 20;

// Of one array, in the words of the folder that it came from.
[[noreturn]] void refuse(std::span<const core::named_array> arrays, const std::string& name, const std::string& why) {
  const core::named_array* found = core::find_array(arrays, name);
  throw error((found == nullptr || found->file.empty() ? "array " + name : found->file) + ": " + why);
}

template <class T>
std::vector<T> copied(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::vector<core::named_array> interaction_arrays(const interactions& data, const std::string& prefix) {
  const auto& store = data.store();
  std::vector<core::named_array> out;
  const auto add = [&]<class T>(const char* name, const std::vector<T>& values) {
    out.push_back(core::array_over(prefix + name, std::span<const T>(values)));
    out.back().owner = store;
  };
  add("offsets", store->by_user.offsets);
  add("index", store->by_user.index);
  if (!store->by_user.value.empty()) add("weights", store->by_user.value);
  if (store->has_times) add(store->unit == time_unit::days ? "days" : "seconds", store->times);
  if (store->half_life > 0) {
    out.push_back(core::array_owning(prefix + "half_life", std::vector<double>{store->half_life}));
    out.push_back(core::array_owning(prefix + "reference", std::vector<std::int64_t>{store->reference}));
  }
  core::add_ids(out, prefix + "user", store->users);
  core::add_ids(out, prefix + "item", store->items);
  return out;
}

interactions interactions_from(std::span<const core::named_array> arrays, const std::string& prefix, const run_options& run) {
  const auto has = [&](const char* name) { return core::find_array(arrays, prefix + name) != nullptr; };
  const auto offsets = core::values_of<std::uint64_t>(arrays, prefix + "offsets", {core::any_length});
  const auto index = core::values_of<std::uint32_t>(arrays, prefix + "index", {core::any_length});
  const std::uint64_t entries = index.size();
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != entries)
    refuse(arrays, prefix + "offsets", "its offsets do not rise from 0 to the " + std::to_string(entries) + " entries");

  auto store = std::make_shared<detail::interaction_store>();
  store->users = core::ids_of(arrays, prefix + "user");
  store->items = core::ids_of(arrays, prefix + "item");
  if (store->users.size() != offsets.size() - 1)
    refuse(arrays, prefix + "offsets",
           "it has " + std::to_string(offsets.size() - 1) + " rows for " + std::to_string(store->users.size()) + " users");
  core::sparse_rows& rows = store->by_user;
  rows.rows = store->users.size();
  rows.columns = store->items.size();
  std::span<const float> weights;
  if (has("weights")) weights = core::values_of<float>(arrays, prefix + "weights", {entries});
  try {
    core::check_sparse("its matrix",
                       {rows.rows, rows.columns, offsets.data(), index.data(), weights.empty() ? nullptr : weights.data()},
                       part_of(run, 0, .3));
  } catch (const std::invalid_argument& refused) {
    refuse(arrays, prefix + "index", refused.what());
  }
  core::parallel_blocks((weights.size() + checked_at_once - 1) / checked_at_once, part_of(run, .3, .4), [&](std::size_t block) {
    const auto part =
        weights.subspan(block * checked_at_once, std::min(checked_at_once, weights.size() - block * checked_at_once));
    if (!std::ranges::all_of(part, [](float w) { return w > 0; })) refuse(arrays, prefix + "weights", "a weight is not above 0");
  });
  rows.offsets = copied(offsets);
  rows.index = copied(index);
  rows.value = copied(weights);

  if (has("seconds") && has("days")) refuse(arrays, prefix + "days", "there are times in seconds too");
  if (has("seconds") || has("days")) {
    store->has_times = true;
    store->unit = has("days") ? time_unit::days : time_unit::seconds;
    store->times = copied(core::values_of<std::int64_t>(arrays, prefix + (has("days") ? "days" : "seconds"), {entries}));
  }
  if (has("half_life")) {
    store->half_life = core::values_of<double>(arrays, prefix + "half_life", {1})[0];
    store->reference = core::values_of<std::int64_t>(arrays, prefix + "reference", {1})[0];
    if (!(store->half_life > 0 && std::isfinite(store->half_life)))
      refuse(arrays, prefix + "half_life", "it is not a positive number");
  }
  return detail::finish(std::move(store), part_of(run, .4, 1));
}

void save_interactions(const std::filesystem::path& folder, const interactions& data, const run_options& run) {
  core::save_model(folder, folder_kind, "{}", interaction_arrays(data), run);
}

interactions load_interactions(const std::filesystem::path& folder, const run_options& run) {
  const core::model_folder found = core::open_model(folder, folder_kind, true, part_of(run, 0, .6));
  return interactions_from(found.arrays, {}, part_of(run, .6, 1));
}

}  // namespace clarion::recommend
