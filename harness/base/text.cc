#include "harness/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace fusesweep {
namespace {

constexpr std::size_t kQuotedHead = 48;  // bytes kept at the front of a long text
constexpr std::size_t kQuotedTail = 24;  // and at its end

// The length of the well-formed UTF-8 sequence of 2 to 4 bytes at the front, else 0. (Unicode 15,
// table 3-7.)
std::size_t multibyte_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0U) == 0xE0       ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool out_of_range = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return out_of_range ? 0 : length;
}

// U+0080..U+009F: control characters that are two bytes in UTF-8.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2' &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

// REQUIRES: the sequence is well formed.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  std::uint32_t code = byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) code = (code << 6U) | (byte(i) & 0x3FU);
  return code;
}

// Turns the direction of text, is not seen, ends a line, or is no character at all.
bool is_unseen(std::uint32_t code) {
  return code == 0x061C || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
         code == 0xFEFF || (code & 0xFFFEU) == 0xFFFE || (code >= 0xE0000 && code <= 0xE007F);
}

enum class Quotes { kKeep, kEscape };

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const std::size_t length = multibyte_length(text.substr(i));
      const std::string_view sequence = text.substr(i, length);
      if (length != 0 && !is_c1_control(sequence)) {
        const std::uint32_t code = code_point(sequence);
        if (is_unseen(code)) {
          out += fmt::format("\\u{:04x}", code);
        } else {
          out += sequence;
        }
        i += length;
        continue;
      }
    }
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (quotes == Quotes::kEscape && (c == '\'' || c == '\\')) {
      out += {'\\', c};
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
    ++i;
  }
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  append_escaped(out, text, Quotes::kKeep);
  return out;
}

std::string quote(std::string_view text) {
  std::string out = "'";
  if (text.size() <= kQuotedHead + kQuotedTail) {
    append_escaped(out, text, Quotes::kEscape);
  } else {
    append_escaped(out, text.substr(0, kQuotedHead), Quotes::kEscape);
    out += fmt::format("...({} bytes left out)...", text.size() - kQuotedHead - kQuotedTail);
    append_escaped(out, text.substr(text.size() - kQuotedTail), Quotes::kEscape);
  }
  out += '\'';
  return out;
}

std::string_view first_character(std::string_view text) {
  return text.substr(0, std::max<std::size_t>(1, multibyte_length(text)));
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < low || value > high) {
    return invalid_input(
        fmt::format("found {}, want an integer from {} to {}", quote(text), low, high));
  }
  return value;
}

std::vector<std::string_view> split_text(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace fusesweep
