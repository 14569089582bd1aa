#include "clarion/schema/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "clarion/core/arrow.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/rules.hpp"
#include "clarion/schema/transaction.hpp"
#include "schema/record_findings.hpp"
#include "schema/record_part.hpp"
#include "schema/record_window.hpp"
#include "schema/seen_rows.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::schema {

using namespace detail;

namespace {

constexpr std::size_t prints_ahead = 16;  // rows

// Ids that rows may refer to.
text_keys ids_of(const records& table) {
  text_keys out;
  const auto& ids = table["id"];
  for (std::size_t i = 0; i < ids.values.size(); ++i) out.code(ids.values[i]);
  return out;
}

struct reference {
  std::size_t field;
  code unknown;
  text_keys ids;
};

}  // namespace

struct record_reader::state {
  state(ArrowArrayStream* stream, schema::mapping given, const policy& rules, const record_references& known,
        record_options options_, const run_options& run_)
      : map(std::move(given)),
        options(std::move(options_)),
        run(run_),
        pulse(run),
        severity(map, rules),
        window(stream, map, rules, options, run),
        names(window.names),
        about(window.about),
        layout(window.layout) {
    const auto refer = [&](const char* field, code unknown, text_keys ids) {
      const auto f = layout.at(field);
      if (f < layout.fields.size() && layout.of[f].given()) references.push_back({f, unknown, std::move(ids)});
    };
    if (known.customers != nullptr && layout.kind != record_kind::customers)
      refer("customer", code::unknown_customer, ids_of(*known.customers));
    if (known.branches != nullptr) refer("branch", code::unknown_branch, ids_of(*known.branches));
    if (known.products != nullptr) {
      text_keys ids;
      for (const auto& one : known.products->products) ids.code(one.id);
      refer("product", code::unknown_product, std::move(ids));
    }
    std::stable_sort(options.unreadable.begin(), options.unreadable.end(),
                     [](const auto& a, const auto& b) { return a.row < b.row; });
  }

  std::optional<record_reading> next(std::size_t most) {
    record_reading out;
    record_part part(layout, window.columns());
    const std::uint64_t first = row;
    out.quarantine.cells.resize(std::max<std::size_t>(1, names.size()));
    std::vector<finding> rows;
    auto& ready = window.ready();
    std::size_t left = most;
    while (left > 0 && !ended) {
      ended = !window.read_on([&] {
        while (left > 0 && !ready.empty()) {
          auto& block = ready.front();
          const std::size_t n = std::min(left, block.where.rows - block.next);
          judge(block, n, part, out.quarantine, rows);
          left -= n;
          if (block.next == block.where.rows) ready.pop_front();
        }
      });
      pulse.beat(options.rows == 0 ? 0 : std::min(1.0, static_cast<double>(row) / static_cast<double>(options.rows)));
    }
    if (ended) take_lines(UINT64_MAX, out.quarantine, rows);
    if (row == first) return std::nullopt;
    out.accepted = part.take();
    out.accepted.first_row = first;
    out.accepted.left_out = out.quarantine.row;
    out.rows_read = row - first;
    tally(out.accepted);
    const std::size_t ahead = about.findings.size();
    out.findings = std::move(about.findings);
    about.findings.clear();
    for (auto& place : out.quarantine.findings) place += static_cast<std::uint32_t>(ahead);
    std::move(rows.begin(), rows.end(), std::back_inserter(out.findings));
    out.columns = names;
    out.mapping = window.used;
    return out;
  }

