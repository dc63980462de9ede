#include "harness/sweep/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/new_folder.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/qualification.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep_spec.h"
#include "harness/sweep/trial_blocks.h"
#include "runners/mlprogram/artifact.h"

namespace fusesweep {
namespace {

// What a sweep said of a candidate that was measured.
struct Measured {
  std::string name;
  double ms_per_token = 0;
};

struct ReadAnswer {
  std::vector<Measured> measured;
  std::string chosen;   // the best, or the preferred of the ties; empty: none
  std::string control;  // empty: none
  std::vector<std::string> trials;
};

Result<ReadAnswer> read_answer(const Json& json) {
  constexpr double kMost = std::numeric_limits<double>::max();
  JsonReader reader(json, "sweep's answer");
  const JsonField root = reader.root();
  ReadAnswer answer;
  for (const JsonField& candidate : root.at("candidates").items()) {
    if (const auto ms = candidate.find("ms_per_token"))
      answer.measured.push_back({candidate.at("name").text(), ms->number(0, kMost)});
  }
  if (const auto best = root.find("best")) answer.chosen = best->text();
  if (const auto tie = root.find("tie")) {
    const std::vector<JsonField> tied = tie->items();
    if (!tied.empty()) answer.chosen = tied.front().text();
  }
  if (const auto control = root.find("control")) answer.control = control->text();
  for (const JsonField& trial : root.at("trials").items()) answer.trials.push_back(trial.text());
  if (reader.error()) return fail(*reader.error());
  return answer;
}

class Setting {
 public:
  Setting(const BaselineRequest& request, const BaselinePlace& place)
      : request_(request), place_(place) {}

  Result<Baseline> run() {
    if (!is_baseline_name(request_.name)) {
      return invalid_input(fmt::format(
          "found {}, want a name of letters, digits, '-', '_' and '.', which is not the first",
          quote(request_.name)));
    }
    if (!request_.sweep.ended_unix_ms)
      return invalid_input(fmt::format("sweep {} has not ended: fusesweep sweep goes on with it",
                                       to_text(request_.sweep.id)));
    if (auto done = read(); !done) return fail(std::move(done).error());
    const std::filesystem::path folder = place_.work / "baselines" / request_.name;
    Result<NewFolder> made = NewFolder::create(folder);
    if (!made) return fail(std::move(made).error());
    // Asked with its lock held: what another process made meanwhile is not replaced.
    std::error_code error;
    if (std::filesystem::symlink_status(folder, error).type() !=
        std::filesystem::file_type::not_found) {
      return invalid_input(
          fmt::format("found a baseline {} already, want another name: baseline rm removes it",
                      quote(request_.name)));
    }
    if (auto filled = fill(made->path()); !filled) return fail(std::move(filled).error());
    if (auto done = std::move(*made).commit(); !done) return fail(std::move(done).error());
    return std::move(baseline_);
  }

 private:
  Result<void> read() {
    Result<StoredSpec> stored = read_sweep_spec(request_.sweep.sweep.spec);
    if (!stored) return fail(std::move(stored).error());
    stored_ = *std::move(stored);
    Result<ReadAnswer> answer = read_answer(request_.sweep.answer);
    if (!answer) return fail(std::move(answer).error());
    answer_ = *std::move(answer);
    if (place_.description.evidence == Evidence::kRecorded)
      return invalid_input("the sweep is of a record, of which nothing can be measured again");
    if (auto same = check_same(); !same) return same;
    candidates_ = by_preference(stored_.spec.candidates);
    names_ = names_of(candidates_);
    return choose();
  }

