#include "clarion/core/error.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("a rejected argument names field, value and remedy") {
  try {
    clarion::reject("n_clusters", "0", "give 1 or more");
    FAIL("reject returned");
  } catch (const std::invalid_argument& problem) {
    CHECK(std::string(problem.what()) == "n_clusters: 0 is not allowed; give 1 or more");
  }
}

TEST_CASE("a cancelled call is an error of the library, not a bad argument") {
  CHECK_THROWS_AS(throw clarion::cancelled(), clarion::error);
  CHECK_THROWS_AS(throw clarion::error("x"), std::runtime_error);
  CHECK(std::string(clarion::cancelled().what()).find("cancelled") != std::string::npos);
}
