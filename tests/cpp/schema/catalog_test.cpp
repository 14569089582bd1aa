#include "clarion/schema/catalog.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"

using namespace clarion;
using namespace clarion::schema;
using clarion::tests::arrow_node;
using clarion::tests::arrow_table;
using clarion::tests::fixed_column;
using clarion::tests::text_column;

namespace {

using texts = std::vector<std::optional<std::string>>;
using columns = std::vector<std::pair<std::string, texts>>;
using chosen = std::vector<std::pair<std::string, std::string>>;

catalog read(const std::vector<arrow_node>& nodes, const chosen& which = {}) {
  arrow_table table({nodes});
  auto stream = table.stream();
  return read_catalog(&stream, which, {.threads = 1});
}

catalog read(const columns& cells, const chosen& which = {}) {
  std::vector<arrow_node> nodes;
  for (const auto& [name, column] : cells) nodes.push_back(text_column(name, column));
  return read(nodes, which);
}

template <class Error>
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& problem) {
    return problem.what();
  }
  FAIL("nothing was refused");
  return {};
}

std::string refused(const columns& cells, const chosen& which = {}) {
  return refusal<error>([&] { read(cells, which); });
}

}  // namespace

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

TEST_CASE("columns are matched by name, cells in any form that portfolios may have") {
  const auto goods = read({{"SKU", {"p1", " p2 "}},
                           {"Product Name", {"Lamp", std::nullopt}},
                           {"Department", {"Light", ""}},
                           {"Unit Price", {"1.299,50 \u20ac", "n/a"}},
                           {"Unit cost", {"0,8", ""}},
                           {"Launch date", {"27.11.2026", ""}},
                           {"On hand", {"1.200", "-3"}},
                           {"Colour", {"red", "blue"}}});
  REQUIRE(goods.products.size() == 2);
  const auto& [id, name, category, price, cost, launch, stock] = goods.products[0];
  CHECK(id == "p1");
  CHECK(name == "Lamp");
  CHECK(category == "Light");
  CHECK(price == 1299.5);
  CHECK(cost == 0.8);
  CHECK(launch == core::parse_iso_date("2026-11-27"));
  CHECK(stock == 1200);
  const auto& other = goods.products[1];
  CHECK(other.id == "p2");
  CHECK(std::isnan(other.price));
  CHECK(std::isnan(other.cost));
  CHECK_FALSE(other.launch);
  CHECK(other.stock == -3);
}

TEST_CASE("a choice wins over names; typed columns, blank rows and no rows are read") {
  const auto goods =
      read({fixed_column<std::int64_t>("id", "l", {1, 2}), fixed_column<std::int32_t>("code", "i", {70, 80}),
            fixed_column<double>("price", "g", {9.125, 2}), fixed_column<std::int32_t>("launch", "tdD", {20000, 20001})},
           {{"id", "code"}});
  REQUIRE(goods.products.size() == 2);
  CHECK(goods.products[0].id == "70");
  CHECK(goods.products[0].price == 9.125);
  CHECK(goods.products[1].launch == core::from_day_number(20001));
  CHECK(read(columns{{"id", {"a", "", std::nullopt, "b"}}, {"name", {"A", " ", "", "B"}}}).products.size() == 2);
  CHECK(read(columns{{"id", {}}, {"price", {}}, {"launch", {}}}).products.empty());
}

TEST_CASE("the mark before three digits follows the other numbers, then the dates") {
  const auto first_price = [](const columns& cells) { return read(cells).products.front().price; };
  CHECK(first_price({{"id", {"a"}}, {"price", {"1.250"}}}) == 1.25);
  CHECK(first_price({{"id", {"a"}}, {"price", {"1,250"}}}) == 1250);
  CHECK(first_price({{"id", {"a"}}, {"price", {"1.250"}}, {"cost", {"0,75"}}}) == 1250);
  CHECK(first_price({{"id", {"a"}}, {"price", {"1.250"}}, {"launch", {"27.11.2026"}}}) == 1250);
  CHECK(first_price({{"id", {"a", "b"}}, {"price", {"1.250", "0.5"}}, {"launch", {"27.11.2026", ""}}}) == 1.25);
}

TEST_CASE("what is wrong is refused by row, and names what is there") {
  CHECK(refused({{"mood", {"x"}}}) == "no column holds the ids of the products; say which one does: columns={\"id\": \"...\"}");
  CHECK(refused({{"id", {"a", ""}}, {"name", {"A", "B"}}}) == "row 2 has no product id");
  CHECK(refused({{"id", {"a", "b", "a"}}}) == "two products have the id 'a' (rows 1 and 3); ids are unique in a catalogue");
  CHECK(refused({{"id", {"a"}}, {"price", {"x"}}}) == "row 1: 'x' in price is no number");
  CHECK(refused({{"id", {"a"}}, {"cost", {"-1"}}}) == "row 1 has '-1' in cost; it is 0 or more");
  CHECK(refused({{"id", {"a", "b"}}, {"launch", {"2026-01-02", "soon"}}}) ==
        "row 2: 'soon' in launch is no date; write YYYY-MM-DD");
  CHECK(refused({{"id", {"a"}}, {"launch", {"03/04/2026"}}}).find("day first") != std::string::npos);
  CHECK(refused({{"id", {"a", "Total"}}, {"price", {"1", "1"}}}) == "row 2 sums up others (\"Total\"); take it out");
  CHECK(read(columns{{"id", {"Total"}}, {"name", {"A yoghurt"}}}).products.size() == 1);

  const auto invalid = [](const chosen& which) {
    return refusal<std::invalid_argument>([&] { read(columns{{"id", {"a"}}, {"Preis", {"1"}}}, which); });
  };
  CHECK(invalid({{"prise", "Preis"}}).find("price") != std::string::npos);
  CHECK(invalid({{"price", "cost"}}).find("id, Preis") != std::string::npos);
  arrow_node nested{.format = "+s", .name = "dims", .length = 1, .buffers = {}, .children = {text_column("inner", {"x"})}};
  nested.buffers.emplace_back();
  const auto of = [&](const chosen& which) { return read({text_column("id", {"a"}), nested}, which).products.size(); };
  CHECK(of({}) == 1);
  CHECK(refusal<error>([&] { of({{"price", "dims"}}); }).find("not read") != std::string::npos);
}

TEST_CASE("the fields of a product are told") {
  std::string names;
  for (const auto& one : product_fields()) names += std::string(one.name) + " ";
  CHECK(names == "id name category price cost launch stock ");
}
