#include "harness/cli/sweep_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

using Text = std::string SweepArguments::*;
using MaybeText = std::optional<std::string> SweepArguments::*;
using Texts = std::vector<std::string> SweepArguments::*;
using Flag = bool SweepArguments::*;

const std::map<std::string, std::variant<Text, MaybeText, Texts, Flag>, std::less<>>& members() {
  using A = SweepArguments;
  static const std::map<std::string, std::variant<Text, MaybeText, Texts, Flag>, std::less<>> all =
      {{"model", &A::model},
       {"profile", &A::profile},
       {"splits", &A::splits},
       {"family", &A::families},
       {"tokens", &A::tokens},
       {"context", &A::context},
       {"encoding", &A::encoding},
       {"kv", &A::kv_form},
       {"head-shards", &A::head_shards},
       {"threads", &A::threads},
       {"runner", &A::runner},
       {"residency-limit", &A::residency_limit},
       {"limits", &A::limits},
       {"prompt-tokens", &A::prompt_tokens},
       {"decode-tokens", &A::decode_tokens},
       {"decodings", &A::decodings},
       {"turn-tokens", &A::turn_tokens},
       {"target-rel", &A::target_rel},
       {"margin-rel", &A::margin_rel},
       {"budget-s", &A::budget_s},
       {"seed", &A::seed},
       {"positions", &A::positions},
       {"gate-prompts", &A::prompts},
       {"gate-prompt-tokens", &A::gate_prompt_tokens},
       {"greedy-tokens", &A::greedy_tokens},
       {"memory", &A::memory},
       {"work", &A::work},
       {"dry-run", &A::dry_run},
       {"fresh", &A::fresh},
       {"retry-failed", &A::retry_failed},
       {"json", &A::json}};
  return all;
}

// As it would be typed.
std::string typed_value(const JsonField& field) {
  const Json value = field.json();
  if (value.is_string()) return field.text();
  if (value.is_number()) return to_text(value);
  if (!value.is_null()) field.reject(value.type_name(), "a text or a number");
  return {};
}

std::vector<std::string> typed_values(const JsonField& field) {
  if (!field.json().is_array()) return {typed_value(field)};
  std::vector<std::string> values;
  for (const JsonField& item : field.items()) values.push_back(typed_value(item));
  return values;
}

std::string joined(const JsonField& field) {
  return fmt::format("{}", fmt::join(typed_values(field), ","));
}

void fill_in(const JsonField& field, Text into, SweepArguments& arguments) {
  arguments.*into = joined(field);
}
void fill_in(const JsonField& field, MaybeText into, SweepArguments& arguments) {
  arguments.*into = joined(field);
}
void fill_in(const JsonField& field, Texts into, SweepArguments& arguments) {
  arguments.*into = typed_values(field);
}
void fill_in(const JsonField& field, Flag into, SweepArguments& arguments) {
  arguments.*into = field.boolean();
}

}  // namespace

Result<void> read_sweep_file(const std::filesystem::path& file, SweepArguments& arguments) {
  const std::string where = one_line(file.string());
  const Result<std::string> text = read_file(file, kMostBytes);
  if (!text) return fail(text.error());
  const Result<Json> document = parse_json(*text, where);
  if (!document) return fail(document.error());
  JsonReader reader(*document, where);
  for (const auto& [name, field] : reader.root().members()) {
    const auto member = members().find(name);
    if (member == members().end()) {
      field.reject("a member that is no flag of sweep", "one that fusesweep sweep --help lists");
      continue;
    }
    std::visit([&, &value = field](auto into) { fill_in(value, into, arguments); }, member->second);
  }
  if (reader.error()) return fail(*reader.error());
  return {};
}

}  // namespace fusesweep
