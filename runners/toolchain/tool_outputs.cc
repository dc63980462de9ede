#include "runners/toolchain/tool_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kMostSeconds = 1e9;
constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kMostIds = 1 << 20;
// A cosine that a tool sums in floats may be beyond 1 by so much.
constexpr double kCosineSlack = 1e-4;

// The parts of a decoding, as the runtime calls them and as its groups are called here.
struct NamedPart {
  std::string_view part;
  std::string_view group;
};
constexpr NamedPart kParts[] = {{"embed", "embed"},
                                {"rope_mask", "rope_mask"},
                                {"layers", "layers"},
                                {"head_copy", "head_copy"},
                                {"head_predict_reduce", "head"}};

bool is_word_character(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split_text(text, '\n');
  for (std::string_view& line : lines) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  }
  return lines;
}

// The words of a line, which spaces and commas separate.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t,;");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t end = line.find_first_of(" \t,;");
    words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return words;
    line.remove_prefix(end);
  }
}

// The words NAME=VALUE of a line; of a name that is there twice, the last.
std::map<std::string_view, std::string_view> values_of(std::string_view line) {
  std::map<std::string_view, std::string_view> values;
  for (const std::string_view word : words_of(line)) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos) continue;
    const std::string_view name = word.substr(0, equals);
    if (std::all_of(name.begin(), name.end(), is_word_character))
      values[name] = word.substr(equals + 1);
  }
  return values;
}

// A decimal number and nothing else; also nan and inf, with a sign.
std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return HUGE_VAL;
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

Failure bad(std::string_view where, std::string_view name, std::string_view found,
            std::string_view wanted) {
  return unavailable(fmt::format("{}: {}: found {}, want {}", where, name, quote(found), wanted));
}

Result<std::int64_t> nanoseconds(double value, double per_unit, std::string_view where,
                                 std::string_view name) {
  const double ns = value * per_unit;
  if (!(ns >= 0 && ns <= kMostSeconds * 1e9))
    return bad(where, name, fmt::format("{}", value), "a time");
  return std::llround(ns);
}

// The tool says yes and its counts no, or the other way round.
void compare_with_word(Placement& placement) {
  const std::optional<bool> counted = strictly_resident(placement);
  if (!counted || !placement.stated_resident || *counted == *placement.stated_resident) return;
  placement.notes.push_back(
      *counted
          ? "the tool says that it does not pass, and its counts that all is resident: counts "
            "are what holds"
          : "the tool says that it passes, and its counts that not all is resident: counts are "
            "what holds");
}

Result<void> check_placement(const Placement& placement, std::string_view where) {
  const bool tells =
      placement.conv || placement.compute || placement.stated_resident || !placement.kinds.empty();
  if (!tells)
    return unavailable(
        fmt::format("{}: found neither counts nor a word, want conv_total and conv_ane, "
                    "compute_total and compute_ane, or pass",
                    where));
  if (!placement.non_resident.empty() && placement.compute &&
      placement.compute->resident == placement.compute->total) {
    return unavailable(fmt::format(
        "{}: found {} operations elsewhere and compute_ane {} of {}, want what fits together",
        where, placement.non_resident.size(), placement.compute->resident,
        placement.compute->total));
  }
  return {};
}

// The members NAME_total and NAME_ane, both or none.
std::optional<ResidentCount> read_count(const JsonField& report, std::string_view name) {
  const auto total = report.find(fmt::format("{}_total", name));
  const auto resident = report.find(fmt::format("{}_ane", name));
  if (!total || !resident) return std::nullopt;
  const ResidentCount count{static_cast<std::uint64_t>(total->integer(0, kMost)),
                            static_cast<std::uint64_t>(resident->integer(0, kMost))};
  if (count.resident > count.total)
    resident->reject(fmt::format("{}", count.resident),
                     fmt::format("at most {}_total, which is {}", name, count.total));
  const auto rest = report.find(fmt::format("{}_non_ane", name));
  if (rest && count.resident <= count.total) {
    const auto left = static_cast<std::int64_t>(count.total - count.resident);
    if (const std::int64_t told = rest->integer(0, kMost); told != left)
      rest->reject(fmt::format("{}", told), fmt::format("{}, which is left", left));
  }
  return count;
}

