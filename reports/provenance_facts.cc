#include "reports/provenance_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "harness/base/utc_time.h"
#include "reports/shown_text.h"

namespace fusesweep {

std::string known_text(const std::optional<std::string>& text) {
  return text && !text->empty() ? shown(*text) : "not known";
}

std::vector<DocumentFact> provenance_facts(const Provenance& made) {
  return {{"fusesweep", fmt::format("{}, revision {}{}", shown(made.program_version),
                                    known_text(made.git_revision),
                                    made.git_dirty.value_or(false) ? ", with changes" : "")},
          {"Built by", fmt::format("{} ({}), {}", shown(made.compiler), shown(made.build_type),
                                   known_text(made.compiler_flags))},
          {"Machine", fmt::format("{}, {}", known_text(made.host), known_text(made.cpu))},
          {"System", fmt::format("{}, {}", known_text(made.os), known_text(made.kernel))}};
}

DocumentSection provenance_section(const Origin& origin) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : shown(text); };
  DocumentSection section{.id = "provenance", .title = "Provenance"};
  section.facts = {
      {std::string(origin.what), to_text(origin.id)},
      {"Began", utc_time(origin.started_unix_ms) + " UTC"},
      {"Ended", origin.ended_unix_ms ? utc_time(*origin.ended_unix_ms) + " UTC" : "not yet"},
      {"Model", or_dash(origin.model)},
      {"Runner", or_dash(origin.runner)}};
  for (DocumentFact& fact : provenance_facts(origin.run.start.provenance))
    section.facts.push_back(std::move(fact));
  section.facts.push_back(
      {"Typed", shown(fmt::format("fusesweep {}", fmt::join(origin.run.start.arguments, " ")))});
  return section;
}

}  // namespace fusesweep
