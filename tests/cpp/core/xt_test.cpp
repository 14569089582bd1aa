#include "clarion/core/xt.hpp"

#include <doctest/doctest.h>

#include <array>

namespace core = clarion::core;

TEST_CASE("a cube is row-major and reduces by axis") {
  core::cube load = xt::zeros<double>({2, 3, 4});
  double next = 0;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k) load(i, j, k) = next++;
  CHECK(load.data()[1 * 12 + 2 * 4 + 3] == load(1, 2, 3));
  const core::table by_week = xt::sum(load, {0});
  CHECK(by_week(2, 3) == load(0, 2, 3) + load(1, 2, 3));
}

TEST_CASE("a view reads values where they are") {
  std::array<double, 6> values{1, 2, 3, 4, 5, 6};
  const auto seen = core::view(values, 2, 3);
  CHECK(seen(1, 0) == 4);
  values[3] = 40;
  CHECK(seen(1, 0) == 40);
}