  // That what is asked now is what was measured then.
  Result<void> check_same() const {
    const Conditions now = conditions_of(place_.description, stored_.spec.options);
    if (stored_.model_hash != place_.model.hash) {
      return invalid_input(fmt::format("--model: found {}, want the model that was measured, {}",
                                       place_.model.hash, one_line(stored_.model_hash)));
    }
    if (stored_.conditions.runner != now.runner) {
      return invalid_input(
          fmt::format("--runner: found {} {} on {}, want the runner that measured sweep {}",
                      one_line(place_.description.name), one_line(place_.description.version),
                      one_line(place_.description.device), to_text(request_.sweep.id)));
    }
    if (stored_.conditions.options_hash != now.options_hash) {
      return invalid_input(fmt::format(
          "sweep {} was gated by limits of its own: a baseline wants the gates' own limits",
          to_text(request_.sweep.id)));
    }
    return {};
  }

  Result<void> choose() {
    std::vector<std::string> wanted = request_.splits;
    if (wanted.empty() && !answer_.chosen.empty()) wanted.push_back(answer_.chosen);
    if (wanted.empty()) {
      return invalid_input(
          fmt::format("sweep {} found no best split, want --split", to_text(request_.sweep.id)));
    }
    for (const std::string& typed : wanted) {
      const Result<std::size_t> found = find_candidate(typed);
      if (!found) return fail_with_context(found.error(), "--split");
      if (std::find(chosen_.begin(), chosen_.end(), *found) == chosen_.end())
        chosen_.push_back(*found);
    }
    return {};
  }

  Result<std::size_t> find_candidate(const std::string& typed) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (names_[i] == typed) return i;
      const Result<Split> split = parse_split(typed);
      if (split && candidates_[i].split == *split) found.push_back(i);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
      return invalid_input(
          fmt::format("found {}, want one of {}", quote(typed), fmt::join(names_, ", ")));
    }
    return invalid_input(
        fmt::format("found {} candidates {}, want the whole name of one, such as {}", found.size(),
                    quote(typed), quote(names_[found.front()])));
  }

  const Measured* measured(const std::string& name) const {
    const auto found = std::find_if(answer_.measured.begin(), answer_.measured.end(),
                                    [&](const Measured& one) { return one.name == name; });
    return found == answer_.measured.end() ? nullptr : &*found;
  }

  Result<void> fill(const std::filesystem::path& folder) {
    if (auto told = describe(folder); !told) return told;
    for (const std::size_t index : chosen_) {
      Result<BaselineSplit> split = freeze(index, folder);
      if (!split) return fail(std::move(split).error());
      baseline_.splits.push_back(*std::move(split));
    }
    if (const std::optional<std::size_t> control = other_control()) {
      Result<BaselineSplit> split = freeze(*control, folder);
      if (!split) return fail(std::move(split).error());
      baseline_.control = *std::move(split);
    }
    place_.progress.begin_stage("samples", 0);
    if (auto copied = place_.store.export_runs({request_.sweep.run}, baseline_store(folder));
        !copied)
      return fail(std::move(copied).error());
    return write_baseline(baseline_, folder);
  }

