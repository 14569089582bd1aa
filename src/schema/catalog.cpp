#include "clarion/schema/catalog.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "schema/apart.hpp"
#include "schema/cells.hpp"
#include "schema/days.hpp"
#include "schema/numbers.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

const product* catalog::find(std::string_view id_or_name) const {
  const product* by_name = nullptr;
  for (const auto& item : products) {
    if (item.id == id_or_name) return &item;
    if (by_name == nullptr && item.name == id_or_name) by_name = &item;
  }
  return by_name;
}

std::string catalog::category_of(std::string_view entry) const {
  const auto* item = find(entry);
  return item != nullptr && !item->category.empty() ? item->category : std::string(entry);
}

namespace {

using names = std::string_view;

// Compared as the columns of campaigns are: see fields.cpp.
constexpr names id_names[] = {"productid",     "product",       "sku",     "item",      "itemid",    "code",      "productcode",
                              "articlenumber", "artikelnummer", "artikel", "produktid", "reference", "referencia"};
constexpr names name_names[] = {"productname", "title", "description", "itemname", "produktname",
                                "bezeichnung", "nom",   "nombre",      "nome"};
constexpr names category_names[] = {"productcategory", "department",  "group",     "type",
                                    "kategorie",       "warengruppe", "categorie", "categoria"};
constexpr names price_names[] = {"unitprice", "listprice", "preis", "prix", "precio", "preco", "prezzo"};
constexpr names cost_names[] = {"unitcost", "cogs", "kosten", "einkaufspreis", "cout", "coste", "custo"};
constexpr names launch_names[] = {"launchdate", "availablefrom", "released", "releasedate", "verfugbarab"};
constexpr names stock_names[] = {"inventory", "units", "onhand", "quantity", "bestand", "lagerbestand"};

enum at : std::uint8_t { at_id, at_name, at_category, at_price, at_cost, at_launch, at_stock };
constexpr std::array<field, 7> table{{
    {"id", field_kind::text, true, "identifies the product", id_names},
    {"name", field_kind::text, false, "what people call it", name_names},
    {"category", field_kind::text, false, "what it belongs to", category_names},
    {"price", field_kind::number, false, "of one unit", price_names},
    {"cost", field_kind::number, false, "of one unit, in the currency of the price", cost_names},
    {"launch", field_kind::date, false, "first day on which it can be bought", launch_names},
    {"stock", field_kind::number, false, "units at hand", stock_names},
}};

class catalog_reader {
public:
  catalog_reader(ArrowArrayStream* stream, std::span<const std::pair<std::string, std::string>> chosen, const run_options& run)
      : source_(stream, run) {
    std::string scratch;
    for (auto& name : source_.names) name = std::string(detail::trim(detail::clean(name, scratch)));
    columns_ = match_columns(source_.names, chosen, true, table);
    for (auto& column : columns_)
      if (column && source_.columns[*column].type == core::arrow_type::unsupported) column.reset();
    for (const auto& [name, column] : chosen)
      if (!columns_[static_cast<std::size_t>(std::ranges::find(table, name, &field::name) - table.begin())])
        throw error("the column \"" + column + "\" for " + name + " holds cells of a type that is not read");
    if (!columns_[at_id]) throw error("no column holds the ids of the products; say which one does: columns={\"id\": \"...\"}");
  }

  catalog read() {
    read_launches();
    read_numbers();
    catalog out;
    std::unordered_map<std::string, std::size_t> rows;
    for (std::size_t row = 0; row < source_.rows; ++row) {
      if (source_.names.size() > 1 && is_blank(row)) continue;
      product item{.id = text(row, at_id), .name = text(row, at_name), .category = text(row, at_category)};
      if (item.id.empty()) refuse(row, "has no product id");
      if (detail::total_word_of(item.id) == detail::total_word::whole && item.name.empty())
        refuse(row, "sums up others (\"" + item.id + "\"); take it out");
      if (const auto [first, added] = rows.try_emplace(item.id, row); !added)
        throw error("two products have the id '" + item.id + "' (rows " + std::to_string(first->second + 1) + " and " +
                    std::to_string(row + 1) + "); ids are unique in a catalogue");
      item.price = number(row, at_price);
      item.cost = number(row, at_cost);
      item.stock = number(row, at_stock);
      if (!launches_.empty() && launches_[row] != detail::no_day) item.launch = core::from_day_number(launches_[row]);
      out.products.push_back(std::move(item));
    }
    return out;
  }

private:
  [[noreturn]] static void refuse(std::size_t row, const std::string& why) {
    throw error("row " + std::to_string(row + 1) + " " + why);
  }

