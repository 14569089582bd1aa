#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/schema/simulate_portfolio.hpp"

namespace clarion::schema {

/// The simulated world behind the sample. Every part is a function of its own: it is generated from streams keyed by customer,
/// so parts agree with each other without being generated together, a customer stays the same person however many there are,
/// and the bits do not depend on the number of threads. docs/schema/world.md states every distribution and parameter.
struct world_options {
  std::uint64_t customers = 20000;
  std::uint64_t history_campaigns = 80;
  std::uint64_t seed = 7;
  static constexpr auto fields() {
    return std::tuple{
        core::option("customers", &world_options::customers, "people in the world, prospects included", {0, 4e9}),
        core::option("history_campaigns", &world_options::history_campaigns, "finished campaigns, 40 a year", {0, 3000}),
        core::option("seed", &world_options::seed, "of the random streams")};
  }
};

/// Behaviour is observed from the first day to the last, both included: 2024-08-01 to 2026-07-31.
CLARION_API date world_first_day();
CLARION_API date world_last_day();

/// Names of the segments, the ones that campaigns declare as their audience. Bit s of world_customers::segments is segment s.
/// The first five (Prospects, New Buyers, Active Buyers, Loyalty Members, Lapsed Buyers) are the lifecycle: a customer is in
/// exactly one of them. The others are independent traits.
CLARION_API const std::vector<std::string>& world_segments();
CLARION_API const std::vector<std::string>& world_regions();

/// Row i is customer i, in every table below.
struct world_customers {
  std::vector<std::uint16_t> segments;  ///< bit set
  std::vector<std::uint8_t> lifecycle;  ///< 0 to 4, a position in world_segments()
  std::vector<std::uint8_t> region;     ///< a position in world_regions()
  std::vector<date> joined;             ///< registration, for buyers also the first order
  std::vector<std::uint8_t> consent;    ///< bit 0 email, 1 SMS, 2 push
  std::vector<float> orders_per_year;   ///< true rate while active (latent: not a feature); 0 for prospects
};
CLARION_API world_customers simulate_customers(const world_options& options = {}, const run_options& run = {});

/// Who is in the audience of which campaign: long form, sorted by campaign, then customer.
struct world_memberships {
  std::vector<std::uint32_t> campaign;  ///< row of sample_portfolio()
  std::vector<std::uint32_t> customer;
};
CLARION_API world_memberships simulate_memberships(const world_options& options = {}, const run_options& run = {});
/// The same, built and labelled with the campaigns' ids.
CLARION_API audiences simulate_audiences(const world_options& options = {}, const run_options& run = {});

/// Audiences for simulate_portfolio(): each campaign reaches a share of the customers around `mean_share` (Beta(2, 2 / share -
/// 2)). Same form. O(campaigns * customers * mean_share).
CLARION_API world_memberships simulate_memberships(const portfolio_options& options, std::uint64_t customers, double mean_share,
                                                   const run_options& run = {});

/// Order lines, sorted by customer, then day. Orders are numbered from 0 in that order.
struct world_transactions {
  std::vector<std::uint64_t> order;
  std::vector<std::uint32_t> customer;
  std::vector<std::uint32_t> product;  ///< row of sample_catalog()
  std::vector<date> day;
  std::vector<std::uint16_t> quantity;
  std::vector<double> amount;           ///< USD paid for the line
  std::vector<std::uint16_t> returned;  ///< units sent back, all or none of the line
};
CLARION_API world_transactions simulate_transactions(const world_options& options = {}, const run_options& run = {});

enum class event : std::uint8_t { view, cart, purchase };
CLARION_API std::string_view to_string(event kind);

/// Product events, sorted by customer, then day. The purchases are the lines of simulate_transactions().
struct world_interactions {
  std::vector<std::uint32_t> customer;
  std::vector<std::uint32_t> product;
  std::vector<date> day;
  std::vector<event> kind;
};
CLARION_API world_interactions simulate_interactions(const world_options& options = {}, const run_options& run = {});

/// Paths of touches; those of journey j are rows touch_offsets[j] to touch_offsets[j + 1]. A path ends with its conversion.
struct world_journeys {
  std::vector<std::uint32_t> customer;
  std::vector<bool> converted;
  std::vector<double> value;  ///< USD of the conversion, 0 without one
  std::vector<std::uint64_t> touch_offsets{0};
  std::vector<std::uint8_t> channel;  ///< of each touch, a position in default_channels()
  std::vector<date> day;              ///< of each touch
  /// True removal effect of each channel: 1 - conversions expected without its touches / conversions expected, over the paths
  /// as they were planned.
  std::vector<double> removal_effect;
};
CLARION_API world_journeys simulate_journeys(const world_options& options = {}, const run_options& run = {});

/// A randomised test of the history campaign planted_truth().experiment.campaign on a random part of the buyers.
struct world_experiment {
  std::vector<std::uint32_t> customer;
  std::vector<std::uint8_t> lifecycle;   ///< at assignment, a position in world_segments()
  std::vector<bool> treated;             ///< assigned to treatment (1) or control (0)
  std::vector<std::uint16_t> exposures;  ///< contacts that arrived; 0 in control and for some of the treated
  std::vector<double> pre_spend;         ///< USD in the four weeks before
  std::vector<double> spend;             ///< USD in the four weeks after, net of returns
  std::vector<bool> converted;           ///< bought in the four weeks after
  // The contacts one by one.
  std::vector<std::uint32_t> exposure_customer;
  std::vector<date> exposure_day;
};
CLARION_API world_experiment simulate_experiment(const world_options& options = {}, const run_options& run = {});

/// What was planted: parameters, never estimates.
struct world_truth {
  struct portfolio_truth {
    double budget = 212000;
    std::string black_friday = "CMP-08", gift_guide = "CMP-09", webinar = "CMP-02", flash_sale = "CMP-11";
    std::vector<std::string> social{"CMP-03", "CMP-04", "CMP-05", "CMP-06", "CMP-07"};
    std::string overloaded_owner = "Maya Chen";                    ///< in the weeks around Black Friday
    std::string empty_acquisition_category = "Health & Wellness";  ///< strong in history when the plan is empty
    std::vector<int> empty_acquisition_months{1, 2};
  } portfolio;
  struct membership_truth {
    std::vector<double> social_new_reach{1, 0.25, 0.12, 0.06, 0.03};  ///< new people, share of that campaign's audience
    double social_repeat = 0.72;              ///< chance to be in the next audience, for those reached before
    double black_friday_share = 0.85;         ///< of active buyers and deal seekers
    double gift_guide_in_black_friday = 0.9;  ///< of active buyers and loyalty members who are in Black Friday Blitz
    double gift_guide_else = 0.35;            ///< of the other active buyers and loyalty members
  } memberships;
  struct purchase_truth {     // BG/NBD, time in weeks
    double prospects = 0.25;  ///< share of people who never buy
    double r = 0.8, alpha = 9, a = 0.7, b = 3;
  } purchases;
  struct basket_rule {
    std::string antecedent, consequent;  ///< product ids
    double chance;                       ///< that the consequent is added to a basket with the antecedent
  };
  std::vector<basket_rule> baskets;
  struct channel_effect {
    std::string channel;
    double direct;  ///< on the logit of converting at a touch of this channel
    double assist;  ///< on the logit of every later touch of the path
  };
  double journey_base = -4.2;  ///< logit of converting at a touch, before effects
  std::vector<channel_effect> journeys;
  struct uplift {
    std::string segment;
    double spend;       ///< USD added by being exposed
    double conversion;  ///< probability added by being exposed
  };
  struct experiment_truth {
    std::string campaign = "H26-06";
    double treated = 0.5, participants = 0.6, exposed = 0.825;  ///< shares; engaged customers are exposed more often
    double pre_slope = 0.6, noise = 12;                         ///< spend on pre_spend; standard deviation, USD
    std::vector<uplift> uplifts;                                ///< the effect of assignment is `exposed` times these
  } experiment;
  history_truth history;
};
CLARION_API const world_truth& planted_truth();

/// Everything, as belongs together.
struct world {
  schema::portfolio portfolio;
  schema::catalog catalog;
  schema::portfolio history;
  world_customers customers;
  world_memberships memberships;
  world_transactions transactions;
  world_interactions interactions;
  world_journeys journeys;
  world_experiment experiment;
};
CLARION_API world simulate(const world_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
