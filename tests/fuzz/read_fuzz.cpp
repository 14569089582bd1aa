// Cells of an Arrow stream: bytes cut by \x01 into cells and by \x02 into rows of a table whose columns are known.
#include "clarion/schema/read.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "../cpp/core/arrow_table.hpp"

namespace schema = clarion::schema;
namespace tests = clarion::tests;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array names{"id",    "name",     "start",     "end",    "budget",  "channel", "owner", "audience",
                             "group", "currency", "objective", "status", "targets", "spend",   "tags",  "note"};
  std::vector<std::vector<std::optional<std::string>>> columns(names.size());
  std::size_t column = 0, rows = 0;
  std::optional<std::string> cell;
  const auto end_cell = [&] {
    if (column < columns.size()) columns[column++].push_back(cell);
    cell.reset();
  };
  const auto end_row = [&] {
    while (column < columns.size()) end_cell();
    column = 0;
    ++rows;
  };
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 1)
      end_cell();
    else if (data[i] == 2)
      end_row();
    else
      cell = cell.value_or("") + static_cast<char>(data[i]);
  }
  end_row();
  std::vector<tests::arrow_node> nodes;
  for (std::size_t i = 0; i < names.size(); ++i) nodes.push_back(tests::text_column(names[i], columns[i]));
  tests::arrow_table table({nodes});
  auto stream = table.stream();
  schema::policy policy;
  policy.today = clarion::core::from_day_number(20000);
  policy.tag_pattern = "[a-z_]+";
  const auto out = schema::from_arrow(&stream, policy, nullptr, {}, {.threads = 1});
  if (out.rows_read != rows || out.rows_read != out.accepted.size() + out.quarantine.size()) std::abort();
  for (std::size_t i = 0; i < out.quarantine.size(); ++i)
    if (out.quarantine.reasons[i].empty()) std::abort();
  return 0;
}
