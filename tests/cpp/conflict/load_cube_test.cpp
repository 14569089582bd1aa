#include "clarion/conflict/load_cube.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "clarion/core/error.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;

TEST_CASE("the cube holds the weekly values and nothing else") {
  const auto portfolio = random_portfolio(40, 8);
  const auto load = conflict::load(portfolio, {});
  for (const auto measure : {conflict::load_measure::contacts, conflict::load_measure::spend}) {
    const auto cube = conflict::load_cube(load, measure);
    REQUIRE(cube.shape(0) == portfolio.size());
    REQUIRE(cube.shape(1) == load.channels.size());
    REQUIRE(cube.shape(2) == load.weeks.size());
    double expected = 0;
    for (std::size_t c = 0; c < portfolio.size(); ++c) {
      if (load.channel[c] == conflict::weekly_load::no_channel) continue;
      const auto values = measure == conflict::load_measure::contacts ? load.load_of(c) : load.spend_of(c);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        CHECK(cube(c, load.channel[c], load.first_week[c] + i) == values[i]);
        expected += values[i];
      }
    }
    CHECK(expected > 0);
    CHECK(xt::sum(cube)() == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("a cube that would not fit is refused with its size") {
  const auto load = conflict::load(make({{.days = 365}, {.days = 365}}), {});
  CHECK_THROWS_WITH_AS(conflict::load_cube(load, conflict::load_measure::contacts, 1000),
                       doctest::Contains("2 campaigns x 8 channels x 53 weeks"), error);
}

TEST_CASE("no campaign gives an empty cube") { CHECK(conflict::load_cube(conflict::load({}, {})).size() == 0); }
