#include "harness/sweep/sweep_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "runners/mlprogram/shard_builder.h"

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

std::size_t shards_in(const Candidate& candidate) { return candidate.split.segments().size(); }

int read_count(const JsonField& of, std::string_view key, int low) {
  return static_cast<int>(of.at(key).integer(low, kMost));
}

// A word that a function of ours reads; after an error the value means nothing.
template <typename T>
T read_word(const JsonField& field, Result<T> (*parse)(std::string_view), T otherwise) {
  const Result<T> word = parse(field.text());
  if (word) return *word;
  field.reject_with(word.error().message);
  return otherwise;
}

Candidate read_candidate(const JsonField& field) {
  Result<Split> split = parse_split(field.at("split").text());
  if (!split) field.at("split").reject_with(split.error().message);
  return {.split = split ? *std::move(split) : Split({1}),
          .shape = {.tokens = read_count(field, "tokens", 1),
                    .encoding = read_word(field.at("encoding"), parse_encoding, Encoding::kInt8),
                    .context = read_count(field, "context", 1),
                    .kv_form = read_word(field.at("kv"), parse_kv_form, KvForm::kMask)},
          .head_shards = read_count(field, "head_shards", 1),
          .threads = read_count(field, "threads", 0)};
}

}  // namespace

std::vector<Candidate> candidates_of(const SweepAxes& axes) {
  std::vector<Candidate> candidates;
  for (const Split& split : axes.splits) {
    for (const Encoding encoding : axes.encodings) {
      for (const KvForm kv_form : axes.kv_forms) {
        for (const int context : axes.contexts) {
          for (const int tokens : axes.tokens) {
            for (const int head_shards : axes.head_shards) {
              for (const int threads : axes.threads) {
                Candidate candidate{.split = split,
                                    .shape = {.tokens = tokens,
                                              .encoding = encoding,
                                              .context = context,
                                              .kv_form = kv_form},
                                    .head_shards = head_shards,
                                    .threads = threads};
                if (std::find(candidates.begin(), candidates.end(), candidate) == candidates.end())
                  candidates.push_back(std::move(candidate));
              }
            }
          }
        }
      }
    }
  }
  return candidates;
}

std::vector<std::string> names_of(const std::vector<Candidate>& candidates) {
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates) names.push_back(to_text(candidate.split));
  const auto add = [&](auto value_of, auto in_words) {
    const bool differs = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& c) {
      return value_of(c) != value_of(candidates.front());
    });
    if (!differs) return;
    for (std::size_t i = 0; i < names.size(); ++i)
      names[i] += ' ' + in_words(value_of(candidates[i]));
  };
  add([](const Candidate& c) { return c.shape.tokens; },
      [](int tokens) { return fmt::format("T={}", tokens); });
  add([](const Candidate& c) { return c.shape.encoding; },
      [](Encoding encoding) { return std::string(to_text(encoding)); });
  add([](const Candidate& c) { return c.shape.kv_form; },
      [](KvForm form) { return fmt::format("kv={}", to_text(form)); });
  add([](const Candidate& c) { return c.shape.context; },
      [](int context) { return fmt::format("S={}", context); });
  add([](const Candidate& c) { return c.head_shards; },
      [](int shards) { return fmt::format("head={}", shards); });
  add([](const Candidate& c) { return c.threads; },
      [](int threads) { return fmt::format("threads={}", threads); });
  return names;
}

std::vector<Candidate> by_preference(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     if (shards_in(a) != shards_in(b)) return shards_in(a) < shards_in(b);
                     return to_text(a.split) < to_text(b.split);
                   });
  return candidates;
}

Json to_json(const SweepSpec& spec, const RunnableModel& model, const Conditions& conditions) {
  Json candidates = Json::array();
  for (const Candidate& candidate : spec.candidates) {
    candidates.push_back({{"split", to_text(candidate.split)},
                          {"tokens", candidate.shape.tokens},
                          {"context", candidate.shape.context},
                          {"encoding", to_text(candidate.shape.encoding)},
                          {"kv", to_text(candidate.shape.kv_form)},
                          {"head_shards", candidate.head_shards},
                          {"threads", candidate.threads}});
  }
  return {{"model_hash", model.hash},
          {"contract_hash", hash_of(model.contract)},
          {"builder_version", kBuilderVersion},
          {"runner", conditions.runner},
          {"options_hash", conditions.options_hash},
          {"residency_limit_bytes", spec.options.residency_limit_bytes
                                        ? Json(*spec.options.residency_limit_bytes)
                                        : Json(nullptr)},
          {"candidates", std::move(candidates)},
          {"prompt_tokens", spec.prompt_tokens},
          {"decode_tokens", spec.decode_tokens},
          {"decodings", spec.decodings},
          {"turn_tokens", spec.turn_tokens},
          {"target_rel", spec.target_rel},
          {"margin_rel", spec.margin_rel},
          {"budget_ms", spec.budget.count()},
          {"seed", spec.seed},
          {"positions", spec.positions},
          {"prompts", spec.prompts},
          {"gate_prompt_tokens", spec.gate_prompt_tokens},
          {"greedy_tokens", spec.greedy_tokens}};
}

Result<StoredSpec> read_sweep_spec(const Json& json) {
  constexpr double kMostShare = 1;
  JsonReader reader(json, "sweep");
  const JsonField root = reader.root();
  StoredSpec stored{.model_hash = root.at("model_hash").text(),
                    .contract_hash = root.at("contract_hash").text(),
                    .builder_version = read_count(root, "builder_version", 0),
                    .conditions = {.runner = root.at("runner").text(),
                                   .options_hash = root.at("options_hash").text()}};
  SweepSpec& spec = stored.spec;
  for (const JsonField& candidate : root.at("candidates").items())
    spec.candidates.push_back(read_candidate(candidate));
  if (const std::optional<JsonField> limit = root.find("residency_limit_bytes")) {
    spec.options.residency_limit_bytes =
        static_cast<std::uint64_t>(limit->integer(0, std::numeric_limits<std::int64_t>::max()));
  }
  spec.prompt_tokens = read_count(root, "prompt_tokens", 1);
  spec.decode_tokens = read_count(root, "decode_tokens", 1);
  spec.decodings = read_count(root, "decodings", 1);
  spec.turn_tokens = read_count(root, "turn_tokens", 0);
  spec.target_rel = root.at("target_rel").number(0, kMostShare);
  spec.margin_rel = root.at("margin_rel").number(0, kMostShare);
  spec.budget = std::chrono::milliseconds(read_count(root, "budget_ms", 0));
  spec.seed = static_cast<std::uint64_t>(
      root.at("seed").integer(0, std::numeric_limits<std::int64_t>::max()));
  spec.positions = read_count(root, "positions", 1);
  spec.prompts = read_count(root, "prompts", 1);
  spec.gate_prompt_tokens = read_count(root, "gate_prompt_tokens", 1);
  spec.greedy_tokens = read_count(root, "greedy_tokens", 0);
  if (reader.error()) return fail(*reader.error());
  return stored;
}

}  // namespace fusesweep
