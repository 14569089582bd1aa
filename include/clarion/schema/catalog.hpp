#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/schema/campaign.hpp"

namespace clarion::schema {

/// Something that is sold.
struct product {
  std::string id{};
  std::string name{};
  std::string category{};
  double price = missing;
  double cost = missing;         ///< of one unit, same currency as the price
  std::optional<date> launch{};  ///< first day it can be bought
  double stock = missing;        ///< units at hand
};

/// The products, unique by id.
struct CLARION_API catalog {
  std::vector<product> products{};

  /// The product of this id, or else of this name; null when there is none. O(n).
  const product* find(std::string_view id_or_name) const;
  /// Category of a campaign's product entry: that of the product, or the entry itself when it names no product.
  std::string category_of(std::string_view entry) const;
};

}  // namespace clarion::schema
