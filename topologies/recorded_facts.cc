#include "topologies/recorded_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/core/contract.h"

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();
constexpr double kMostDouble = 1e18;
constexpr std::int64_t kFormatVersion = 1;

int read_int(const JsonField& field, int low = 1, int high = kMost) {
  return static_cast<int>(field.integer(low, high));
}

double read_positive(const JsonField& field) { return field.number(0, kMostDouble); }

// A member that may be absent, read by `read` where it is there.
template <typename Read>
auto read_optional(const JsonField& object, std::string_view key, Read read)
    -> std::optional<decltype(read(object))> {
  const std::optional<JsonField> field = object.find(key);
  if (!field) return std::nullopt;
  return read(*field);
}

std::string read_optional_text(const JsonField& object, std::string_view key) {
  return read_optional(object, key, [](const JsonField& field) { return field.text(); })
      .value_or("");
}

RecordedCount read_count(const JsonField& field) {
  field.allow_only({"total", "resident"});
  const RecordedCount count{read_int(field.at("total"), 0), read_int(field.at("resident"), 0)};
  if (count.resident > count.total) {
    field.at("resident")
        .reject(fmt::format("{}", count.resident),
                fmt::format("at most total, which is {}", count.total));
  }
  return count;
}

double read_cosine(const JsonField& field) { return field.number(-1, 1); }

RecordedComparison read_comparison(const JsonField& field) {
  field.allow_only({"non_finite", "cosine", "rmse", "max_abs", "per_token_cosine"});
  RecordedComparison comparison;
  if (const auto non_finite = field.find("non_finite"))
    comparison.non_finite = non_finite->boolean();
  comparison.cosine = read_optional(field, "cosine", read_cosine);
  comparison.rmse = read_optional(field, "rmse", read_positive);
  comparison.max_abs = read_optional(field, "max_abs", read_positive);
  if (const auto per_token = field.find("per_token_cosine")) {
    for (const JsonField& item : per_token->items())
      comparison.per_token_cosine.push_back(read_cosine(item));
  }
  if (comparison.non_finite == comparison.cosine.has_value()) {
    field.reject("a cosine and non-finite output, or neither", "one of them");
  }
  return comparison;
}

// Reads what refers to the model or to the sources, which must have been read before.
class FactsReader {
 public:
  explicit FactsReader(RecordedFacts& facts) : facts_(facts) {}

  void head_of_file(const JsonField& root) {
    root.allow_only({"format", "format_version", "name", "about", "device", "model", "sources",
                     "shards", "operation_counts", "heads", "splits", "observations"});
    const std::string format = root.at("format").text();
    if (format != "fusesweep-recorded-facts")
      root.at("format").reject(quote(format), "'fusesweep-recorded-facts'");
    root.at("format_version").integer(kFormatVersion, kFormatVersion);
    facts_.name = root.at("name").text();
    facts_.about = root.at("about").text();

    const JsonField device = root.at("device");
    device.allow_only({"name", "accelerator", "os"});
    facts_.device = device.at("name").text();
    facts_.accelerator = device.at("accelerator").text();
    facts_.os = device.at("os").text();

    const JsonField model = root.at("model");
    model.allow_only({"name", "n_layers", "encoding", "conv_per_layer", "conv_weights_per_layer"});
    facts_.model = model.at("name").text();
    if (const auto known = known_model(facts_.model); !known)
      model.at("name").reject(quote(facts_.model), "a known model");
    facts_.n_layers = read_int(model.at("n_layers"), 1, kMaxLayers);
    const std::string encoding = model.at("encoding").text();
    if (const auto known = parse_encoding(encoding)) {
      facts_.encoding = *known;
    } else {
      model.at("encoding").reject(quote(encoding), "a known encoding");
    }
    if (const auto known = known_model(facts_.model); known && known->n_layers != facts_.n_layers) {
      model.at("n_layers")
          .reject(fmt::format("{}", facts_.n_layers),
                  fmt::format("{} as the model has", known->n_layers));
    }
    facts_.conv_per_layer = read_int(model.at("conv_per_layer"));
    facts_.conv_weights_per_layer =
        model.at("conv_weights_per_layer").integer(1, std::numeric_limits<std::int64_t>::max());

    for (const JsonField& item : root.at("sources").items()) {
      item.allow_only({"id", "date", "title"});
      if (is_listed(item.at("id").text()))
        item.at("id").reject("an id that was listed before", "each once");
      facts_.sources.push_back(
          {.id = item.at("id").text(),
           .title = item.at("title").text(),
           .date = read_optional(item, "date", [](const JsonField& f) { return f.text(); })});
    }
  }

  RecordedShard shard(const JsonField& item) const {
    item.allow_only({"segment", "rope_dim", "tokens", "resident", "conv", "compute", "artifact_gib",
                     "artifact_mib", "golden", "block_parity", "source", "note"});
    return {.segment = segment(item.at("segment")),
            .rope_dim = read_int(item.at("rope_dim")),
            .tokens = read_int(item.at("tokens")),
            .resident = item.at("resident").boolean(),
            .conv = read_optional(item, "conv", read_count),
            .compute = read_optional(item, "compute", read_count),
            .artifact_gib = read_optional(item, "artifact_gib", read_positive),
            .artifact_mib = read_optional(item, "artifact_mib", read_positive),
            .golden = read_optional(item, "golden", read_comparison),
            .block_parity = read_optional(item, "block_parity", read_comparison),
            .source = source(item.at("source")),
            .note = read_optional_text(item, "note")};
  }

