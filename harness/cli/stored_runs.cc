#include "harness/cli/stored_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/stats/quantile.h"

namespace fusesweep {
namespace {

constexpr std::size_t kShortest = 8;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

double to_ms(double ns) { return ns / 1e6; }

std::optional<double> median_ms(const std::vector<std::int64_t>& token_ns) {
  std::vector<double> ms;
  ms.reserve(token_ns.size());
  for (const std::int64_t ns : token_ns) ms.push_back(to_ms(static_cast<double>(ns)));
  return median(ms);
}

Json to_json(const Conditions& conditions) {
  return {{"runner", conditions.runner.empty() ? Json(nullptr) : Json(conditions.runner)},
          {"options_hash", conditions.options_hash}};
}

Json to_json(const VerdictRow& row) {
  Json figures = Json::array();
  for (const GateFigure& figure : row.verdict.figures) {
    figures.push_back({{"metric", figure.name},
                       {"value", or_null(figure.value)},
                       {"at_least", or_null(figure.at_least)},
                       {"at_most", or_null(figure.at_most)}});
  }
  Json json = {{"subject_kind", row.subject.kind},
               {"subject", row.subject.text},
               {"subject_key", row.subject.key},
               {"content_hash", row.content_hash.empty() ? Json(nullptr) : Json(row.content_hash)}};
  json.update(to_json(row.conditions));
  json["gate"] = row.verdict.gate;
  json["outcome"] = to_text(row.verdict.outcome);
  json["reason"] = row.verdict.reason;
  json["figures"] = std::move(figures);
  return json;
}

Json to_json(const ProbeRow& row) {
  const ProbeAnswer& answer = row.answer;
  Json json = {{"segment", to_text(answer.probe.segment)},
               {"shard", hash_of(row.shard)},
               {"attempt", answer.probe.attempt},
               {"recorded", answer.is_recorded},
               {"resident", answer.is_resident},
               {"failure", answer.failure ? Json(to_text(*answer.failure)) : Json(nullptr)},
               {"weight_bytes", answer.weight_bytes},
               {"operations", or_null(answer.operations)},
               {"reason", answer.reason},
               {"wrong", or_null(answer.wrong)}};
  json.update(to_json(row.conditions));
  return json;
}

Json to_json(const DecodeRow& row) {
  const DecodeFigures figures = figures_of(row);
  Json json = {{"split", row.split},
               {"split_key", row.split_key},
               {"model", row.model},
               {"contract_hash", row.contract_hash},
               {"evidence", row.evidence},
               {"workload", row.workload},
               {"prompt_tokens", row.prompt_tokens},
               {"ms_per_token", or_null(figures.ms_per_token)},
               {"tok_per_s", or_null(figures.tok_per_s)},
               {"ttft_ms", or_null(figures.ttft_ms)},
               {"prefill_ns", or_null(row.prefill_ns)},
               {"ids", row.ids},
               {"groups", row.groups},
               {"token_ns", row.token_ns},
               {"group_ns", row.group_ns},
               {"sum", row.sum ? to_json(*row.sum) : Json(nullptr)},
               {"counters", row.counters}};
  json.update(to_json(row.conditions));
  return json;
}

Json to_json(const BlockRow& block) {
  Json loads = Json::array();
  for (const ArmLoadRow& load : block.loads) {
    loads.push_back({{"arm", load.arm},
                     {"load_ns", or_null(load.load_ns)},
                     {"activation_ns", load.activation_ns}});
  }
  Json cells = Json::array();
  for (const CellRow& cell : block.cells) {
    cells.push_back({{"arm", cell.arm},
                     {"split_key", cell.split_key},
                     {"round", cell.round},
                     {"position", cell.position},
                     {"prefill_ns", or_null(cell.prefill_ns)},
                     {"groups", cell.groups},
                     {"token_ns", cell.token_ns},
                     {"group_ns", cell.group_ns},
                     {"sum", cell.sum ? to_json(*cell.sum) : Json(nullptr)},
                     {"ids", cell.ids},
                     {"counters", cell.counters}});
  }
  return {{"trial", block.trial},
          {"block", block.block},
          {"seed", std::to_string(block.seed)},
          {"began_unix_ms", block.began_unix_ms},
          {"wall_ns", block.wall_ns},
          {"noise", block.noise},
          {"loads", std::move(loads)},
          {"cells", std::move(cells)}};
}

// A text or a number of a document that anybody may have written; nothing where there is another kind.
CsvCell text_cell(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? CsvCell(found->get<std::string>())
                                                     : CsvCell();
}

CsvCell number_cell(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return {};
  if (found->is_number_integer()) return found->get<std::int64_t>();
  return found->is_number() ? CsvCell(found->get<double>()) : CsvCell();
}

constexpr const char* kColumns[] = {"kind",   "run",       "sweep",        "trial",     "name",
                                    "split",  "standing",  "verdict",      "reason",    "runner",
                                    "host",   "cpu_info",  "build_commit", "n_threads", "n_depth",
                                    "n_gen",  "rounds",    "test_time",    "avg_ns",    "stddev_ns",
                                    "avg_ts", "stddev_ts", "ms_per_token", "ttft_ms"};

// Cells by the names of their columns.
class TableOfRuns {
 public:
  TableOfRuns() { table_.columns.assign(std::begin(kColumns), std::end(kColumns)); }

