#include "reports/journal_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/check.h"
#include "harness/base/hash.h"
#include "reports/journal_document.h"
#include "reports/markdown_page.h"

namespace fusesweep {
namespace {

constexpr std::string_view kLesson = "\n## Lesson\n";
constexpr std::string_view kNext = "\n## Next\n";
constexpr std::string_view kRefs = "\n## Refs\n";
constexpr std::string_view kMark = "\n<!-- fusesweep journal, all but Lesson and Next: ";
constexpr std::string_view kMarkEnd = " -->\n";

// A page, cut at what people may write.
struct Parts {
  std::string_view before;
  std::string_view lesson;
  std::string_view next;
  std::string_view after;  // up to the mark
  std::string_view mark;   // the hash in it
};

std::string hash_of(const Parts& parts) {
  return to_hex(hash128(fmt::format("{}\n{}", parts.before, parts.after)));
}

// Absent: it has not the form. Lesson is where it first stands, Refs where it last does: whoever writes such headings
// into a section keeps them.
std::optional<Parts> cut(std::string_view page) {
  const std::size_t lesson = page.find(kLesson);
  if (lesson == std::string_view::npos) return std::nullopt;
  const std::size_t next = page.find(kNext, lesson);
  const std::size_t refs = page.rfind(kRefs);
  const std::size_t mark = page.rfind(kMark);
  if (next == std::string_view::npos || refs == std::string_view::npos ||
      mark == std::string_view::npos || refs < next + kNext.size() - 1 || mark < refs ||
      !page.ends_with(kMarkEnd))
    return std::nullopt;
  const std::size_t hash = mark + kMark.size();
  if (page.size() < hash + kMarkEnd.size()) return std::nullopt;
  const std::size_t lesson_text = lesson + kLesson.size();
  const std::size_t next_text = next + kNext.size();
  return Parts{.before = page.substr(0, lesson_text),
               .lesson = page.substr(lesson_text, next > lesson_text ? next - lesson_text : 0),
               .next = page.substr(next_text, refs > next_text ? refs - next_text : 0),
               .after = page.substr(refs, mark - refs),
               .mark = page.substr(hash, page.size() - kMarkEnd.size() - hash)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// The page as it would be if nobody had written in it.
std::string made_page(const JournalRecord& record) {
  return fmt::format("{}{}{}", markdown_page(journal_document(record)), kMark, kMarkEnd);
}

// The same with what was typed with the last outcome alone: the rest has been in the page, and was changed or taken out
// by whoever changed it.
std::string last_page(JournalRecord record) {
  if (record.outcomes.size() > 1)
    record.outcomes.erase(record.outcomes.begin(), record.outcomes.end() - 1);
  return made_page(record);
}

// What a section says from now on: what a person wrote, and what was typed since.
std::string kept(std::string_view written, std::string_view made, std::string_view typed) {
  if (trimmed(written).empty() || trimmed(written) == kNobodyWroteYet) return std::string(made);
  std::string text(written);
  const std::string_view added = trimmed(typed);
  if (added == kNobodyWroteYet || text.find(added) != std::string::npos) return text;
  return fmt::format("{}\n\n{}\n",
                     std::string_view(text).substr(0, text.find_last_not_of('\n') + 1), added);
}

}  // namespace

Result<std::string> journal_page(const JournalRecord& record,
                                 const std::optional<std::string>& before) {
  const std::string made = made_page(record);
  const std::optional<Parts> fresh = cut(made);
  FUSESWEEP_CHECK(fresh);
  std::string lesson(fresh->lesson);
  std::string next(fresh->next);
  if (before) {
    const std::optional<Parts> old = cut(*before);
    if (!old || old->mark != hash_of(*old)) {
      return invalid_input(
          "found changes beside Lesson and Next, which would be lost: want them moved into "
          "these, or the file out of the way");
    }
    const std::string last = last_page(record);
    const std::optional<Parts> typed = cut(last);
    FUSESWEEP_CHECK(typed);
    lesson = kept(old->lesson, lesson, typed->lesson);
    next = kept(old->next, next, typed->next);
  }
  return fmt::format("{}{}{}{}{}{}{}{}", fresh->before, lesson, kNext, next, fresh->after, kMark,
                     hash_of(*fresh), kMarkEnd);
}

}  // namespace fusesweep
