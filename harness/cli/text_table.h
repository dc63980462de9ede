// Tables for people, in columns. What stands in them may be anybody's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fusesweep {

// Any text as one short cell: one line of at most 40 bytes, "-" where there is nothing.
std::string cell(std::string_view text);

// Columns as wide as their widest cell.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace fusesweep
