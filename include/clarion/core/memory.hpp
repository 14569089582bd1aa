#pragma once

// Work that cannot fit is refused before it begins.

#include <cstdint>
#include <string>

#include "clarion/core/export.hpp"

namespace clarion::core {

/// Bytes that this process may use: the machine's memory, or less under a cgroup's limit.
CLARION_API std::uint64_t memory_limit();

/// Throws clarion::error when `bytes` are more than memory_limit(): "<what> takes 120 GiB, ...; <remedy>".
CLARION_API void require_memory(const std::string& what, double bytes, const std::string& remedy);

}  // namespace clarion::core
