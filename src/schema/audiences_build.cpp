#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <type_traits>

#include "clarion/core/error.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/detail/audiences_build.hpp"
#include "clarion/schema/detail/audiences_rank.hpp"

namespace clarion::schema {

namespace detail {

namespace {

constexpr std::size_t scan_rows = std::size_t{1} << 17;

template <class T>
T at_row(std::span<const T> column, std::size_t row) {
  return column[row];
}
std::string_view at_row(const text_column& column, std::size_t row) { return column[row]; }

template <class F>
void each_block(std::size_t rows, const run_options& run, F&& f) {
  core::parallel_blocks((rows + scan_rows - 1) / scan_rows, run,
                        [&](std::size_t b) { f(b, b * scan_rows, std::min(rows, (b + 1) * scan_rows)); });
}

}  // namespace

id_range range_of(const id_column& column, const run_options& run) {
  return std::visit(
      [&](const auto& ids) -> id_range {
        if constexpr (std::is_same_v<std::decay_t<decltype(ids)>, text_column>) {
          return {};
        } else {
          id_range out;
          std::mutex lock;
          each_block(ids.size(), run, [&](std::size_t, std::size_t begin, std::size_t end) {
            auto low = ids[begin], high = ids[begin];
            for (std::size_t i = begin; i < end; ++i) {
              low = std::min(low, ids[i]);
              high = std::max(high, ids[i]);
            }
            const std::scoped_lock hold(lock);
            out.low = std::min<std::int64_t>(out.low, low);
            out.high = std::max<std::int64_t>(out.high, high);
          });
          return out;
        }
      },
      column);
}

std::string label_of(std::int64_t id) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, id).ptr;
  return {digits, end};
}

void index_labels(audience_store& store) {
  const auto& labels = store.labels;
  if (labels.size() >= std::size_t{1} << 31)
    reject("labels", std::to_string(labels.size()) + " campaigns", "use fewer than 2^31");
  store.by_label.resize(labels.size());
  std::iota(store.by_label.begin(), store.by_label.end(), 0u);
  std::ranges::sort(store.by_label, {}, [&](std::uint32_t i) { return std::string_view(labels[i]); });
  for (std::size_t i = 1; i < labels.size(); ++i)
    if (labels[store.by_label[i - 1]] == labels[store.by_label[i]])
      reject("labels", '"' + labels[store.by_label[i]] + "\" twice", "give each campaign its own label");
}

void keep_ids(audience_store& store, const std::vector<std::uint64_t>& present, std::int64_t low) {
  store.customers = core::id_map::integers(low, 0);
  std::size_t first = 0;
  while (first < present.size() && present[first] == 0) ++first;
  if (first == present.size()) return;
  const std::uint64_t first_key = first * 64 + static_cast<std::uint64_t>(std::countr_zero(present[first]));
  const auto first_id = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + first_key);
  std::size_t last = present.size() - 1;
  while (present[last] == 0) --last;
  const std::uint64_t last_key = last * 64 + 63 - static_cast<std::uint64_t>(std::countl_zero(present[last]));
  if (last_key - first_key + 1 == store.n_customers) {
    store.customers = core::id_map::integers(first_id, store.n_customers);
    return;
  }
  std::vector<std::int64_t> ids;
  ids.reserve(store.n_customers);
  for (std::size_t w = first; w <= last; ++w)
    for (std::uint64_t bits = present[w]; bits; bits &= bits - 1)
      ids.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + w * 64 +
                                              static_cast<std::uint64_t>(std::countr_zero(bits))));
  store.customers = core::id_map::integers(std::move(ids), "customer");
}

namespace {

// Campaign codes of the rows of a column: how one finds the code depends on the column alone.
class campaign_coder {
public:
  campaign_coder(const id_column& column, audience_options& options, audience_store& store, const run_options& run)
      : column_(column) {
    if (!options.labels.empty()) {
      if (std::holds_alternative<text_column>(column))
        reject("labels", std::to_string(options.labels.size()) + " labels", "leave them out: a text column carries its own");
      store.labels = std::move(options.labels);
      labels_ = store.labels.size();
      return;
    }
    const id_range range = range_of(column, run);
    if (std::holds_alternative<text_column>(column) || range.width() > table_width)
      encode_distinct(store, run);
    else
      encode_table(range, store, run);
  }

  void load(std::size_t begin, std::size_t n, std::uint32_t* codes) const {
    if (!codes_.empty()) {
      for (std::size_t i = 0; i < n; ++i) codes[i] = final_[(begin + i) / scan_rows][codes_[begin + i]];
      return;
    }
    std::visit(
        [&](const auto& ids) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(ids)>, text_column>) {
            if (table_.empty())
              for (std::size_t i = 0; i < n; ++i) {
                const auto id = static_cast<std::uint64_t>(static_cast<std::int64_t>(ids[begin + i]));
                codes[i] = id < labels_ ? static_cast<std::uint32_t>(id) : no_campaign;
              }
            else
              for (std::size_t i = 0; i < n; ++i)
                codes[i] = table_[static_cast<std::uint64_t>(static_cast<std::int64_t>(ids[begin + i])) -
                                  static_cast<std::uint64_t>(low_)];
          }
        },
        column_);
  }

