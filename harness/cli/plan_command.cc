#include "harness/cli/plan_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/split_arguments.h"
#include "harness/plan/sweep_plan.h"
#include "topologies/family.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::int64_t kMostListed = 100000;

// Everything that was typed, checked.
struct Asked {
  int n_layers = 0;
  SplitSet splits;
  PlanRequest request;
};

Result<int> read_layers(const PlanArguments& arguments, const std::optional<Contract>& contract) {
  if (!arguments.layers && !contract) {
    return invalid_input(
        "found neither --layers nor --model, want one of them, such as --model phi4-mini");
  }
  if (!arguments.layers) return contract->n_layers;
  const Result<std::int64_t> layers = parse_integer(*arguments.layers, 1, kMaxLayers);
  if (!layers) return fail_with_context(layers.error(), "--layers");
  if (contract && contract->n_layers != *layers) {
    return invalid_input(
        fmt::format("--layers: found {}, want {} as the model {} has, or no --layers", *layers,
                    contract->n_layers, quote(*arguments.model)));
  }
  return static_cast<int>(*layers);
}

Result<Asked> read_arguments(const PlanArguments& arguments) {
  Asked asked;
  if (arguments.model) {
    Result<Contract> contract = read_model_argument(*arguments.model);
    if (!contract) return fail_with_context(std::move(contract).error(), "--model");
    asked.request.contract = *std::move(contract);
  }
  const Result<int> n_layers = read_layers(arguments, asked.request.contract);
  if (!n_layers) return fail(n_layers.error());
  asked.n_layers = *n_layers;

  Result<SplitSet> splits = read_splits(arguments.splits, arguments.families, asked.n_layers);
  if (!splits) return fail(std::move(splits).error());
  asked.splits = *std::move(splits);

  const Result<Encoding> encoding = parse_encoding(arguments.encoding);
  if (!encoding) return fail_with_context(encoding.error(), "--encoding");
  asked.request.encoding = *encoding;

  if (arguments.residency_limit) {
    const Result<std::uint64_t> bytes = parse_bytes(*arguments.residency_limit);
    if (!bytes) return fail_with_context(bytes.error(), "--residency-limit");
    asked.request.residency_limit_bytes = *bytes;
  }

  asked.request.listed_splits = arguments.json ? kListedInJson : kListedInTable;
  if (arguments.limit) {
    const Result<std::int64_t> limit = parse_integer(*arguments.limit, 0, kMostListed);
    if (!limit) return fail_with_context(limit.error(), "--limit");
    asked.request.listed_splits = static_cast<std::size_t>(*limit);
  }
  return asked;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Segment& segment) { return {segment.begin, segment.end}; }

// The document is put together as text, list by list: as one tree of JSON values a long list of
// splits would take a hundred times the memory of its text.
std::string json_of(const Asked& asked, const PlanArguments& arguments, const SweepPlan& plan) {
  Json front = json_document(kSchemaVersion);
  front["model"] = or_null(arguments.model);
  front["n_layers"] = asked.n_layers;
  front["encoding"] = to_text(asked.request.encoding);
  front["residency_limit_bytes"] = or_null(asked.request.residency_limit_bytes);
  front["split_count"] = plan.split_count.str();
  std::string text = to_text(front);
  text.back() = ',';

  text += "\"splits\":[";
  const char* separator = "";
  for (const Split& split : plan.splits) {
    Json segments = Json::array();
    for (const Segment& segment : split.segments()) segments.push_back(to_json(segment));
    const Json row = {
        {"split", to_text(split)}, {"shards", split.shards()}, {"segments", segments}};
    text += separator + to_text(row);
    separator = ",";
  }

  text += "],\"distinct_segments\":[";
  separator = "";
  for (const PlannedShard& shard : plan.shards) {
    const Json row = {{"segment", to_json(shard.segment)},
                      {"weight_bytes", or_null(shard.weight_bytes)},
                      {"within_limit", or_null(shard.within_limit)}};
    text += separator + to_text(row);
    separator = ",";
  }

  const Json back = {{"weight_bytes", or_null(plan.weight_bytes)},
                     {"head_weight_bytes", or_null(plan.head_weight_bytes)},
                     {"embedding_bytes", or_null(plan.embedding_bytes)},
                     {"disk_bytes", or_null(plan.disk_bytes)}};
  text += "]," + to_text(back).substr(1);
  return text + '\n';
}

