// Products out of an Arrow stream: they are refused, or each is one that campaigns may be judged by.
#include "clarion/schema/catalog.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "cells.hpp"
#include "clarion/core/error.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array names{"id", "price", "launch", "stock", "name", "cost", "category", "note"};
  std::size_t rows = 0;
  auto table = clarion::tests::cells_of({data, size}, names, rows);
  auto stream = table.stream();
  schema::catalog goods;
  try {
    goods = schema::read_catalog(&stream, {}, {.threads = 1});
  } catch (const clarion::error&) {
    return 0;
  }
  if (goods.products.size() > rows) std::abort();
  std::set<std::string> ids;
  for (const auto& one : goods.products) {
    if (one.id.empty() || !ids.insert(one.id).second || goods.find(one.id) != &one) std::abort();
    if (one.price < 0 || one.cost < 0 || std::isinf(one.price) || std::isinf(one.cost) || std::isinf(one.stock)) std::abort();
  }
  return 0;
}
