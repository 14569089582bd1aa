#include "clarion/segment/customer_fields.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"

using namespace clarion;
using namespace clarion::segment;
using namespace clarion::tests;

TEST_CASE("fields of any type are read, and missing cells are told") {
  const auto batch = [] {
    return std::vector<arrow_node>{fixed_column<std::int64_t>("n", "l", {1, 2, 3}, {true, false, true}),
                                   fixed_column<double>("x", "g", {.5, std::nan(""), 2}),
                                   text_column("region", {"N", std::nullopt, ""}),
                                   fixed_column<std::int32_t>("since", "tdD", {0, 1, 2}, {true, true, false})};
  };
  arrow_table table({batch(), batch()});
  auto stream = table.stream();
  const std::vector<std::string> names{"x", "region", "since", "n", "absent", "x"};
  const auto got = read_fields(&stream, names, {.threads = 2});
  CHECK(got.rows == 6);
  REQUIRE(got.fields.size() == 4);
  CHECK(got.find("absent") == nullptr);
  CHECK(got.find("n")->shown(4) == "missing");
  CHECK(got.find("n")->shown(5) == "3");
  CHECK(got.find("x")->missing(1));
  CHECK(got.find("region")->shown(3) == "N");
  CHECK(got.find("region")->missing(2));
  CHECK(got.find("since")->shown(1) == "1970-01-02");
  CHECK(got.find("since")->missing(5));
  CHECK(table.released == 1);
}

TEST_CASE("fields are of one length and have names of their own") {
  customer_fields fields;
  fields.add({.name = "x", .kind = field_kind::number, .number = {1, 2}});
  CHECK(fields.rows == 2);
  CHECK_THROWS_AS(fields.add({.name = "x", .kind = field_kind::number, .number = {1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(fields.add({.name = "y", .kind = field_kind::boolean, .flag = {1}}), std::invalid_argument);
  fields.add({.name = "y", .kind = field_kind::boolean, .flag = {1, missing_flag}});
  CHECK(fields.find("y")->shown(0) == "true");
  CHECK(fields.find("y")->shown(1) == "missing");
}