  using Cells = std::map<std::string, CsvCell, std::less<>>;
  void add(Cells cells) {
    std::vector<CsvCell> row;
    for (const std::string& column : table_.columns) row.push_back(std::move(cells[column]));
    table_.rows.push_back(std::move(row));
  }
  CsvTable take() { return std::move(table_); }

 private:
  CsvTable table_;
};

TableOfRuns::Cells cells_of(const RunRow& run) {
  return {{"run", to_text(run.id)},
          {"host", csv_cell(run.start.provenance.host)},
          {"cpu_info", csv_cell(run.start.provenance.cpu)},
          {"build_commit", csv_cell(run.start.provenance.git_revision)}};
}

// Mean and sample deviation, as llama-bench takes them over its repetitions.
void add_spread(TableOfRuns::Cells& cells, const char* mean_name, const char* deviation_name,
                const std::vector<double>& values) {
  if (values.empty()) return;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  cells[mean_name] = mean;
  if (values.size() < 2) return;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  cells[deviation_name] = std::sqrt(squares / (n - 1));
}

// The steps of each round, or of a decoding, as a generation test of llama-bench.
void add_steps(TableOfRuns::Cells& cells, const std::vector<std::vector<std::int64_t>>& rounds) {
  std::vector<double> ns;
  std::vector<double> tok_per_s;
  std::vector<std::int64_t> steps;
  std::set<std::size_t> lengths;
  for (const std::vector<std::int64_t>& round : rounds) {
    if (round.empty()) continue;
    double sum = 0;
    for (const std::int64_t step : round) sum += static_cast<double>(step);
    ns.push_back(sum);
    if (sum > 0) tok_per_s.push_back(1e9 * static_cast<double>(round.size()) / sum);
    steps.insert(steps.end(), round.begin(), round.end());
    lengths.insert(round.size());
  }
  if (lengths.size() == 1) cells["n_gen"] = static_cast<std::int64_t>(*lengths.begin());
  cells["rounds"] = static_cast<std::int64_t>(ns.size());
  add_spread(cells, "avg_ns", "stddev_ns", ns);
  add_spread(cells, "avg_ts", "stddev_ts", tok_per_s);
  cells["ms_per_token"] = csv_cell(median_ms(steps));
}

void add_arms(TableOfRuns& table, const WholeSweep& whole, const TableOfRuns::Cells& common) {
  std::map<std::pair<std::string, std::string>, std::vector<std::vector<std::int64_t>>> rounds;
  std::map<std::string, std::int64_t> began;
  for (const BlockRow& block : whole.blocks) {
    began.try_emplace(block.trial, block.began_unix_ms);
    for (const CellRow& cell : block.cells)
      rounds[{block.trial, cell.arm}].push_back(times_of_steps(cell.token_ns, cell.sum));
  }
  for (const auto& [arm, steps] : rounds) {
    TableOfRuns::Cells cells = common;
    cells["kind"] = "arm";
    cells["trial"] = arm.first;
    cells["name"] = arm.second;
    cells["n_depth"] = number_cell(whole.sweep.sweep.spec, "prompt_tokens");
    std::string time = utc_time(began[arm.first]);
    std::replace(time.begin(), time.end(), ' ', 'T');
    cells["test_time"] = time + "Z";
    add_steps(cells, steps);
    table.add(std::move(cells));
  }
}

void add_candidates(TableOfRuns& table, const Json& answer, const TableOfRuns::Cells& common) {
  if (!answer.is_object()) return;
  const auto candidates = answer.find("candidates");
  if (candidates == answer.end() || !candidates->is_array()) return;
  for (const Json& candidate : *candidates) {
    if (!candidate.is_object()) continue;
    TableOfRuns::Cells cells = common;
    cells["kind"] = "candidate";
    for (const char* text : {"name", "split", "standing", "verdict", "reason"})
      cells[text] = text_cell(candidate, text);
    for (const char* number : {"ms_per_token", "ttft_ms"})
      cells[number] = number_cell(candidate, number);
    table.add(std::move(cells));
  }
}

}  // namespace

Result<WholeRun> read_whole_run(const Store& store, const RunRow& run,
                                const RunContents& contents) {
  WholeRun whole{.run = run, .contents = contents};
  const auto take = [](auto rows, auto& to) -> Result<void> {
    if (!rows) return fail(std::move(rows).error());
    to = *std::move(rows);
    return {};
  };
  if (auto read = take(store.artifacts_of(run.id), whole.artifacts); !read)
    return fail(read.error());
  if (auto read = take(store.verdicts_of(run.id), whole.verdicts); !read) return fail(read.error());
  if (auto read = take(store.probes_of(run.id), whole.probes); !read) return fail(read.error());
  if (auto read = take(store.failures_of(run.id), whole.failures); !read) return fail(read.error());
  if (auto read = take(store.decodes_of(run.id), whole.decodes); !read) return fail(read.error());
  if (auto read = take(store.trials_measured_by(run.id), whole.trials); !read)
    return fail(read.error());
  return whole;
}

Result<WholeSweep> read_whole_sweep(const Store& store, const StoredSweep& sweep) {
  WholeSweep whole{.sweep = sweep};
  const Result<std::vector<std::string>> trials = store.trials_of(sweep.id);
  if (!trials) return fail(trials.error());
  for (const std::string& trial : *trials) {
    Result<std::vector<BlockRow>> blocks = store.blocks_of(sweep.id, trial);
    if (!blocks) return fail(std::move(blocks).error());
    whole.blocks.insert(whole.blocks.end(), blocks->begin(), blocks->end());
  }
  return whole;
}

Result<Uuid> find_id(const std::vector<Uuid>& ids, std::string_view beginning,
                     std::string_view what) {
  const auto plain = [](std::string text) {
    std::erase(text, '-');
    return text;
  };
  const std::string wanted = plain(std::string(beginning));
  std::vector<Uuid> found;
  for (const Uuid& id : ids) {
    if (!wanted.empty() && plain(to_text(id)).starts_with(wanted)) found.push_back(id);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return invalid_input(
        fmt::format("found no {} {}, want the beginning of the id of one", what, quote(beginning)));
  }
  return invalid_input(fmt::format("found {} {}s {}, want more of the id, such as {}", found.size(),
                                   what, quote(beginning), to_text(found.front())));
}

std::size_t short_id_length(const std::vector<Uuid>& ids) {
  std::vector<std::string> texts;
  for (const Uuid& id : ids) texts.push_back(to_text(id));
  std::sort(texts.begin(), texts.end());
  std::size_t length = kShortest;
  for (std::size_t i = 1; i < texts.size(); ++i) {
    const auto [one, other] =
        std::mismatch(texts[i - 1].begin(), texts[i - 1].end(), texts[i].begin());
    length = std::max(length, static_cast<std::size_t>(one - texts[i - 1].begin()) + 1);
  }
  return length;
}

std::string stored_text(const RunContents& contents) {
  std::string text;
  const auto add = [&](std::int64_t count, std::string_view what) {
    if (count > 0)
      text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, what, count > 1 ? "s" : "");
  };
  add(contents.artifacts, "artifact");
  add(contents.verdicts, "verdict");
  add(contents.probes, "probe");
  add(contents.failures, "failure");
  add(contents.decodes, "decode");
  add(contents.sweeps, "sweep");
  add(contents.selfchecks, "selfcheck");
  add(contents.reruns, "rerun");
  add(contents.optimizations, "optimization");
  add(contents.blocks, "block");
  add(contents.journal_entries, "intent");
  add(contents.journal_outcomes, "outcome");
  return text.empty() ? "nothing" : text;
}

