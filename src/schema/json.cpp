#include "clarion/schema/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/fields.hpp"

namespace clarion::schema {

namespace {

using json = nlohmann::ordered_json;

// Cells by column, handed on as the Arrow stream of one batch that the reader of every other table takes.
class text_table {
public:
  std::size_t column(const std::string& name) {
    const auto [found, added] = places_.try_emplace(name, columns_.size());
    if (added) {
      if (columns_.size() >= 10000) throw error("JSON: more than 10,000 different keys; a table of campaigns has a few dozen");
      columns_.push_back({name, {}, std::vector<std::int64_t>(rows_ + 1, 0)});
    }
    return found->second;
  }
  void set(std::size_t column, const std::string& text) {
    auto& at = columns_[column];
    if (at.offsets.size() == rows_ + 2) return;  // a key twice: the first one counts
    at.bytes += text;
    at.offsets.push_back(static_cast<std::int64_t>(at.bytes.size()));
  }
  void end_row() {
    ++rows_;
    for (auto& one : columns_)
      if (one.offsets.size() < rows_ + 1) one.offsets.push_back(one.offsets.back());
  }

  ArrowArrayStream stream() {
    ArrowArrayStream out{};
    out.private_data = this;
    out.get_schema = [](ArrowArrayStream* s, ArrowSchema* schema) {
      static_cast<text_table*>(s->private_data)->describe(*schema);
      return 0;
    };
    out.get_next = [](ArrowArrayStream* s, ArrowArray* array) {
      static_cast<text_table*>(s->private_data)->give(*array);
      return 0;
    };
    out.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    out.release = [](ArrowArrayStream* s) { s->release = nullptr; };
    return out;
  }

private:
  struct one_column {
    std::string name, bytes;
    std::vector<std::int64_t> offsets;
  };

  void describe(ArrowSchema& out) {
    schemas_.assign(columns_.size(), {});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      schemas_[i].format = "U";
      schemas_[i].name = columns_[i].name.c_str();
      schemas_[i].release = [](ArrowSchema* s) { s->release = nullptr; };
      schema_pointers_.push_back(&schemas_[i]);
    }
    out = {};
    out.format = "+s";
    out.name = "";
    out.n_children = static_cast<std::int64_t>(schemas_.size());
    out.children = schema_pointers_.data();
    out.release = [](ArrowSchema* s) { s->release = nullptr; };
  }

  void give(ArrowArray& out) {
    out = {};
    if (given_) return;
    given_ = true;
    arrays_.assign(columns_.size(), {});
    buffers_.assign(columns_.size() * 3, nullptr);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      buffers_[3 * i + 1] = columns_[i].offsets.data();
      buffers_[3 * i + 2] = columns_[i].bytes.data();
      arrays_[i].length = static_cast<std::int64_t>(rows_);
      arrays_[i].n_buffers = 3;
      arrays_[i].buffers = &buffers_[3 * i];
      arrays_[i].release = [](ArrowArray* a) { a->release = nullptr; };
      array_pointers_.push_back(&arrays_[i]);
    }
    out.length = static_cast<std::int64_t>(rows_);
    out.n_buffers = 1;
    out.buffers = &root_;
    out.n_children = static_cast<std::int64_t>(arrays_.size());
    out.children = array_pointers_.data();
    out.release = [](ArrowArray* a) { a->release = nullptr; };
  }

  std::size_t rows_ = 0;
  std::deque<one_column> columns_;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<ArrowSchema> schemas_;
  std::vector<ArrowSchema*> schema_pointers_;
  std::vector<ArrowArray> arrays_;
  std::vector<ArrowArray*> array_pointers_;
  std::vector<const void*> buffers_;
  const void* root_ = nullptr;
  bool given_ = false;
};

std::string text_of(const json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  // Three digits behind the point could be a thousand in the eyes of a column; a fourth tells that they are decimals.
  if (value.is_number_float() && text.size() > 4 && text[text.size() - 4] == '.') text += '0';
  return text;
}

