// From purchases to whom to contact: scores, clusters, who buys again, a segment, suppression, and what the auditor reads.
//
//   segments        on the purchases of the embedded sample

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "clarion/clarion.hpp"

int main() {
  namespace seg = clarion::segment;
  namespace schema = clarion::schema;
  try {
    // Columns of equal length, a row a line of an order; any source that fills them will do.
    const schema::world_interactions world = schema::simulate_interactions();
    std::vector<std::int64_t> customer;
    std::vector<std::int32_t> day;
    std::vector<double> amount;
    for (std::size_t row = 0; row < world.day.size(); ++row) {
      if (world.kind[row] != schema::event::purchase) continue;
      customer.push_back(world.customer[row]);
      day.push_back(clarion::core::day_number(world.day[row]));
      amount.push_back(10 + world.product[row]);  // a price for the example
    }
    const auto [bought, report] =
        seg::build_purchases({.customer = std::span<const std::int64_t>(customer), .day = day, .amount = amount});
    std::printf("%llu rows, %zu customers, %llu purchases\n", static_cast<unsigned long long>(report.rows_read), bought.size(),
                static_cast<unsigned long long>(bought.n_purchases()));

    const seg::rfm_result scored = seg::rfm(bought);
    for (std::size_t k = 0; k < seg::n_rfm_segments; ++k)
      std::printf("  %-20s %6llu\n", std::string(to_string(static_cast<seg::rfm_segment>(k))).c_str(),
                  static_cast<unsigned long long>(scored.segments[k]));

    // Logarithms on one scale, then three clusters.
    std::vector<double> x;
    for (std::size_t row = 0; row < bought.size(); ++row)
      x.insert(x.end(), {double(scored.recency[row]), double(scored.frequency[row]), scored.monetary[row]});
    const seg::scaling scale = seg::fit_scaling(x, 3, {.method = "log1p"});
    const std::vector<double> on_one_scale = seg::scaled(scale, x);
    const seg::points_view<double> points{on_one_scale.data(), bought.size(), 3};
    const auto clusters = seg::kmeans<double>(points, {.n_clusters = 3, .n_init = 4, .seed = 7});
    const std::vector<double> centers = seg::unscaled(scale, clusters.centers);
    for (std::size_t k = 0; k < 3; ++k)
      std::printf("cluster %zu: bought %.0f days ago, on %.1f days, for %.0f\n", k, centers[3 * k], centers[3 * k + 1],
                  centers[3 * k + 2]);

    const auto weeks = seg::purchase_summary(bought, {.unit = 7});
    const seg::purchase_history history{weeks.frequency, weeks.recency, weeks.T};
    const seg::purchase_model model = seg::fit_beta_geo(history);
    if (!model.fit.converged) throw clarion::error("BG/NBD: " + model.fit.reason);
    for (std::size_t p = 0; p < model.fit.name.size(); ++p)
      std::printf("%s %.3g  ", model.fit.name[p].c_str(), model.fit.value[p]);
    const std::vector<double> expected = seg::expected_purchases(model, history, 13).value;
    double sum = 0;
    for (const double each : expected) sum += each;
    std::printf("\n%.0f purchases expected in 13 weeks\n", sum);

    // Scores, clusters and predictions are fields of definitions, beside what else is known of a customer.
    seg::customer_fields known{.rows = bought.size()};
    known.add({.name = "recency", .number = {scored.recency.begin(), scored.recency.end()}});
    known.add({.name = "monetary", .number = scored.monetary});
    known.add({.name = "expected", .number = expected});
    const std::vector<seg::definition> segments{seg::parse_definition(R"({"name": "about to buy", "minimum_size": 100,
        "when": {"all": [{"field": "expected", "op": ">=", "value": 1}, {"field": "recency", "op": "<=", "value": 90}]}})")};
    const std::vector<seg::definition> rules{
        seg::parse_definition(R"({"name": "just bought", "when": {"field": "recency", "op": "<", "value": 7}})")};
    const seg::segmentation segmented = seg::segment_customers(known, segments);
    const seg::suppression suppressed = seg::suppress(known, rules);
    std::printf("\n%s", seg::logic_document(segments, segmented, rules, suppressed, {.day = bought.at()}).c_str());
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "segments: %s\n", problem.what());
    return 1;
  }
  return 0;
}
