#include "clarion/schema/catalog.hpp"

#include <doctest/doctest.h>

using namespace clarion::schema;

TEST_CASE("products are found by id before name, and entries have a category") {
  const catalog products{{{.id = "p1", .name = "p2", .category = "Shoes"},
                          {.id = "p2", .name = "Boot", .category = "Boots"},
                          {.id = "p3", .name = "Lace"}}};
  CHECK(products.find("p2")->category == "Boots");
  CHECK(products.find("Boot")->id == "p2");
  CHECK(products.find("p9") == nullptr);
  CHECK(products.category_of("p1") == "Shoes");
  CHECK(products.category_of("Gift cards") == "Gift cards");
  CHECK(products.category_of("p3") == "p3");
  CHECK(catalog{}.category_of("x") == "x");
}
