// Texts and figures as reports show them to people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fusesweep {

// A text from a model, path, runner or reason within a sentence or a cell: one line, at most about 160
// characters (the middle is left out), control characters and those that turn the direction of text
// visible as escapes. A text with letters beyond ASCII stands between the marks that keep its direction
// from its surroundings (U+2068, U+2069).
std::string shown(std::string_view text);

// The same for pictures, which have no marks of direction: at most `most` characters, an ellipsis in place
// of the middle.  REQUIRES: most >= 5.
std::string shown(std::string_view text, std::size_t most);

// Characters (code points) of it.
std::size_t characters(std::string_view text);

// All of the text as one line with nothing in it that cannot be seen, but for the marks that shown()
// sets.
std::string visible_line(std::string_view text);

// 0.0312 as "3.12 %", for columns.
std::string share_text(double share);
// With its sign: "+3.12 %".
std::string signed_share_text(double share);
// For sentences, two or three digits of it: "3.1 %", "31 %", "0.03 %".
std::string short_share_text(double share);

std::string fixed(double value, int decimals);

// "1 split", "3 splits".
std::string count_text(std::size_t count, std::string_view one, std::string_view several = {});

}  // namespace fusesweep