// {"conv": {"ane": 48}} or {"ane": 48}.
void read_kinds(const JsonField& counts, Placement& placement) {
  for (const auto& [name, value] : counts.members()) {
    if (!value.json().is_object()) {
      placement.kinds.push_back(
          {"", name, "", static_cast<std::uint64_t>(value.integer(0, kMost))});
      continue;
    }
    for (const auto& [place, count] : value.members())
      placement.kinds.push_back(
          {name, place, "", static_cast<std::uint64_t>(count.integer(0, kMost))});
  }
}

// The first of these members that is a text.
std::string text_of(const JsonField& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto member = row.find(name); member && member->is_text()) return member->text();
  }
  return {};
}

NonResident read_row(const JsonField& row) {
  if (row.is_text()) return {.operation = row.text()};
  if (!row.json().is_object()) return {.operation = to_text(row.json())};
  return {.operation = text_of(row, {"name", "operation", "output"}),
          .type = text_of(row, {"op", "type", "op_type", "operator_name"}),
          .place = text_of(row, {"device", "place", "preferred_device", "preferred"}),
          .reason = text_of(row, {"reason"})};
}

Result<RecordedComparison> read_golden_line(
    const std::map<std::string_view, std::string_view>& values, std::string_view where) {
  RecordedComparison found;
  for (const auto& [name, member] :
       {std::pair("cos", &RecordedComparison::cosine), std::pair("rmse", &RecordedComparison::rmse),
        std::pair("max_abs", &RecordedComparison::max_abs)}) {
    const auto value = values.find(name);
    if (value == values.end()) continue;
    const std::optional<double> number = number_of(value->second);
    if (!number) return bad(where, name, value->second, "a number");
    if (!std::isfinite(*number)) {
      found.non_finite = true;
      continue;
    }
    found.*member = *number;
  }
  if (found.cosine && std::abs(*found.cosine) > 1 + kCosineSlack)
    return bad(where, "cos", values.at("cos"), "a number from -1 to 1");
  if (found.cosine) found.cosine = std::clamp(*found.cosine, -1.0, 1.0);
  for (const std::optional<double>& error : {found.rmse, found.max_abs}) {
    if (error && *error < 0) return bad(where, "an error", fmt::format("{}", *error), "0 or more");
  }
  return found;
}

void take_worst(RecordedComparison& worst, const RecordedComparison& one) {
  const auto take = [](std::optional<double>& to, const std::optional<double>& value, auto pick) {
    if (value) to = to ? pick(*to, *value) : *value;
  };
  worst.non_finite = worst.non_finite || one.non_finite;
  take(worst.cosine, one.cosine, [](double a, double b) { return std::min(a, b); });
  take(worst.rmse, one.rmse, [](double a, double b) { return std::max(a, b); });
  take(worst.max_abs, one.max_abs, [](double a, double b) { return std::max(a, b); });
}

// "[1, 2, 3]".
Result<std::vector<int>> read_ids(std::string_view list, std::string_view where) {
  constexpr std::string_view kWanted = "a list of token ids";
  if (!list.starts_with('[') || !list.ends_with(']'))
    return bad(where, "Generated IDs", list, kWanted);
  std::vector<int> ids;
  for (const std::string_view word : words_of(list.substr(1, list.size() - 2))) {
    const Result<std::int64_t> id = parse_integer(word, 0, std::numeric_limits<int>::max());
    if (!id || ids.size() == kMostIds) return bad(where, "Generated IDs", word, kWanted);
    ids.push_back(static_cast<int>(*id));
  }
  return ids;
}

// A time of a line of text; absent where the line does not have it.
Result<std::optional<std::int64_t>> read_time(
    const std::map<std::string_view, std::string_view>& values, std::string_view name,
    double per_unit, std::string_view where) {
  const auto value = values.find(name);
  if (value == values.end()) return std::nullopt;
  const std::optional<double> number = number_of(value->second);
  if (!number) return bad(where, name, value->second, "a number");
  const Result<std::int64_t> ns = nanoseconds(*number, per_unit, where, name);
  if (!ns) return fail(ns.error());
  return *ns;
}

