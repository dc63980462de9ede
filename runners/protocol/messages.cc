#include "runners/protocol/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kMostInt = std::numeric_limits<int>::max();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kMostDouble = 1e18;

// Absent is null.
template <typename T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const PlacedKind& kind);
Json to_json(const NonResident& operation);
Json to_json(const GroupLoad& load);
Json to_json(const GroupOutput& output);
Json to_json(const RecordedGroup& group);
Json to_json(const SpeculativePass& pass);

template <typename T>
Json list_json(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

int read_int(const JsonField& field, int low = 0) {
  return static_cast<int>(field.integer(low, kMostInt));
}
std::int64_t read_ns(const JsonField& field) { return field.integer(0, kMost); }
std::uint64_t read_count(const JsonField& field) {
  return static_cast<std::uint64_t>(field.integer(0, kMost));
}
double read_positive(const JsonField& field) { return field.number(0, kMostDouble); }
double read_cosine(const JsonField& field) { return field.number(-1, 1); }
std::string read_text(const JsonField& field) { return field.text(); }
bool read_boolean(const JsonField& field) { return field.boolean(); }
std::filesystem::path read_path(const JsonField& field) {
  std::string text = field.text();
  // The system would take what stands before it for the whole.
  if (text.empty() || text.find('\0') != std::string::npos) field.reject(quote(text), "a path");
  return text;
}

template <typename Read>
using ReadBy = decltype(std::declval<Read>()(std::declval<const JsonField&>()));

// A member that may be absent.
template <typename Read>
std::optional<ReadBy<Read>> read_optional(const JsonField& object, std::string_view key,
                                          Read read) {
  const std::optional<JsonField> field = object.find(key);
  if (!field) return std::nullopt;
  return read(*field);
}

// The same, where the type's empty value says that it is.
template <typename Read>
ReadBy<Read> read_or_empty(const JsonField& object, std::string_view key, Read read) {
  return read_optional(object, key, read).value_or(ReadBy<Read>{});
}

template <typename Read>
std::vector<ReadBy<Read>> read_list(const JsonField& field, Read read) {
  std::vector<ReadBy<Read>> values;
  for (const JsonField& item : field.items()) values.push_back(read(item));
  return values;
}

template <typename Read>
auto list_of(Read read) {
  return [read](const JsonField& field) { return read_list(field, read); };
}

std::vector<int> read_ids(const JsonField& field) {
  return read_list(field, [](const JsonField& id) { return read_int(id); });
}

void want_size(const JsonField& field, std::size_t found, std::size_t wanted) {
  if (found != wanted)
    field.reject(fmt::format("{} items", found), fmt::format("one for each of {} groups", wanted));
}

// Members of `options` that are ours; every other one is a runner's own.
constexpr std::string_view kOptionNames[] = {"threads", "residency_limit_bytes", "warmup_calls",
                                             "stop_at_eos", "inject_ns"};

bool is_ours(std::string_view option) {
  return std::find(std::begin(kOptionNames), std::end(kOptionNames), option) !=
         std::end(kOptionNames);
}

std::string_view to_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::kMeasured:
      return "measured";
    case Evidence::kRecorded:
      return "recorded";
  }
  FUSESWEEP_UNREACHABLE();
}

Evidence read_evidence(const JsonField& field) {
  const std::string text = field.text();
  if (text == to_text(Evidence::kRecorded)) return Evidence::kRecorded;
  if (text != to_text(Evidence::kMeasured)) field.reject(quote(text), "measured or recorded");
  return Evidence::kMeasured;
}

PlacementEvidence read_placement_evidence(const JsonField& field) {
  const Result<PlacementEvidence> evidence = parse_placement_evidence(field.text());
  if (evidence) return *evidence;
  field.reject_with(evidence.error().message);
  return {};
}

// Two members, NAME_total and NAME_resident, both or none.
void add_count(Json& json, std::string_view name, const std::optional<ResidentCount>& count) {
  json[fmt::format("{}_total", name)] = count ? Json(count->total) : Json(nullptr);
  json[fmt::format("{}_resident", name)] = count ? Json(count->resident) : Json(nullptr);
}

