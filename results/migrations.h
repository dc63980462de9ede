// The schema, as the steps that lead to it. A file's user_version says how many of them it has
// behind it. results/SCHEMA.md says what each table and column means.
#pragma once

#include <span>
#include <string_view>

namespace fusesweep {

// Numbered from 1. What was released is never edited, only appended to: files that have a step behind
// them are compared, text for text, with what it makes.
using Migrations = std::span<const std::string_view>;

Migrations all_migrations();

}  // namespace fusesweep
