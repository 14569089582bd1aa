#include "clarion/conflict/rules.hpp"

#include <algorithm>
#include <array>

#include "schema/find_rule.hpp"

namespace clarion::conflict {

namespace {

using schema::rule;
using enum schema::severity;

constexpr std::array all{
    rule{"C001", "Findings not shown", info,
         "A detector found more than max_findings of one code, or more pairs than max_pairs. Those shown are the worst; the "
         "message says how many are not.",
         "Resolve those shown and run again, or raise the limit."},

    rule{
        "C002", "Campaigns that are over", info,
        "Campaigns that are finished, or ended before the day of judgement, count as what came before: their money, contacts and "
        "reach. Nothing about them can be decided any more, so no finding asks for it.",
        "Leave them out of the plan, or give another day of judgement (today)."},

    rule{"C101", "Audiences overlap while both run", warning,
         "Two campaigns run at the same time and at least min_containment of the smaller audience is in both, counted from "
         "memberships. These customers are paid for twice and what they do cannot be credited to either campaign.",
         "Move one of the two, exclude the shared customers from one, or merge them into one plan."},
    rule{"C102", "Declared audiences overlap while both run", warning,
         "Two campaigns run at the same time on the same channel or for the same products, and declare mostly the same audience "
         "segments. The share is an estimate from the segments' names: one of the two has no memberships.",
         "Supply memberships to know the customers, then move one of the two or split the segments between them."},
    rule{"C103", "Campaigns pile up on the same customers", warning,
         "Several campaigns reach the same customers on the same days. From three at a time on, people stop telling one offer "
         "from the next and unsubscribe.",
         "Spread the campaigns over the weeks around, or give each a part of the shared customers."},
    rule{"C104", "Contacts above the cap", warning,
         "All campaigns together contact customers more often in a week than the lowest frequency cap among the campaigns that "
         "hold "
         "them allows.",
         "Lower the touches of the campaigns named, or move one of them out of the week."},
    rule{"C105", "Audience not known", info,
         "Campaigns have neither memberships nor declared segments, so nothing could be said about whom they share.",
         "Supply a membership table or name the audience segments of these campaigns."},

    rule{"C106", "Campaigns without memberships", info,
         "Memberships were given, but not for these campaigns: what they share is estimated from declared segments. A warning "
         "when "
         "no campaign has any, which is mostly a matter of ids that are written in another way.",
         "Name campaigns in the membership table by the ids of the portfolio, or add the missing ones."},

    rule{"C201", "Channel over capacity", warning,
         "In the weeks named, more than over_share of the customers that the channel reaches get more contacts through it than "
         "the capacity that the channel registry gives, counted from memberships. Campaigns without them come on top.",
         "Move a campaign of the channel out of these weeks or lower its touches."},
    rule{"C202", "Channel over capacity for a declared segment", warning,
         "The campaigns that name the segment plan more weekly contacts through the channel than the capacity that the channel "
         "registry gives. The load is an estimate: it takes every customer of the segment to be in each of these campaigns.",
         "Move a campaign of the channel out of these weeks or lower its touches; supply memberships to know the customers."},
    rule{
        "C203", "Campaign reaches hardly anyone new", warning,
        "Earlier campaigns of the channel in the quarter have reached nearly everyone in this campaign's audience, counted "
        "from memberships.",
        "Aim it at customers that the channel has not reached in the quarter, put the money on another channel, or merge it into "
        "the earlier campaign."},
    rule{"C204", "Campaign names no new segment", info,
         "Every segment that this campaign declares was reached by earlier campaigns of the channel in the quarter. An estimate "
         "from the segments' names.",
         "Supply memberships to know how many people are new, or aim at other segments."},
    rule{"C205", "Channel without capacity", info,
         "Campaigns run on a channel that the registry does not have, so their load could be added up but not judged.",
         "Add the channel with its capacity to clarion.toml."},

    rule{"C301", "Budget is concentrated", warning,
         "The Herfindahl index of the budget over a dimension (channel, month, audience, product, owner) is above high_hhi, is "
         "above what so few keys need to have, and the largest key holds at least top_share of the money.",
         "Move budget from the largest key to the next ones, or state that the concentration is meant by accepting the finding."},
    rule{"C302", "One campaign holds much of the budget", warning,
         "A single campaign holds at least single_exposure of all money, so the outcome of the whole portfolio hangs on it.",
         "Split it into stages with a decision between them, or hold back a part until its first results are in."},
    rule{"C303", "Budgets missing", info,
         "Campaigns without a budget cannot be weighed, neither in concentration nor in expected losses.",
         "Give their budgets, or map the column that holds them."},
    rule{"C304", "Several currencies", info,
         "Budgets in different currencies are never added up; concentration was judged for the most frequent one only.",
         "Convert the budgets into one currency."},

    rule{"C305", "Budget is bunched in a few months", warning,
         "window_months consecutive months hold at least window_share of the budget of a plan that is at least three times as "
         "long. One bad season, or one stretched team, then decides the year.",
         "Move what is not tied to the season into the months before or after, or accept the finding where the season is the "
         "business."},

    rule{"C401", "Runs compete for the same products on one channel", info,
         "Two campaigns sell a common product on the same channel at the same time, and too little is known or shared of their "
         "audiences for an overlap to be reported.",
         "Agree on one message and offer for the product, or run one after the other."},
    rule{
        "C402", "No rest between campaigns", warning,
        "Two campaigns of one channel follow each other with fewer than rest_days between them, and at least rest_containment of "
        "the smaller audience is in both. An info where the share is estimated from declared segments.",
        "Start the later one after the days of rest, or exclude those who were just contacted."},
    rule{"C403", "Runs into a blackout", error, "The campaign runs on days that the policy keeps free.",
         "Move or shorten the campaign so that it keeps off these days."},
    rule{"C404", "Starts on a holiday", info,
         "The campaign starts on a public holiday: approvals, support and many readers are away.",
         "Start on the working day before or after, unless the holiday is the occasion."},

    rule{
        "C501", "Campaigns all conflict with each other", info,
        "Every pair among three campaigns or more has a conflict: a maximal clique of the conflict graph. No two of them can run "
        "together without one.",
        "Give each a time of its own, or agree which of them goes to which customers."},
    rule{"C502", "Campaigns hang together through conflicts", info,
         "A connected part of the conflict graph: moving one campaign may bear on all the others of its group, and on no other.",
         "Plan the dates of the group together."},
    rule{"C503", "Campaign holds groups of conflicts together", info,
         "Without this campaign its group falls into parts that do not conflict with each other (an articulation point of the "
         "conflict graph). Those that free most conflict come first.",
         "Move this one first, or where its dates are fixed the others around it; the parts can then be planned apart."},
    rule{"C504", "Launch waves without conflict", info,
         "A colouring of the conflict graph: campaigns of one wave can run together without conflict.",
         "Launch one wave after the other where dates are still open."},
    rule{"C505", "Pile-ups not all listed", info,
         "The enumeration of sets of campaigns that all conflict with each other reached max_cliques or max_steps.",
         "Raise the limits, or leave out light conflicts with min_weight."},
    rule{"C506", "Conflict between fixed dates", warning,
         "Two campaigns conflict and both have fixed dates, so no rescheduling resolves it.",
         "Change channel or audience of one of them, or accept the conflict with a reason."},
    rule{"C511", "Move a campaign", info,
         "Part of the cheapest set of shifts that brings conflict under the limit, within every campaign's window.",
         "Start the campaign on the day proposed."},
    rule{"C512", "Conflict limit out of reach", warning,
         "No set of shifts within the campaigns' windows brings conflict under the limit. The moves given are the cheapest that "
         "reach the least conflict found.",
         "Widen windows, free a fixed date, raise the limit, or drop a campaign."},
    rule{
        "C513", "Schedule not proved cheapest", info,
        "The search ended at max_nodes or time_limit. The schedule meets the limit; how much cheaper another could be at most is "
        "the gap between its cost and the bound.",
        "Raise max_nodes, narrow max_shift_days, or move by whole weeks with step_days."},
    rule{"C514", "Conflict held by fixed dates", info,
         "Part of the conflict lies between campaigns that cannot move; it stays whatever the others do.",
         "Free one of the dates, or change channel or audience."},
};

static_assert(std::is_sorted(all.begin(), all.end(), [](const rule& x, const rule& y) { return x.code < y.code; }));

}  // namespace

std::span<const schema::rule> rules() { return all; }

const schema::rule& rule_of(std::string_view code) { return schema::find_rule(all, code, "conflict room"); }

}  // namespace clarion::conflict