std::optional<ResidentCount> read_resident_count(const JsonField& field, std::string_view name) {
  const std::string total_name = fmt::format("{}_total", name);
  const std::string resident_name = fmt::format("{}_resident", name);
  if (!field.find(total_name) && !field.find(resident_name)) return std::nullopt;
  const ResidentCount count{read_count(field.at(total_name)), read_count(field.at(resident_name))};
  if (count.resident > count.total) {
    field.at(resident_name)
        .reject(fmt::format("{}", count.resident),
                fmt::format("at most {}, which is {}", total_name, count.total));
  }
  return count;
}

Json to_json(const PlacedKind& kind) {
  return {{"type", kind.type},
          {"place", kind.place},
          {"implementation", kind.implementation},
          {"count", kind.count}};
}

PlacedKind read_placed_kind(const JsonField& field) {
  return {field.at("type").text(), field.at("place").text(),
          read_or_empty(field, "implementation", read_text), read_count(field.at("count"))};
}

Json to_json(const NonResident& operation) {
  return {{"operation", operation.operation},
          {"type", operation.type},
          {"place", operation.place},
          {"reason", operation.reason}};
}

NonResident read_non_resident(const JsonField& field) {
  return {field.at("operation").text(), field.at("type").text(), field.at("place").text(),
          read_or_empty(field, "reason", read_text)};
}

Json to_json(const GroupLoad& load) {
  return {{"group", load.group},
          {"load_ns", optional_json(load.load_ns)},
          {"activation_ns", optional_json(load.activation_ns)}};
}

GroupLoad read_group_load(const JsonField& field) {
  return {field.at("group").text(), read_optional(field, "load_ns", read_ns),
          read_optional(field, "activation_ns", read_ns)};
}

Json to_json(const RecordedComparison& comparison) {
  return {{"non_finite", comparison.non_finite},
          {"cosine", optional_json(comparison.cosine)},
          {"rmse", optional_json(comparison.rmse)},
          {"max_abs", optional_json(comparison.max_abs)},
          {"per_token_cosine", comparison.per_token_cosine}};
}

RecordedComparison read_comparison(const JsonField& field) {
  return {read_or_empty(field, "non_finite", read_boolean),
          read_optional(field, "cosine", read_cosine), read_optional(field, "rmse", read_positive),
          read_optional(field, "max_abs", read_positive),
          read_or_empty(field, "per_token_cosine", list_of(read_cosine))};
}

Json to_json(const GroupOutput& output) {
  return {{"group", output.group},
          {"file", output.file.empty() ? Json(nullptr) : Json(output.file.string())},
          {"recorded", output.recorded ? to_json(*output.recorded) : Json(nullptr)},
          {"placement", output.placement ? to_json(*output.placement) : Json(nullptr)},
          {"notes", output.notes}};
}

// A plan would be no evidence of what ran.
Placement read_placement_of_run(const JsonField& field) {
  Placement placement = read_placement(field);
  if (placement.evidence != PlacementEvidence::kRun)
    field.at("evidence").reject(quote(to_text(placement.evidence)), "run");
  return placement;
}

GroupOutput read_group_output(const JsonField& field) {
  return {field.at("group").text(), read_or_empty(field, "file", read_path),
          read_optional(field, "recorded", read_comparison),
          read_optional(field, "placement", read_placement_of_run),
          read_or_empty(field, "notes", list_of(read_text))};
}

Json to_json(const RecordedGroup& group) {
  return {{"segment", {group.segment.begin, group.segment.end}},
          {"ms_per_token", group.ms_per_token}};
}

RecordedGroup read_recorded_group(const JsonField& field) {
  const std::vector<int> ends = read_ids(field.at("segment"));
  const bool good = ends.size() == 2 && ends[0] < ends[1] && ends[1] <= kMaxLayers;
  if (!good) field.at("segment").reject("something else", "[a,b] with a < b");
  return {good ? Segment{ends[0], ends[1]} : Segment{}, read_positive(field.at("ms_per_token"))};
}