  std::string text(std::size_t row, std::size_t f) const {
    return columns_[f] ? std::string(detail::trim(source_.text(row, *columns_[f]))) : std::string();
  }

  bool is_blank(std::size_t row) const {
    for (std::size_t c = 0; c < source_.names.size(); ++c)
      if (!detail::trim(source_.text(row, c)).empty()) return false;
    return true;
  }

  double number(std::size_t row, std::size_t f) const {
    if (numbers_[f].empty()) return missing;
    const double value = numbers_[f][row];
    if (value < 0 && f != at_stock)
      refuse(row, std::string("has '") + text(row, f) + "' in " + std::string(table[f].name) + "; it is 0 or more");
    return value;
  }

  void refuse_unread(const std::vector<std::uint32_t>& rows, std::size_t f, const char* what) const {
    if (rows.empty()) return;
    const auto row = *std::min_element(rows.begin(), rows.end());
    throw error("row " + std::to_string(row + 1) + ": '" + text(row, f) + "' in " + std::string(table[f].name) + " is " + what);
  }

  // Reads a column block by block: read(block, column) gives votes and bad rows.
  template <class Part, class Read>
  Part read_column(std::size_t f, Read&& read) const {
    Part all;
    for (const auto& block : source_.blocks) {
      auto part = read(block, *columns_[f]);
      all.votes += part.votes;
      all.bad.insert(all.bad.end(), part.bad.begin(), part.bad.end());
    }
    return all;
  }

  void read_launches() {
    if (!columns_[at_launch]) return;
    launches_.assign(source_.rows, detail::no_day);
    const auto read = [&](bool day_first) {
      return read_column<detail::day_part>(at_launch, [&](const detail::block& block, std::size_t column) {
        return detail::read_days(block, column, day_first, launches_.data());
      });
    };
    auto found = read(true);
    const auto order = detail::day_orders({&found.votes, 1}).front();
    if (order.assumed)
      throw error("every date in launch can be read with the day first and with the month first; write them as YYYY-MM-DD");
    if (!order.day_first) found = read(false);
    refuse_unread(found.bad, at_launch, "no date; write YYYY-MM-DD");
    pointed_dates_ = found.votes.mark == '.';
  }

  void read_numbers() {
    const auto read = [&](std::size_t f, bool comma) {
      return read_column<detail::number_part>(f, [&](const detail::block& block, std::size_t column) {
        return detail::read_numbers(block, column, comma, numbers_[f].data());
      });
    };
    std::vector<std::uint8_t> given;
    for (const std::uint8_t f : {at_price, at_cost, at_stock})
      if (columns_[f]) given.push_back(f);
    std::vector<detail::number_part> parts;
    std::vector<detail::number_votes> votes;
    std::vector<bool> counts;
    for (const auto f : given) {
      numbers_[f].assign(source_.rows, missing);
      parts.push_back(read(f, false));
      votes.push_back(parts.back().votes);
      counts.push_back(f == at_stock);
    }
    const auto marks = detail::decimal_marks(std::move(votes), counts, pointed_dates_);
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (marks[i].comma) parts[i] = read(given[i], true);
      refuse_unread(parts[i].bad, given[i], "no number");
    }
  }

  detail::cell_table source_;
  std::vector<std::optional<std::size_t>> columns_;
  std::array<std::vector<double>, table.size()> numbers_;
  std::vector<std::int32_t> launches_;
  bool pointed_dates_ = false;  // 27.11.2026
};

}  // namespace

std::span<const field> product_fields() { return table; }

catalog read_catalog(ArrowArrayStream* stream, std::span<const std::pair<std::string, std::string>> columns,
                     const run_options& run) {
  return catalog_reader(stream, columns, run).read();
}

}  // namespace clarion::schema
