#include "clarion/schema/sample.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace clarion::schema {

namespace {

constexpr date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

// Starts from what the records have in common; each campaign then says what is its own.
campaign planned(const char* id, const char* name, double budget, const char* channel, date start, date end, const char* group,
                 objective aim) {
  campaign out;
  out.id = id;
  out.name = name;
  out.budget.amount = budget;
  out.channel = channel;
  out.start = start;
  out.end = end;
  out.group = group;
  out.objective = aim;
  out.region = "National";
  out.status = status::planned;
  out.approver = budget >= 15000 ? "Elena Rossi" : "Sam Osei";
  out.frequency_cap = 5;

  static constexpr std::array<std::pair<const char*, const char*>, 8> managers{{{"Email", "Hannah Lind"},
                                                                                {"Social Media", "Luca Moretti"},
                                                                                {"Influencer", "Luca Moretti"},
                                                                                {"Webinar", "Grace Obi"},
                                                                                {"SMS", "Hannah Lind"},
                                                                                {"Push Notifications", "Hannah Lind"},
                                                                                {"Events", "Grace Obi"},
                                                                                {"Podcast", "Grace Obi"}}};
  for (const auto& [of, manager] : managers)
    if (out.channel == of) out.channel_manager = manager;
  return out;
}

void approve(campaign& of, date on) {
  of.status = status::approved;
  of.approved_on = on;
  of.approved_hash = criteria_hash(of.targets);
}

std::vector<campaign> acquisition_campaigns() {
  std::vector<campaign> out;

  auto campus = planned("CMP-01", "Back-to-Campus Creators", 20000, "Influencer", day(2026, 8, 24), day(2026, 9, 18), "A",
                        objective::acquisition);
  campus.audience = {"Students"};
  campus.products = {"Apparel", "EA-03"};
  campus.owner = "Tom Becker";
  campus.touches_per_week = 1.5;
  campus.tags = {"season:autumn", "theme:back-to-school"};
  campus.earliest_start = day(2026, 8, 17);
  campus.latest_end = day(2026, 9, 20);
  campus.targets = {{"new_customers", true, 500}, {"cac", false, 42}};
  approve(campus, day(2026, 7, 20));
  out.push_back(std::move(campus));

  auto webinar = planned("CMP-02", "Healthy Habits Webinar", 9000, "Webinar", day(2026, 9, 21), day(2026, 9, 30), "A",
                         objective::lead_generation);
  webinar.audience = {"Wellness Enthusiasts"};
  webinar.products = {"Health & Wellness"};
  webinar.owner = "Priya Nair";
  webinar.touches_per_week = 1;
  webinar.tags = {"season:autumn", "theme:education"};
  webinar.earliest_start = day(2026, 9, 14);
  webinar.latest_end = day(2026, 10, 9);
  webinar.targets = {{"leads", true, 450}, {"cost_per_lead", false, 20}, {"attendance", true, 0.4}};
  approve(webinar, day(2026, 8, 3));
  out.push_back(std::move(webinar));

  auto glow = planned("CMP-03", "Autumn Glow Launch", 14000, "Social Media", day(2026, 10, 1), day(2026, 10, 21), "A",
                      objective::acquisition);
  glow.audience = {"Social Followers", "Trend Shoppers"};
  glow.products = {"BE-08", "Beauty"};
  glow.owner = "Diego Alvarez";
  glow.touches_per_week = 3;
  glow.tags = {"season:autumn", "theme:product-launch"};
  glow.earliest_start = day(2026, 9, 21);
  glow.latest_end = day(2026, 10, 31);
  glow.targets = {{"new_customers", true, 380}, {"cac", false, 38}};
  out.push_back(std::move(glow));

  auto cozy = planned("CMP-04", "Cozy Home Lookbook", 12000, "Social Media", day(2026, 10, 12), day(2026, 11, 4), "A",
                      objective::acquisition);
  cozy.audience = {"Social Followers", "Trend Shoppers"};
  cozy.products = {"Home"};
  cozy.owner = "Diego Alvarez";
  cozy.touches_per_week = 3;
  cozy.tags = {"season:autumn", "theme:lookbook"};
  cozy.earliest_start = day(2026, 9, 14);
  cozy.latest_end = day(2026, 11, 20);
  out.push_back(std::move(cozy));

  auto layers = planned("CMP-05", "Layer Up Apparel Drop", 15000, "Social Media", day(2026, 10, 26), day(2026, 11, 15), "A",
                        objective::acquisition);
  layers.audience = {"Social Followers", "Trend Shoppers"};
  layers.products = {"Apparel"};
  layers.owner = "Diego Alvarez";
  layers.touches_per_week = 3;
  layers.tags = {"season:autumn", "theme:product-launch"};
  layers.earliest_start = day(2026, 10, 1);
  layers.latest_end = day(2026, 12, 6);
  out.push_back(std::move(layers));

  auto gadgets = planned("CMP-06", "Tech Gadgets Countdown", 11000, "Social Media", day(2026, 11, 9), day(2026, 11, 22), "A",
                         objective::acquisition);
  gadgets.audience = {"Social Followers", "Trend Shoppers"};
  gadgets.products = {"Electronics Accessories"};
  gadgets.owner = "Maya Chen";
  gadgets.touches_per_week = 3;
  gadgets.tags = {"season:autumn", "theme:countdown"};
  gadgets.earliest_start = day(2026, 10, 26);
  gadgets.latest_end = day(2026, 12, 20);
  out.push_back(std::move(gadgets));

  auto trail = planned("CMP-07", "Winter Trail Stories", 10000, "Social Media", day(2026, 11, 30), day(2026, 12, 18), "A",
                       objective::acquisition);
  trail.audience = {"Social Followers", "Trend Shoppers"};
  trail.products = {"Outdoor"};
  trail.owner = "Maya Chen";
  trail.touches_per_week = 3;
  trail.tags = {"season:winter", "theme:storytelling"};
  trail.earliest_start = day(2026, 11, 23);
  trail.latest_end = day(2027, 1, 24);
  out.push_back(std::move(trail));

  auto podcast = planned("CMP-12", "Spring Refresh Podcast", 13000, "Podcast", day(2027, 3, 8), day(2027, 4, 4), "A",
                         objective::acquisition);
  podcast.audience = {"Podcast Listeners"};
  podcast.products = {"Home", "Health & Wellness"};
  podcast.owner = "Priya Nair";
  podcast.touches_per_week = 1;
  podcast.tags = {"season:spring", "theme:storytelling"};
  podcast.earliest_start = day(2027, 3, 1);
  podcast.latest_end = day(2027, 5, 2);
  podcast.status = status::draft;
  out.push_back(std::move(podcast));
  return out;
}

std::vector<campaign> earning_campaigns() {
  std::vector<campaign> out;

  auto black_friday =
      planned("CMP-08", "Black Friday Blitz", 30000, "Email", day(2026, 11, 20), day(2026, 11, 30), "B", objective::revenue);
  black_friday.audience = {"Active Buyers", "Deal Seekers"};
  black_friday.products = {"Electronics Accessories", "Apparel", "Home"};
  black_friday.owner = "Maya Chen";
  black_friday.touches_per_week = 3;
  black_friday.tags = {"season:holiday", "theme:black-friday"};
  black_friday.fixed_dates = true;
  black_friday.targets = {{"roas", true, 4.5}, {"revenue", true, 135000}, {"unsubscribe_rate", false, 0.004}};
  approve(black_friday, day(2026, 7, 27));
  out.push_back(std::move(black_friday));

  auto gifts =
      planned("CMP-09", "Holiday Gift Guide", 25000, "Email", day(2026, 11, 24), day(2026, 12, 15), "B", objective::revenue);
  gifts.audience = {"Active Buyers", "Loyalty Members"};
  gifts.products = {"Beauty", "Home", "Electronics Accessories"};
  gifts.owner = "Maya Chen";
  gifts.touches_per_week = 3;
  gifts.tags = {"season:holiday", "theme:gifting"};
  gifts.earliest_start = day(2026, 11, 9);
  gifts.latest_end = day(2026, 12, 22);
  gifts.targets = {{"roas", true, 4}, {"aov", true, 62}};
  approve(gifts, day(2026, 7, 27));
  out.push_back(std::move(gifts));

  auto thanks = planned("CMP-10", "New Year Loyalty Thank-You", 8000, "Push Notifications", day(2027, 1, 11), day(2027, 1, 31),
                        "B", objective::retention);
  thanks.audience = {"Loyalty Members"};
  thanks.products = {"Beauty", "Home"};
  thanks.owner = "Aisha Khan";
  thanks.touches_per_week = 2;
  thanks.tags = {"season:winter", "theme:loyalty"};
  thanks.earliest_start = day(2027, 1, 4);
  thanks.latest_end = day(2027, 2, 14);
  out.push_back(std::move(thanks));

  auto flash =
      planned("CMP-11", "Winter Clearance Flash Sale", 5000, "SMS", day(2027, 2, 5), day(2027, 2, 7), "B", objective::clearance);
  flash.audience = {"Deal Seekers"};
  flash.products = {"AP-02", "AP-05", "OU-04"};
  flash.owner = "Aisha Khan";
  flash.touches_per_week = 1;
  flash.tags = {"season:winter", "theme:flash-sale"};
  flash.earliest_start = day(2027, 2, 1);
  flash.latest_end = day(2027, 2, 21);
  out.push_back(std::move(flash));

  auto outdoors =
      planned("CMP-13", "Members Outdoor Day", 18000, "Events", day(2027, 4, 24), day(2027, 5, 2), "B", objective::retention);
  outdoors.audience = {"Outdoor Fans"};
  outdoors.products = {"Outdoor"};
  outdoors.owner = "Tom Becker";
  outdoors.region = "West";
  outdoors.touches_per_week = 0.5;
  outdoors.tags = {"season:spring", "theme:community"};
  outdoors.fixed_dates = true;
  outdoors.status = status::draft;
  out.push_back(std::move(outdoors));

  auto replenish = planned("CMP-14", "VIP Replenishment Reminder", 10000, "Email", day(2027, 5, 10), day(2027, 6, 4), "B",
                           objective::retention);
  replenish.audience = {"Loyalty Members", "Wellness Enthusiasts"};
  replenish.products = {"Health & Wellness", "Beauty"};
  replenish.owner = "Priya Nair";
  replenish.touches_per_week = 1;
  replenish.tags = {"season:spring", "theme:replenishment"};
  replenish.earliest_start = day(2027, 5, 3);
  replenish.latest_end = day(2027, 6, 30);
  replenish.status = status::draft;
  out.push_back(std::move(replenish));

  auto points = planned("CMP-15", "Summer Double Points", 12000, "Push Notifications", day(2027, 6, 14), day(2027, 7, 11), "B",
                        objective::revenue);
  points.audience = {"App Users"};
  points.products = {"Outdoor", "Apparel"};
  points.owner = "Aisha Khan";
  points.touches_per_week = 2;
  points.tags = {"season:summer", "theme:loyalty"};
  points.earliest_start = day(2027, 6, 7);
  points.latest_end = day(2027, 7, 31);
  points.status = status::draft;
  out.push_back(std::move(points));
  return out;
}

struct line {
  const char* name;
  double price;
  double cost;
  double stock;
  date launch;
};

void shelve(catalog& into, const char* prefix, const char* category, const std::array<line, 8>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    product item;
    item.id = std::string(prefix) + "-0" + std::to_string(i + 1);
    item.name = lines[i].name;
    item.category = category;
    item.price = lines[i].price;
    item.cost = lines[i].cost;
    item.launch = lines[i].launch;
    item.stock = lines[i].stock;
    into.products.push_back(std::move(item));
  }
}

}  // namespace

