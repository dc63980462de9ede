// A command of the user's as a list of arguments with placeholders: {model}, {start}, ... . It is never given to
// a shell. What stands for a placeholder is a number, a name of ours or an absolute path, so that no value is taken
// for an option. `{{` and `}}` are braces.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace fusesweep {

using PlaceholderValues = std::map<std::string, std::string, std::less<>>;

// Words that stand together: once, or once for every shard.
struct CommandPart {
  std::vector<std::string> words;
  bool is_for_each_shard =
      false;  // a list within the list: ["--layer-spec", "{start}:{end}:{compiled}"]

  bool operator==(const CommandPart&) const = default;
};

// Invariant of one that was read: the first part begins with the program, which has no placeholder, and every
// placeholder is one that may stand there.
struct CommandTemplate {
  std::vector<CommandPart> parts;

  bool operator==(const CommandTemplate&) const = default;
};

// What may stand in a command, and what of it must.
struct Placeholders {
  std::vector<std::string_view> once;
  std::vector<std::string_view>
      for_each_shard;  // in parts within the list; empty: there may be none
  // Of each of these at least one name, which words separate by '|': "package|compiled".
  std::vector<std::string_view> wanted;
};

// Reads a list of arguments. Errors go to the field's reader: no program, an unknown placeholder, one that is
// missing, a brace that is not closed, an empty word, too many or too long ones.
CommandTemplate read_command(const JsonField& field, const Placeholders& placeholders);

// Every file that a word names, seen from the folder, without those that hold a placeholder: scripts and programs,
// whose bytes tell one version of the tools from another.
std::vector<std::string> plain_words(const CommandTemplate& command);

// The arguments. `shards` has the values of each shard beside those of `values`. Errors: a value that is missing,
// empty, or begins with '-'.
Result<std::vector<std::string>> fill_command(const CommandTemplate& command,
                                              const PlaceholderValues& values,
                                              const std::vector<PlaceholderValues>& shards = {});

}  // namespace fusesweep
