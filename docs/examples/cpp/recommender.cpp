// Learns what customers would like next, says how well, lists it and says why, and keeps the model.
//
//   recommender [events.csv]      lines of customer,product,YYYY-MM-DD; without a file: the purchases of the embedded sample

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/clarion.hpp"

namespace {

namespace core = clarion::core;
namespace rec = clarion::recommend;
namespace schema = clarion::schema;

struct text_column {
  std::string bytes;
  std::vector<std::int64_t> offsets{0};

  void add(std::string_view text) {
    bytes += text;
    offsets.push_back(static_cast<std::int64_t>(bytes.size()));
  }
  core::text_cells cells() const { return {bytes.data(), offsets}; }
};

struct event_columns {
  text_column customer, product;
  std::vector<std::int64_t> day;  // since 1970-01-01

  void add(std::string_view who, std::string_view what, clarion::date when) {
    customer.add(who);
    product.add(what);
    day.push_back(when.time_since_epoch().count());
  }
};

event_columns events_of(const char* path) {
  std::ifstream file(path);
  if (!file) throw clarion::error(std::string("cannot open ") + path);
  event_columns out;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::size_t first = line.find(','), second = line.find(',', first + 1);
    int year = 0;
    unsigned month = 0, day = 0;
    const bool three =
        second != std::string::npos && std::sscanf(line.c_str() + second + 1, "%d-%u-%u", &year, &month, &day) == 3;
    const auto when = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    if (number == 1 && !three) continue;  // names of columns
    if (!three || !when.ok())
      throw clarion::error(std::string(path) + ", line " + std::to_string(number) + ": not customer,product,YYYY-MM-DD");
    const std::string_view text = line;
    out.add(text.substr(0, first), text.substr(first + 1, second - first - 1), when);
  }
  return out;
}

event_columns sample_events(const schema::catalog& catalog) {
  const schema::world_interactions world = schema::simulate_interactions();
  event_columns out;
  for (std::size_t row = 0; row < world.day.size(); ++row)
    if (world.kind[row] == schema::event::purchase)
      out.add(std::to_string(world.customer[row]), catalog.products[world.product[row]].id, world.day[row]);
  return out;
}

