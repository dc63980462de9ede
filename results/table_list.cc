#include "results/table_list.h"

#include <filesystem>
#include <string>

#include "results/connection.h"

namespace fusesweep {
namespace {

using enum ColumnKind;

// What has a hash of itself for a key must have that of its content.
void want_hash(Row& row, const char* column, const std::string& hash) {
  if (!row.error() && row.text(column) != hash)
    row.reject(column, "found another hash than that of the row");
}

void check_provenance(Row& row) { want_hash(row, "hash", hash_of(read_provenance(row))); }
void check_runner(Row& row) { want_hash(row, "fingerprint", fingerprint_of(read_runner(row))); }
void check_shard(Row& row) { static_cast<void>(read_shard(row)); }
void check_arm(Row& row) { want_hash(row, "hash", read_arm_hash(row)); }

void check_model(Row& row) { want_hash(row, "contract_hash", hash_of(read_model(row).contract)); }

// A path in the work folder, by whose name nobody is led out of it.
void check_artifact(Row& row) {
  want_hash(row, "hash", read_artifact_hash(row));
  const std::filesystem::path path = row.text("path");
  for (const std::filesystem::path& part : path) {
    if (part == "..") row.reject("path", "found '..' in it, want a path in the work folder");
  }
}

void check_recorded(Row& row) { static_cast<void>(read_recorded(row)); }

void check_decode(Row& row) {
  const std::size_t groups = row.texts("groups_json").size();
  static_cast<void>(read_group_ns(row, groups, row.integers("token_ns").size()));
  static_cast<void>(read_decode_sum(row));
}

void check_cell(Row& row) { static_cast<void>(read_decode_sum(row)); }

void check_journal_entry(Row& row) {
  const JournalEntryRow entry = read_journal_entry(row);
  want_hash(row, "hash", hash_of(entry.intent, entry.began_unix_ms));
}

void check_journal_outcome(Row& row) { static_cast<void>(read_journal_outcome(row)); }

constexpr const char* kOfRun = "run_id IN chosen";
constexpr const char* kOfDecode = "decode_id IN (SELECT id FROM decodes WHERE run_id IN chosen)";
constexpr const char* kOfBlock = "block_id IN (SELECT id FROM blocks WHERE run_id IN chosen)";

constexpr const char* kShardsOfRuns =
    "hash IN (SELECT shard_hash FROM artifacts WHERE run_id IN chosen UNION "
    "SELECT shard_hash FROM probes WHERE run_id IN chosen UNION "
    "SELECT shard_hash FROM failures WHERE run_id IN chosen UNION "
    "SELECT subject_key FROM verdicts WHERE subject_kind = 'shard' AND run_id IN chosen)";

constexpr const char* kModelsOfRuns =
    "(hash, contract_hash) IN (SELECT model_hash, contract_hash FROM decodes WHERE run_id IN "
    "chosen "
    "UNION SELECT model_hash, contract_hash FROM shards WHERE hash IN ("
    "SELECT shard_hash FROM artifacts WHERE run_id IN chosen UNION "
    "SELECT shard_hash FROM probes WHERE run_id IN chosen UNION "
    "SELECT shard_hash FROM failures WHERE run_id IN chosen)) "
    "OR hash IN (SELECT subject_key FROM verdicts WHERE subject_kind = 'model' AND run_id IN "
    "chosen UNION SELECT json_extract(spec_json, '$.model_hash') FROM sweeps WHERE run_id IN "
    "chosen)";

constexpr const char* kRunnersOfRuns =
    "fingerprint IN (SELECT runner FROM verdicts WHERE run_id IN chosen UNION "
    "SELECT runner FROM probes WHERE run_id IN chosen UNION "
    "SELECT runner FROM failures WHERE run_id IN chosen UNION "
    "SELECT runner FROM decodes WHERE run_id IN chosen UNION "
    "SELECT json_extract(spec_json, '$.runner') FROM sweeps WHERE run_id IN chosen)";

}  // namespace

std::span<const TableRule> all_tables() {
  static const std::vector<TableRule> kTables = {
      {.table = "metrics",
       .columns = {{"id", kText}, {"unit", kText}, {"better", kText}, {"about", kText}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = "true"},
      {.table = "provenances",
       .columns = {{"hash", kHash},
                   {"program_version", kText},
                   {"git_revision", kText},
                   {"git_dirty", kInteger},
                   {"compiler", kText},
                   {"compiler_flags", kText},
                   {"build_type", kText},
                   {"host", kText},
                   {"cpu", kText},
                   {"os", kText},
                   {"kernel", kText},
                   {"machine_json", kObject}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = "hash IN (SELECT provenance_hash FROM runs WHERE id IN chosen)",
       .check = check_provenance},
      {.table = "runs",
       .columns = {{"id", kId},
                   {"command", kText},
                   {"arguments_json", kTexts},
                   {"seed", kSeed},
                   {"provenance_hash", kHash},
                   {"started_unix_ms", kInteger},
                   {"ended_unix_ms", kInteger},
                   {"outcome", kText}},
       .keys = 1,
       .same_key = SameKey::kTakeEnd,
       .of_runs = "id IN chosen"},
      {.table = "runners",
       .columns = {{"fingerprint", kHash},
                   {"name", kText},
                   {"version", kText},
                   {"device", kText},
                   {"device_kind", kText},
                   {"evidence", kText},
                   {"emulated_json", kTexts},
                   {"toolchain", kText}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = kRunnersOfRuns,
       .check = check_runner},
      {.table = "models",
       .columns =
           {{"hash", kHash}, {"contract_hash", kHash}, {"name", kText}, {"contract_json", kObject}},
       .keys = 2,
       .same_key = SameKey::kKeep,
       .of_runs = kModelsOfRuns,
       .check = check_model},
      {.table = "shards",
       .columns = {{"hash", kHash},
                   {"model_hash", kHash},
                   {"contract_hash", kHash},
                   {"kind", kText},
                   {"layer_begin", kInteger},
                   {"layer_end", kInteger},
                   {"vocab_begin", kInteger},
                   {"vocab_end", kInteger},
                   {"head_slices", kInteger},
                   {"builder_version", kInteger},
                   {"tokens", kInteger},
                   {"encoding", kText},
                   {"context", kInteger},
                   {"kv_form", kText}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = kShardsOfRuns,
       .check = check_shard,
       .also_selected = ", hash AS shard_hash"},
      {.table = "artifacts",
       .columns = {{"hash", kHash},
                   {"run_id", kId},
                   {"shard_hash", kHash},
                   {"content_hash", kHash},
                   {"path", kText},
                   {"bytes", kInteger},
                   {"weight_bytes", kInteger},
                   {"build_ns", kInteger}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = kOfRun,
       .check = check_artifact,
       .order = "rowid"},
      {.table = "verdicts",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"subject_kind", kText},
                   {"subject_key", kText},
                   {"subject_text", kText},
                   {"content_hash", kText},
                   {"runner", kHash},
                   {"options_hash", kHash},
                   {"gate", kText},
                   {"outcome", kText},
                   {"reason", kText}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun},
      {.table = "verdict_figures",
       .columns = {{"verdict_id", kId},
                   {"position", kInteger},
                   {"metric", kText},
                   {"value", kReal},
                   {"at_least", kReal},
                   {"at_most", kReal}},
       .keys = 2,
       .same_key = SameKey::kEqual,
       .of_runs = "verdict_id IN (SELECT id FROM verdicts WHERE run_id IN chosen)",
       .owner = "verdicts"},
      {.table = "probes",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"shard_hash", kHash},
                   {"runner", kHash},
                   {"options_hash", kHash},
                   {"attempt", kInteger},
                   {"is_recorded", kInteger},
                   {"is_resident", kInteger},
                   {"failure", kText},
                   {"weight_bytes", kInteger},
                   {"operations", kInteger},
                   {"reason", kText},
                   {"wrong", kText}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun},
      {.table = "failures",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"shard_hash", kHash},
                   {"runner", kHash},
                   {"options_hash", kHash},
                   {"stage", kText},
                   {"reason", kText}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun},
      {.table = "decodes",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"model_hash", kHash},
                   {"contract_hash", kHash},
                   {"split", kText},
                   {"split_key", kHash},
                   {"runner", kHash},
                   {"options_hash", kHash},
                   {"workload_json", kObject},
                   {"evidence", kText},
                   {"prompt_tokens", kInteger},
                   {"ids", kInts},
                   {"prefill_ns", kInteger},
                   {"groups_json", kTexts},
                   {"token_ns", kInt64s},
                   {"group_ns", kInt64s},
                   {"decode_sum_json", kObject}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun,
       .check = check_decode},
      {.table = "decode_counters",
       .columns = {{"decode_id", kId}, {"name", kText}, {"value", kInteger}},
       .keys = 2,
       .same_key = SameKey::kEqual,
       .of_runs = kOfDecode,
       .owner = "decodes"},
      {.table = "recorded_runs",
       .columns = {{"hash", kHash},
                   {"run_id", kId},
                   {"facts", kText},
                   {"facts_hash", kHash},
                   {"position", kInteger},
                   {"device", kText},
                   {"accelerator", kText},
                   {"os", kText},
                   {"model", kText},
                   {"n_layers", kInteger},
                   {"rope_dim", kInteger},
                   {"encoding", kText},
                   {"split", kText},
                   {"tok_per_s", kReal},
                   {"decode_tokens", kInteger},
                   {"layers_ms_per_token", kReal},
                   {"head_ms_per_token", kReal},
                   {"groups_json", kJson},
                   {"prefill_tok_per_s", kReal},
                   {"request_s", kReal},
                   {"date_unix_ms", kInteger},
                   {"source", kText},
                   {"source_title", kText},
                   {"note", kText}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = kOfRun,
       .check = check_recorded},
      {.table = "sweeps",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"spec_hash", kHash},
                   {"spec_json", kObject},
                   {"started_unix_ms", kInteger},
                   {"ended_unix_ms", kInteger},
                   {"outcome", kText},
                   {"answer_json", kObject}},
       .keys = 1,
       .same_key = SameKey::kTakeEnd,
       .of_runs = kOfRun},
      {.table = "arms",
       .columns = {{"hash", kHash}, {"arm", kText}, {"split_key", kHash}, {"groups_json", kTexts}},
       .keys = 1,
       .same_key = SameKey::kKeep,
       .of_runs = "hash IN (SELECT arm_hash FROM cells JOIN blocks ON blocks.id = block_id "
                  "WHERE run_id IN chosen)",
       .check = check_arm},
      {.table = "blocks",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"sweep_id", kId},
                   {"trial", kText},
                   {"block", kInteger},
                   {"seed", kSeed},
                   {"began_unix_ms", kInteger},
                   {"wall_ns", kInteger},
                   {"noise_json", kObject}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun},
      {.table = "loads",
       .columns =
           {{"block_id", kId}, {"position", kInteger}, {"arm", kText}, {"load_ns", kInteger}},
       .keys = 2,
       .same_key = SameKey::kEqual,
       .of_runs = kOfBlock,
       .owner = "blocks"},
      {.table = "activations",
       .columns = {{"block_id", kId},
                   {"position", kInteger},
                   {"group_text", kText},
                   {"activation_ns", kInteger}},
       .keys = 3,
       .same_key = SameKey::kEqual,
       .of_runs = kOfBlock,
       .owner = "blocks"},
      {.table = "cells",
       .columns = {{"block_id", kId},
                   {"round", kInteger},
                   {"position", kInteger},
                   {"arm_hash", kHash},
                   {"prefill_ns", kInteger},
                   {"ids", kInts},
                   {"token_ns", kInt64s},
                   {"group_ns", kInt64s},
                   {"decode_sum_json", kObject}},
       .keys = 3,
       .same_key = SameKey::kEqual,
       .of_runs = kOfBlock,
       .owner = "blocks",
       .check = check_cell},
      {.table = "cell_counters",
       .columns = {{"block_id", kId},
                   {"round", kInteger},
                   {"position", kInteger},
                   {"name", kText},
                   {"value", kInteger}},
       .keys = 4,
       .same_key = SameKey::kEqual,
       .of_runs = kOfBlock,
       .owner = "blocks"},
      {.table = "journal_entries",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"name", kText},
                   {"intent", kText},
                   {"setup", kText},
                   {"hypotheses_json", kTexts},
                   {"stop_rule", kText},
                   {"began_unix_ms", kInteger},
                   {"hash", kHash}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun,
       .check = check_journal_entry},
      {.table = "journal_outcomes",
       .columns = {{"id", kId},
                   {"run_id", kId},
                   {"name", kText},
                   {"entry_id", kId},
                   {"sweep_id", kId},
                   {"ended_unix_ms", kInteger},
                   {"lesson", kText},
                   {"next", kText}},
       .keys = 1,
       .same_key = SameKey::kEqual,
       .of_runs = kOfRun,
       .check = check_journal_outcome},
  };
  return kTables;
}

}  // namespace fusesweep
