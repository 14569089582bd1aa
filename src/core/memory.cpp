#include "clarion/core/memory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "clarion/core/error.hpp"

namespace clarion::core {

std::uint64_t memory_limit() {
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  if (const auto pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE); pages > 0 && size > 0)
    limit = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
  // cgroup v2 says "max" without a limit, which is no number; v1 a number beyond all memory.
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (std::uint64_t bytes = 0; std::ifstream(path) >> bytes) limit = std::min(limit, bytes);
  return limit;
}

void require_memory(const std::string& what, double bytes, const std::string& remedy) {
  // To ask takes longer than to fill little.
  if (bytes < 1 << 24) return;
  const auto limit = static_cast<double>(memory_limit());
  if (bytes <= limit) return;
  constexpr double gib = 1024.0 * 1024 * 1024;
  throw error(fmt::format("{} takes {:.1f} GiB, more than the {:.1f} GiB that this process may use; {}", what, bytes / gib,
                          limit / gib, remedy));
}

}  // namespace clarion::core
