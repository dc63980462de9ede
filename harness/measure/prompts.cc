#include "harness/measure/prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/measure/random.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMostPrompts = 10'000;
constexpr std::size_t kMostIds = 1 << 20;

}  // namespace

std::vector<Prompt> built_in_prompts(int vocab_size, int count, int tokens) {
  std::vector<Prompt> prompts;
  const Prompt chat{"phi4-mini-chat", {199999, 200021, 14350, 200019}};
  if (*std::max_element(chat.ids.begin(), chat.ids.end()) < vocab_size) prompts.push_back(chat);
  for (int i = 0; i < count; ++i) {
    Prompt prompt{fmt::format("generated-{}", i), {}};
    SplitMix64 random(static_cast<std::uint64_t>(i));
    for (int t = 0; t < tokens; ++t) {
      prompt.ids.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(vocab_size))));
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

Result<std::vector<Prompt>> parse_prompts(std::string_view text, std::string_view where,
                                          int vocab_size) {
  const Result<Json> document = parse_json(text, where);
  if (!document) return fail(document.error());
  JsonReader reader(*document, std::string(where));
  const JsonField root = reader.root();
  std::vector<Prompt> prompts;
  const std::vector<JsonField> lists = root.items();
  if (lists.empty() || lists.size() > kMostPrompts) {
    root.reject(fmt::format("{} prompts", lists.size()), fmt::format("1 to {}", kMostPrompts));
  }
  for (const JsonField& list : lists) {
    if (reader.error()) break;
    Prompt prompt{fmt::format("{}", prompts.size()), {}};
    const std::vector<JsonField> ids = list.items();
    if (ids.empty() || ids.size() > kMostIds)
      list.reject(fmt::format("{} ids", ids.size()), fmt::format("1 to {}", kMostIds));
    for (const JsonField& id : ids)
      prompt.ids.push_back(static_cast<int>(id.integer(0, vocab_size - 1)));
    prompts.push_back(std::move(prompt));
  }
  if (reader.error()) return fail(*reader.error());
  return prompts;
}

Result<std::vector<int>> parse_ids(std::string_view text, int vocab_size) {
  std::vector<int> ids;
  for (const std::string_view part : split_text(text, ',')) {
    const Result<std::int64_t> id = parse_integer(part, 0, vocab_size - 1);
    if (!id) return fail(id.error());
    ids.push_back(static_cast<int>(*id));
  }
  return ids;
}

}  // namespace fusesweep