  // Lines that could not be cut into cells stand among the rows.
  void take_lines(std::uint64_t before, quarantined_rows& out, std::vector<finding>& rows) {
    while (line < options.unreadable.size() && options.unreadable[line].row <= before) {
      const auto& one = options.unreadable[line++];
      std::string scratch;
      auto told = make_finding(rule_at(code::bad_line), {}, fmt::format("Row {} cannot be cut into cells: {}.", row, one.reason));
      told.row = row;
      told.value = shortened(one.text, 1000);
      out.row.push_back(row++);
      out.id.push_back({});
      out.reasons.push_back(fmt::format("{} {}: {}", rule_at(code::bad_line).code, rule_at(code::bad_line).title, one.reason));
      for (std::size_t c = 0; c < out.cells.size(); ++c)
        out.cells[c].push_back(c == 0 ? clean(one.text, scratch) : std::string_view{});
      list(code::bad_line, std::move(told), out, rows);
      out.offsets.push_back(out.findings.size());
    }
  }

  void list(code which, finding&& told, quarantined_rows& out, std::vector<finding>& rows) {
    const auto c = static_cast<std::size_t>(which);
    if (++counts[c] > options.most_per_code && options.most_per_code != 0) return;
    told.severity = severity.of[c];
    out.findings.push_back(static_cast<std::uint32_t>(rows.size()));
    rows.push_back(std::move(told));
    ++listed_of[c];
  }

  void judge(parsed_block& block, std::size_t n, record_part& part, quarantined_rows& aside, std::vector<finding>& rows) {
    auto& values = block.rows;
    known_.assign(references.size(), {});
    for (std::size_t r = 0; r < references.size(); ++r) known_[r].assign(values.of[references[r].field].meant.size(), -1);
    accepted_.clear();
    for (const std::size_t end = block.next + n; block.next < end; ++block.next) {
      const auto i = static_cast<std::uint32_t>(block.next);
      if (i + prints_ahead < values.prints.size()) prints.expect(values.prints[i + prints_ahead]);
      take_lines(row, aside, rows);
      std::size_t last = block.issue;
      bool error = false;
      for (; last < values.issues.size() && values.issues[last].row == i; ++last)
        error = error || quarantines(values.issues[last].code);
      own_.assign(values.issues.begin() + static_cast<std::ptrdiff_t>(block.issue),
                  values.issues.begin() + static_cast<std::ptrdiff_t>(last));
      block.issue = last;
      if (!error) error = refer(values, i);
      if (!error && !values.prints.empty() && values.prints[i] != fingerprint{} && !prints.add(values.prints[i])) {
        const auto which = layout.duplicates == duplicate_rule::id ? code::repeated_id : code::repeated_row;
        own_.push_back({i, 0, which, 0});
        error = severity.error(which);
      }
      const std::size_t before = aside.findings.size();
      for (const auto& one : own_) {
        const auto c = static_cast<std::size_t>(one.code);
        if (options.most_per_code != 0 && counts[c] >= options.most_per_code)
          ++counts[c];
        else
          list(one.code, describe(statement(block, one)), aside, rows);
      }
      if (error) {
        put_aside(block, aside);
      } else {
        aside.findings.resize(before);
        accepted_.push_back(i);
        if (window.follows) follow_sales(block, i);
      }
      ++row;
    }
    part.append(values, accepted_);
  }

  bool quarantines(code which) const { return which == code::blank_row || which == code::too_long || severity.error(which); }

  std::string text_at(const record_block& values, std::size_t f, std::size_t i) const {
    const auto& column = values.of[f];
    if (column.codes.empty() || column.codes[i] == record_column::none) return {};
    return column.meant[column.codes[i]];
  }

  bool refer(const record_block& values, std::uint32_t i) {
    bool error = false;
    for (std::size_t r = 0; r < references.size(); ++r) {
      const auto& to = references[r];
      const auto& column = values.of[to.field];
      if (column.codes.empty() || column.codes[i] == record_column::none) continue;
      auto& known = known_[r][column.codes[i]];
      const auto& id = column.meant[column.codes[i]];
      if (known < 0) known = id.empty() || to.ids.contains(id);
      if (known != 0) continue;
      own_.push_back({i, 0, to.unknown, static_cast<std::uint8_t>(to.field)});
      error = error || severity.error(to.unknown);
    }
    return error;
  }