// "9 more" under a list that was cut, or nothing.
std::string and_more(const BigCount& count, std::size_t shown) {
  if (count <= shown) return {};
  return fmt::format("... and {} more (--limit N lists more)\n", BigCount(count - shown).str());
}

std::string segments_text(const Split& split) {
  std::string text;
  for (const Segment& segment : split.segments())
    text += fmt::format("{}{}", text.empty() ? "" : " ", to_text(segment));
  return text;
}

std::string splits_table(const SweepPlan& plan) {
  if (plan.split_count == 0) return "No split fits.\n";
  std::size_t width = 5;
  for (const Split& split : plan.splits) width = std::max(width, to_text(split).size());
  std::string text = fmt::format("{:<{}}  shards  segments\n", "split", width);
  for (const Split& split : plan.splits) {
    text += fmt::format("{:<{}}  {:>6}  {}\n", to_text(split), width, split.shards(),
                        segments_text(split));
  }
  return text + and_more(plan.split_count, plan.splits.size());
}

std::string limit_text(const PlannedShard& shard) {
  if (!shard.within_limit) return "";
  return *shard.within_limit ? "within" : "beyond";
}

std::string shards_table(const SweepPlan& plan, const PlanRequest& request) {
  if (plan.shards.empty()) return {};
  std::string text = fmt::format("{:<10}", "shard");
  if (request.contract) text += fmt::format("  {:>12}", "weights");
  if (request.contract && request.residency_limit_bytes) {
    text += fmt::format("  limit of {}", format_bytes(*request.residency_limit_bytes));
  }
  text += '\n';
  const std::size_t shown =
      std::min(plan.shards.size(), std::max(request.listed_splits, kListedInTable));
  for (const PlannedShard& shard : std::span(plan.shards).first(shown)) {
    std::string line = fmt::format("{:<10}", to_text(shard.segment));
    if (shard.weight_bytes) line += fmt::format("  {:>12}", format_bytes(*shard.weight_bytes));
    if (shard.within_limit) line += fmt::format("  {}", limit_text(shard));
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text + and_more(plan.shards.size(), shown);
}

std::string sizes_text(const SweepPlan& plan) {
  if (!plan.disk_bytes) return "Sizes need a model: --model.\n";
  return fmt::format(
      "weights  {} in these shards, {} in the LM head, {} in the embedding table\n"
      "disk     {} at the peak: every shard and the head as package and compiled form, the table "
      "once\n",
      format_bytes(*plan.weight_bytes), format_bytes(*plan.head_weight_bytes),
      format_bytes(*plan.embedding_bytes), format_bytes(*plan.disk_bytes));
}

std::string table_of(const Asked& asked, const PlanArguments& arguments, const SweepPlan& plan) {
  const std::string of_model =
      arguments.model
          ? fmt::format(" of {} as {}", one_line(*arguments.model), to_text(asked.request.encoding))
          : "";
  return fmt::format("{} {} of the {} layers{}, {} distinct shards\n\n{}\n{}\n{}",
                     plan.split_count.str(), plan.split_count == 1 ? "split" : "splits",
                     asked.n_layers, of_model, plan.shards.size(), splits_table(plan),
                     shards_table(plan, asked.request), sizes_text(plan));
}

}  // namespace

Result<std::string> run_plan(const PlanArguments& arguments) {
  const Result<Asked> asked = read_arguments(arguments);
  if (!asked) return fail(asked.error());
  const SweepPlan plan = plan_sweep(asked->splits, asked->request);
  return arguments.json ? json_of(*asked, arguments, plan) : table_of(*asked, arguments, plan);
}

}  // namespace fusesweep