DecodeFigures figures_of(const DecodeRow& decode) {
  DecodeFigures figures{.ms_per_token = median_ms(times_of_steps(decode.token_ns, decode.sum))};
  if (figures.ms_per_token && *figures.ms_per_token > 0)
    figures.tok_per_s = 1e3 / *figures.ms_per_token;
  if (decode.prefill_ns) figures.ttft_ms = to_ms(static_cast<double>(*decode.prefill_ns));
  return figures;
}

Json to_json(const RunRow& run, const RunContents& contents) {
  return {{"run", to_text(run.id)},
          {"started_unix_ms", run.started_unix_ms},
          {"ended_unix_ms", or_null(run.ended_unix_ms)},
          {"command", run.start.command},
          {"outcome", or_null(run.outcome)},
          {"host", or_null(run.start.provenance.host)},
          {"cpu", or_null(run.start.provenance.cpu)},
          {"runners", contents.runners},
          {"stored",
           {{"artifacts", contents.artifacts},
            {"verdicts", contents.verdicts},
            {"probes", contents.probes},
            {"failures", contents.failures},
            {"decodes", contents.decodes},
            {"sweeps", contents.sweeps},
            {"selfchecks", contents.selfchecks},
            {"reruns", contents.reruns},
            {"optimizations", contents.optimizations},
            {"blocks", contents.blocks},
            {"journal_entries", contents.journal_entries},
            {"journal_outcomes", contents.journal_outcomes}}}};
}

