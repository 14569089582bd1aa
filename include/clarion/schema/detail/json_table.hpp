#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/schema/read.hpp"

struct ArrowArrayStream;

namespace clarion::schema::detail {

struct json_store;

/// Records in JSON as a table of one batch. Records are the objects of an array, of one line each (JSON lines), or of the array
/// or object that an object holds; objects of columns, as data frames write them, are turned. A column holds integers where every
/// value of its key is one, else texts; what is missing, null or empty is null.
struct CLARION_API json_table {
  bool own = false;                           ///< has the form that to_json writes
  std::vector<std::string> columns{};         ///< the keys, in order of first appearance
  std::vector<unreadable_line> unreadable{};  ///< records that are no objects, and lines that are no JSON
  std::uint64_t rows = 0;                     ///< records that could be read

  /// A column of this name, without values where no record has the key.
  void ensure(const std::string& column);
  /// Gives the table to a stream, once; it owns what it needs.
  ArrowArrayStream stream();

  std::shared_ptr<json_store> store;
};

/// `records` names the member that holds the records, where the text is an object that has it. Throws clarion::error, with the
/// position, when the text is no JSON, nests deeper than 64 levels, or holds no records.
CLARION_API json_table parse_records(std::string_view text, std::string_view records = "campaigns");

}  // namespace clarion::schema::detail
