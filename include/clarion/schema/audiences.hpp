#pragma once

// Who is in which campaign: campaign x customer membership, held as compressed sets.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/fields.hpp"

struct ArrowArrayStream;

namespace clarion::schema {

namespace detail {
struct audience_store;
}

/// The members of one campaign inside one chunk of 2^16 customers: their low 16 bits as an ascending list, or one bit each,
/// whichever takes fewer bytes.
class audience_container {
public:
  audience_container(std::uint32_t campaign, std::uint32_t count, const std::uint16_t* list)
      : campaign_(campaign), count_(count), data_(list) {}
  audience_container(std::uint32_t campaign, std::uint32_t count, const std::uint64_t* bits)
      : campaign_(campaign), count_(count | bitmap_flag), data_(bits) {}

  std::uint32_t campaign() const { return campaign_; }
  std::uint32_t count() const { return count_ & ~bitmap_flag; }
  bool is_bitmap() const { return (count_ & bitmap_flag) != 0; }
  const std::uint16_t* list() const { return static_cast<const std::uint16_t*>(data_); }  ///< count() values; not for a bitmap
  const std::uint64_t* bits() const { return static_cast<const std::uint64_t*>(data_); }  ///< chunk_words() words; bitmap only

private:
  static constexpr std::uint32_t bitmap_flag = 1u << 31;
  std::uint32_t campaign_;
  std::uint32_t count_;
  const void* data_;
};

using customer_ids = core::id_kind;  ///< what the caller's own customer ids are; none: dense indices 0..n-1

/// Campaign x customer membership. A value: built once, then constant; copies share storage and are cheap, any number of
/// threads may read. Customers have dense indices 0..n_customers()-1 in the order of their own ids (numeric or bytewise), so
/// the same rows in any order give the same object.
class CLARION_API audiences {
public:
  static constexpr std::uint32_t chunk_bits = 16;
  static constexpr std::uint32_t chunk_size = 1u << chunk_bits;

  audiences();  ///< no campaigns, no customers
  explicit audiences(std::shared_ptr<const detail::audience_store> store);

  std::size_t size() const;                           ///< campaigns
  std::size_t n_customers() const;                    ///< customers that are in at least one campaign
  std::uint64_t n_memberships() const;                ///< distinct (campaign, customer) pairs
  const std::vector<std::string>& campaigns() const;  ///< labels, by campaign index
  std::optional<std::uint32_t> find(std::string_view campaign) const;

  std::uint64_t count(std::size_t campaign) const;                  ///< exact audience size, O(1)
  bool contains(std::size_t campaign, std::size_t customer) const;  ///< O(log campaigns + log chunk)
  std::vector<std::uint32_t> members(std::size_t campaign) const;   ///< dense customer indices, ascending; O(members + chunks)

  customer_ids id_kind() const;
  std::int64_t customer_id(std::size_t customer) const;        ///< integer ids; the index itself when there are none
  std::string_view customer_text(std::size_t customer) const;  ///< text ids
  std::optional<std::uint32_t> find_customer(std::int64_t id) const;
  std::optional<std::uint32_t> find_customer(std::string_view id) const;

  std::size_t memory_bytes() const;  ///< sets, labels and customer ids

  std::size_t n_chunks() const;                      ///< ceil(n_customers / 2^16)
  std::size_t chunk_words(std::size_t chunk) const;  ///< words of a bitmap of that chunk (1024; the last one is cut)
  std::span<const audience_container> chunk(std::size_t chunk) const;  ///< non-empty containers, by campaign

private:
  std::shared_ptr<const detail::audience_store> store_;
};

using text_column = core::text_cells;
using core::id_column;

struct audience_options {
  /// Labels of the campaigns, when the campaign column holds indices into them (a campaign without members stays, with an
  /// audience of 0). Empty: the column holds ids, a campaign is what occurs, in ascending order, labelled by its id.
  std::vector<std::string> labels{};
  bool keep_customer_ids = true;  ///< false: only dense indices are kept
  std::size_t report_rows = 100;  ///< quarantined rows that the report names
};

enum class audience_reason : std::uint8_t {
  null_campaign,
  null_customer,
  bad_campaign,
  bad_customer,  ///< a number with a fraction or beyond 64 bits
  unknown_campaign
};
CLARION_API const char* describe(audience_reason reason);

struct quarantined_membership {
  std::uint64_t row = 0;  ///< from 0, in the order read
  audience_reason reason{};
};

/// What became of the rows: rows_read = rows_accepted + rows_quarantined, and rows_accepted = memberships + duplicates.
struct audience_report {
  std::uint64_t rows_read = 0;
  std::uint64_t rows_accepted = 0;
  std::uint64_t rows_quarantined = 0;
  std::uint64_t duplicates = 0;                     ///< accepted rows that repeat a membership and were dropped
  std::vector<quarantined_membership> quarantined;  ///< the first options.report_rows of them, by row
};

struct audience_build {
  audiences members;
  audience_report report;
};

/// Builds audiences from two columns of equal length, one row a membership.
///
/// Integer customers whose range is at most 16 x rows are placed directly; others, and text, are ranked by a radix partition.
/// Besides the result it holds 4 bytes a row in the first case and 16 in the second (text: 12 and the distinct ids).
/// O(rows + customers log customers). Same result, bit for bit, for any order of rows and any number of threads.
/// Rows whose campaign index has no label are quarantined (unknown_campaign). Throws std::invalid_argument when the columns
/// differ in length, a label occurs twice, or there are more than 2^32 - 1 distinct customers or 2^31 campaigns.
CLARION_API audience_build build_audiences(const id_column& campaign, const id_column& customer,
                                           const audience_options& options = {}, const run_options& run = {});

/// The fields of a membership: campaign and customer, with the names that columns of exports have.
CLARION_API std::span<const field> membership_fields();

/// Names of the two columns of a membership table.
struct audience_columns {
  std::string campaign = "campaign";
  std::string customer = "customer";
};

/// Reads a membership table from an Arrow stream, which it takes over, batch by batch: 12 bytes a row are kept (text customers:
/// 4, an offset and the text) besides what build_audiences needs, and a batch is released before the next one. Ids may be
/// integers, floating-point numbers with whole values, text, UUIDs or dates, plain or dictionary-encoded; other types throw
/// clarion::error, an unknown column or one for both std::invalid_argument. Rows with a null, a fraction or a number beyond 64
/// bits are quarantined. The labels of options are ignored unless the campaign column is an integer.
CLARION_API audience_build read_audiences(ArrowArrayStream* stream, const audience_columns& columns = {},
                                          const audience_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
