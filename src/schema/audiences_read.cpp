#include "clarion/schema/detail/audiences_read.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>

#include "clarion/core/arrow.hpp"
#include "clarion/core/detail/id_cells.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/audiences.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace detail {

segment_source::segment_source(std::vector<row_segment> segments, std::vector<std::uint32_t> final_code, std::int64_t low)
    : segments_(std::move(segments)),
      final_code_(std::move(final_code)),
      low_(static_cast<std::uint64_t>(low)),
      first_(segments_.size() + 1, 0),
      left_(segments_.size()) {
  for (std::size_t s = 0; s < segments_.size(); ++s) {
    first_[s + 1] = first_[s] + segments_[s].codes.size();
    left_[s] = segments_[s].codes.size();
    text_ |= !segments_[s].offsets.empty();
  }
}

void segment_source::load(std::size_t begin, std::size_t n, std::uint32_t* codes, std::uint64_t* keys) const {
  auto s = static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), begin) - first_.begin()) - 1;
  for (std::size_t done = 0; done < n; ++s) {
    const std::size_t from = begin + done - first_[s];
    const std::size_t take = std::min(n - done, segments_[s].codes.size() - from);
    const std::uint32_t* code = segments_[s].codes.data() + from;
    for (std::size_t i = 0; i < take; ++i) codes[done + i] = final_code_[code[i]];
    if (text_) {
      std::iota(keys + done, keys + done + take, (static_cast<std::uint64_t>(s) << text_pool::row_bits) + from);
    } else {
      const std::int64_t* id = segments_[s].integers.data() + from;
      for (std::size_t i = 0; i < take; ++i) keys[done + i] = static_cast<std::uint64_t>(id[i]) - low_;
    }
    done += take;
  }
}

void segment_source::release(std::size_t begin, std::size_t n) {
  auto s = static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), begin) - first_.begin()) - 1;
  for (std::size_t done = 0; done < n; ++s) {
    const std::size_t take = std::min(n - done, first_[s + 1] - (begin + done));
    done += take;
    // Texts are still compared after their rows were dealt out.
    if (left_[s].fetch_sub(take) != take || text_) continue;
    segments_[s].codes = {};
    segments_[s].integers = {};
  }
}

namespace {

using core::arrow_column;
using core::arrow_type;
using core::detail::field_of;
using core::detail::form_of;
using core::detail::id_form;
using core::detail::missing;
using core::detail::plain_integers;
using core::detail::whole;

constexpr std::size_t piece_rows = std::size_t{1} << 17;
// Numbers the campaigns of all batches in the order in which they happen to be met.
class campaign_numbers {
public:
  campaign_numbers(id_form form, std::size_t labels) : form_(form), labels_(labels) {}

  // Codes of rows [begin, begin + codes.size()): no_campaign, with a reason, where there is none.
  void read(const arrow_column& column, std::size_t begin, std::vector<std::uint32_t>& codes,
            std::vector<audience_reason>& reasons) {
    if (form_ == id_form::text) {
      read_text(column, begin, codes, reasons);
    } else {
      read_numbers(column, begin, codes, reasons);
    }
  }

  // Final codes of the numbers handed out, and the labels in their order.
  std::vector<std::uint32_t> finish(std::vector<std::string>& labels) {
    if (labels_ != 0) {
      std::vector<std::uint32_t> same(labels_);
      std::iota(same.begin(), same.end(), 0u);
      return same;
    }
    return form_ == id_form::text ? order(texts_.keys(), labels) : order(integers_.keys(), labels);
  }

private:
  void read_numbers(const arrow_column& column, std::size_t begin, std::vector<std::uint32_t>& codes,
                    std::vector<audience_reason>& reasons) {
    id_dictionary<std::int64_t> seen;
    const auto take = [&](std::size_t i, std::int64_t id) {
      if (labels_ == 0) {
        codes[i] = seen.index(id);
      } else if (static_cast<std::uint64_t>(id) < labels_) {
        codes[i] = static_cast<std::uint32_t>(id);
      } else {
        codes[i] = no_campaign;
        reasons[i] = audience_reason::unknown_campaign;
      }
    };
    const bool plain = plain_integers(column, [&](auto type) {
      const auto values = column.values<decltype(type)>();
      for (std::size_t i = 0; i < codes.size(); ++i) take(i, static_cast<std::int64_t>(values[begin + i]));
    });
    for (std::size_t i = 0; !plain && i < codes.size(); ++i) {
      codes[i] = no_campaign;
      if (missing(column, begin + i, form_)) {
        reasons[i] = audience_reason::null_campaign;
      } else if (const auto id = whole(column, begin + i, form_)) {
        take(i, *id);
      } else {
        reasons[i] = audience_reason::bad_campaign;
      }
    }
    if (labels_ == 0) renumber(seen.keys(), codes, [&](std::int64_t id) { return integers_.index(id); });
  }

