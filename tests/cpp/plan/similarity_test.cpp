#include "clarion/plan/similarity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;

namespace {

const std::vector<std::string> channels = {"Email", "SMS", "Podcast", ""};
const std::vector<std::string> names = {"a", "b", "c", "d", "e"};

schema::portfolio random_portfolio(std::size_t n, std::uint64_t seed, const std::string& prefix) {
  std::vector<schema::campaign> rows(n);
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(seed, i);
    auto& row = rows[i];
    row.id = prefix + std::to_string(i);
    row.start = core::from_day_number(19000 + static_cast<std::int32_t>(random.below(900)));
    row.end = row.start + std::chrono::days{random.below(30)};
    row.budget.amount = random.chance(0.1) ? schema::missing : 100 * std::exp(5 * random.uniform());
    row.channel = channels[random.below(4)];
    row.objective = static_cast<schema::objective>(random.below(9));
    for (const auto& name : names) {
      if (random.chance(0.3)) row.audience.push_back(name);
      if (random.chance(0.3)) row.products.push_back("p" + name);
    }
    if (random.chance(0.5)) row.actuals.spend = 100 * std::exp(5 * random.uniform());
    if (random.chance(0.1)) row.status = schema::status::cancelled;
  }
  return schema::make_portfolio(rows);
}

double jaccard(std::vector<std::string> a, std::vector<std::string> b) {
  if (a.empty() || b.empty()) return schema::missing;
  const std::set<std::string> sa(a.begin(), a.end()), sb(b.begin(), b.end());
  std::set<std::string> both(sa);
  both.insert(sb.begin(), sb.end());
  return static_cast<double>(sa.size() + sb.size() - both.size()) / static_cast<double>(both.size());
}

// The definition, campaign by campaign.
plan::similar by_hand(const schema::campaign& a, const schema::campaign& b, const schema::catalog* catalog,
                      const plan::similarity_options& o) {
  plan::similar out;
  out.parts[0] = a.channel.empty() || b.channel.empty() ? schema::missing : a.channel == b.channel;
  const auto none = schema::objective::unspecified;
  out.parts[1] = a.objective == none || b.objective == none ? schema::missing : a.objective == b.objective;
  out.parts[2] = jaccard(a.audience, b.audience);
  auto pa = a.products, pb = b.products;
  for (auto* list : {&pa, &pb})
    for (auto& entry : *list)
      if (catalog) entry = catalog->category_of(entry);
  out.parts[3] = jaccard(pa, pb);
  const auto middle = [](const schema::campaign& c) { return (core::day_number(c.start) + core::day_number(c.end)) / 2.0; };
  const double apart = std::fmod(std::abs(middle(a) - middle(b)), 365.2425);
  out.parts[4] = 1 - std::min(apart, 365.2425 - apart) / (365.2425 / 2);
  const double spend = b.actuals.spend > 0 ? b.actuals.spend : b.budget.amount;
  out.parts[5] = std::min(a.budget.amount, spend) / std::max(a.budget.amount, spend);
  if (std::isnan(a.budget.amount) || std::isnan(spend)) out.parts[5] = schema::missing;
  const double w[6] = {o.channel, o.objective, o.audience, o.category, o.season, o.budget};
  double sum = 0, total = 0;
  for (int p = 0; p < 6; ++p)
    if (!std::isnan(out.parts[static_cast<std::size_t>(p)])) sum += w[p] * out.parts[static_cast<std::size_t>(p)], total += w[p];
  out.similarity = sum / total;
  return out;
}

}  // namespace

TEST_CASE("neighbours are those of a search through all pairs") {
  schema::catalog catalog;
  for (const auto& name : names) catalog.products.push_back({.id = "p" + name, .category = name < "c" ? "first" : "second"});
  const auto planned = random_portfolio(40, 1, "p"), history = random_portfolio(120, 2, "h");
  const plan::similarity_options options{.neighbours = 7, .channel = 2.5, .budget = 0.7};
  const auto found = plan::most_similar(planned, history, &catalog, options, {.threads = 3});
  REQUIRE(found.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    std::vector<plan::similar> all;
    for (std::size_t h = 0; h < history.size(); ++h) {
      if (history.status[h] == schema::status::cancelled) continue;
      all.push_back(by_hand(planned[i], history[h], &catalog, options));
      all.back().row = static_cast<std::uint32_t>(h);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
    REQUIRE(found[i].size() == 7);
    for (std::size_t k = 0; k < 7; ++k) {
      CHECK(found[i][k].similarity == Approx(all[k].similarity).epsilon(1e-12));
      const auto hand = by_hand(planned[i], history[found[i][k].row], &catalog, options);
      for (std::size_t p = 0; p < 6; ++p) {
        CHECK(std::isnan(found[i][k].parts[p]) == std::isnan(hand.parts[p]));
        if (!std::isnan(hand.parts[p])) CHECK(found[i][k].parts[p] == Approx(hand.parts[p]).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("any number of threads finds the same bits") {
  const auto planned = random_portfolio(100, 3, "p"), history = random_portfolio(200, 4, "h");
  const auto one = plan::most_similar(planned, history, nullptr, {}, {.threads = 1});
  const auto four = plan::most_similar(planned, history, nullptr, {}, {.threads = 4});
  REQUIRE(one.rows.size() == four.rows.size());
  for (std::size_t r = 0; r < one.rows.size(); ++r) {
    CHECK(one.rows[r].row == four.rows[r].row);
    CHECK(one.rows[r].similarity == four.rows[r].similarity);
  }
}

TEST_CASE("a campaign is not its own neighbour, the turn of the year is near itself") {
  schema::campaign a;
  a.id = "x";
  a.channel = "Email";
  a.start = a.end = *core::parse_iso_date("2025-12-31");
  auto b = a;
  b.id = "y";
  b.start = b.end = *core::parse_iso_date("2024-01-01");
  const auto history = schema::make_portfolio({a, b});
  const auto found = plan::most_similar(schema::make_portfolio({a}), history);
  REQUIRE(found[0].size() == 1);
  CHECK(found[0][0].row == 1);
  CHECK(found[0][0].parts[4] > 0.98);
  CHECK(std::isnan(found[0][0].parts[2]));
}

TEST_CASE("nothing planned, nothing in history, bad options") {
  const auto some = random_portfolio(3, 5, "p");
  CHECK(plan::most_similar({}, some).size() == 0);
  const auto lonely = plan::most_similar(some, {});
  CHECK(lonely.size() == 3);
  CHECK(lonely[0].empty());
  CHECK_THROWS_AS(plan::most_similar(some, some, nullptr, {.neighbours = 0}), std::invalid_argument);
  CHECK_THROWS_AS(plan::most_similar(some, some, nullptr,
                                     {.channel = 0, .objective = 0, .audience = 0, .category = 0, .season = 0, .budget = 0}),
                  std::invalid_argument);
}
