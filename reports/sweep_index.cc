#include "reports/sweep_index.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/utc_time.h"
#include "reports/answer_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

Tone tone_of(SweepOutcome outcome) {
  if (outcome == SweepOutcome::kBest || outcome == SweepOutcome::kTie) return Tone::kGood;
  if (outcome == SweepOutcome::kRecorded) return Tone::kRecorded;
  return Tone::kUnsure;
}

std::vector<TableCell> row_of(const SweepReading& reading, const std::string& extension) {
  const std::string id = to_text(reading.id);
  if (!reading.rows) {
    return {{.text = "at an unknown time"},
            {.text = "-"},
            {.text = "-"},
            {.text = shown(fmt::format("{} cannot be read: {}", id, reading.rows.error().message)),
             .tone = Tone::kBad},
            {.text = "-"}};
  }
  const SweepRows& sweep = *reading.rows;
  const SplitRow* chosen = chosen_split(sweep);
  TableCell speed{.text = "-"};
  if (chosen != nullptr && chosen->tok_per_s)
    speed = {.text = fixed(*chosen->tok_per_s, 2), .value = chosen->tok_per_s};
  return {{.text = utc_time(sweep.started_unix_ms) + " UTC", .link = id + extension},
          {.text = sweep.model ? shown(sweep.model->name) : "-"},
          {.text = sweep.runner ? shown(sweep.runner->name) : "-"},
          {.text = headline(sweep), .tone = tone_of(outcome_of(sweep))},
          std::move(speed)};
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

std::vector<TableCell> row_of(const OtherReading& other, const std::string& extension) {
  const std::string id = to_text(other.id);
  TableCell began{.text = utc_time(other.started_unix_ms) + " UTC"};
  TableCell answer;
  if (other.headline) {
    began.link = id + extension;
    answer.text = visible_line(*other.headline);
  } else {
    answer = {
        .text = shown(fmt::format("{} cannot be read: {}", id, other.headline.error().message)),
        .tone = Tone::kBad};
  }
  return {std::move(began),
          {.text = shown(other.kind)},
          {.text = or_dash(other.model)},
          {.text = or_dash(other.runner)},
          std::move(answer)};
}

DocumentSection others_section(std::span<const OtherReading> others, const std::string& extension) {
  DocumentTable table{.id = "others",
                      .caption = "Newest first.",
                      .columns = {{"Began"}, {"What"}, {"Model"}, {"Runner"}, {"Answer"}}};
  for (auto other = others.rbegin(); other != others.rend(); ++other)
    table.rows.push_back(row_of(*other, extension));
  DocumentSection section{.id = "others-section", .title = "Searches, reruns and speculations"};
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Document sweep_index(std::span<const SweepReading> sweeps, const std::string& extension,
                     std::int64_t created_unix_ms, std::span<const OtherReading> others) {
  Document document{.kind = "fusesweep",
                    .subject = "all sweeps of a work folder",
                    .headline = count_text(sweeps.size(), "sweep")};
  DocumentTable table{.id = "sweeps",
                      .caption =
                          "Newest first. Figures of different sweeps were not measured "
                          "together: they do not rank each other.",
                      .columns = {{"Began"}, {"Model"}, {"Runner"}, {"Answer"}, {"tok/s", true}}};
  for (auto reading = sweeps.rbegin(); reading != sweeps.rend(); ++reading)
    table.rows.push_back(row_of(*reading, extension));
  DocumentSection section{.id = "sweeps-section", .title = "Sweeps"};
  if (table.rows.empty()) {
    section.sentences.emplace_back("None yet: fusesweep sweep makes one.");
  } else {
    section.tables.push_back(std::move(table));
  }
  document.sections.push_back(std::move(section));
  if (!others.empty()) document.sections.push_back(others_section(others, extension));
  document.footer = {fmt::format("List made {} UTC.", utc_time(created_unix_ms))};
  return document;
}

}  // namespace fusesweep
