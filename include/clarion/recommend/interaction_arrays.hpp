#pragma once

// Interactions on disk, in a model folder of their own or beside what was learned from them.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/model_folder.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/recommend/interactions.hpp"

namespace clarion::recommend {

/// The arrays that make up interactions, each name after `prefix`: rows by user and ids, weights and times where there are any,
/// half-life and reference where weights have aged. They share the storage of `data`; ids are copied. O(users + items).
CLARION_API std::vector<core::named_array> interaction_arrays(const interactions& data, const std::string& prefix = {});

/// The same interactions again, copied out of the arrays. Nothing in them is believed: throws clarion::error, naming the array,
/// for offsets that fall, columns that repeat or are out of range, weights that are not positive and finite, an id that occurs
/// twice, and counts that disagree. O(entries + ids log ids).
CLARION_API interactions interactions_from(std::span<const core::named_array> arrays, const std::string& prefix = {},
                                           const run_options& run = {});

/// A model folder of kind "interactions" with these arrays and no metadata; errors are those of core::save_model.
CLARION_API void save_interactions(const std::filesystem::path& folder, const interactions& data, const run_options& run = {});
/// Throws clarion::error for a folder that was altered or is of another kind.
CLARION_API interactions load_interactions(const std::filesystem::path& folder, const run_options& run = {});

}  // namespace clarion::recommend
