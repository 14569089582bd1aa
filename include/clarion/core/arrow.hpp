#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/detail/arrow_abi.hpp"
#include "clarion/core/export.hpp"

namespace clarion::core {

/// What the cells of a column are. `text` covers utf8, large_utf8, utf8_view and their binary twins; `date` covers date32 and
/// date64; a dictionary-encoded column has the type of its dictionary. Anything else is `unsupported`: it may be present, and
/// only reading its cells is an error.
enum class arrow_type : std::uint8_t {
  null,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  decimal,
  date,
  timestamp,
  text,
  uuid,
  list,
  unsupported
};

CLARION_API std::string_view to_string(arrow_type type);

constexpr bool is_integer(arrow_type type) { return type >= arrow_type::int8 && type <= arrow_type::uint64; }

/// A read-only view of one column of a batch; it lives as long as the batch. Cells are addressed from 0 to size() - 1; every
/// reader takes a valid cell (see valid()) of a fitting type, and throws clarion::error for another type.
class CLARION_API arrow_column {
public:
  std::string_view name() const { return name_; }
  arrow_type type() const { return type_; }
  std::string_view format() const { return format_; }  ///< Arrow's format string, for messages
  std::size_t size() const { return size_; }
  bool is_dictionary() const { return layout_ == layout::dictionary; }
  bool is_number() const { return type_ >= arrow_type::int8 && type_ <= arrow_type::decimal; }

  /// False where the cell is null (for a dictionary: or its entry is).
  bool valid(std::size_t row) const {
    if (type_ == arrow_type::null) return false;
    if (validity_ != nullptr) {
      const std::size_t bit = row + offset_;
      if (((validity_[bit >> 3] >> (bit & 7)) & 1u) == 0) return false;
    }
    return layout_ != layout::dictionary || child_->valid(index(row));
  }
  /// True when no cell can be null, so that valid() need not be asked.
  bool all_valid() const {
    return type_ != arrow_type::null && validity_ == nullptr && (layout_ != layout::dictionary || child_->all_valid());
  }

  /// The buffer itself, without a copy, for a column whose type is exactly T (int8_t to uint64_t, float, double) and that is
  /// not dictionary-encoded; cells that are null hold anything.
  template <class T>
  std::span<const T> values() const {
    require(type_of<T>() == type_ && layout_ == layout::fixed, "a buffer of that number type");
    return {static_cast<const T*>(data_) + offset_, size_};
  }

  std::string_view text(std::size_t row) const;                ///< text; lives as long as the batch
  double number(std::size_t row) const;                        ///< any number, decimal or boolean
  std::optional<std::int64_t> integer(std::size_t row) const;  ///< of an integer column; nothing above 2^63 - 1
  bool boolean(std::size_t row) const;
  /// Date or timestamp, as days since 1970-01-01 in the zone of the column where it is an offset such as "+02:00", else in UTC.
  std::int64_t day(std::size_t row) const;
  void days(std::size_t begin, std::span<std::int32_t> out) const;  ///< of rows from `begin` on, clamped; of nulls anything
  /// Date or timestamp, as seconds since 1970-01-01 00:00 UTC; parts of a second are cut off downwards.
  std::int64_t second(std::size_t row) const;
  std::span<const std::uint8_t, 16> uuid(std::size_t row) const;

  /// A list cell is rows [first, last) of items().
  struct extent {
    std::size_t first = 0, last = 0;
  };
  extent list(std::size_t row) const;
  const arrow_column& items() const;

  /// Dictionary-encoded columns: the entry of a row, less than dictionary().size(); and the entries.
  std::size_t index(std::size_t row) const;
  const arrow_column& dictionary() const;

  /// Any cell as text: numbers in their shortest form that reads back the same, days and times in ISO 8601, lists joined by
  /// `separator`; a null is empty.
  std::string to_text(std::size_t row, std::string_view separator = "; ") const;

private:
  friend class arrow_batch;
  enum class layout : std::uint8_t {
    fixed,
    bits,
    offsets32,
    offsets64,
    views,
    list32,
    list64,
    view32,
    view64,
    fixed_list,
    dictionary,
    nothing
  };
  static arrow_column open(const ArrowSchema& schema, const ArrowArray& array, std::size_t first, std::size_t rows, int depth);

