#pragma once

// A stream of records, read ahead by a few blocks at a time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/records.hpp"
#include "schema/record_block.hpp"
#include "schema/remarks.hpp"

namespace clarion::schema::detail {

struct parsed_block {
  std::shared_ptr<const core::arrow_batch> batch;
  block where;
  record_block rows;
  std::size_t next = 0;                            // row that is judged next
  std::size_t issue = 0;                           // its first issue
  std::vector<std::uint64_t> customers, products;  // hashes of their texts, where cancellations are followed
};

class record_window {
public:
  /// Takes the stream over. Throws as read_records() does.
  record_window(ArrowArrayStream* stream, const mapping& map, const policy& rules, const record_options& options,
                const run_options& run);

  /// Blocks that were read, with what each row says by itself: the rows that come next, in order. None at first.
  std::deque<parsed_block>& ready() { return ready_; }
  /// Reads the blocks after those while `beside` looks at them, on some thread, and may pop them. False where the stream has
  /// ended and nothing is ready. The first call settles the layout.
  bool read_on(const std::function<void()>& beside);

  const std::vector<core::arrow_reader::field>& columns() const { return reader_.fields(); }

  std::vector<std::string> names;                         ///< of the columns, each its own
  remarks about;                                          ///< the file
  std::vector<std::pair<std::string, std::string>> used;  ///< (field, column)
  record_layout layout;
  bool follows = false;  ///< cancellations are held against sales

private:
  std::optional<parsed_block> carve(std::size_t most);
  void settle();
  void settle_proportion();
  void settle_clocks();

  core::arrow_reader reader_;
  const mapping& map_;
  const run_options& run_;
  run_options alone_;  // without progress, which is told by the rows that were judged
  std::shared_ptr<const core::arrow_batch> batch_;
  std::size_t batch_at_ = 0;
  bool settled_ = false, ended_ = false;
  std::deque<parsed_block> first_;  // rows that settled the layout, not yet read
  std::deque<parsed_block> ready_;
};

}  // namespace clarion::schema::detail
