#include "reports/sweep_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

#include "harness/base/text.h"
#include "harness/core/report_json.h"
#include "harness/stats/cell_estimate.h"
#include "harness/stats/quantile.h"

namespace fusesweep {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();
constexpr int kMostCount = std::numeric_limits<int>::max();

Result<std::size_t> choose(const StoredSweeps& sweeps, std::optional<std::string_view> id_prefix) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    const StoredSweep& sweep = sweeps.stored(i);
    if (!id_prefix ? sweep.ended_unix_ms.has_value() : begins_with(sweep.id, *id_prefix))
      chosen.push_back(i);
  }
  if (!id_prefix && chosen.empty())
    return invalid_input("found no sweep that has ended: fusesweep sweep makes one");
  if (!id_prefix || chosen.size() == 1) return chosen.back();
  if (chosen.empty()) {
    if (const StoredSweep* other = sweeps.only_other(*id_prefix); other != nullptr) {
      return invalid_input(fmt::format("sweep {}: found one of kind {}, want a sweep",
                                       quote(*id_prefix), quote(kind_of(other->sweep))));
    }
  }
  return invalid_input(fmt::format("sweep {}: found {} whose id begins so, want one",
                                   quote(*id_prefix), chosen.size()));
}

std::optional<double> read_number(const JsonField& of, std::string_view key) {
  const std::optional<JsonField> field = of.find(key);
  return field ? std::optional(field->number(-kMost, kMost)) : std::nullopt;
}

// A measured figure, which is above 0.
std::optional<double> read_figure(const JsonField& of, std::string_view key) {
  const std::optional<JsonField> field = of.find(key);
  return field ? std::optional(field->number(std::numeric_limits<double>::min(), kMost))
               : std::nullopt;
}

std::optional<Interval> read_interval(const JsonField& of, std::string_view key) {
  const std::optional<JsonField> field = of.find(key);
  if (!field) return std::nullopt;
  const std::vector<JsonField> ends = field->items();
  if (ends.size() != 2) {
    field->reject(fmt::format("{} numbers", ends.size()), "2");
    return std::nullopt;
  }
  return Interval{ends[0].number(-kMost, kMost), ends[1].number(-kMost, kMost)};
}

std::vector<GroupRow> read_groups(const JsonField& of) {
  std::vector<GroupRow> groups;
  const std::optional<JsonField> field = of.find("groups");
  if (!field) return groups;
  for (const JsonField& group : field->items())
    groups.push_back({group.at("group").text(), group.at("ms_per_token").number(0, kMost)});
  return groups;
}

SplitRow read_split(const JsonField& field) {
  SplitRow split{.name = field.at("name").text(),
                 .split = field.at("split").text(),
                 .standing = field.at("standing").text(),
                 .reason = read_text(field, "reason"),
                 .tok_per_s = read_figure(field, "tok_per_s"),
                 .ms_per_token = read_figure(field, "ms_per_token"),
                 .ttft_ms = read_number(field, "ttft_ms"),
                 .load_ms = read_number(field, "load_ms"),
                 .activation_ms = read_number(field, "activation_ms"),
                 .groups = read_groups(field),
                 .size_rel = read_number(field, "size_rel"),
                 .interval_rel = read_interval(field, "interval"),
                 .equivalence_interval_rel = read_interval(field, "equivalence_interval")};
  if (const auto verdict = field.find("verdict")) split.verdict = verdict->text();
  for (const JsonField& run : field.at("recorded").items()) {
    RecordedDecodeRow row{.tok_per_s = run.at("tok_per_s").number(0, kMost),
                          .groups = read_groups(run)};
    for (const JsonField& note : run.at("notes").items()) row.notes.push_back(note.text());
    split.recorded.push_back(std::move(row));
  }
  return split;
}

void read_gates(const JsonField& root, SweepRows& sweep) {
  const std::optional<JsonField> gates = root.find("gates");
  if (!gates) return;
  for (const JsonField& gated : gates->items()) {
    const std::string kind = gated.at("kind").text();
    const std::string text = gated.at("text").text();
    for (const JsonField& verdict : gated.at("verdicts").items())
      sweep.gates.push_back({kind, text, read_gate_verdict(verdict)});
  }
}