Json to_json(const RecordedRun& run) {
  return {{"decode_tok_per_s", run.decode_tok_per_s},
          {"decode_tokens", optional_json(run.decode_tokens)},
          {"layers_ms_per_token", optional_json(run.layers_ms_per_token)},
          {"head_ms_per_token", optional_json(run.head_ms_per_token)},
          {"groups", list_json(run.groups)},
          {"prefill_tok_per_s", optional_json(run.prefill_tok_per_s)},
          {"request_s", optional_json(run.request_s)},
          {"rope_dim", run.rope_dim},
          {"source", run.source},
          {"note", run.note}};
}

RecordedRun read_recorded_run(const JsonField& field) {
  return {.decode_tok_per_s = read_positive(field.at("decode_tok_per_s")),
          .decode_tokens =
              read_optional(field, "decode_tokens", [](const JsonField& f) { return read_int(f); }),
          .layers_ms_per_token = read_optional(field, "layers_ms_per_token", read_positive),
          .head_ms_per_token = read_optional(field, "head_ms_per_token", read_positive),
          .groups = read_or_empty(field, "groups", list_of(read_recorded_group)),
          .prefill_tok_per_s = read_optional(field, "prefill_tok_per_s", read_positive),
          .request_s = read_optional(field, "request_s", read_positive),
          .rope_dim = read_int(field.at("rope_dim")),
          .source = read_or_empty(field, "source", read_text),
          .note = read_or_empty(field, "note", read_text)};
}

Json to_json(const RunCounters& counters) {
  return {{"involuntary_switches", optional_json(counters.involuntary_switches)},
          {"minor_faults", optional_json(counters.minor_faults)},
          {"major_faults", optional_json(counters.major_faults)},
          {"migrations", optional_json(counters.migrations)},
          {"steal_ns", optional_json(counters.steal_ns)},
          {"frequency_hz", optional_json(counters.frequency_hz)},
          {"anonymous_bytes", optional_json(counters.anonymous_bytes)},
          {"thermal_state", optional_json(counters.thermal_state)},
          {"low_power_mode", optional_json(counters.low_power_mode)}};
}

RunCounters read_counters(const JsonField& field) {
  return {read_optional(field, "involuntary_switches", read_ns),
          read_optional(field, "minor_faults", read_ns),
          read_optional(field, "major_faults", read_ns),
          read_optional(field, "migrations", read_ns),
          read_optional(field, "steal_ns", read_ns),
          read_optional(field, "frequency_hz", read_ns),
          read_optional(field, "anonymous_bytes", read_ns),
          read_optional(field, "thermal_state", read_ns),
          read_optional(field, "low_power_mode", read_ns)};
}

Json to_json(const Speculation& speculation) {
  return {{"ngram_min", speculation.ngrams.min},
          {"ngram_max", speculation.ngrams.max},
          {"recorded", optional_json(speculation.recorded)},
          {"guard", optional_json(speculation.guard)}};
}

Speculation read_speculation(const JsonField& field) {
  Speculation speculation{.recorded = read_optional(field, "recorded", read_ids),
                          .guard = read_optional(field, "guard", read_positive)};
  NgramRange& ngrams = speculation.ngrams;
  if (const auto min = field.find("ngram_min"))
    ngrams.min = static_cast<int>(min->integer(1, kMostNgram));
  ngrams.max = std::max(ngrams.max, ngrams.min);
  if (const auto max = field.find("ngram_max"))
    ngrams.max = static_cast<int>(max->integer(ngrams.min, kMostNgram));
  return speculation;
}

Json to_json(const SpeculativePass& pass) {
  return {{"proposed", pass.proposed},
          {"accepted", pass.accepted},
          {"ngram", pass.ngram},
          {"guard_calls", pass.guard_calls},
          {"fallback", pass.is_fallback}};
}

