#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/fields.hpp"

struct ArrowArrayStream;

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

/// The fields of a product: id, name, category, price, cost, launch, stock; id is required.
CLARION_API std::span<const field> product_fields();

/// Reads products from a stream of record batches, which it takes over. `columns` holds (field, column) pairs; what they leave
/// out is matched by name. Numbers and dates may be typed or text in any form that detail/parse.hpp lists; a mark before three
/// digits parts thousands or decimals as the other numbers tell, and a point parts decimals where nothing does. Blank rows are
/// passed over.
///
/// A catalogue is reference data, and a wrong entry would judge campaigns wrongly: throws clarion::error, naming the row, where
/// an entry cannot be read, has no id or that of another, has a price or cost below zero, has a date that may be read in two
/// ways, or sums up others; std::invalid_argument for columns that are not there. O(rows).
CLARION_API catalog read_catalog(ArrowArrayStream* stream, std::span<const std::pair<std::string, std::string>> columns = {},
                                 const run_options& run = {});

}  // namespace clarion::schema
