#include "reports/provenance_facts.h"

#include <fmt/format.h>

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

}  // namespace fusesweep
