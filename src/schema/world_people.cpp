#include "schema/world_people.hpp"

#include <initializer_list>

#include "clarion/schema/world.hpp"

namespace clarion::schema::detail {

namespace {

using core::random_stream;

constexpr std::size_t lifecycles = 5, traits = 8;
constexpr std::uint8_t email_consent = 1, sms_consent = 2, push_consent = 4;
constexpr std::uint8_t west = 3;

// Chance of each trait by lifecycle: those who follow on social media are mostly not buyers yet.
constexpr std::array<std::array<double, lifecycles>, traits> trait_chance{{{0.70, 0.50, 0.12, 0.08, 0.25},
                                                                           {0.25, 0.30, 0.10, 0.08, 0.12},
                                                                           {0.08, 0.20, 0.28, 0.15, 0.30},
                                                                           {0.22, 0.20, 0.20, 0.28, 0.15},
                                                                           {0.18, 0.20, 0.08, 0.04, 0.08},
                                                                           {0.14, 0.14, 0.12, 0.12, 0.10},
                                                                           {0.15, 0.18, 0.18, 0.20, 0.15},
                                                                           {0.05, 0.35, 0.40, 0.70, 0.20}}};

// Fader, Hardie and Lee (2005), "Counting your customers the easy way": the BG/NBD model. Leaving is possible after each repeat
// order.
void place_orders(random_stream draw, person& of) {
  of.orders.push_back(of.joined);
  const double horizon = static_cast<double>((last_day - of.joined).count() + 1) / 7;
  for (double at = draw.exponential() / of.rate; at < horizon; at += draw.exponential() / of.rate) {
    of.orders.push_back(of.joined + std::chrono::days{static_cast<int>(at * 7)});
    if (draw.chance(of.dropout)) break;
  }
}

std::uint8_t lifecycle_of(const person& of) {
  if (of.orders.empty()) return prospects;
  if ((last_day - of.joined).count() < 120) return new_buyers;
  if ((last_day - of.orders.back()).count() > 182) return lapsed_buyers;
  return of.orders.size() >= 6 ? loyalty_members : active_buyers;
}

}  // namespace

person make_person(std::uint64_t seed, std::uint64_t customer) {
  const auto& truth = planted_truth().purchases;
  random_stream draw(seed, customer, person_room);
  person out;
  out.joined = first_day + std::chrono::days{draw.below(observed_days)};
  const bool buys = !draw.chance(truth.prospects);
  constexpr std::array<double, 4> regions{0.30, 0.52, 0.76, 1.0};
  out.region = static_cast<std::uint8_t>(pick(draw, regions.data(), regions.size()));
  for (auto& taste : out.taste) taste = draw.normal();
  out.engagement = draw.uniform();
  std::array<double, traits> trait_draw{};
  for (auto& u : trait_draw) u = draw.uniform();
  const double email = draw.uniform(), sms = draw.uniform(), push = draw.uniform();
  if (buys) {
    out.rate = std::max(draw.gamma(truth.r) / truth.alpha, 1e-9);
    out.dropout = draw.beta(truth.a, truth.b);
    place_orders(random_stream(seed, customer, order_room), out);
  }
  out.lifecycle = lifecycle_of(out);
  out.segments = static_cast<std::uint16_t>(1u << out.lifecycle);
  for (std::size_t t = 0; t < traits; ++t)
    if (trait_draw[t] < trait_chance[t][out.lifecycle])
      out.segments = static_cast<std::uint16_t>(out.segments | 1u << (lifecycles + t));
  const bool deals = out.segments & bit(deal_seekers), app = out.segments & bit(app_users);
  out.consent = static_cast<std::uint8_t>((email < 0.85 ? email_consent : 0) | (sms < (deals ? 0.65 : 0.30) ? sms_consent : 0) |
                                          (app && push < 0.80 ? push_consent : 0));
  return out;
}

std::uint16_t audiences_of(std::uint64_t seed, std::uint64_t customer) {
  const auto of = make_person(seed, customer);
  const auto& truth = planted_truth().memberships;
  random_stream draw(seed, customer, audience_room);
  const auto any = [&](std::initializer_list<segment_code> segments) {
    return std::any_of(segments.begin(), segments.end(), [&](segment_code s) { return (of.segments & bit(s)) != 0; });
  };
  const auto consents = [&](std::uint8_t to) { return (of.consent & to) != 0; };
  std::uint16_t out = 0;
  const auto join = [&](unsigned number, bool eligible, double chance) {
    const bool in = draw.uniform() < chance && eligible;
    if (in) out = static_cast<std::uint16_t>(out | 1u << (number - 1));
    return in;
  };

  // A campaign of the series takes social_repeat of those reached before and as many others as give its planted new reach.
  const bool follows = any({social_followers, trend_shoppers});
  bool reached = false;
  double reach = 0;
  for (unsigned k = 0; k < truth.social_new_reach.size(); ++k) {
    const double fresh = truth.social_new_reach[k];
    const double added = k == 0 ? 0.45 : fresh / (1 - fresh) * reach * truth.social_repeat;
    const bool in = join(3 + k, follows, reached ? truth.social_repeat : added / (1 - reach));
    reached = reached || in;
    reach += added;
  }
  const bool in_black_friday = join(8, any({active_buyers, deal_seekers}) && consents(email_consent), truth.black_friday_share);
  join(9, any({active_buyers, loyalty_members}) && consents(email_consent),
       in_black_friday ? truth.gift_guide_in_black_friday : truth.gift_guide_else);
  join(1, any({students}), 0.60);
  join(2, any({wellness_enthusiasts}), 0.50);
  join(10, any({loyalty_members}) && consents(push_consent), 0.90);
  join(11, any({deal_seekers}) && consents(sms_consent), 0.75);
  join(12, any({podcast_listeners}), 0.60);
  join(13, any({outdoor_fans}) && of.region == west, 0.70);
  join(14, any({loyalty_members, wellness_enthusiasts}) && consents(email_consent), 0.50);
  join(15, any({app_users}) && consents(push_consent), 0.60);
  return out;
}

}  // namespace clarion::schema::detail