SpeculativePass read_pass(const JsonField& field) {
  SpeculativePass pass;
  pass.proposed = static_cast<int>(field.at("proposed").integer(0, kMostVerifiedTokens - 1));
  pass.accepted = static_cast<int>(field.at("accepted").integer(0, pass.proposed));
  if (const auto ngram = field.find("ngram"))
    pass.ngram = static_cast<int>(ngram->integer(0, kMostNgram));
  if (const auto calls = field.find("guard_calls"))
    pass.guard_calls = static_cast<int>(calls->integer(0, kMostVerifiedTokens));
  pass.is_fallback = read_or_empty(field, "fallback", read_boolean);
  return pass;
}

}  // namespace

Json to_json(const RunnerOptions& options) {
  Json json = {{"threads", options.threads},
               {"residency_limit_bytes", optional_json(options.residency_limit_bytes)},
               {"warmup_calls", options.warmup_calls},
               {"stop_at_eos", options.stop_at_eos},
               {"inject_ns", options.inject_ns}};
  for (const auto& option : options.own.items()) {
    if (!is_ours(option.key())) json[option.key()] = option.value();
  }
  return json;
}

RunnerOptions read_runner_options(const JsonField& field) {
  RunnerOptions options;
  if (const auto threads = field.find("threads")) options.threads = read_int(*threads);
  options.residency_limit_bytes = read_optional(field, "residency_limit_bytes", read_count);
  if (const auto calls = field.find("warmup_calls")) options.warmup_calls = read_int(*calls);
  options.stop_at_eos = read_or_empty(field, "stop_at_eos", read_boolean);
  if (const auto inject = field.find("inject_ns")) {
    for (const auto& [group, ns] : inject->members()) options.inject_ns[group] = read_ns(ns);
  }
  for (const auto& [name, value] : field.members()) {
    if (!is_ours(name)) options.own[name] = value.json();
  }
  return options;
}

RunnerOptions read_call_options(const JsonField& params) {
  return read_or_empty(params, "options", read_runner_options);
}

Json to_json(const RunnerDescription& description) {
  return {
      {"protocol", kProtocolVersion},
      {"name", description.name},
      {"version", description.version},
      {"device",
       {{"name", description.device},
        {"kind", description.device_kind},
        {"memory_bytes", optional_json(description.device_memory_bytes)}}},
      {"evidence", to_text(description.evidence)},
      {"capabilities", description.capabilities},
      {"emulated", description.emulated},
      {"limits",
       {{"graph_bytes", optional_json(description.graph_limit_bytes)},
        {"process_bytes", optional_json(description.process_limit_bytes)},
        {"process_compiles", optional_json(description.process_compiles)}}},
      {"toolchain", description.toolchain},
      {"own_model", description.own_model.empty() ? Json(nullptr) : Json(description.own_model)}};
}

RunnerDescription read_runner_description(const JsonField& field) {
  field.at("protocol").integer(kProtocolVersion, kProtocolVersion);
  RunnerDescription description{.name = field.at("name").text(),
                                .version = field.at("version").text()};
  const JsonField device = field.at("device");
  description.device = device.at("name").text();
  description.device_kind = device.at("kind").text();
  description.device_memory_bytes = read_optional(device, "memory_bytes", read_count);
  if (const auto evidence = field.find("evidence")) description.evidence = read_evidence(*evidence);
  description.capabilities = read_list(field.at("capabilities"), read_text);
  description.emulated = read_or_empty(field, "emulated", list_of(read_text));
  if (const auto limits = field.find("limits")) {
    description.graph_limit_bytes = read_optional(*limits, "graph_bytes", read_count);
    description.process_limit_bytes = read_optional(*limits, "process_bytes", read_count);
    description.process_compiles = read_optional(*limits, "process_compiles", read_count);
  }
  description.toolchain = field.at("toolchain").text();
  description.own_model = read_or_empty(field, "own_model", read_text);
  return description;
}

Json to_json(const BuildRequest& request) {
  return {{"shard", to_json(request.identity)},
          {"model", request.model.empty() ? Json(nullptr) : Json(request.model.string())},
          {"artifacts", request.artifacts.string()},
          {"options", to_json(request.options)}};
}

