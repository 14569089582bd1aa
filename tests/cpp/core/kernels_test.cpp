#include "clarion/core/kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using clarion::core::permitted_simd;
using clarion::core::simd_level;

namespace {

struct forced_level {
  std::string before;
  explicit forced_level(const char* value) {
    if (const char* now = std::getenv("CLARION_SIMD")) before = now;
    ::setenv("CLARION_SIMD", value, 1);
  }
  ~forced_level() {
    if (before.empty())
      ::unsetenv("CLARION_SIMD");
    else
      ::setenv("CLARION_SIMD", before.c_str(), 1);
  }
};

}  // namespace

TEST_CASE("CLARION_SIMD names the highest level") {
  {
    const forced_level level("scalar");
    CHECK(permitted_simd() == simd_level::scalar);
  }
  {
    const forced_level level("avx2");
    CHECK(permitted_simd() == simd_level::avx2);
  }
  {
    const forced_level level("");
    CHECK(permitted_simd() == simd_level::avx512);
  }
  const forced_level level("sse9");
  CHECK_THROWS_AS(permitted_simd(), std::invalid_argument);
}

#if defined(__x86_64__)
TEST_CASE("each level is code of its own where the CPU permits it") {
  const auto same = [](simd_level a, simd_level b) {
    return clarion::kernels::choose_and_popcount(a) == clarion::kernels::choose_and_popcount(b);
  };
  CHECK_FALSE(same(simd_level::avx2, simd_level::scalar));
  const bool wider = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  CHECK(same(simd_level::avx512, simd_level::avx2) != wider);
}
#endif

TEST_CASE("and_popcount counts the same bits at every level, at any alignment") {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> a(1100), b(1100);
  for (const int kind : {0, 1, 2}) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = kind == 0 ? random() : kind == 1 ? ~std::uint64_t{0} : random() & random() & random();
      b[i] = kind == 1 ? ~std::uint64_t{0} : random();
    }
    for (std::size_t words = 0; words <= 1024; words += words < 160 ? 8 : 216)
      for (const std::size_t shift : {0u, 1u, 5u}) {
        std::uint64_t want = 0;
        for (std::size_t i = 0; i < words; ++i) want += static_cast<std::uint64_t>(std::popcount(a[i + shift] & b[i]));
        for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512})
          REQUIRE(clarion::kernels::choose_and_popcount(level)(a.data() + shift, b.data(), words) == want);
      }
  }
}

TEST_CASE("min_plus gives the same sums at every level, for every size") {
  std::mt19937_64 random(2);
  const auto value = [&] { return static_cast<double>(random() % 4096) / 64 - 20; };
  for (std::size_t rows = 1; rows <= 9; ++rows)
    for (std::size_t inner : {1u, 2u, 3u, 29u})
      for (std::size_t columns = 1; columns <= 37; columns += columns < 20 ? 1 : 4) {
        std::vector<double> x(rows * inner), y(inner * columns), want(rows * columns);
        for (auto& v : x) v = value();
        for (auto& v : y) v = value();
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t c = 0; c < columns; ++c) {
            double least = x[r * inner] + y[c];
            for (std::size_t k = 1; k < inner; ++k) least = std::min(least, x[r * inner + k] + y[k * columns + c]);
            want[r * columns + c] = least;
          }
        for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
          std::vector<double> out(rows * columns + 1, -1.0);
          clarion::kernels::choose_min_plus(level)(x.data(), rows, inner, y.data(), columns, out.data());
          REQUIRE(out.back() == -1.0);
          out.pop_back();
          REQUIRE(out == want);
        }
      }
}