  void read_text(const arrow_column& column, std::size_t begin, std::vector<std::uint32_t>& codes,
                 std::vector<audience_reason>& reasons) {
    std::deque<std::string> made;  // texts that do not lie in the batch
    id_dictionary<std::string_view> seen;
    const auto text = [&](const arrow_column& from, std::size_t row) {
      if (from.type() == arrow_type::text) return seen.index(from.text(row));
      const std::string value = from.to_text(row);
      const std::uint64_t hash = hash_id(std::string_view(value));
      if (const auto known = seen.find(value, hash)) return *known;
      return seen.index(made.emplace_back(value), hash);
    };
    std::vector<std::uint32_t> entry(column.is_dictionary() ? column.dictionary().size() : 0, no_campaign);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!column.valid(begin + i)) {
        codes[i] = no_campaign;
        reasons[i] = audience_reason::null_campaign;
      } else if (column.is_dictionary()) {
        std::uint32_t& code = entry[column.index(begin + i)];
        if (code == no_campaign) code = text(column.dictionary(), column.index(begin + i));
        codes[i] = code;
      } else {
        codes[i] = text(column, begin + i);
      }
    }
    renumber(seen.keys(), codes, [&](std::string_view id) {
      const std::uint64_t hash = hash_id(id);
      if (const auto known = texts_.find(id, hash)) return *known;
      return texts_.index(kept_.emplace_back(id), hash);
    });
  }

  template <class Key, class F>
  void renumber(const std::vector<Key>& local, std::vector<std::uint32_t>& codes, F&& number) {
    std::vector<std::uint32_t> global;
    global.reserve(local.size());
    {
      const std::scoped_lock hold(lock_);
      for (const Key& id : local) global.push_back(number(id));
    }
    for (auto& code : codes)
      if (code != no_campaign) code = global[code];
  }

  template <class Key>
  static std::vector<std::uint32_t> order(const std::vector<Key>& keys, std::vector<std::string>& labels) {
    std::vector<std::uint32_t> sorted(keys.size()), code(keys.size());
    std::iota(sorted.begin(), sorted.end(), 0u);
    std::ranges::sort(sorted, {}, [&](std::uint32_t i) { return keys[i]; });
    for (std::uint32_t c = 0; c < sorted.size(); ++c) {
      code[sorted[c]] = c;
      if constexpr (std::is_same_v<Key, std::string_view>)
        labels.emplace_back(keys[sorted[c]]);
      else
        labels.push_back(label_of(keys[sorted[c]]));
    }
    return code;
  }

  id_form form_;
  std::size_t labels_;
  std::mutex lock_;
  id_dictionary<std::int64_t> integers_;
  id_dictionary<std::string_view> texts_;
  std::deque<std::string> kept_;
};

// Customers of the rows that have a campaign, and with them the final word on which rows stay.
void read_customers(const arrow_column& column, std::size_t begin, id_form form, std::size_t report_rows,
                    const std::vector<audience_reason>& reasons, row_segment& out) {
  const std::size_t n = out.codes.size();
  std::size_t kept = 0;
  const auto quarantine = [&](std::size_t i, audience_reason reason) {
    ++out.quarantined;
    if (out.report.size() < report_rows) out.report.push_back({out.first_row + i, reason});
  };
  if (form == id_form::text) {
    out.offsets.reserve(n + 1);
    out.offsets.push_back(0);
  } else {
    out.integers.resize(n);
  }
  const bool plain = plain_integers(column, [&](auto type) {
    const auto values = column.values<decltype(type)>();
    for (std::size_t i = 0; i < n; ++i) {
      if (out.codes[i] == no_campaign) {
        quarantine(i, reasons[i]);
        continue;
      }
      out.codes[kept] = out.codes[i];
      out.integers[kept++] = static_cast<std::int64_t>(values[begin + i]);
    }
  });
  for (std::size_t i = 0; !plain && i < n; ++i) {
    if (out.codes[i] == no_campaign) {
      quarantine(i, reasons[i]);
      continue;
    }
    if (missing(column, begin + i, form)) {
      quarantine(i, audience_reason::null_customer);
      continue;
    }
    if (form == id_form::text) {
      const auto add = [&](std::string_view text) { out.bytes.insert(out.bytes.end(), text.begin(), text.end()); };
      if (column.type() == arrow_type::text)
        add(column.text(begin + i));
      else
        add(column.to_text(begin + i));
      out.offsets.push_back(static_cast<std::int64_t>(out.bytes.size()));
    } else if (const auto id = whole(column, begin + i, form)) {
      out.integers[kept] = *id;
    } else {
      quarantine(i, audience_reason::bad_customer);
      continue;
    }
    out.codes[kept++] = out.codes[i];
  }
  out.codes.resize(kept);
  if (form != id_form::text) out.integers.resize(kept);
}

}  // namespace

}  // namespace detail