// "L0-16=13.3ms": the mean of one call.
std::optional<std::pair<Segment, double>> read_layer_word(std::string_view word) {
  if (word.starts_with("top5=")) word.remove_prefix(5);
  const std::size_t dash = word.find('-');
  const std::size_t equals = word.find('=');
  if (!word.starts_with('L') || !word.ends_with("ms") || dash == std::string_view::npos ||
      equals == std::string_view::npos || dash > equals)
    return std::nullopt;
  const auto begin = parse_integer(word.substr(1, dash - 1), 0, kMaxLayers - 1);
  const auto end = parse_integer(word.substr(dash + 1, equals - dash - 1), 1, kMaxLayers);
  const auto ms = number_of(word.substr(equals + 1, word.size() - equals - 3));
  if (!begin || !end || *begin >= *end || !ms) return std::nullopt;
  return std::pair(Segment{static_cast<int>(*begin), static_cast<int>(*end)}, *ms);
}

// Collects what the lines of a one-shot runtime tell.
class OneShot {
 public:
  explicit OneShot(std::string_view where) : where_(where) {}

  Result<void> take(std::string_view line) {
    constexpr std::string_view kIds = "Generated IDs:";
    if (line.starts_with("Timing:")) return take_timing(values_of(line));
    if (line.starts_with("ProfileDecodePerToken:")) return take_parts(values_of(line));
    if (line.starts_with("ProfileDecodeLayers:")) return take_layers(line);
    if (!line.starts_with(kIds)) return {};
    line.remove_prefix(kIds.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    Result<std::vector<int>> ids = read_ids(line, where_);
    if (!ids) return fail(std::move(ids).error());
    ids_ = *std::move(ids);
    return {};
  }

  Result<DecodeResult> result() {
    if (!ids_) return unavailable(fmt::format("{}: found no line 'Generated IDs: [..]'", where_));
    DecodeResult result{.ids = *std::move(ids_), .prefill_ns = prefill_ns_};
    if (!decode_tokens_ || *decode_tokens_ < 1 || decode_ns_.value_or(0) < 1) return result;
    DecodeSum sum{.tokens = *decode_tokens_, .ns = *decode_ns_};
    for (const auto& [group, ns] : groups()) {
      if (ns > kMost / *decode_tokens_) return bad(where_, group, fmt::format("{}", ns), "a time");
      sum.groups.push_back({group, ns * *decode_tokens_});
    }
    if (!sum.groups.empty()) sum.group_calls = *decode_tokens_;
    result.sum = std::move(sum);
    return result;
  }

 private:
  using Values = std::map<std::string_view, std::string_view>;

  Result<void> take_timing(const Values& values) {
    if (const auto tokens = values.find("decode_tokens"); tokens != values.end()) {
      const Result<std::int64_t> count = parse_integer(tokens->second, 0, kMostIds);
      if (!count) return bad(where_, "decode_tokens", tokens->second, "a count");
      decode_tokens_ = *count;
    }
    for (const auto& [name, to] :
         {std::pair("decode_s", &decode_ns_), std::pair("prefill_s", &prefill_ns_)}) {
      const auto ns = read_time(values, name, 1e9, where_);
      if (!ns) return fail(ns.error());
      if (*ns) *to = *ns;
    }
    return {};
  }

  Result<void> take_parts(const Values& values) {
    parts_.clear();
    for (const auto& [part, group] : kParts) {
      const auto ns = read_time(values, fmt::format("{}_ms", part), 1e6, where_);
      if (!ns) return fail(ns.error());
      if (*ns) parts_.push_back({std::string(group), **ns});
    }
    return {};
  }

  Result<void> take_layers(std::string_view line) {
    shards_.clear();
    for (const std::string_view word : words_of(line)) {
      const auto layer = read_layer_word(word);
      if (!layer) continue;
      const Result<std::int64_t> ns =
          nanoseconds(layer->second, 1e6, where_, to_text(layer->first));
      if (!ns) return fail(ns.error());
      shards_[layer->first.begin] = {to_text(layer->first), *ns};
    }
    const auto values = values_of(line);
    const auto count = values.find("layer_shards");
    are_all_ = count != values.end() && count->second == fmt::format("{}", shards_.size());
    return {};
  }

  // The shards in place of all layers, where every one of them is told.
  std::vector<GroupSum> groups() const {
    std::vector<GroupSum> groups;
    for (const GroupSum& part : parts_) {
      if (part.group != "layers" || !are_all_) {
        groups.push_back(part);
        continue;
      }
      for (const auto& [begin, shard] : shards_) groups.push_back(shard);
    }
    return groups;
  }

  std::string_view where_;
  std::optional<std::vector<int>> ids_;
  std::optional<std::int64_t> decode_tokens_;
  std::optional<std::int64_t> decode_ns_;
  std::optional<std::int64_t> prefill_ns_;
  std::vector<GroupSum> parts_;     // of one token
  std::map<int, GroupSum> shards_;  // of one call, by first layer
  bool are_all_ = false;
};

// Seconds as nanoseconds; absent is absent.
std::optional<std::int64_t> read_seconds(const JsonField& object, std::string_view name) {
  const std::optional<JsonField> field = object.find(name);
  if (!field) return std::nullopt;
  return std::llround(field->number(0, kMostSeconds) * 1e9);
}

std::optional<std::int64_t> read_calls(const JsonField& object, std::string_view name) {
  const std::optional<JsonField> field = object.find(name);
  if (!field) return std::nullopt;
  return field->integer(0, kMostIds);
}

void read_timing(const JsonField& answer, DecodeResult& result) {
  const std::optional<JsonField> timing = answer.find("timing");
  if (!timing) return;
  result.prefill_ns = read_seconds(*timing, "prefill_s");
  const auto tokens = read_calls(*timing, "decode_tokens");
  const auto decode_ns = read_seconds(*timing, "decode_s");
  if (!tokens || *tokens < 1 || decode_ns.value_or(0) < 1) return;
  DecodeSum sum{.tokens = *tokens, .ns = *decode_ns};
  if (const auto calls = read_calls(*timing, "forward_calls"); calls && *calls > 0) {
    sum.forward_calls = *calls;
    sum.forward_ns = read_seconds(*timing, "forward_s");
  }
  const std::optional<JsonField> profile = answer.find("profile");
  const auto calls = profile ? read_calls(*profile, "calls") : std::nullopt;
  if (calls && *calls > 0) {
    for (const auto& [part, group] : kParts) {
      if (const auto ns = read_seconds(*profile, fmt::format("{}_s", part)))
        sum.groups.push_back({std::string(group), *ns});
    }
    if (!sum.groups.empty()) sum.group_calls = *calls;
  }
  result.sum = std::move(sum);
}

}  // namespace