// Entries of users whom `train` knows: of the others no model has anything to go by.
core::sparse_rows of_known(const core::sparse_view& test, const core::sparse_view& train) {
  core::sparse_rows out{.rows = test.rows, .columns = test.columns};
  for (std::size_t user = 0; user < test.rows; ++user) {
    if (train.length(user) > 0) {
      const auto items = test.indices(user);
      out.index.insert(out.index.end(), items.begin(), items.end());
    }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const schema::catalog catalog = schema::sample_catalog();
    const event_columns events = argc > 1 ? events_of(argv[1]) : sample_events(catalog);
    const auto [data, report] =
        rec::build_interactions({.user = events.customer.cells(), .item = events.product.cells(), .time = events.day},
                                {.duplicates = "first", .min_user_count = 3, .unit = "days"});
    const auto name = [&](std::uint32_t item) {
      const std::string id = data.items().label(item);
      const schema::product* known = catalog.find(id);
      return known == nullptr ? id : known->name;
    };
    std::printf(
        "%llu rows: %llu are first purchases of a product by a customer, %llu repeat one, %llu are of customers with too few, "
        "%llu are bad\n",
        static_cast<unsigned long long>(report.rows_read), static_cast<unsigned long long>(report.interactions),
        static_cast<unsigned long long>(report.merged), static_cast<unsigned long long>(report.filtered),
        static_cast<unsigned long long>(report.set_aside));
    for (const auto& finding : rec::sufficiency(data).findings)
      std::printf("%s  %s\n", finding.code.c_str(), finding.message.c_str());

    // Learn from the past, judge by the last fifth.
    const auto [train, future] = rec::split_by_time(data, rec::time_cut(data, .2));
    const core::sparse_view past = train.by_user();
    const core::sparse_rows relevant = of_known(future.by_user(), past);
    const rec::top_k_filter unseen{.exclude = &past};

    const rec::implicit_als_options als_options{.factors = 32, .regularization = .02, .unobserved_weight = 1, .max_iter = 10};
    const auto als = rec::implicit_als(past, als_options);
    const auto ease = rec::ease(past);
    const auto popular = rec::popular(train);
    const rec::factor_view als_users{als.user_factors.data(), als.n_users, als_options.factors};
    const rec::factor_view als_items{als.item_factors.data(), als.n_items, als_options.factors};
    const rec::item_index ease_items({.dense_weights = {ease.weights.data(), ease.n_items, ease.n_items}});
    const rec::user_side ease_users{.history = past};

    std::printf("\n%-14s%10s%10s%10s\n", "", "recall@10", "ndcg@10", "coverage");
    const auto judge = [&](const char* model, const rec::top_k_result& lists) {
      const auto found = rec::evaluate(lists, relevant, {.k = {10}, .metrics = {"recall", "ndcg", "coverage"}});
      std::printf("%-14s", model);
      for (const auto& metric : found.metrics) std::printf("%10.4f", metric.mean);
      std::printf("\n");
    };
    const auto best = rec::top_k(als_users, als_items, {.k = 10}, unseen);
    judge("popular", rec::top_k({popular.user_factors.data(), popular.n_users, popular.factors},
                                {popular.item_factors.data(), popular.n_items, popular.factors}, {.k = 10}, unseen));
    judge("implicit_als", best);
    judge("ease", rec::top_k(ease_items, ease_users, {.k = 10}, unseen));

    // A list for one customer, the one with the longest past, while the best seller is sold out.
    std::vector<std::uint32_t> users(data.n_users());
    std::iota(users.begin(), users.end(), 0U);
    const std::uint32_t someone = *std::ranges::max_element(
        users, {}, [&](auto user) { return past.length(user) < data.n_items() / 2 ? past.length(user) : 0; });
    const core::sparse_view by_item = train.by_item();
    std::vector<std::uint8_t> available(data.n_items(), 1);
    std::uint32_t sold_out = 0;
    for (std::uint32_t item = 0; item < by_item.rows; ++item)
      if (by_item.length(item) > by_item.length(sold_out)) sold_out = item;
    available[sold_out] = 0;

    const auto lists = rec::top_k(ease_items, ease_users, {.k = 5}, {.exclude = &past, .available = available});
    const std::size_t begin = std::size_t{someone} * lists.k;
    std::printf("\nfor customer %s, without %s:\n", data.users().label(someone).c_str(), name(sold_out).c_str());
    for (std::uint32_t place = 0; place < lists.lengths[someone]; ++place)
      std::printf("  %u. %-28s %.3f\n", place + 1, name(lists.items[begin + place]).c_str(), lists.scores[begin + place]);

    // Why the first: what each past purchase adds to its score.
    if (lists.lengths[someone] > 0) {
      const auto parts = rec::contributions(ease_items, ease_users, someone, lists.items[begin]);
      const auto history = past.indices(someone);
      std::vector<std::size_t> order(parts.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::ranges::sort(order, std::ranges::greater{}, [&](std::size_t at) { return parts[at]; });
      std::printf("%s, because of", name(lists.items[begin]).c_str());
      for (std::size_t at = 0; at < std::min<std::size_t>(3, order.size()); ++at)
        std::printf("%s %s (%+.3f)", at == 0 ? "" : ",", name(history[order[at]]).c_str(), parts[order[at]]);
      std::printf("\n");
    }

    // Keep the vectors with their ids, and serve from the files.
    std::vector<core::named_array> arrays{
        core::array_over("user_factors", std::span(als.user_factors), {als.n_users, als_options.factors}),
        core::array_over("item_factors", std::span(als.item_factors), {als.n_items, als_options.factors})};
    core::add_ids(arrays, "user", data.users());
    core::add_ids(arrays, "item", data.items());
    core::save_model("recommender_model", "implicit_als", R"({"factors": 32})", arrays);

    const core::model_folder opened = core::open_model("recommender_model", "implicit_als");
    const auto kept_users = core::values_of<float>(opened.arrays, "user_factors", {als.n_users, als_options.factors});
    const auto kept_items = core::values_of<float>(opened.arrays, "item_factors", {als.n_items, als_options.factors});
    const auto again = rec::top_k({kept_users.data(), als.n_users, als_options.factors},
                                  {kept_items.data(), als.n_items, als_options.factors}, {.k = 10}, unseen);
    const bool same = again.items == best.items && core::ids_of(opened.arrays, "item").size() == data.n_items();
    std::printf("\nrecommender_model: %zu arrays, %s\n", opened.arrays.size(),
                same ? "the same lists from the files" : "other lists from the files");
    return same ? 0 : 1;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "recommender: %s\n", problem.what());
    return 1;
  }
}
