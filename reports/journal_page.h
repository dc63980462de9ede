// A journal entry as Markdown that people write in. Lesson and Next are theirs: once there is something in them, it stays
// as it is, byte for byte. The rest is made anew; a hash at the end tells whether somebody wrote there. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "reports/journal_record.h"

namespace fusesweep {

// `before`: the page as it stands, absent where there is none. A text that was typed for a section in which a
// person wrote is added at its end, unless it stands there. Errors: the page that stands there was written in
// elsewhere, or is none of these.
Result<std::string> journal_page(const JournalRecord& record,
                                 const std::optional<std::string>& before);

}  // namespace fusesweep