  RecordedOperationCount operation_count(const JsonField& item) const {
    item.allow_only({"rope_dim", "layers", "compute_total", "source"});
    return {.rope_dim = read_int(item.at("rope_dim")),
            .layers = read_int(item.at("layers"), 1, facts_.n_layers),
            .compute_total = read_int(item.at("compute_total")),
            .source = source(item.at("source"))};
  }

  RecordedHead head(const JsonField& item) const {
    item.allow_only({"shards", "variant", "tokens", "resident", "conv", "compute", "golden",
                     "ms_per_token", "source", "note"});
    return {
        .shards = read_optional(item, "shards", [](const JsonField& f) { return read_int(f); }),
        .variant = read_optional_text(item, "variant"),
        .tokens = read_int(item.at("tokens")),
        .resident = read_optional(item, "resident", [](const JsonField& f) { return f.boolean(); }),
        .conv = read_optional(item, "conv", read_count),
        .compute = read_optional(item, "compute", read_count),
        .golden = read_optional(item, "golden", read_comparison),
        .ms_per_token = read_optional(item, "ms_per_token", read_positive),
        .source = source(item.at("source")),
        .note = read_optional_text(item, "note")};
  }

  RecordedSplit split(const JsonField& item) const {
    item.allow_only({"split", "runs", "note"});
    const std::string text = item.at("split").text();
    const Result<Split> parsed = parse_split(text, facts_.n_layers);
    if (!parsed)
      item.at("split").reject(quote(text), fmt::format("a split of {} layers", facts_.n_layers));
    RecordedSplit split{.split = parsed.value_or(Split(std::vector<int>{1})),
                        .note = read_optional_text(item, "note")};
    for (const JsonField& recorded : item.at("runs").items()) split.runs.push_back(run(recorded));
    return split;
  }

  RecordedObservation observation(const JsonField& item) const {
    item.allow_only({"topic", "what", "figures", "source"});
    RecordedObservation observation{.topic = item.at("topic").text(),
                                    .what = item.at("what").text(),
                                    .source = source(item.at("source"))};
    if (const auto figures = item.find("figures")) {
      for (const auto& [key, value] : figures->members())
        observation.figures[key] = read_positive(value);
    }
    return observation;
  }

 private:
  Segment segment(const JsonField& field) const {
    const std::vector<JsonField> ends = field.items();
    if (ends.size() != 2) {
      field.reject(fmt::format("{} numbers", ends.size()), "[begin, end]");
      return {};
    }
    const int begin = read_int(ends[0], 0, facts_.n_layers - 1);
    return {begin, read_int(ends[1], begin + 1, facts_.n_layers)};
  }

  bool is_listed(std::string_view id) const {
    return std::any_of(facts_.sources.begin(), facts_.sources.end(),
                       [&](const RecordedSource& known) { return known.id == id; });
  }

  std::string source(const JsonField& field) const {
    std::string id = field.text();
    if (!is_listed(id)) field.reject(quote(id), "the id of a listed source");
    return id;
  }

  RecordedRun run(const JsonField& item) const {
    item.allow_only({"decode_tok_per_s", "decode_tokens", "layers_ms_per_token",
                     "head_ms_per_token", "groups", "prefill_tok_per_s", "request_s", "rope_dim",
                     "source", "note"});
    RecordedRun run{
        .decode_tok_per_s = read_positive(item.at("decode_tok_per_s")),
        .decode_tokens =
            read_optional(item, "decode_tokens", [](const JsonField& f) { return read_int(f); }),
        .layers_ms_per_token = read_optional(item, "layers_ms_per_token", read_positive),
        .head_ms_per_token = read_optional(item, "head_ms_per_token", read_positive),
        .prefill_tok_per_s = read_optional(item, "prefill_tok_per_s", read_positive),
        .request_s = read_optional(item, "request_s", read_positive),
        .rope_dim = read_int(item.at("rope_dim")),
        .source = source(item.at("source")),
        .note = read_optional_text(item, "note")};
    if (const auto groups = item.find("groups")) {
      for (const JsonField& group : groups->items()) {
        group.allow_only({"segment", "ms_per_token"});
        run.groups.push_back(
            {segment(group.at("segment")), read_positive(group.at("ms_per_token"))});
      }
    }
    return run;
  }

  RecordedFacts& facts_;
};

}  // namespace

Result<RecordedFacts> parse_recorded_facts(std::string_view text, std::string_view where) {
  const Result<Json> document = parse_json(text, where);
  if (!document) return fail(document.error());
  JsonReader reader(*document, std::string(where));
  const JsonField root = reader.root();

  RecordedFacts facts;
  facts.content_hash = to_hex(hash128(text));
  FactsReader read(facts);
  read.head_of_file(root);
  if (reader.error()) return fail(*reader.error());
  for (const JsonField& item : root.at("shards").items()) facts.shards.push_back(read.shard(item));
  for (const JsonField& item : root.at("operation_counts").items()) {
    facts.operation_counts.push_back(read.operation_count(item));
  }
  for (const JsonField& item : root.at("heads").items()) facts.heads.push_back(read.head(item));
  for (const JsonField& item : root.at("splits").items()) facts.splits.push_back(read.split(item));
  for (const JsonField& item : root.at("observations").items())
    facts.observations.push_back(read.observation(item));
  if (reader.error()) return fail(*reader.error());
  return facts;
}

}  // namespace fusesweep
