#pragma once

// Every code of every room, for `clarion explain` and the documentation.

#include <optional>
#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::plan {

/// Rules of schema (S), conflict (C) and plan (P): P001 what is missing, P1xx strategies, P2xx KPIs, P3xx risks, P4xx
/// roadmap, P5xx team. Ascending by code, each code once.
CLARION_API std::span<const schema::rule> rules();

/// The rule of this code, whatever its case. Throws std::invalid_argument naming the nearest code for one that does not exist.
CLARION_API const schema::rule& explain(std::string_view code);

}  // namespace clarion::plan
