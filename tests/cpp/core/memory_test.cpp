#include "clarion/core/memory.hpp"

#include <doctest/doctest.h>

#include <string>

#include "clarion/core/error.hpp"

namespace core = clarion::core;

TEST_CASE("a machine has some memory, and nothing larger is begun") {
  const auto limit = static_cast<double>(core::memory_limit());
  CHECK(limit > 1 << 20);
  CHECK(limit < 1e17);
  CHECK_NOTHROW(core::require_memory("nothing", 0, ""));
  CHECK_NOTHROW(core::require_memory("all of it", limit, ""));
  try {
    core::require_memory("a cube of 3 sides", 2e18, "use two");
    FAIL("not refused");
  } catch (const clarion::error& refused) {
    const std::string why = refused.what();
    CHECK(why.starts_with("a cube of 3 sides takes 1862645149.2 GiB, more than the "));
    CHECK(why.ends_with("; use two"));
  }
}