Result<Json> parse_tool_json(std::string_view text, std::string_view where) {
  std::string json;
  json.reserve(text.size());
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && c == '\\' && i + 1 < text.size()) {
      json += text.substr(i, 2);
      i += 2;
      continue;
    }
    if (!is_quoted) {
      bool is_replaced = false;
      for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
        if (!text.substr(i).starts_with(word)) continue;
        json += "null";
        i += word.size();
        is_replaced = true;
        break;
      }
      if (is_replaced) continue;
    }
    json += c;
    ++i;
  }
  return parse_json(json, where);
}

Result<Placement> parse_residency_report(std::string_view text, std::string_view where) {
  const Result<Json> json = parse_tool_json(text, where);
  if (!json) return unavailable(json.error().message);
  JsonReader reader(*json, std::string(where));
  const JsonField report = reader.root();
  Placement placement{.evidence = PlacementEvidence::kPlan,
                      .conv = read_count(report, "conv"),
                      .compute = read_count(report, "compute")};
  if (const auto pass = report.find("pass")) placement.stated_resident = pass->boolean();
  if (const auto counts = report.find("op_device_counts")) read_kinds(*counts, placement);
  if (const auto rows = report.find("non_ane_compute_rows")) {
    for (const JsonField& row : rows->items()) {
      if (placement.non_resident.size() == kMostRows) break;
      placement.non_resident.push_back(read_row(row));
    }
  }
  if (reader.error()) return unavailable(reader.error()->message);
  if (auto checked = check_placement(placement, where); !checked)
    return fail(std::move(checked).error());
  compare_with_word(placement);
  return placement;
}

