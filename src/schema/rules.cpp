#include "clarion/schema/rules.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "clarion/core/error.hpp"
#include "schema/checks.hpp"

namespace clarion::schema {

namespace {

constexpr auto error_ = severity::error;
constexpr auto warning = severity::warning;
constexpr auto info = severity::info;

constexpr std::array<rule, detail::rule_count> table{{
    {"S001", "end before start", error_,
     "The last day of the campaign lies before its first. Every calculation by day would see it run for less than no time.",
     "Swap the two dates, or correct the one that is wrong."},
    {"S002", "no id", error_, "The cell of the campaign's id is empty. The id ties plan, audience, results and history together.",
     "Give the campaign an id that no other one has."},
    {"S003", "no name", error_, "The cell of the campaign's name is empty. People cannot tell which campaign is meant.",
     "Give the campaign a name."},
    {"S004", "no start or end date", error_,
     "The first or the last day is empty. Without both, nothing can be said about collisions.",
     "Fill in both dates; the last day is included."},
    {"S005", "no budget", error_, "The budget is empty. Concentration, reallocation and risk are weighed in money.",
     "Enter the planned budget; 0 where the campaign costs nothing."},
    {"S006", "no channel", error_, "The channel is empty. Load and saturation are counted by channel.",
     "Name a channel of the registry."},
    {"S007", "no owner", error_, "Nobody answers for the campaign. Findings would go to no one, and workload cannot be summed.",
     "Name one person or team as the owner."},
    {"S008", "duplicate id", error_,
     "An earlier row has the same id. The first one counts; this one would add its budget and audience a second time.",
     "Remove the copy, or give the campaign an id of its own."},
    {"S009", "date that cannot be read", error_,
     "The cell holds no calendar day in any form that clarion knows, or not in the form in which the column is written.",
     "Write dates as YYYY-MM-DD."},
    {"S010", "number that cannot be read", error_,
     "The cell holds no finite number, or one above 1e15 in size. Its column decides whether the point or the comma is the "
     "decimal mark.",
     "Write plain numbers such as 1234.50."},
    {"S011", "word that is not known", warning,
     "The cell holds an objective, a status or a yes-or-no that clarion does not know. The campaign goes on without it.",
     "Use one of the words that the message lists."},
    {"S012", "success criterion that cannot be read", error_,
     "A success criterion is a KPI, >= or <=, and a number. One that cannot be read could never be missed.",
     "Write criteria such as \"roas >= 3\" or \"cpa <= 12\", separated by semicolons."},
    {"S013", "line that cannot be cut into cells", error_,
     "The line has more or fewer cells than the header, so that none of its cells can be trusted to stand in the right column.",
     "Quote cells that hold the delimiter or a line break."},
    {"S014", "unknown channel", warning,
     "The channel is not in the registry: its capacity and typical cost are not known, and it is counted apart from the one that "
     "was "
     "meant.",
     "Correct the name, or add the channel to the registry file."},
    {"S015", "negative budget", error_, "A budget below zero would cancel out the money of other campaigns.",
     "Enter the planned amount without a sign."},
    {"S016", "zero budget", warning,
     "The budget is zero. It may be true for owned channels; more often the amount is still to come.",
     "Enter the amount, or accept the finding where the campaign truly costs nothing."},
    {"S017", "year typo", error_,
     "The year lies far from those of the other campaigns (more than ten years and three times their spread from the median), or "
     "outside 1970 to 2100.",
     "Correct the year."},
    {"S018", "very long run", warning,
     "The campaign runs for more than 366 days. It collides with everything in that time, and is often an always-on programme or "
     "a "
     "wrong year.",
     "Correct the dates, or cut an always-on programme into campaigns that can be judged."},
    {"S019", "overlapping re-run", warning,
     "A campaign of the same name (numbers, years and words such as \"re-run\" aside) on the same channel runs on some of the "
     "same "
     "days. What either of them brings in cannot be told apart.",
     "Let one end before the other begins, or merge them."},
    {"S020", "tag off the standard", warning,
     "The tag does not match the naming standard (tag_pattern in clarion.toml). Reports that group by tag will miss it.",
     "Rename the tag, or widen the standard."},
    {"S021", "starts before its product's launch", warning,
     "The campaign's first day lies before the day on which the product can be bought. Demand would be raised that cannot be "
     "met.",
     "Start on or after the launch, or accept the finding for a teaser or a pre-order."},
    {"S022", "A/B group not set before the start", warning,
     "The campaign has begun and is in no A/B group, while others are. Groups set afterwards are chosen by what has already "
     "happened.",
     "Set the group before the first day; leave this campaign out of comparisons between the groups."},
    {"S023", "spent before it began", warning, "The campaign begins in the future and already has results.",
     "Correct the start date or the results."},
    {"S024", "criteria changed after approval", warning,
     "The hash of the success criteria is not the one that was frozen at approval: the goalposts have moved.",
     "Restore the criteria, or have the new ones approved and frozen again."},
    {"S025", "approved without criteria", warning,
     "The campaign is approved or running and nothing says what would count as success.",
     "Write success criteria such as \"roas >= 3\" and freeze them at approval."},
    {"S026", "criteria not frozen", info,
     "The campaign is approved or running and its success criteria can still be changed without notice.",
     "Freeze them: Portfolio.freeze_criteria() writes the day and the hash."},
    {"S027", "results contradict each other", warning,
     "A part is larger than its whole: more clicks than impressions, more new customers than conversions, or more returns than "
     "conversions.",
     "Correct the numbers, or say which definition each of them follows."},
    {"S028", "negative result", error_,
     "Spend, impressions, clicks, conversions, new customers or returns are below zero. They are counts and costs.",
     "Correct the number; enter refunds as returns."},
    {"S029", "finished without results", warning,
     "The campaign is finished and has no spend, conversions or revenue. History cannot learn from it.",
     "Enter what it came to."},
    {"S030", "spent above budget", warning, "The campaign spent more than one hundredth above its budget.",
     "Have the overrun approved, or correct the numbers."},
    {"S031", "planned touches above the cap", warning,
     "The campaign alone plans more contacts per customer and week than its own cap allows, before any other campaign is "
     "counted.",
     "Plan fewer touches, or raise the cap."},
    {"S032", "window does not hold the campaign", warning,
     "The window in which the campaign may be moved does not hold the dates that it has now.",
     "Widen the window, or move the campaign into it."},
    {"S033", "finished before its end", info, "The status says finished and the last day is still to come.",
     "Correct the status or the last day."},
    {"S034", "blank row", info,
     "Every cell of the row is empty: a line of delimiters, as spreadsheets leave them below their last row. It is counted and "
     "set aside, "
     "and no other rule is asked about it.",
     "Delete the empty rows from the source, or leave them."},
    {"S035", "row of totals", info,
     "The row sums up others: it is called a total, or holds numbers and nothing that would tell a campaign. Counted as one, it "
     "would add their money a second time.",
     "Nothing, unless it is a campaign: then give it an id, a name and dates of its own."},
    {"S036", "text too long", error_,
     "A name, an id or another short text holds more than 4,096 bytes. No one writes such a name: a quote is open, or a "
     "delimiter was lost.",
     "Close the quote, or move the text to a column of its own."},
    {"S101", "columns were matched by name", info,
     "The file names its columns otherwise than clarion does. The message says which column was taken for which field, and which "
     "were "
     "kept as they are.",
     "Name the columns yourself where the guess is wrong: --map budget=cost, or columns={\"budget\": \"cost\"}."},
    {"S102", "required column absent", warning,
     "No column holds a required field. The rows are accepted, and what needs the field is left out.",
     "Add the column, or say which one it is: --map owner=column."},
    {"S103", "day and month cannot be told apart", warning,
     "Every date of the column can be read with the day first and with the month first.",
     "Write dates as YYYY-MM-DD, or say which comes first: dayfirst=True or False."},
    {"S104", "decimal mark cannot be told", warning,
     "Every number of the column has exactly three digits behind its only mark, which may part thousands or decimals.",
     "Say which it is: decimal=\".\" or decimal=\",\"."},
    {"S105", "column cannot be read", warning,
     "The column has a type that holds no text, number or date, such as a map or a struct.",
     "Flatten the column before reading."},
    {"S106", "column name twice", warning,
     "Two columns have the same name. The first one is used under that name; the others are kept with a number behind it.",
     "Give each column a name of its own."},
    {"S107", "encoding was assumed", info, "The file is not UTF-8. Its texts were read in the encoding that the message names.",
     "Save the file as UTF-8, or name the encoding: encoding=\"...\"."},
    {"S108", "mixed currencies", warning,
     "Budgets are in several currencies. clarion converts nothing: sums and shares would add unlike amounts.",
     "Convert all amounts to one currency before reading."},
    {"S109", "groups confounded with the objective", warning,
     "The A/B groups pursue different objectives. Comparing them measures the objective and not a treatment.",
     "Give each objective campaigns in both groups, or compare within one objective."},
    {"S110", "no campaigns", warning, "The table has no rows that could be accepted, so that there is nothing to judge.",
     "Look at the quarantine, or at whether the right file was read."},
    {"S111", "lines above the header were skipped", info,
     "The file begins with lines that are no part of the table, such as the title and the period of a report. The header is the "
     "first "
     "line that names the fields.",
     "Nothing; or name the columns (columns={...}, --map) where the wrong line was taken for the header."},
    {"S112", "days are those of UTC", warning,
     "The column holds points in time with a named time zone, and its rules are not at hand. A midnight there may lie in the day "
     "before or after in UTC.",
     "Turn the times into local dates before reading."},
}};

static_assert(std::is_sorted(table.begin(), table.end(), [](const rule& a, const rule& b) { return a.code < b.code; }));

}  // namespace

std::span<const rule> rules() { return table; }

const rule& rule_of(std::string_view code) {
  for (const auto& one : table)
    if (one.code == code) return one;
  reject("code", std::string(code), "the codes of this room run from S001 to " + std::string(table.back().code));
}

}  // namespace clarion::schema