private:
  static constexpr std::uint64_t table_width = std::uint64_t{1} << 16;

  void encode_table(const id_range& range, audience_store& store, const run_options& run) {
    low_ = range.low;
    table_.assign(static_cast<std::size_t>(range.width()), 0);
    if (table_.empty()) table_.assign(1, 0);
    std::mutex lock;
    std::visit(
        [&](const auto& ids) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(ids)>, text_column>) {
            each_block(ids.size(), run, [&](std::size_t, std::size_t begin, std::size_t end) {
              std::vector<std::uint8_t> seen(table_.size(), 0);
              for (std::size_t i = begin; i < end; ++i)
                seen[static_cast<std::uint64_t>(static_cast<std::int64_t>(ids[i])) - static_cast<std::uint64_t>(low_)] = 1;
              const std::scoped_lock hold(lock);
              for (std::size_t v = 0; v < seen.size(); ++v) table_[v] |= seen[v];
            });
          }
        },
        column_);
    for (std::size_t v = 0; v < table_.size(); ++v) {
      if (table_[v] == 0) continue;
      table_[v] = static_cast<std::uint32_t>(store.labels.size());
      store.labels.push_back(label_of(static_cast<std::int64_t>(static_cast<std::uint64_t>(low_) + v)));
    }
  }

  // Block by block the distinct ids in the order of their appearance, then one sorted list of all, then codes through both.
  void encode_distinct(audience_store& store, const run_options& run) {
    std::visit(
        [&](const auto& ids) {
          using key = std::decay_t<decltype(at_row(ids, 0))>;
          const std::size_t rows = ids.size();
          codes_ = raw_codes(rows);
          std::vector<std::vector<key>> distinct((rows + scan_rows - 1) / scan_rows);
          each_block(rows, run, [&](std::size_t b, std::size_t begin, std::size_t end) {
            id_dictionary<key> seen;
            for (std::size_t i = begin; i < end; ++i) codes_[i] = seen.index(at_row(ids, i));
            distinct[b] = seen.take_keys();
          });
          std::vector<key> all;
          for (const auto& some : distinct) {
            std::vector<key> sorted = some, merged;
            std::ranges::sort(sorted);
            merged.reserve(all.size() + sorted.size());
            std::ranges::set_union(all, sorted, std::back_inserter(merged));
            all = std::move(merged);
          }
          final_.resize(distinct.size());
          core::parallel_blocks(distinct.size(), run, [&](std::size_t b) {
            final_[b].reserve(distinct[b].size());
            for (const key& id : distinct[b])
              final_[b].push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(all, id) - all.begin()));
          });
          store.labels.reserve(all.size());
          for (const key& id : all) {
            if constexpr (std::is_same_v<key, std::string_view>)
              store.labels.emplace_back(id);
            else
              store.labels.push_back(label_of(id));
          }
        },
        column_);
  }

  static std::vector<std::uint32_t> raw_codes(std::size_t rows) { return std::vector<std::uint32_t>(rows); }

  const id_column& column_;
  std::uint64_t labels_ = 0;
  std::int64_t low_ = 0;
  std::vector<std::uint32_t> table_;
  std::vector<std::uint32_t> codes_;
  std::vector<std::vector<std::uint32_t>> final_;
};

class column_source final : public membership_source {
public:
  column_source(const campaign_coder& coder, const id_column& customers, std::int64_t low, std::size_t rows)
      : coder_(coder), customers_(customers), low_(static_cast<std::uint64_t>(low)), rows_(rows) {}

  std::size_t rows() const override { return rows_; }
  void load(std::size_t begin, std::size_t n, std::uint32_t* codes, std::uint64_t* keys) const override {
    coder_.load(begin, n, codes);
    std::visit(
        [&](const auto& ids) {
          if constexpr (std::is_same_v<std::decay_t<decltype(ids)>, text_column>)
            std::iota(keys, keys + n, begin);
          else
            for (std::size_t i = 0; i < n; ++i)
              keys[i] = static_cast<std::uint64_t>(static_cast<std::int64_t>(ids[begin + i])) - low_;
        },
        customers_);
  }

private:
  const campaign_coder& coder_;
  const id_column& customers_;
  std::uint64_t low_;
  std::size_t rows_;
};

}  // namespace

}  // namespace detail

audience_build build_audiences(const id_column& campaign, const id_column& customer, const audience_options& options,
                               const run_options& run) {
  using namespace detail;
  const auto length = [](const id_column& column) { return std::visit([](const auto& ids) { return ids.size(); }, column); };
  const std::size_t rows = length(customer);
  if (length(campaign) != rows)
    reject("campaign", std::to_string(length(campaign)) + " rows", "give as many as customers: " + std::to_string(rows));

  auto store = std::make_shared<audience_store>();
  audience_options own = options;
  const campaign_coder coder(campaign, own, *store, part_of(run, 0, .1));
  index_labels(*store);

  const id_range range = range_of(customer, part_of(run, .1, .2));
  column_source source(coder, customer, range.low, rows);
  std::uint64_t accepted = 0;
  if (const auto* text = std::get_if<text_column>(&customer)) {
    place_text(source, text_pool{{*text}}, options.keep_customer_ids, *store, accepted, part_of(run, .2, 1));
  } else {
    place_integers(source, range, options.keep_customer_ids, *store, accepted, part_of(run, .2, 1));
  }

  audience_build out;
  out.report.rows_read = rows;
  out.report.rows_accepted = accepted;
  out.report.rows_quarantined = rows - accepted;
  out.report.duplicates = accepted - store->n_memberships;
  std::uint32_t codes[256];
  for (std::size_t row = 0;
       row < rows && out.report.quarantined.size() < std::min<std::uint64_t>(options.report_rows, rows - accepted); row += 256) {
    const std::size_t n = std::min<std::size_t>(256, rows - row);
    coder.load(row, n, codes);
    for (std::size_t i = 0; i < n && out.report.quarantined.size() < options.report_rows; ++i)
      if (codes[i] == no_campaign) out.report.quarantined.push_back({row + i, audience_reason::unknown_campaign});
  }
  out.members = audiences(std::move(store));
  return out;
}

}  // namespace clarion::schema