Result<Placement> parse_residency_lines(std::string_view text, std::string_view where) {
  Json report = Json::object();
  for (const std::string_view line : lines_of(text)) {
    for (const auto& [name, value] : values_of(line)) {
      if (name == "PASS" || name == "pass") {
        if (value == "True" || value == "true") report["pass"] = true;
        if (value == "False" || value == "false") report["pass"] = false;
        continue;
      }
      const bool is_count = name.starts_with("conv_") || name.starts_with("compute_");
      const Result<std::int64_t> count = parse_integer(value, 0, kMost);
      if (is_count && count) report[std::string(name)] = *count;
    }
  }
  return parse_residency_report(to_text(report), where);
}

Result<RecordedComparison> parse_golden_lines(std::string_view text, std::string_view where) {
  RecordedComparison worst;
  bool is_found = false;
  for (const std::string_view line : lines_of(text)) {
    const auto values = values_of(line);
    if (!values.contains("cos")) continue;
    const Result<RecordedComparison> one = read_golden_line(values, where);
    if (!one) return one;
    take_worst(worst, *one);
    is_found = true;
  }
  if (!is_found) return unavailable(fmt::format("{}: found no line with cos=, want one", where));
  if (worst.non_finite) return RecordedComparison{.non_finite = true};
  return worst;
}

Result<DecodeResult> parse_one_shot(std::string_view text, std::string_view where) {
  OneShot shot(where);
  for (const std::string_view line : lines_of(text)) {
    if (auto taken = shot.take(line); !taken) return fail(std::move(taken).error());
  }
  return shot.result();
}

Result<ReadyLine> parse_ready(std::string_view line, std::string_view where) {
  constexpr std::string_view kReady = "READY";
  constexpr std::string_view kProtocol = "phi4mini-jsonl-v1";
  if (!line.starts_with(kReady)) return ReadyLine::kChatter;
  const Result<Json> json = parse_tool_json(line.substr(kReady.size()), where);
  if (!json) return ReadyLine::kChatter;
  JsonReader reader(*json, std::string(where));
  const JsonField protocol = reader.root().at("protocol");
  const std::string found = protocol.text();
  if (found != kProtocol) protocol.reject(quote(found), kProtocol);
  if (reader.error()) return unavailable(reader.error()->message);
  return ReadyLine::kReady;
}

std::string resident_request(const std::vector<int>& prompt, int tokens) {
  return to_text(Json{{"prompt_ids", prompt}, {"max_new", tokens}, {"profile", true}});
}

Result<std::optional<DecodeResult>> parse_resident_answer(std::string_view line,
                                                          std::string_view where) {
  const Result<Json> json = parse_tool_json(line, where);
  if (!json || !json->is_object() || !json->contains("ok")) return std::nullopt;
  JsonReader reader(*json, std::string(where));
  const JsonField answer = reader.root();
  if (!answer.at("ok").boolean() && !reader.error()) {
    const std::string why = text_of(answer, {"error", "message"});
    return unavailable(fmt::format("{}: it says that it is not ok: {}", where,
                                   why.empty() ? "no reason" : quote(why)));
  }
  DecodeResult result;
  for (const JsonField& id : answer.at("generated_ids").items())
    result.ids.push_back(static_cast<int>(id.integer(0, std::numeric_limits<int>::max())));
  read_timing(answer, result);
  if (reader.error()) return unavailable(reader.error()->message);
  return result;
}

}  // namespace fusesweep