  record_statement statement(const parsed_block& block, const issue& one) const {
    record_statement out;
    out.which = one.code;
    out.row = row;
    const auto i = static_cast<std::size_t>(one.row);
    const auto& from = layout.of[one.field];
    if (from.column) {
      std::string scratch, scratch2;
      out.column = names[*from.column];
      out.value = cell_text(block.batch->columns()[*from.column], block.where.first + i, scratch, scratch2);
    } else {
      out.column = layout.fields[one.field].name;
      out.value = text_at(block.rows, one.field, i);
    }
    out.id = record_id(block.rows, i);
    const auto& values = block.rows.of[one.field];
    if (!values.numbers.empty()) out.number = values.numbers[i];
    if (!values.days.empty()) out.day = values.days[i];
    out.today = layout.today;
    out.limit = layout.largest;
    return out;
  }

  std::string record_id(const record_block& values, std::size_t i) const {
    const auto f = layout.at("id");
    return f < layout.fields.size() ? text_at(values, f, i) : std::string();
  }

  void put_aside(const parsed_block& block, quarantined_rows& out) {
    std::string reasons;
    for (std::size_t k = 0; k < own_.size(); ++k) {
      const bool said = k > 0 && own_[k - 1].code == own_[k].code;
      if (said || !quarantines(own_[k].code)) continue;
      const auto& rule = rule_at(own_[k].code);
      reasons += (reasons.empty() ? "" : "; ") + std::string(rule.code) + " " + std::string(rule.title);
    }
    const std::size_t i = block.next;
    out.row.push_back(row);
    out.id.push_back(record_id(block.rows, i));
    out.reasons.push_back(reasons);
    std::string scratch, scratch2;
    for (std::size_t c = 0; c < names.size(); ++c)
      out.cells[c].push_back(cell_text(block.batch->columns()[c], block.where.first + i, scratch, scratch2));
    out.offsets.push_back(out.findings.size());
  }

  // Which customer bought which product when, and what was cancelled.
  void follow_sales(const parsed_block& block, std::uint32_t i) {
    const auto& of = block.rows.of;
    const auto kind = of[layout.at("kind")].codes[i];
    const auto day = of[layout.at("date")].days[i];
    const auto hash_at = [&](const char* field, const std::vector<std::uint64_t>& hashes) {
      const auto& codes = of[layout.at(field)].codes;
      return codes.empty() || codes[i] == record_column::none ? 0 : hashes[codes[i]];
    };
    const std::uint64_t key = mix(hash_at("customer", block.customers) ^ hash_at("product", block.products));
    if (kind == static_cast<std::uint32_t>(transaction_kind::sale))
      sales.add(key, day);
    else if (kind == static_cast<std::uint32_t>(transaction_kind::cancellation))
      cancelled_.push_back({key, row, day});
  }

  void tally(const records& part) {
    accepted += part.rows;
    if (part.kind != record_kind::transactions) return;
    const auto& money = part["currency"];
    std::vector<std::uint64_t> of(money.values.size());
    for (const auto c : money.codes)
      if (c != record_column::none) ++of[c];
    for (std::size_t c = 0; c < of.size(); ++c)
      if (of[c] > 0) currencies[std::string(money.values[c])] += of[c];
  }