BuildRequest read_build_request(const JsonField& params) {
  return {read_shard_identity(params.at("shard")), read_or_empty(params, "model", read_path),
          read_path(params.at("artifacts")), read_call_options(params)};
}

Json to_json(const BuiltShard& built) {
  return {{"artifact", built.artifact.string()},
          {"bytes", built.bytes},
          {"build_ns", optional_json(built.build_ns)},
          {"content_hash", built.content_hash}};
}

BuiltShard read_built_shard(const JsonField& field) {
  return {read_path(field.at("artifact")), read_count(field.at("bytes")),
          read_optional(field, "build_ns", read_ns), field.at("content_hash").text()};
}

Json to_json(const InspectRequest& request) {
  return {{"artifact", request.artifact.string()}, {"options", to_json(request.options)}};
}

InspectRequest read_inspect_request(const JsonField& params) {
  return {read_path(params.at("artifact")), read_call_options(params)};
}

Json to_json(const Placement& placement) {
  Json json = {{"evidence", to_text(placement.evidence)}};
  add_count(json, "conv", placement.conv);
  add_count(json, "compute", placement.compute);
  json["stated_resident"] = optional_json(placement.stated_resident);
  json["kinds"] = list_json(placement.kinds);
  json["non_resident"] = list_json(placement.non_resident);
  json["notes"] = placement.notes;
  return json;
}

Placement read_placement(const JsonField& field) {
  return {.evidence = read_placement_evidence(field.at("evidence")),
          .conv = read_resident_count(field, "conv"),
          .compute = read_resident_count(field, "compute"),
          .stated_resident = read_optional(field, "stated_resident", read_boolean),
          .kinds = read_or_empty(field, "kinds", list_of(read_placed_kind)),
          .non_resident = read_or_empty(field, "non_resident", list_of(read_non_resident)),
          .notes = read_or_empty(field, "notes", list_of(read_text))};
}

Handle read_handle(const JsonField& params) { return params.at("handle").integer(0, kMost); }

Json to_json(const OpenRequest& request) {
  Json json = Json::object();
  if (!request.manifest.empty()) json["manifest"] = request.manifest.string();
  if (!request.artifacts.empty()) {
    Json& artifacts = json["artifacts"] = Json::array();
    for (const std::filesystem::path& artifact : request.artifacts)
      artifacts.push_back(artifact.string());
  }
  json["options"] = to_json(request.options);
  return json;
}

OpenRequest read_open_request(const JsonField& params) {
  OpenRequest request{.manifest = read_or_empty(params, "manifest", read_path),
                      .artifacts = read_or_empty(params, "artifacts", list_of(read_path)),
                      .options = read_call_options(params)};
  if (request.manifest.empty() && request.artifacts.empty())
    params.reject("neither manifest nor artifacts", "one of them");
  return request;
}

Json to_json(const OpenedHandle& opened) {
  return {{"handle", opened.handle},
          {"load_ns", optional_json(opened.load_ns)},
          {"groups", list_json(opened.groups)}};
}

OpenedHandle read_opened_handle(const JsonField& field) {
  return {read_handle(field), read_list(field.at("groups"), read_group_load),
          read_optional(field, "load_ns", read_ns)};
}

Json to_json(const RunRequest& request) {
  return {{"ids", request.ids},
          {"hidden", request.hidden.empty() ? Json(nullptr) : Json(request.hidden.string())},
          {"folder", request.folder.string()}};
}

RunRequest read_run_request(const JsonField& params) {
  RunRequest request{.ids = read_or_empty(params, "ids", read_ids),
                     .hidden = read_or_empty(params, "hidden", read_path),
                     .folder = read_path(params.at("folder"))};
  if (request.ids.empty() == request.hidden.empty())
    params.reject("both or neither of ids and hidden", "one of them");
  return request;
}

Json to_json(const std::vector<GroupOutput>& outputs) { return {{"outputs", list_json(outputs)}}; }

std::vector<GroupOutput> read_group_outputs(const JsonField& field) {
  return read_list(field.at("outputs"), read_group_output);
}

