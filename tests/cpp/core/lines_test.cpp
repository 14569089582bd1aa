#include "clarion/core/detail/lines.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>

using namespace clarion::core::detail;

namespace {

bool starts_on(const void* p, std::uintptr_t boundary) { return reinterpret_cast<std::uintptr_t>(p) % boundary == 0; }

}  // namespace

TEST_CASE("memory starts on a cache line, much of it on a large page") {
  for (const std::size_t n : {1, 7, 1000}) CHECK(starts_on(raw_array<std::uint64_t>(n).data(), 64));
  CHECK(starts_on(raw_array<std::uint64_t>(std::size_t{1} << 20).data(), std::uintptr_t{1} << 21));
  raw_array<int> none(0);
  CHECK(none.data() == nullptr);
  CHECK(none.size() == 0);
}

TEST_CASE("a vector of lines grows as any other does") {
  line_vector<std::uint32_t> values;
  for (std::uint32_t i = 0; i < 3'000'000; ++i) values.push_back(i);
  CHECK(starts_on(values.data(), 64));
  CHECK(std::accumulate(values.begin(), values.end(), std::uint64_t{0}) == 4'499'998'500'000u);
}
