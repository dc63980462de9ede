#include "harness/cli/rerun_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "reports/rerun_words.h"
#include "reports/shown_text.h"
#include "reports/trend_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kWidest = 120;  // of a line of the table
constexpr std::size_t kNames = 3;     // columns that may be cut: split, metric, part
constexpr std::size_t kColumns = 8;
constexpr std::size_t kNarrowest = 5;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kIndent = "    ";

struct Line {
  std::array<std::string, kColumns> cells;
  std::string below;  // what figures do not say
};

std::string cell(const std::string& text) { return text.empty() ? "-" : one_line(text); }

// Gates that pass as they did, and figures that are what they were, to the last digit.
bool is_as_it_was(const RerunFinding& finding) {
  if (finding.low_rel || finding.change_rel.value_or(0) != 0) return false;
  return finding.outcome == FindingOutcome::kSame ||
         (finding.outcome == FindingOutcome::kToldOnly && finding.change_rel);
}

std::vector<Line> lines_of(const RerunReport& report) {
  std::vector<Line> lines = {
      {{"split", "metric", "part", "then", "now", "change", "interval", "verdict"}, ""}};
  for (const RerunFinding& finding : report.findings) {
    if (is_as_it_was(finding)) continue;
    lines.push_back(
        {{cell(short_split(finding.split)), cell(finding.metric), cell(finding.part),
          figure_text(finding.metric, finding.before), figure_text(finding.metric, finding.now),
          change_text(finding), interval_text(finding), std::string(to_text(finding.outcome))},
         finding.text});
  }
  return lines;
}

using Widths = std::array<std::size_t, kColumns>;

// As wide as the widest cell, but that the widest names give way to the rest.
Widths widths_of(const std::vector<Line>& lines) {
  Widths widths{};
  for (const Line& line : lines) {
    for (std::size_t c = 0; c < kColumns; ++c)
      widths[c] = std::max(widths[c], characters(line.cells[c]));
  }
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), kGap.size() * (kColumns - 1));
  };
  while (total() > kWidest) {
    const auto widest = std::max_element(widths.begin(), widths.begin() + kNames);
    if (*widest <= kNarrowest) break;
    --*widest;
  }
  return widths;
}

// Characters, not bytes, are what a terminal counts.
std::string padded(const std::string& text, std::size_t width, bool is_number) {
  const std::size_t length = characters(text);
  const std::string spaces(width - std::min(width, length), ' ');
  return is_number ? spaces + text : text + spaces;
}

std::string table_of(const RerunReport& report) {
  const std::vector<Line> lines = lines_of(report);
  const Widths widths = widths_of(lines);
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const bool is_last = c + 1 == kColumns;
      const std::string shown_cell =
          c < kNames ? shown(line.cells[c], std::max(widths[c], kNarrowest)) : line.cells[c];
      text += c == 0 ? "" : kGap;
      text += is_last ? shown_cell : padded(shown_cell, widths[c], c >= kNames);
    }
    text += '\n';
    if (!line.below.empty())
      text += fmt::format("{}- {}\n", kIndent, shown(line.below, kWidest - kIndent.size() - 2));
  }
  return text;
}

std::string changes_of(const RerunReport& report) {
  if (report.changes.empty()) return "nothing that is known has changed since it was set\n";
  const auto state = [](const std::string& text) {
    return text.empty() ? std::string("not known") : quote(text);
  };
  std::string text = "changed since it was set:\n";
  for (const RerunChange& change : report.changes) {
    text += fmt::format("{}{}: {} -> {}\n", kIndent, shown(change.what), state(change.before),
                        state(change.now));
  }
  return text;
}

std::string subject_of(const RerunReport& report) {
  return fmt::format("baseline {}, set {} UTC, {} on {}\n", one_line(report.baseline),
                     utc_time(report.set_unix_ms), cell(report.model), cell(report.runner));
}

}  // namespace

std::string rerun_text(const RerunReport& report) {
  std::string text = visible_line(headline(report)) + '\n';
  for (const std::string& paragraph : lead(report)) text += visible_line(paragraph) + '\n';
  text += '\n' + subject_of(report) + changes_of(report);
  const auto as_it_was =
      std::count_if(report.findings.begin(), report.findings.end(), is_as_it_was);
  if (std::cmp_less(as_it_was, report.findings.size())) text += '\n' + table_of(report);
  if (as_it_was > 0) {
    text += fmt::format(
        "{} more are as they were: gates, accuracy, ids, bytes (--json tells all)\n", as_it_was);
  }
  if (!report.dirt.empty() || !report.cause.empty()) text += '\n';
  for (const std::string& dirt : report.dirt) text += fmt::format("dirty: {}\n", one_line(dirt));
  if (!report.cause.empty()) text += one_line(report.cause) + '\n';
  return text;
}

}  // namespace fusesweep