portfolio sample_portfolio() {
  auto rows = acquisition_campaigns();
  for (auto& row : earning_campaigns()) rows.push_back(std::move(row));
  std::sort(rows.begin(), rows.end(), [](const campaign& a, const campaign& b) { return a.id < b.id; });
  return make_portfolio(rows);
}

catalog sample_catalog() {
  catalog out;
  out.products.reserve(48);
  shelve(out, "HW", "Health & Wellness",
         {{{"Daily Multivitamin Gummies", 24, 7.5, 1800, day(2023, 2, 6)},
           {"Plant Protein Vanilla", 39, 15, 950, day(2023, 5, 15)},
           {"Magnesium Sleep Capsules", 22, 6, 1400, day(2023, 9, 4)},
           {"Herbal Calm Tea Set", 18, 5.5, 1250, day(2024, 1, 8)},
           {"Electrolyte Drink Sticks", 27, 8, 1600, day(2024, 4, 1)},
           {"Cork Yoga Mat", 58, 21, 520, day(2024, 6, 17)},
           {"Smart Water Bottle", 42, 17, 610, day(2025, 1, 6)},
           {"Resistance Band Kit", 33, 10, 870, day(2025, 12, 8)}}});
  shelve(out, "BE", "Beauty",
         {{{"Vitamin C Day Cream", 34, 9, 1500, day(2023, 3, 13)},
           {"Gentle Oat Cleanser", 19, 5, 1900, day(2023, 6, 5)},
           {"Argan Hair Oil", 26, 7, 1100, day(2023, 10, 2)},
           {"Mineral Sunscreen SPF 50", 28, 8.5, 1300, day(2024, 3, 4)},
           {"Rose Clay Mask", 23, 6, 900, day(2024, 9, 9)},
           {"Lip Care Trio", 17, 4, 2100, day(2024, 11, 4)},
           {"Bamboo Brush Set", 36, 11, 480, day(2025, 5, 12)},
           {"Overnight Glow Serum", 48, 13, 1200, day(2026, 9, 21)}}});
  shelve(out, "HO", "Home",
         {{{"Soy Candle Cedar", 29, 8, 1700, day(2023, 1, 16)},
           {"Linen Throw Blanket", 79, 31, 420, day(2023, 8, 21)},
           {"Ceramic Pour-Over Set", 54, 20, 380, day(2023, 11, 6)},
           {"Organic Cotton Sheets", 119, 48, 310, day(2024, 2, 12)},
           {"Glass Storage Jars", 38, 13, 760, day(2024, 7, 8)},
           {"Aroma Diffuser", 46, 16, 640, day(2024, 10, 14)},
           {"Wool Felt Slippers", 44, 15, 830, day(2025, 9, 1)},
           {"Recycled Glass Vase", 32, 10, 550, day(2026, 2, 9)}}});
  shelve(out, "AP", "Apparel",
         {{{"Merino Base Layer", 68, 26, 720, day(2023, 9, 11)},
           {"Quilted Winter Vest", 89, 37, 940, day(2023, 10, 16)},
           {"Everyday Organic Tee", 25, 8, 2600, day(2024, 3, 18)},
           {"Stretch Travel Pants", 74, 29, 680, day(2024, 5, 6)},
           {"Fleece Pullover", 64, 24, 1150, day(2024, 9, 23)},
           {"Rain Shell Jacket", 129, 55, 360, day(2025, 2, 24)},
           {"Studio Leggings", 58, 19, 1020, day(2025, 8, 11)},
           {"Chunky Knit Beanie", 27, 8, 1350, day(2026, 8, 3)}}});
  shelve(out, "EA", "Electronics Accessories",
         {{{"Fast Wireless Charger", 39, 15, 980, day(2023, 4, 10)},
           {"Braided USB-C Cable", 19, 4.5, 3200, day(2023, 4, 10)},
           {"Slim Laptop Sleeve", 35, 12, 890, day(2023, 8, 7)},
           {"Noise-Isolating Earbuds", 69, 29, 740, day(2024, 5, 27)},
           {"Foldable Phone Stand", 22, 6, 1500, day(2024, 8, 19)},
           {"Travel Power Bank", 49, 20, 830, day(2025, 3, 10)},
           {"Key Finder Tags", 33, 12, 1180, day(2025, 10, 6)},
           {"Desk Cable Organizer", 16, 4, 2000, day(2026, 4, 13)}}});
  shelve(out, "OU", "Outdoor",
         {{{"Trail Daypack 22L", 84, 34, 460, day(2023, 3, 27)},
           {"Insulated Steel Mug", 31, 10, 1450, day(2023, 7, 17)},
           {"Ultralight Hammock", 62, 24, 390, day(2024, 4, 22)},
           {"Thermal Trail Gloves", 36, 12, 1090, day(2024, 10, 7)},
           {"Rechargeable Headlamp", 45, 17, 700, day(2025, 4, 28)},
           {"Packable Picnic Rug", 41, 14, 580, day(2025, 5, 19)},
           {"Trekking Pole Pair", 76, 30, 340, day(2025, 9, 15)},
           {"Camp Cook Set", 59, 23, 430, day(2026, 5, 4)}}});
  return out;
}

policy sample_policy() {
  policy out;
  out.today = day(2026, 8, 10);
  out.tag_pattern = "(season|theme):[a-z0-9]+(-[a-z0-9]+)*";
  out.blackouts = {{day(2026, 12, 24), day(2026, 12, 27), "Company closed", ""}};
  return out;
}

}  // namespace clarion::schema
