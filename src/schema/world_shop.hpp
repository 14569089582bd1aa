#pragma once

// What the people of the simulated world buy: the catalogue as they meet it, and the baskets that they fill.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/random.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/sample.hpp"
#include "schema/world_people.hpp"

namespace clarion::schema::detail {

struct shelf {
  catalog goods = sample_catalog();
  std::vector<std::uint8_t> category;
  std::vector<date> launch;
  std::array<std::vector<double>, 12> season;  ///< of each product, by month
  std::vector<double> popularity;
  std::vector<std::array<double, 4>> factors;
  std::vector<std::array<std::size_t, 2>> rules;  ///< antecedent, consequent
  std::vector<double> rule_chance;

  explicit shelf(std::uint64_t seed);
  std::size_t size() const { return popularity.size(); }

  /// How much a person likes each product, before season.
  std::vector<double> appeal(const person& of) const;
  /// A product on sale that day, by appeal and the season of its category.
  std::size_t choose(core::random_stream& draw, const std::vector<double>& liked, date at, std::vector<double>& scratch) const;
};

struct line {
  std::size_t product;
  date day;
  std::uint16_t quantity;
  double amount;
  std::uint16_t returned;
};

/// The order lines of a person; `orders` gives the position of the first line of each order.
std::vector<line> fill_baskets(const shelf& from, const person& of, const std::vector<double>& appeal, core::random_stream draw,
                               std::vector<std::size_t>& orders);

}  // namespace clarion::schema::detail