Json to_json(const DecodeRequest& request) {
  return {{"prompt", request.prompt},
          {"decode_tokens", request.decode_tokens},
          {"speculation", request.speculation ? to_json(*request.speculation) : Json(nullptr)}};
}

DecodeRequest read_decode_request(const JsonField& params) {
  return {read_ids(params.at("prompt")), read_int(params.at("decode_tokens")),
          read_optional(params, "speculation", read_speculation)};
}

Json to_json(const DecodeResult& result) {
  return {{"ids", result.ids},
          {"prefill_ns", optional_json(result.prefill_ns)},
          {"groups", result.groups},
          {"prefill_group_ns", result.prefill_group_ns},
          {"token_ns", result.token_ns},
          {"group_ns", result.group_ns},
          {"passes", list_json(result.passes)},
          {"prefill_counters", to_json(result.prefill_counters)},
          {"decode_counters", to_json(result.decode_counters)},
          {"sum", result.sum ? to_json(*result.sum) : Json(nullptr)},
          {"recorded", result.recorded ? to_json(*result.recorded) : Json(nullptr)},
          {"notes", result.notes}};
}

DecodeResult read_decode_result(const JsonField& field) {
  DecodeResult result{
      .ids = read_or_empty(field, "ids", read_ids),
      .prefill_ns = read_optional(field, "prefill_ns", read_ns),
      .groups = read_or_empty(field, "groups", list_of(read_text)),
      .prefill_group_ns = read_or_empty(field, "prefill_group_ns", list_of(read_ns)),
      .token_ns = read_or_empty(field, "token_ns", list_of(read_ns)),
      .group_ns = read_or_empty(field, "group_ns", list_of(list_of(read_ns))),
      .passes = read_or_empty(field, "passes", list_of(read_pass)),
      .prefill_counters = read_or_empty(field, "prefill_counters", read_counters),
      .decode_counters = read_or_empty(field, "decode_counters", read_counters),
      .sum = read_optional(field, "sum", read_decode_sum),
      .recorded = read_optional(field, "recorded", read_recorded_run),
      .notes = read_or_empty(field, "notes", list_of(read_text))};
  if (!result.prefill_group_ns.empty())
    want_size(field.at("prefill_group_ns"), result.prefill_group_ns.size(), result.groups.size());
  if (result.sum && !(result.token_ns.empty() && result.group_ns.empty()))
    field.at("sum").reject("times of tokens beside it", "either");
  if (!result.group_ns.empty() && result.group_ns.size() != result.token_ns.size())
    field.at("group_ns")
        .reject(fmt::format("{} items", result.group_ns.size()),
                fmt::format("{}, as token_ns has", result.token_ns.size()));
  if (!result.passes.empty() && result.passes.size() != result.token_ns.size())
    field.at("passes").reject(fmt::format("{} items", result.passes.size()),
                              fmt::format("{}, as token_ns has", result.token_ns.size()));
  for (const std::vector<std::int64_t>& step : result.group_ns)
    want_size(field.at("group_ns"), step.size(), result.groups.size());
  return result;
}

Json to_json(const TimeRequest& request) {
  return {{"group", request.group}, {"calls", request.calls}};
}

TimeRequest read_time_request(const JsonField& params) {
  return {params.at("group").text(), read_int(params.at("calls"), 1)};
}

Json call_times_json(const std::vector<std::int64_t>& calls_ns) { return {{"calls_ns", calls_ns}}; }

std::vector<std::int64_t> read_call_times(const JsonField& field) {
  return read_list(field.at("calls_ns"), read_ns);
}

Json to_json(const ProgressState& state) {
  return {
      {"stage", state.stage}, {"item", state.item}, {"done", state.done}, {"total", state.total}};
}

ProgressState read_progress_state(const JsonField& params) {
  return {.stage = params.at("stage").text(),
          .item = read_or_empty(params, "item", read_text),
          .done = read_count(params.at("done")),
          .total = read_count(params.at("total"))};
}

}  // namespace fusesweep
