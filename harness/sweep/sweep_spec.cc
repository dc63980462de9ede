#include "harness/sweep/sweep_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runners/mlprogram/shard_builder.h"

namespace fusesweep {
namespace {

std::size_t shards_in(const Candidate& candidate) { return candidate.split.segments().size(); }

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

}  // namespace fusesweep
