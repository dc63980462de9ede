#include "runners/toolchain/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMostWords = 256;
constexpr std::size_t kMostWordBytes = 4096;

// A piece of a word: a text, or the name of a placeholder.
struct Piece {
  std::string text;
  bool is_placeholder = false;
};

// Errors: a brace that is not closed or not opened.
Result<std::vector<Piece>> pieces_of(std::string_view word) {
  std::vector<Piece> pieces;
  std::string text;
  const auto end_text = [&] {
    if (!text.empty()) pieces.push_back({std::exchange(text, {})});
  };
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool is_double = i + 1 < word.size() && word[i + 1] == word[i];
    if ((word[i] == '{' || word[i] == '}') && is_double) {
      text += word[i++];
    } else if (word[i] == '{') {
      const std::size_t end = word.find_first_of("{}", i + 1);
      if (end == std::string_view::npos || word[end] == '{')
        return invalid_input(fmt::format("found {}, want a '}}' for every '{{'", quote(word)));
      end_text();
      pieces.push_back({std::string(word.substr(i + 1, end - i - 1)), true});
      i = end;
    } else if (word[i] == '}') {
      return invalid_input(fmt::format("found {}, want a '{{' for every '}}'", quote(word)));
    } else {
      text += word[i];
    }
  }
  end_text();
  return pieces;
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Reads words, and notes which placeholders are there.
class CommandReader {
 public:
  explicit CommandReader(const Placeholders& placeholders) : placeholders_(placeholders) {}

  CommandTemplate read(const JsonField& field) {
    CommandTemplate command;
    for (const JsonField& item : field.items()) {
      if (++words_ > kMostWords) {
        item.reject("one more word", fmt::format("at most {}", kMostWords));
        return {};
      }
      if (!item.json().is_array() || placeholders_.for_each_shard.empty()) {
        if (command.parts.empty() || command.parts.back().is_for_each_shard)
          command.parts.emplace_back();
        command.parts.back().words.push_back(read_word(item, placeholders_.once));
        continue;
      }
      CommandPart part{.words = {}, .is_for_each_shard = true};
      for (const JsonField& word : item.items()) {
        if (++words_ > kMostWords) break;
        part.words.push_back(read_word(word, placeholders_.for_each_shard));
      }
      if (part.words.empty()) item.reject("an empty list", "words for each shard");
      command.parts.push_back(std::move(part));
    }
    check(field, command);
    return command;
  }

 private:
  std::string read_word(const JsonField& field, const std::vector<std::string_view>& allowed) {
    std::string word = field.text();
    if (word.empty() || word.size() > kMostWordBytes || word.find('\0') != std::string::npos) {
      field.reject(quote(word), fmt::format("a word of 1 to {} bytes", kMostWordBytes));
      return word;
    }
    const Result<std::vector<Piece>> pieces = pieces_of(word);
    if (!pieces) {
      field.reject_with(pieces.error().message);
      return word;
    }
    for (const Piece& piece : *pieces) {
      if (!piece.is_placeholder) continue;
      if (!has(allowed, piece.text)) {
        field.reject(quote('{' + piece.text + '}'),
                     fmt::format("one of {{{}}}", fmt::join(allowed, "}, {")));
      }
      found_.insert(piece.text);
    }
    return word;
  }

  void check(const JsonField& field, const CommandTemplate& command) const {
    const bool begins_with_program =
        !command.parts.empty() && !command.parts.front().is_for_each_shard;
    if (!begins_with_program) {
      field.reject("no program", "a list that begins with one");
      return;
    }
    const std::string& program = command.parts.front().words.front();
    const auto pieces = pieces_of(program);
    const bool is_plain = pieces && std::none_of(pieces->begin(), pieces->end(),
                                                 [](const Piece& p) { return p.is_placeholder; });
    if (!is_plain || program.starts_with('-'))
      field.reject(quote(program), "a program's name without placeholders first");
    for (const std::string_view wanted : placeholders_.wanted) {
      const std::vector<std::string_view> names = split_text(wanted, '|');
      const bool is_there = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return found_.contains(std::string(name));
      });
      if (!is_there)
        field.reject("no such placeholder",
                     fmt::format("{{{}}} in it", fmt::join(names, "} or {")));
    }
  }

  const Placeholders& placeholders_;
  std::size_t words_ = 0;
  std::set<std::string> found_;
};

Result<std::string> fill_word(const std::string& word, const PlaceholderValues& values,
                              const PlaceholderValues& of_shard) {
  const Result<std::vector<Piece>> pieces = pieces_of(word);
  if (!pieces) return fail(pieces.error());
  std::string filled;
  for (const Piece& piece : *pieces) {
    if (!piece.is_placeholder) {
      filled += piece.text;
      continue;
    }
    const auto shard = of_shard.find(piece.text);
    const auto found = shard != of_shard.end() ? shard : values.find(piece.text);
    const bool is_there = shard != of_shard.end() || found != values.end();
    if (!is_there || found->second.empty() || found->second.front() == '-') {
      return invalid_input(fmt::format("{{{}}}: found {}, want a value that is no option",
                                       piece.text, is_there ? quote(found->second) : "nothing"));
    }
    filled += found->second;
  }
  return filled;
}

}  // namespace

CommandTemplate read_command(const JsonField& field, const Placeholders& placeholders) {
  return CommandReader(placeholders).read(field);
}

std::vector<std::string> plain_words(const CommandTemplate& command) {
  std::vector<std::string> plain;
  for (const CommandPart& part : command.parts) {
    for (const std::string& word : part.words) {
      const auto pieces = pieces_of(word);
      if (pieces && pieces->size() == 1 && !pieces->front().is_placeholder)
        plain.push_back(pieces->front().text);
    }
  }
  return plain;
}

Result<std::vector<std::string>> fill_command(const CommandTemplate& command,
                                              const PlaceholderValues& values,
                                              const std::vector<PlaceholderValues>& shards) {
  std::vector<std::string> words;
  const auto add = [&](const CommandPart& part, const PlaceholderValues& of_shard) -> Result<void> {
    for (const std::string& word : part.words) {
      Result<std::string> filled = fill_word(word, values, of_shard);
      if (!filled) return fail(std::move(filled).error());
      words.push_back(*std::move(filled));
    }
    return {};
  };
  for (const CommandPart& part : command.parts) {
    if (!part.is_for_each_shard) {
      if (auto added = add(part, {}); !added) return fail(std::move(added).error());
      continue;
    }
    for (const PlaceholderValues& shard : shards) {
      if (auto added = add(part, shard); !added) return fail(std::move(added).error());
    }
  }
  return words;
}

}  // namespace fusesweep