std::span<const field> membership_fields() {
  using names = std::string_view;
  static constexpr names campaign_names[] = {"campaignid",  "campaignkey", "campaigncode", "id",       "campaignname", "kampagne",
                                             "kampagnenid", "campagne",    "campana",      "campanha", "campagna"};
  static constexpr names customer_names[] = {
      "customerid", "customerkey",  "household", "householdid", "householdkey", "user",   "userid",       "member",
      "memberid",   "contact",      "contactid", "subscriber",  "subscriberid", "client", "clientid",     "person",
      "personid",   "profile",      "profileid", "lead",        "leadid",       "email",  "emailaddress", "kunde",
      "kundenid",   "kundennummer", "cliente",   "idcliente",   "clienteid"};
  static constexpr std::array<field, 2> table{{
      {"campaign", field_kind::text, true, "id of the campaign", campaign_names},
      {"customer", field_kind::text, true, "id of the customer", customer_names},
  }};
  return table;
}

audience_build read_audiences(ArrowArrayStream* stream, const audience_columns& columns, const audience_options& options,
                              const run_options& run) {
  using namespace detail;
  core::arrow_reader reader(stream);
  const id_form campaign_form = form_of(field_of(reader, "campaign", columns.campaign));
  const id_form customer_form = form_of(field_of(reader, "customer", columns.customer));
  if (columns.campaign == columns.customer)
    reject("customer", '"' + columns.customer + '"', "give campaigns and customers a column each");
  auto store = std::make_shared<audience_store>();
  const bool labelled = !options.labels.empty() && campaign_form != id_form::text;
  if (labelled) store->labels = options.labels;
  campaign_numbers campaigns(campaign_form, labelled ? options.labels.size() : 0);

  std::vector<row_segment> segments;
  audience_build out;
  // Nobody knows how long the stream is; it can be stopped all the same.
  const run_options reading = part_of(run, 0, 0);
  while (auto batch = reader.next()) {
    const arrow_column& campaign = *batch->find(columns.campaign);
    const arrow_column& customer = *batch->find(columns.customer);
    const std::size_t pieces = (batch->rows() + piece_rows - 1) / piece_rows, first = segments.size();
    segments.resize(first + pieces);
    core::parallel_blocks(pieces, reading, [&](std::size_t p) {
      row_segment& segment = segments[first + p];
      const std::size_t begin = p * piece_rows, n = std::min(piece_rows, batch->rows() - begin);
      std::vector<audience_reason> reasons(n);
      segment.first_row = out.report.rows_read + begin;
      segment.codes.resize(n);
      campaigns.read(campaign, begin, segment.codes, reasons);
      read_customers(customer, begin, customer_form, options.report_rows, reasons, segment);
    });
    out.report.rows_read += batch->rows();
  }
  const std::vector<std::uint32_t> final_code = campaigns.finish(store->labels);
  index_labels(*store);

  id_range range;
  text_pool texts;
  for (const row_segment& s : segments) {
    out.report.rows_quarantined += s.quarantined;
    for (const auto& row : s.report)
      if (out.report.quarantined.size() < options.report_rows) out.report.quarantined.push_back(row);
    for (const std::int64_t id : s.integers) {
      range.low = std::min(range.low, id);
      range.high = std::max(range.high, id);
    }
    texts.parts.push_back({s.bytes.data(), s.offsets});
  }
  segment_source source(std::move(segments), final_code, range.low);
  if (customer_form == id_form::text)
    place_text(source, texts, options.keep_customer_ids, *store, out.report.rows_accepted, run);
  else
    place_integers(source, range, options.keep_customer_ids, *store, out.report.rows_accepted, run);
  out.report.duplicates = out.report.rows_accepted - store->n_memberships;
  out.members = audiences(std::move(store));
  return out;
}

}  // namespace clarion::schema
