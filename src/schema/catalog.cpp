#include "clarion/schema/catalog.hpp"

namespace clarion::schema {

const product* catalog::find(std::string_view id_or_name) const {
  const product* by_name = nullptr;
  for (const auto& item : products) {
    if (item.id == id_or_name) return &item;
    if (by_name == nullptr && item.name == id_or_name) by_name = &item;
  }
  return by_name;
}

std::string catalog::category_of(std::string_view entry) const {
  const auto* item = find(entry);
  return item != nullptr && !item->category.empty() ? item->category : std::string(entry);
}

}  // namespace clarion::schema