void put(text_table& table, const json& row) {
  for (const auto& [key, value] : row.items()) {
    if ((key == "actuals" || key == "extras") && value.is_object()) {
      put(table, value);
    } else if (key == "budget" && value.is_object()) {
      for (const auto& [part, amount] : value.items())
        table.set(table.column(part == "amount" ? "budget" : part), text_of(amount));
    } else {
      table.set(table.column(key), text_of(value));
    }
  }
}

}  // namespace

reading read_json(std::string_view text, const policy& policy, const catalog* products, const read_options& options,
                  const run_options& run) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& e) {
    const std::string what = e.what();
    const auto at = what.find("] ");
    throw error("JSON: " + (at == what.npos ? what : what.substr(at + 2)));
  }
  bool own = false;
  const json* rows = &document;
  if (document.is_object()) {
    const auto campaigns = document.find("campaigns");
    if (campaigns == document.end())
      throw error("JSON: the object has no \"campaigns\"; give an array of campaigns, or an object that holds one");
    own = document.contains("format") && document["format"] == 1;
    rows = &*campaigns;
  }
  if (!rows->is_array()) throw error("JSON: expected an array of campaigns");

  text_table table;
  for (const auto& field : fields())
    if (own || rows->empty()) table.column(std::string(field.name));
  auto settings = options;
  if (own) settings.guess_columns = false;
  for (const auto& field : fields())
    if (own && std::none_of(settings.columns.begin(), settings.columns.end(),
                            [&](const auto& pair) { return pair.first == field.name; }))
      settings.columns.emplace_back(field.name, field.name);
  std::uint64_t number = 0;
  for (const auto& row : *rows) {
    ++number;
    if (row.is_object()) {
      put(table, row);
      table.end_row();
    } else {
      settings.unreadable.push_back({number, text_of(row), "it is no object of a campaign's fields"});
    }
  }
  document = nullptr;
  auto stream = table.stream();
  return from_arrow(&stream, policy, products, settings, run);
}

std::string to_json(const portfolio& campaigns, int indent) {
  json out{{"format", 1}, {"campaigns", json::array()}};
  for (std::size_t i = 0; i < campaigns.size(); ++i) {
    const auto one = campaigns[i];
    json row;
    const auto text = [&](const char* key, const std::string& value) {
      if (!value.empty()) row[key] = value;
    };
    const auto number = [&](const char* key, double value) {
      if (!std::isnan(value)) row[key] = value;
    };
    const auto list = [&](const char* key, const std::vector<std::string>& value) {
      if (!value.empty()) row[key] = value;
    };
    const auto day = [&](const char* key, const std::optional<date>& value) {
      if (value) row[key] = core::to_string(*value);
    };
    text("id", one.id);
    text("name", one.name);
    day("start", one.start);
    day("end", one.end);
    number("budget", one.budget.amount);
    text("currency", one.budget.currency);
    text("channel", one.channel);
    list("audience", one.audience);
    list("products", one.products);
    text("owner", one.owner);
    text("group", one.group);
    text("objective", std::string(to_string(one.objective)));
    text("region", one.region);
    text("status", std::string(to_string(one.status)));
    text("approver", one.approver);
    text("channel_manager", one.channel_manager);
    number("touches_per_week", one.touches_per_week);
    number("frequency_cap", one.frequency_cap);
    list("tags", one.tags);
    day("earliest_start", one.earliest_start);
    day("latest_end", one.latest_end);
    if (one.fixed_dates) row["fixed_dates"] = true;
    list("targets", campaigns.targets.texts(i));
    day("approved_on", one.approved_on);
    text("approved_hash", one.approved_hash);
    number("spend", one.actuals.spend);
    number("impressions", one.actuals.impressions);
    number("clicks", one.actuals.clicks);
    number("conversions", one.actuals.conversions);
    number("revenue", one.actuals.revenue);
    number("new_customers", one.actuals.new_customers);
    number("returns", one.actuals.returns);
    for (const auto& [column, texts] : campaigns.extras)
      if (!texts[i].empty()) row["extras"][column] = std::string(texts[i]);
    out["campaigns"].push_back(std::move(row));
  }
  return out.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace clarion::schema
