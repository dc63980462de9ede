// What core's reports share in writing and reading their JSON.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace fusesweep {

inline constexpr double kMostNumber = std::numeric_limits<double>::max();

Json or_null(const std::optional<double>& value);  // null: absent or not finite
Json or_null(const std::string& text);             // null: empty

// The one of these that to_text() gives the field's text for.  REQUIRES: count > 0.
template <typename Word, std::size_t count>
Word read_word(const JsonField& field, const std::array<Word, count>& words) {
  const std::string text = field.text();
  for (const Word word : words) {
    if (to_text(word) == text) return word;
  }
  field.reject(quote(text), fmt::format("a word such as {}", to_text(words.front())));
  return words.front();
}

std::string read_text(const JsonField& of, std::string_view key);  // empty: absent
std::string read_name(const JsonField& field);                     // one that must say something
std::optional<double> read_number(const JsonField& of, std::string_view key, double least);
double read_finite(const JsonField& field);  // any number
int read_count(const JsonField& field);      // 0 or more

}  // namespace fusesweep
