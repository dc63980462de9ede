#include "harness/sweep/needed_shards.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/core/optimize.h"
#include "harness/core/speculation.h"
#include "harness/sweep/prepared_split.h"
#include "runners/mlprogram/shard_builder.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr std::string_view kSelfcheck = "selfcheck";
constexpr std::string_view kRerun = "rerun";
constexpr std::string_view kOptimize = "optimize";
constexpr std::string_view kSpeculate = "speculate";
// What a store from elsewhere may make us list; of a sweep with more, all artifacts of its model are kept.
constexpr int kMostSlices = 1024;

// A split in one form, as a sweep's question and its answer write it.
struct SplitForm {
  std::string name;            // in answers
  std::optional<Split> split;  // absent: every split there is
  ShardIdentity shape;
  int head_shards = 1;
};

template <typename T>
T read_parsed(const JsonField& field, Result<T> (*parse)(std::string_view)) {
  Result<T> value = parse(field.text());
  if (value) return *std::move(value);
  field.reject_with(value.error().message);
  return {};
}

int read_count(const JsonField& field, int low, int high = std::numeric_limits<int>::max()) {
  return static_cast<int>(field.integer(low, high));
}

// Without its split.
SplitForm read_shape(const JsonField& field) {
  SplitForm form;
  form.shape = {.tokens = read_count(field.at("tokens"), 1),
                .encoding = read_parsed(field.at("encoding"), parse_encoding),
                .context = read_count(field.at("context"), 1),
                .kv_form = read_parsed(field.at("kv"), parse_kv_form)};
  form.head_shards = read_count(field.at("head_shards"), 1, kMostSlices);
  return form;
}

SplitForm read_form(const JsonField& field) {
  SplitForm form = read_shape(field);
  if (const auto name = field.find("name")) form.name = name->text();
  const JsonField split = field.at("split");
  if (Result<Split> read = parse_split(split.text())) {
    form.split = *std::move(read);
  } else {
    split.reject_with(read.error().message);
  }
  return form;
}

std::vector<SplitForm> read_forms(const JsonField& candidates) {
  std::vector<SplitForm> forms;
  for (const JsonField& candidate : candidates.items()) forms.push_back(read_form(candidate));
  return forms;
}

// The split, and the same of each verifier.
std::vector<SplitForm> speculative_forms(const JsonField& spec) {
  std::vector<SplitForm> forms = {read_form(spec)};
  for (const JsonField& tokens : spec.at("verifier_tokens").items()) {
    forms.push_back(forms.front());
    forms.back().shape.tokens = read_count(tokens, kLeastVerifiedTokens, kMostVerifiedTokens);
  }
  return forms;
}

// Of a sweep that goes on: all that it asks for.
std::vector<SplitForm> asked_forms(const JsonField& spec, std::string_view kind) {
  if (kind == kSelfcheck) return {read_form(spec)};
  if (kind == kOptimize) return {read_shape(spec)};
  if (kind == kSpeculate) return speculative_forms(spec);
  return read_forms(spec.at("candidates"));
}

// Of one that has ended: the best, or the first of a tie.
std::optional<JsonField> best_name(const JsonField& answer) {
  if (const auto best = answer.find("best")) return best;
  const auto tie = answer.find("tie");
  const std::vector<JsonField> names = tie ? tie->items() : std::vector<JsonField>();
  return names.empty() ? std::nullopt : std::optional(names.front());
}

std::vector<SplitForm> best_form(const JsonField& answer) {
  const std::optional<JsonField> name = best_name(answer);
  if (!name) return {};
  const std::string wanted = name->text();
  for (const JsonField& candidate : answer.at("candidates").items()) {
    SplitForm form = read_form(candidate);
    if (form.name == wanted) return {std::move(form)};
  }
  name->reject(quote(wanted), "the name of a candidate");
  return {};
}

// The split that a search came to.
Result<std::vector<SplitForm>> chosen_form(const JsonField& spec, const Json& answer) {
  const Result<OptimizeReport> report = read_optimize_report(answer);
  if (!report) return fail(report.error());
  if (!report->chosen) return std::vector<SplitForm>();
  Result<Split> split = parse_split(*report->chosen);
  if (!split) return fail(std::move(split).error());
  SplitForm form = read_shape(spec);
  form.split = *std::move(split);
  return std::vector<SplitForm>{std::move(form)};
}

// Whether a sweep that has ended needs nothing: it found nothing to be best.
bool is_without_best(const StoredSweep& sweep, std::string_view kind) {
  if (kind == kOptimize) {
    const Result<OptimizeReport> report = read_optimize_report(sweep.answer);
    return report && !report->chosen;
  }
  JsonReader reader(sweep.answer, "answer");
  return !best_name(reader.root()) && !reader.error();
}

ShardIdentity embedding_of(ShardIdentity shard) {
  return {.model_hash = std::move(shard.model_hash),
          .contract_hash = std::move(shard.contract_hash),
          .kind = EmbeddingTable{},
          .builder_version = shard.builder_version};
}

// With every segment of the model where the form has no split.
Result<std::vector<ShardIdentity>> shards_of(const RunnableModel& model, const SplitForm& form) {
  const int n_layers = model.contract.n_layers;
  Result<std::vector<ShardIdentity>> shards = shards_of(
      model, form.split.value_or(Split(std::vector<int>{n_layers})), form.shape, form.head_shards);
  if (!shards || form.split) return shards;
  for (int begin = 0; begin < n_layers; ++begin) {
    for (int end = begin + 1; end <= n_layers; ++end)
      shards->push_back(shard_of(model, form.shape, Segment{begin, end}));
  }
  return shards;
}