// Gives the names of the trials that its verdicts come from.
Result<std::vector<std::string>> read_answer(const Json& answer, SweepRows& sweep) {
  JsonReader reader(answer, "answer of the sweep");
  const JsonField root = reader.root();
  if (const auto cliff = root.find("cliff")) sweep.cliff = read_cliff_result(*cliff);
  read_gates(root, sweep);
  for (const JsonField& candidate : root.at("candidates").items())
    sweep.splits.push_back(read_split(candidate));
  if (const auto best = root.find("best")) sweep.best = best->text();
  std::vector<std::string> tied;
  if (sweep.best) tied.push_back(*sweep.best);
  if (const auto tie = root.find("tie")) {
    for (const JsonField& name : tie->items()) tied.push_back(name.text());
  }
  const std::string control = read_text(root, "control");
  for (SplitRow& split : sweep.splits) {
    split.is_control = split.name == control;
    split.is_tied = std::find(tied.begin(), tied.end(), split.name) != tied.end();
  }
  sweep.manifest = read_text(root, "manifest");
  sweep.blocks = static_cast<int>(root.at("blocks").integer(0, kMostCount));
  sweep.wanted_blocks = static_cast<int>(root.at("wanted_blocks").integer(0, kMostCount));
  const JsonField noise = root.at("noise");
  for (const JsonField& dirt : noise.at("dirt").items()) sweep.dirt.push_back(dirt.text());
  sweep.steal_rel = read_number(noise, "steal_rel");
  sweep.throttled_rel = read_number(noise, "throttled_rel");
  sweep.twin_rel = read_number(noise, "twin_rel");
  sweep.smallest_detectable_rel = read_number(noise, "smallest_detectable_rel");
  std::vector<std::string> trials;
  if (const auto names = root.find("trials")) {
    for (const JsonField& name : names->items()) trials.push_back(name.text());
  }
  if (reader.error()) return fail(*reader.error());
  return trials;
}

double to_ms(double ns) { return ns / 1e6; }

// Absent: the block has no such arm, or an arm without times.
std::optional<ProcessRow> process_of(const BlockRow& block, const std::string& arm) {
  std::vector<std::int64_t> tokens;
  std::vector<double> prefill_ms;
  for (const CellRow& cell : block.cells) {
    if (cell.arm != arm) continue;
    const std::vector<std::int64_t> times = times_of_steps(cell.token_ns, cell.sum);
    tokens.insert(tokens.end(), times.begin(), times.end());
    if (cell.prefill_ns) prefill_ms.push_back(to_ms(static_cast<double>(*cell.prefill_ns)));
  }
  const std::optional<double> log_ns = cell_estimate(tokens);
  if (!log_ns) return std::nullopt;
  ProcessRow process{
      .block = block.block, .tok_per_s = 1e9 / std::exp(*log_ns), .ttft_ms = median(prefill_ms)};
  for (const ArmLoadRow& load : block.loads) {
    if (load.arm != arm) continue;
    if (load.load_ns) process.load_ms = to_ms(static_cast<double>(*load.load_ns));
    double first_calls = 0;
    for (const auto& [group, ns] : load.activation_ns) first_calls += static_cast<double>(ns);
    if (!load.activation_ns.empty()) process.activation_ms = to_ms(first_calls);
  }
  return process;
}

bool tells_sums(const BlockRow& block, const std::string& arm) {
  return std::any_of(block.cells.begin(), block.cells.end(),
                     [&](const CellRow& cell) { return cell.arm == arm && cell.sum; });
}

Result<void> read_blocks(const Store& store, const std::vector<std::string>& trials,
                         SweepRows& sweep) {
  for (const std::string& trial : trials) {
    const Result<std::vector<BlockRow>> blocks = store.blocks_of(sweep.id, trial);
    if (!blocks) return fail(blocks.error());
    for (const BlockRow& block : *blocks) {
      sweep.block_noise.push_back({block.block, block.began_unix_ms, block.wall_ns, block.noise});
      for (SplitRow& split : sweep.splits) {
        if (std::optional<ProcessRow> process = process_of(block, split.name))
          split.processes.push_back(*std::move(process));
        split.is_in_sum = split.is_in_sum || tells_sums(block, split.name);
      }
    }
  }
  return {};
}

// What the question leads to.
Result<void> read_setup(const Store& store, SweepRows& sweep) {
  const auto text = [&](const char* key) {
    const auto value = sweep.spec.find(key);
    return value != sweep.spec.end() && value->is_string() ? value->get<std::string>()
                                                           : std::string();
  };
  const Result<std::vector<ModelRow>> models = store.models();
  if (!models) return fail(models.error());
  for (const ModelRow& model : *models) {
    if (model.hash == text("model_hash") && hash_of(model.contract) == text("contract_hash"))
      sweep.model = model;
  }
  if (sweep.model) sweep.n_layers = sweep.model->contract.n_layers;
  Result<std::optional<RunnerRow>> runner = store.find_runner(text("runner"));
  if (!runner) return fail(std::move(runner).error());
  sweep.runner = *std::move(runner);
  sweep.is_recorded = sweep.runner && sweep.runner->evidence == "recorded";
  return {};
}

