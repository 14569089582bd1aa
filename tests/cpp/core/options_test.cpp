#include "clarion/core/options.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace core = clarion::core;

namespace {

struct sample_options {
  double share = 0.5;
  std::uint32_t top = 10;
  bool exact = true;
  std::string channel;

  static constexpr auto fields() {
    return std::tuple{core::option("share", &sample_options::share, "part of the audience", {0, 1}),
                      core::option("top", &sample_options::top, "rows kept", {1, 1000}),
                      core::option("exact", &sample_options::exact, "count rather than estimate"),
                      core::option("channel", &sample_options::channel, "one channel alone")};
  }
};

std::string complaint(const sample_options& options) {
  try {
    core::check_options(options);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "";
}

}  // namespace

TEST_CASE("fields are visited in the order of their list") {
  std::vector<std::string> names;
  core::for_each_option<sample_options>([&](const auto& field) { names.emplace_back(field.name); });
  CHECK(names == std::vector<std::string>{"share", "top", "exact", "channel"});
}

TEST_CASE("defaults and the ends of a range are allowed") {
  CHECK(complaint({}).empty());
  CHECK(complaint({.share = 0, .top = 1}).empty());
  CHECK(complaint({.share = 1, .top = 1000}).empty());
}

TEST_CASE("what is outside is named with its range") {
  CHECK(complaint({.share = 1.5}) == "share: 1.5 is not allowed; give a number from 0 to 1");
  CHECK(complaint({.share = -0.25}).starts_with("share: -0.25"));
  CHECK(complaint({.top = 0}) == "top: 0 is not allowed; give a number from 1 to 1000");
  CHECK(complaint({.share = std::numeric_limits<double>::quiet_NaN()}).starts_with("share: nan"));
  CHECK(complaint({.share = std::numeric_limits<double>::infinity()}).starts_with("share: inf"));
}