class Needs {
 public:
  explicit Needs(const std::vector<ModelRow>& models) : models_(models) {}

  void add(const Baseline& baseline) {
    for (const BaselineShard& shard : baseline.shards) {
      pin(hash_of(shard.identity), KeptFor::kBaseline);
      pin(hash_of(embedding_of(shard.identity)), KeptFor::kBaseline);
    }
    for (const BaselineSplit& split : baseline.splits) add(split);
    if (baseline.control) add(*baseline.control);
  }

  Result<void> add(const StoredSweep& sweep) {
    const bool is_ended = sweep.ended_unix_ms.has_value();
    JsonReader reader(sweep.sweep.spec, "spec");
    const JsonField spec = reader.root();
    const auto kind_field = spec.find("kind");
    const std::string kind = kind_field ? kind_field->text() : std::string();
    if (kind == kRerun) {
      if (!is_ended) needed_.reruns.insert(sweep.id);
      return {};
    }
    const bool is_measuring = kind == kSelfcheck || kind == kSpeculate;
    if (is_ended && (is_measuring || is_without_best(sweep, kind))) return {};
    const std::string model_hash = spec.at("model_hash").text();
    if (reader.error()) {
      return unavailable(fmt::format("sweep {}: nobody knows what it needs: {}", to_text(sweep.id),
                                     reader.error()->message));
    }
    Result<std::vector<ShardIdentity>> shards = shards_needed(sweep, kind);
    if (!shards) {
      needed_.models.try_emplace(model_hash, KeptFor::kUnreadableSweep);
      return {};
    }
    const KeptFor why = is_ended ? KeptFor::kBestSplit : KeptFor::kUnfinishedSweep;
    for (ShardIdentity& shard : *shards) {
      pin(hash_of(shard), why);
      if (is_ended || shard.tokens <= 1) continue;
      shard.tokens = 1;
      pin(hash_of(shard), why);
    }
    return {};
  }

  NeededShards take() { return std::move(needed_); }

 private:
  void pin(std::string hash, KeptFor why) { needed_.shards.try_emplace(std::move(hash), why); }

  void add(const BaselineSplit& split) {
    for (const std::string& shard : split.shards) pin(shard, KeptFor::kBaseline);
  }

  Result<std::vector<ShardIdentity>> shards_needed(const StoredSweep& sweep,
                                                   std::string_view kind) const {
    if (!kind.empty() && kind != kSelfcheck && kind != kOptimize && kind != kSpeculate)
      return invalid_input(fmt::format("found the kind {}, want one that is known", quote(kind)));
    JsonReader spec_reader(sweep.sweep.spec, "spec");
    const JsonField spec = spec_reader.root();
    JsonReader answer_reader(sweep.answer, "answer");
    const Result<std::vector<SplitForm>> forms = !sweep.ended_unix_ms ? asked_forms(spec, kind)
                                                 : kind == kOptimize
                                                     ? chosen_form(spec, sweep.answer)
                                                     : best_form(answer_reader.root());
    if (!forms) return fail(forms.error());
    RunnableModel model{.hash = spec.at("model_hash").text()};
    const std::string contract_hash = spec.at("contract_hash").text();
    const auto version = spec.find("builder_version");
    const int builder_version = version ? read_count(*version, 0) : kBuilderVersion;
    for (const JsonReader* reader : {&spec_reader, &answer_reader}) {
      if (reader->error()) return fail(*reader->error());
    }
    if (forms->empty()) return std::vector<ShardIdentity>();
    const auto known = std::find_if(models_.begin(), models_.end(), [&](const ModelRow& row) {
      return row.hash == model.hash && hash_of(row.contract) == contract_hash;
    });
    if (known == models_.end()) return invalid_input("found no such model in the store");
    model.contract = known->contract;
    std::vector<ShardIdentity> all;
    for (const SplitForm& form : *forms) {
      Result<std::vector<ShardIdentity>> shards = shards_of(model, form);
      if (!shards) return shards;
      for (ShardIdentity& shard : *shards) {
        shard.builder_version = builder_version;
        all.push_back(std::move(shard));
      }
    }
    return all;
  }

  const std::vector<ModelRow>& models_;
  NeededShards needed_;
};

}  // namespace

std::string_view to_text(KeptFor kept_for) {
  switch (kept_for) {
    case KeptFor::kBaseline:
      return "a baseline";
    case KeptFor::kUnfinishedSweep:
      return "an unfinished sweep";
    case KeptFor::kBestSplit:
      return "a best split";
    case KeptFor::kUnreadableSweep:
      return "a sweep that cannot be read";
    case KeptFor::kNotGated:
      return "not gated yet";
    case KeptFor::kItsModel:
      return "another artifact of its model";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<NeededShards> find_needed(const Store& store, const std::vector<ListedBaseline>& baselines) {
  const Result<std::vector<ModelRow>> models = store.models();
  if (!models) return fail(models.error());
  const Result<std::vector<StoredSweep>> sweeps = store.sweeps();
  if (!sweeps) return fail(sweeps.error());
  Needs needs(*models);
  for (const ListedBaseline& listed : baselines) {
    if (!listed.baseline) {
      return unavailable(fmt::format("baseline {}: nobody knows what it needs: {}",
                                     quote(listed.name), listed.baseline.error().message));
    }
    needs.add(*listed.baseline);
  }
  for (const bool is_ended : {false, true}) {  // the stronger reason first
    for (const StoredSweep& sweep : *sweeps) {
      if (sweep.ended_unix_ms.has_value() != is_ended) continue;
      if (auto added = needs.add(sweep); !added) return fail(std::move(added).error());
    }
  }
  return needs.take();
}

}  // namespace fusesweep