  template <class T>
  static constexpr arrow_type type_of();
  void require(bool ok, const char* wanted) const {
    if (!ok) refuse(wanted);
  }
  [[noreturn]] void refuse(const char* wanted) const;

  std::string_view name_, format_;
  arrow_type type_ = arrow_type::unsupported;
  layout layout_ = layout::nothing;
  std::uint8_t width_ = 0;                      // bytes of a fixed cell
  arrow_type index_type_ = arrow_type::uint64;  // of a dictionary-encoded column
  int scale_ = 0;                               // decimals: digits after the point
  std::int64_t per_day_ = 1;                    // dates and timestamps: ticks in a day
  std::int64_t ahead_ = 0;                      // timestamps: ticks that local clocks are ahead of UTC
  std::int64_t list_size_ = 0;                  // fixed-size lists
  std::size_t size_ = 0, offset_ = 0;
  const std::uint8_t* validity_ = nullptr;
  const void* data_ = nullptr;         // cells, or bytes of texts
  const void* starts_ = nullptr;       // offsets of texts and lists
  const void* sizes_ = nullptr;        // sizes of list views
  const void* const* pool_ = nullptr;  // variadic buffers of text views
  const std::int64_t* pool_sizes_ = nullptr;
  std::int64_t pool_count_ = 0;
  std::shared_ptr<const arrow_column> child_;  // items of a list, entries of a dictionary
};

template <class T>
constexpr arrow_type arrow_column::type_of() {
  if constexpr (std::is_same_v<T, std::int8_t>)
    return arrow_type::int8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return arrow_type::int16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return arrow_type::int32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return arrow_type::int64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return arrow_type::uint8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return arrow_type::uint16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return arrow_type::uint32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return arrow_type::uint64;
  else if constexpr (std::is_same_v<T, float>)
    return arrow_type::float32;
  else if constexpr (std::is_same_v<T, double>)
    return arrow_type::float64;
  else
    return arrow_type::unsupported;
}

/// One record batch; owns its memory until it is destroyed.
class CLARION_API arrow_batch {
public:
  std::size_t rows() const { return rows_; }
  const std::vector<arrow_column>& columns() const { return columns_; }
  /// The first column of this name, or null.
  const arrow_column* find(std::string_view name) const;

private:
  friend class arrow_reader;
  arrow_batch(std::shared_ptr<ArrowSchema> schema, std::shared_ptr<ArrowArray> array);
  std::shared_ptr<ArrowSchema> schema_;
  std::shared_ptr<ArrowArray> array_;
  std::size_t rows_ = 0;
  std::vector<arrow_column> columns_;
};

/// Reads a stream of record batches. Takes the stream over (the caller's struct is marked released, as the interface asks of a
/// move) and releases it in the end. Whatever is structurally wrong with the schema or a batch (no struct, counts that do not
/// fit the type, missing buffers, offsets that fall) throws clarion::error. The interface carries no buffer sizes, so that a
/// producer that lies about its lengths cannot be caught: take streams from libraries, not from strangers.
class CLARION_API arrow_reader {
public:
  explicit arrow_reader(ArrowArrayStream* stream);

  struct field {
    std::string name;
    arrow_type type = arrow_type::unsupported;
    std::string format;
    std::string zone;  ///< of timestamps whose days are given in UTC although their zone has others, e.g. "Europe/Berlin"
  };
  const std::vector<field>& fields() const { return fields_; }
  /// The next batch (possibly of no rows); nothing at the end.
  std::optional<arrow_batch> next();

private:
  std::shared_ptr<ArrowArrayStream> stream_;
  std::shared_ptr<ArrowSchema> schema_;
  std::vector<field> fields_;
};

}  // namespace clarion::core