  // Through which the splits can be compared with history: the sweep's, or where it is one of them the
  // first other one that was measured beside it.
  std::optional<std::size_t> other_control() const {
    std::optional<std::size_t> other;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const bool is_chosen = std::find(chosen_.begin(), chosen_.end(), i) != chosen_.end();
      if (is_chosen || measured(names_[i]) == nullptr) continue;
      if (names_[i] == answer_.control) return i;
      if (!other) other = i;
    }
    return other;
  }

  Result<void> describe(const std::filesystem::path& folder) {
    UuidGenerator ids(place_.clock);
    const auto now = place_.clock.wall_now().time_since_epoch();
    const Result<std::optional<RunRow>> run = place_.store.find_run(request_.sweep.run);
    if (!run) return fail(run.error());
    if (!*run) return invalid_input("the store has no run that measured the sweep");
    const SweepSpec& spec = stored_.spec;
    baseline_ = {.id = ids.next(),
                 .name = request_.name,
                 .set_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                 .sweep = request_.sweep.id,
                 .model = row_of(place_.model),
                 .model_file = place_.model.path.string(),
                 .provenance = (*run)->start.provenance,
                 .runner = place_.called,
                 .options_hash = stored_.conditions.options_hash,
                 .residency_limit_bytes = spec.options.residency_limit_bytes,
                 .prompt_tokens = spec.prompt_tokens,
                 .decode_tokens = spec.decode_tokens,
                 .decodings = spec.decodings,
                 .turn_tokens = turn_tokens_for(place_.description, spec.turn_tokens),
                 .positions = spec.positions,
                 .prompts = spec.prompts,
                 .gate_prompt_tokens = spec.gate_prompt_tokens,
                 .greedy_tokens = spec.greedy_tokens};
    baseline_.runner.row = row_of(place_.description);
    return copy_program(folder);
  }

  // Of one of ours the program itself; of any other command its hash, for its files may lie anywhere.
  Result<void> copy_program(const std::filesystem::path& folder) {
    if (place_.program.empty()) return {};
    const Result<Hash128> hash = hash_file(place_.program, available_threads());
    if (!hash) return fail(hash.error());
    baseline_.runner.program_hash = to_hex(*hash);
    if (baseline_.runner.kind.starts_with("--")) return {};
    const std::filesystem::path copy = baseline_program(folder);
    std::error_code error;
    std::filesystem::create_directories(copy.parent_path(), error);
    if (!error) std::filesystem::copy_file(place_.program, copy, error);
    if (error) return unavailable(fmt::format("{}: {}", one_line(copy.string()), error.message()));
    baseline_.runner.is_copied = true;
    return {};
  }

  SplitToPrepare prepared(const Candidate& candidate) const {
    RunnerOptions options = stored_.spec.options;
    options.threads = candidate.threads;
    return {.split = candidate.split,
            .shape = candidate.shape,
            .head_shards = candidate.head_shards,
            .work = place_.work,
            .options = options};
  }

  Result<BaselineSplit> freeze(std::size_t index, const std::filesystem::path& folder) {
    const Candidate& candidate = candidates_[index];
    const Measured* seen = measured(names_[index]);
    if (seen == nullptr) {
      return invalid_input(fmt::format("--split: {} was not measured by sweep {}", names_[index],
                                       to_text(request_.sweep.id)));
    }
    place_.progress.begin_stage(names_[index], 0);
    const Result<PreparedSplit> there = prepare_split(
        place_.runner, place_.description, place_.model, prepared(candidate), place_.progress);
    if (!there) return fail(there.error());
    const Result<std::vector<ShardIdentity>> shards =
        shards_of(place_.model, candidate.split, candidate.shape, candidate.head_shards);
    if (!shards) return fail(shards.error());
    const ContentHashes content = contents_of(*shards, *there);
    const Conditions conditions = conditions_of(place_.description, stored_.spec.options);
    const Result<Qualification> gated =
        qualification_of(place_.store, place_.model, candidate.split, *shards, conditions, content);
    if (!gated) return fail(gated.error());
    if (gated->standing != Standing::kQualified) {
      return invalid_input(
          fmt::format("{} does not qualify: {}: fusesweep sweep or gate asks again", names_[index],
                      gated->reason));
    }
    for (std::size_t i = 0; i < shards->size(); ++i) {
      if (auto kept = freeze((*shards)[i], there->shards[i], conditions, folder); !kept)
        return fail(std::move(kept).error());
    }
    BaselineSplit split{.name = names_[index],
                        .split = to_text(candidate.split),
                        .split_key = subject_of(candidate.split, *shards).key,
                        .shape = candidate.shape,
                        .head_shards = candidate.head_shards,
                        .threads = candidate.threads,
                        .ms_per_token = seen->ms_per_token};
    for (const ShardIdentity& shard : *shards) split.shards.push_back(hash_of(shard));
    if (auto read = read_verdicts(candidate.split, *shards, conditions, split.verdicts); !read)
      return fail(std::move(read).error());
    if (auto read = read_ids(names_[index], split.ids); !read) return fail(std::move(read).error());
    return split;
  }

  Result<void> freeze(const ShardIdentity& identity, const BuiltShard& built,
                      const Conditions& conditions, const std::filesystem::path& folder) {
    const std::string key = hash_of(identity);
    if (!frozen_.insert(key).second) return {};
    const Result<Artifact> artifact = read_artifact(built.artifact);
    if (!artifact) return fail(artifact.error());
    if (auto same = check_content(*artifact, available_threads()); !same) return same;
    std::error_code error;
    std::filesystem::create_directories(baseline_artifacts(folder), error);
    if (error)
      return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
    if (auto linked = link_artifact(*artifact, baseline_artifacts(folder)); !linked) return linked;
    BaselineShard shard{
        .identity = identity, .content_hash = artifact->content_hash, .bytes = artifact->bytes};
    if (auto read = read_build_time(shard); !read) return read;
    if (!std::holds_alternative<EmbeddingTable>(identity.kind)) {
      const Result<Placement> placed =
          place_.runner.inspect({.artifact = built.artifact, .options = stored_.spec.options});
      if (!placed) return fail(placed.error());
      shard.kinds = placed->kinds;
      const Result<std::vector<VerdictRow>> rows =
          place_.store.verdicts_of(subject_of(identity), conditions);
      if (!rows) return fail(rows.error());
      for (const VerdictRow& row : *rows) shard.verdicts.push_back(row.verdict);
    }
    baseline_.shards.push_back(std::move(shard));
    return {};
  }

  // How long it took whichever run built these bytes first.
  Result<void> read_build_time(BaselineShard& shard) {
    if (!built_ns_) {
      built_ns_.emplace();
      const Result<std::vector<RunRow>> runs = place_.store.runs();
      if (!runs) return fail(runs.error());
      for (const RunRow& run : *runs) {
        const Result<std::vector<ArtifactRow>> artifacts = place_.store.artifacts_of(run.id);
        if (!artifacts) return fail(artifacts.error());
        for (const ArtifactRow& row : *artifacts) {
          if (row.build_ns) built_ns_->try_emplace(row.content_hash, *row.build_ns);
        }
      }
    }
    if (const auto found = built_ns_->find(shard.content_hash); found != built_ns_->end())
      shard.build_ns = found->second;
    return {};
  }

  Result<void> read_verdicts(const Split& split, const std::vector<ShardIdentity>& shards,
                             const Conditions& conditions, std::vector<GateVerdict>& into) const {
    std::vector<Subject> subjects;
    std::vector<ShardIdentity> chain;
    for (const ShardIdentity& shard : shards) {
      if (!std::holds_alternative<Segment>(shard.kind)) continue;
      chain.push_back(shard);
      subjects.push_back(chain_of(chain));
    }
    subjects.push_back(subject_of(split, shards));
    for (const Subject& subject : subjects) {
      const Result<std::vector<VerdictRow>> rows = place_.store.verdicts_of(subject, conditions);
      if (!rows) return fail(rows.error());
      for (const VerdictRow& row : *rows) into.push_back(row.verdict);
    }
    return {};
  }

  Result<void> read_ids(const std::string& arm, std::vector<int>& into) const {
    for (const std::string& trial : answer_.trials) {
      const Result<std::vector<BlockRow>> blocks = place_.store.blocks_of(request_.sweep.id, trial);
      if (!blocks) return fail(blocks.error());
      if (into.empty() && !blocks->empty()) into = ids_of(blocks->front(), arm);
    }
    return {};
  }

  const BaselineRequest& request_;
  const BaselinePlace& place_;
  StoredSpec stored_;
  ReadAnswer answer_;
  std::vector<Candidate> candidates_;
  std::vector<std::string> names_;
  std::vector<std::size_t> chosen_;
  std::set<std::string> frozen_;                                 // identity hashes
  std::optional<std::map<std::string, std::int64_t>> built_ns_;  // by content
  Baseline baseline_;
};

}  // namespace

Result<Baseline> set_baseline(const BaselineRequest& request, const BaselinePlace& place) {
  return Setting(request, place).run();
}

}  // namespace fusesweep