// All but what only a page of one sweep needs; gives the names of the trials too.
Result<SweepRows> read_rows(const Store& store, const StoredSweep& stored,
                            std::vector<std::string>& trials) {
  SweepRows sweep{.id = stored.id,
                  .started_unix_ms = stored.started_unix_ms,
                  .ended_unix_ms = stored.ended_unix_ms,
                  .spec = stored.sweep.spec};
  Result<std::optional<RunRow>> run = store.find_run(stored.run);
  if (!run) return fail(std::move(run).error());
  if (*run) sweep.run = **std::move(run);
  if (auto read = read_setup(store, sweep); !read) return fail(std::move(read).error());
  if (stored.answer.is_null()) return sweep;
  Result<std::vector<std::string>> named = read_answer(stored.answer, sweep);
  if (!named) return fail(std::move(named).error());
  trials = *std::move(named);
  return sweep;
}

// The newest of the same runner, and of the same host.
Result<std::optional<SelfcheckFigures>> newest_selfcheck(const Store& store,
                                                         const std::vector<StoredSweep>& all,
                                                         const SweepRows& sweep) {
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (kind_of(one->sweep) != "selfcheck" || !one->ended_unix_ms || one->answer.is_null())
      continue;
    const auto runner = one->sweep.spec.find("runner");
    if (runner == one->sweep.spec.end() || *runner != sweep.spec["runner"]) continue;
    const Result<std::optional<RunRow>> run = store.find_run(one->run);
    if (!run) return fail(run.error());
    if (!*run || (*run)->start.provenance.host != sweep.run.start.provenance.host) continue;
    Result<SelfcheckFigures> figures = read_selfcheck(one->answer);
    if (!figures) return fail(std::move(figures).error());
    return *std::move(figures);
  }
  return std::nullopt;
}

}  // namespace

bool begins_with(const Uuid& id, std::string_view beginning) {
  const auto hex_of = [](std::string text) {
    std::erase(text, '-');
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return text;
  };
  return hex_of(to_text(id)).starts_with(hex_of(std::string(beginning)));
}

const StoredSweep* only_one(const std::vector<StoredSweep>& all, std::string_view beginning) {
  const StoredSweep* found = nullptr;
  for (const StoredSweep& sweep : all) {
    if (!begins_with(sweep.id, beginning)) continue;
    if (found != nullptr) return nullptr;
    found = &sweep;
  }
  return found;
}

Result<StoredSweeps> StoredSweeps::read(const Store& store) {
  Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(std::move(all).error());
  StoredSweeps sweeps(store);
  sweeps.all_ = *std::move(all);
  for (std::size_t i = 0; i < sweeps.all_.size(); ++i) {
    if (kind_of(sweeps.all_[i].sweep) == "sweep") sweeps.places_.push_back(i);
  }
  return sweeps;
}

const StoredSweep* StoredSweeps::only_other(std::string_view beginning) const {
  const StoredSweep* found = nullptr;
  for (const StoredSweep& sweep : all_) {
    if (kind_of(sweep.sweep) == "sweep" || !begins_with(sweep.id, beginning)) continue;
    if (found != nullptr) return nullptr;
    found = &sweep;
  }
  return found;
}

Result<SweepRows> StoredSweeps::answer(std::size_t i) const {
  std::vector<std::string> trials;
  return read_rows(*store_, stored(i), trials);
}

Result<SweepRows> StoredSweeps::sweep(std::size_t i) const {
  std::vector<std::string> trials;
  Result<SweepRows> sweep = read_rows(*store_, stored(i), trials);
  if (!sweep) return sweep;
  if (stored(i).answer.is_null()) {
    Result<std::vector<std::string>> begun = store_->trials_of(stored(i).id);
    if (!begun) return fail(std::move(begun).error());
    trials = *std::move(begun);
  }
  if (auto read = read_blocks(*store_, trials, *sweep); !read) return fail(std::move(read).error());
  Result<std::optional<SelfcheckFigures>> selfcheck = newest_selfcheck(*store_, all_, *sweep);
  if (!selfcheck) return fail(std::move(selfcheck).error());
  sweep->selfcheck = *std::move(selfcheck);
  return sweep;
}

Result<SweepRows> read_sweep(const Store& store, std::optional<std::string_view> id_prefix) {
  const Result<StoredSweeps> sweeps = StoredSweeps::read(store);
  if (!sweeps) return fail(sweeps.error());
  const Result<std::size_t> chosen = choose(*sweeps, id_prefix);
  if (!chosen) return fail(chosen.error());
  return sweeps->sweep(*chosen);
}

std::optional<Interval> tok_per_s_interval(const SweepRows& sweep, const SplitRow& split) {
  if (!split.interval_rel) return std::nullopt;
  for (const SplitRow& control : sweep.splits) {
    if (!control.is_control || !control.tok_per_s) continue;
    const auto [low, high] = *split.interval_rel;
    return Interval{*control.tok_per_s / (1 + high), *control.tok_per_s / (1 + low)};
  }
  return std::nullopt;
}

}  // namespace fusesweep