Json to_json(const WholeRun& whole) {
  const Provenance& made_by = whole.run.start.provenance;
  Json json = to_json(whole.run, whole.contents);
  json["arguments"] = whole.run.start.arguments;
  json["seed"] = whole.run.start.seed ? Json(std::to_string(*whole.run.start.seed)) : Json(nullptr);
  json["provenance"] = {{"program_version", made_by.program_version},
                        {"git_revision", or_null(made_by.git_revision)},
                        {"git_dirty", or_null(made_by.git_dirty)},
                        {"compiler", made_by.compiler},
                        {"compiler_flags", made_by.compiler_flags},
                        {"build_type", made_by.build_type},
                        {"host", or_null(made_by.host)},
                        {"cpu", or_null(made_by.cpu)},
                        {"os", or_null(made_by.os)},
                        {"kernel", or_null(made_by.kernel)},
                        {"machine", made_by.machine}};
  Json& artifacts = json["artifacts"] = Json::array();
  for (const ArtifactRow& row : whole.artifacts) {
    artifacts.push_back({{"shard", hash_of(row.shard)},
                         {"kind", to_text(row.shard.kind)},
                         {"content_hash", row.content_hash},
                         {"path", row.path},
                         {"bytes", row.bytes},
                         {"weight_bytes", row.weight_bytes},
                         {"build_ns", or_null(row.build_ns)}});
  }
  Json& verdicts = json["verdicts"] = Json::array();
  for (const VerdictRow& row : whole.verdicts) verdicts.push_back(to_json(row));
  Json& probes = json["probes"] = Json::array();
  for (const ProbeRow& row : whole.probes) probes.push_back(to_json(row));
  Json& failures = json["failures"] = Json::array();
  for (const FailureRow& row : whole.failures) {
    Json failure = {{"shard", hash_of(row.shard)},
                    {"kind", to_text(row.shard.kind)},
                    {"stage", row.stage},
                    {"reason", row.reason}};
    failure.update(to_json(row.conditions));
    failures.push_back(std::move(failure));
  }
  Json& decodes = json["decodes"] = Json::array();
  for (const DecodeRow& row : whole.decodes) decodes.push_back(to_json(row));
  Json& trials = json["blocks"] = Json::array();
  for (const MeasuredTrial& trial : whole.trials) {
    trials.push_back({{"sweep", to_text(trial.sweep)},
                      {"trial", trial.trial},
                      {"blocks", trial.blocks},
                      {"wall_ns", trial.wall_ns}});
  }
  return json;
}

Json to_json(const WholeSweep& whole) {
  const StoredSweep& sweep = whole.sweep;
  Json blocks = Json::array();
  for (const BlockRow& block : whole.blocks) blocks.push_back(to_json(block));
  return {{"sweep", to_text(sweep.id)},
          {"run", to_text(sweep.run)},
          {"spec_hash", sweep.sweep.spec_hash},
          {"spec", sweep.sweep.spec},
          {"started_unix_ms", sweep.started_unix_ms},
          {"ended_unix_ms", or_null(sweep.ended_unix_ms)},
          {"outcome", or_null(sweep.outcome)},
          {"answer", sweep.answer},
          {"blocks", std::move(blocks)}};
}

CsvTable csv_of(const std::vector<WholeRun>& runs, const std::vector<WholeSweep>& sweeps) {
  TableOfRuns table;
  for (const WholeSweep& whole : sweeps) {
    const auto run = std::find_if(runs.begin(), runs.end(), [&](const WholeRun& other) {
      return other.run.id == whole.sweep.run;
    });
    TableOfRuns::Cells common;
    if (run != runs.end()) {
      common = cells_of(run->run);
      if (run->contents.runners.size() == 1) common["runner"] = run->contents.runners.front();
    }
    common["sweep"] = to_text(whole.sweep.id);
    add_candidates(table, whole.sweep.answer, common);
    add_arms(table, whole, common);
  }
  for (const WholeRun& whole : runs) {
    for (const DecodeRow& decode : whole.decodes) {
      TableOfRuns::Cells cells = cells_of(whole.run);
      cells["kind"] = "decode";
      cells["split"] = decode.split;
      if (whole.contents.runners.size() == 1) cells["runner"] = whole.contents.runners.front();
      // 0 threads stand for as many as there are: how many is not known.
      if (const CsvCell threads = number_cell(decode.workload, "threads");
          threads != CsvCell(std::int64_t{0}))
        cells["n_threads"] = threads;
      cells["n_depth"] = std::int64_t{decode.prompt_tokens};
      add_steps(cells, {times_of_steps(decode.token_ns, decode.sum)});
      cells["ttft_ms"] = csv_cell(figures_of(decode).ttft_ms);
      table.add(std::move(cells));
    }
  }
  return table.take();
}

}  // namespace fusesweep