  record_reading finish() {
    record_reading out;
    out.accepted = record_part(layout, window.columns()).take();
    out.columns = names;
    out.mapping = window.used;
    out.rows_read = row - 1;
    if (currencies.size() > 1) {
      std::vector<std::string> texts;
      std::vector<double> shares;
      for (const auto& [currency, n] : currencies) {
        texts.push_back(currency);
        shares.push_back(static_cast<double>(n));
      }
      about.tell(code::amounts_mixed, fmt::format("Amounts are in {}; nothing is converted.", wording::list(texts)),
                 {{"currencies", texts, ""}, {"rows", shares, "rows"}});
    }
    if (accepted == 0) about.tell(code::no_records, fmt::format("None of {} was accepted.", wording::plural(row - 1, "row")));
    tell_lone_cancellations();
    for (std::size_t c = 0; c < rule_count; ++c) {
      if (counts[c] > listed_of[c]) {
        const auto& rule = rule_at(static_cast<code>(c));
        auto more =
            make_finding(rule, {}, fmt::format("{}: {}.", wording::plural(counts[c] - listed_of[c], "more row"), rule.title));
        more.evidence = {{"rows", static_cast<std::int64_t>(counts[c]), "rows"},
                         {"listed", static_cast<std::int64_t>(listed_of[c]), "rows"}};
        more.why = rule.explanation;
        about.findings.push_back(std::move(more));
      }
      if (const auto total = counts[c] + about.counts[c]; total > 0) out.counts.emplace_back(rules()[c].code, total);
    }
    for (auto& one : about.findings) one.severity = severity.of[static_cast<std::size_t>(&rule_of(one.code) - rules().data())];
    out.findings = std::move(about.findings);
    about.findings.clear();
    return out;
  }

  void tell_lone_cancellations() {
    constexpr auto c = static_cast<std::size_t>(code::lone_cancellation);
    for (const auto& one : cancelled_) {
      const auto sold = sales.find(one.key);
      if (sold && *sold <= one.day) continue;
      if (++counts[c] > options.most_per_code && options.most_per_code != 0) continue;
      record_statement said;
      said.which = code::lone_cancellation;
      said.row = one.row;
      about.findings.push_back(describe(said));
      ++listed_of[c];
    }
    cancelled_.clear();
  }

  struct cancellation {
    std::uint64_t key, row;
    std::int32_t day;
  };

  schema::mapping map;
  record_options options;
  run_options run;
  core::pulse pulse;
  record_severities severity;
  record_window window;
  std::vector<std::string>& names;
  remarks& about;
  record_layout& layout;
  std::vector<reference> references;
  bool ended = false;

  std::uint64_t row = 1;  // of the source, the next one
  std::size_t line = 0;   // of the unreadable ones, the next one

  seen_prints prints;
  first_days sales;
  std::vector<cancellation> cancelled_;
  std::map<std::string, std::uint64_t> currencies;
  std::array<std::uint64_t, rule_count> counts{}, listed_of{};
  std::uint64_t accepted = 0;

  // Of the row or block that is judged, kept so that no row asks for memory.
  std::vector<issue> own_;
  std::vector<std::uint32_t> accepted_;
  std::vector<std::vector<std::int8_t>> known_;
};

record_reader::record_reader(ArrowArrayStream* stream, mapping map, const policy& rules, const record_references& known,
                             record_options options, const run_options& run)
    : state_(std::make_unique<state>(stream, std::move(map), rules, known, std::move(options), run)) {}
record_reader::~record_reader() = default;
record_reader::record_reader(record_reader&&) noexcept = default;
record_reader& record_reader::operator=(record_reader&&) noexcept = default;

std::optional<record_reading> record_reader::next(std::size_t rows) {
  if (rows == 0) reject("rows", "0", "ask for 1 row or more");
  return state_->next(rows);
}

record_reading record_reader::finish() { return state_->finish(); }

record_reading read_records(ArrowArrayStream* stream, const mapping& map, const policy& rules, const record_references& known,
                            const record_options& options, const run_options& run) {
  record_reader reader(stream, map, rules, known, options, run);
  auto all = reader.next(SIZE_MAX);
  auto whole = reader.finish();
  if (!all) return whole;
  // The table's findings stand between those of the file and those of the rows.
  const auto file = static_cast<std::ptrdiff_t>(
      std::count_if(all->findings.begin(), all->findings.end(), [](const finding& one) { return !one.row; }));
  for (auto& place : all->quarantine.findings) place += static_cast<std::uint32_t>(whole.findings.size());
  all->findings.insert(all->findings.begin() + file, std::make_move_iterator(whole.findings.begin()),
                       std::make_move_iterator(whole.findings.end()));
  all->counts = std::move(whole.counts);
  all->rows_read = whole.rows_read;
  return std::move(*all);
}

}  // namespace clarion::schema
