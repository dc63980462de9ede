#include "results/migrations.h"

namespace fusesweep {
namespace {

constexpr std::string_view kMigrations[] = {
    R"sql(
CREATE TABLE metrics (
  id TEXT NOT NULL PRIMARY KEY,
  unit TEXT NOT NULL,
  better TEXT NOT NULL CHECK (better IN ('lower', 'higher', 'neither')),
  about TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE provenances (
  hash TEXT NOT NULL PRIMARY KEY,
  program_version TEXT NOT NULL,
  git_revision TEXT,
  git_dirty INTEGER CHECK (git_dirty IN (0, 1)),
  compiler TEXT NOT NULL,
  compiler_flags TEXT NOT NULL,
  build_type TEXT NOT NULL,
  host TEXT,
  cpu TEXT,
  os TEXT,
  kernel TEXT,
  machine_json TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  command TEXT NOT NULL,
  arguments_json TEXT NOT NULL,
  seed TEXT,
  provenance_hash TEXT NOT NULL REFERENCES provenances (hash),
  started_unix_ms INTEGER NOT NULL,
  ended_unix_ms INTEGER,
  outcome TEXT,
  CHECK ((ended_unix_ms IS NULL) = (outcome IS NULL))
) STRICT;

CREATE TABLE runners (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  device TEXT NOT NULL,
  device_kind TEXT NOT NULL,
  evidence TEXT NOT NULL CHECK (evidence IN ('measured', 'recorded')),
  emulated_json TEXT NOT NULL,
  toolchain TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
  hash TEXT NOT NULL,
  contract_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  contract_json TEXT NOT NULL,
  PRIMARY KEY (hash, contract_hash)
) STRICT;

CREATE TABLE shards (
  hash TEXT NOT NULL PRIMARY KEY,
  model_hash TEXT NOT NULL,
  contract_hash TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('segment', 'head', 'embedding')),
  layer_begin INTEGER,
  layer_end INTEGER,
  vocab_begin INTEGER,
  vocab_end INTEGER,
  head_slices INTEGER,
  builder_version INTEGER NOT NULL,
  tokens INTEGER,
  encoding TEXT CHECK (
    encoding IN ('int8', 'uint8', 'shift-scale-tensor', 'shift-scale-channel', 'fp16')),
  context INTEGER,
  kv_form TEXT CHECK (kv_form IN ('mask', 'slice'))
) STRICT, WITHOUT ROWID;
CREATE INDEX shards_of_model ON shards (model_hash);

CREATE TABLE artifacts (
  hash TEXT NOT NULL PRIMARY KEY,
  run_id BLOB NOT NULL REFERENCES runs (id),
  shard_hash TEXT NOT NULL REFERENCES shards (hash),
  content_hash TEXT NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  weight_bytes INTEGER NOT NULL CHECK (weight_bytes >= 0),
  build_ns INTEGER
) STRICT;
CREATE INDEX artifacts_of_run ON artifacts (run_id);
CREATE INDEX artifacts_of_shard ON artifacts (shard_hash);

CREATE TABLE verdicts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  subject_kind TEXT NOT NULL CHECK (subject_kind IN ('model', 'shard', 'chain', 'split', 'package')),
  subject_key TEXT NOT NULL,
  subject_text TEXT NOT NULL,
  content_hash TEXT,
  runner TEXT REFERENCES runners (fingerprint),
  options_hash TEXT NOT NULL,
  gate TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('pass', 'fail', 'not run', 'not enough data')),
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX verdicts_of_run ON verdicts (run_id);
CREATE INDEX verdicts_of_subject ON verdicts (subject_kind, subject_key, gate);

CREATE TABLE verdict_figures (
  verdict_id BLOB NOT NULL REFERENCES verdicts (id),
  position INTEGER NOT NULL CHECK (position >= 0),
  metric TEXT NOT NULL REFERENCES metrics (id),
  value REAL,
  at_least REAL,
  at_most REAL,
  PRIMARY KEY (verdict_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE probes (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  shard_hash TEXT NOT NULL REFERENCES shards (hash),
  runner TEXT REFERENCES runners (fingerprint),
  options_hash TEXT NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  is_recorded INTEGER NOT NULL CHECK (is_recorded IN (0, 1)),
  is_resident INTEGER NOT NULL CHECK (is_resident IN (0, 1)),
  failure TEXT CHECK (failure IN ('build', 'plan', 'run', 'crash', 'time-out')),
  weight_bytes INTEGER NOT NULL CHECK (weight_bytes >= 0),
  operations INTEGER CHECK (operations >= 0),
  reason TEXT NOT NULL,
  wrong TEXT
) STRICT;
CREATE INDEX probes_of_run ON probes (run_id);
CREATE INDEX probes_of_shard ON probes (shard_hash, attempt);

CREATE TABLE failures (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  shard_hash TEXT NOT NULL REFERENCES shards (hash),
  runner TEXT REFERENCES runners (fingerprint),
  options_hash TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('build', 'inspect', 'open', 'run')),
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX failures_of_run ON failures (run_id);
CREATE INDEX failures_of_shard ON failures (shard_hash);

CREATE TABLE decodes (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  model_hash TEXT NOT NULL,
  contract_hash TEXT NOT NULL,
  split TEXT NOT NULL,
  split_key TEXT NOT NULL,
  runner TEXT REFERENCES runners (fingerprint),
  options_hash TEXT NOT NULL,
  workload_json TEXT NOT NULL,
  evidence TEXT NOT NULL CHECK (evidence IN ('measured', 'recorded')),
  prompt_tokens INTEGER NOT NULL CHECK (prompt_tokens >= 0),
  ids BLOB NOT NULL CHECK (length(ids) % 4 = 0),
  prefill_ns INTEGER,
  groups_json TEXT NOT NULL,
  token_ns BLOB NOT NULL CHECK (length(token_ns) % 8 = 0),
  group_ns BLOB NOT NULL CHECK (length(group_ns) % 8 = 0)
) STRICT;
CREATE INDEX decodes_of_run ON decodes (run_id);
CREATE INDEX decodes_of_split ON decodes (split_key);

CREATE TABLE decode_counters (
  decode_id BLOB NOT NULL REFERENCES decodes (id),
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (decode_id, name)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE sweeps (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  spec_hash TEXT NOT NULL,
  spec_json TEXT NOT NULL,
  started_unix_ms INTEGER NOT NULL,
  ended_unix_ms INTEGER,
  outcome TEXT,
  answer_json TEXT,
  CHECK ((ended_unix_ms IS NULL) = (outcome IS NULL)),
  CHECK ((ended_unix_ms IS NULL) = (answer_json IS NULL))
) STRICT;
CREATE INDEX sweeps_of_run ON sweeps (run_id);
CREATE INDEX sweeps_of_spec ON sweeps (spec_hash);

CREATE TABLE arms (
  hash TEXT NOT NULL PRIMARY KEY,
  arm TEXT NOT NULL,
  split_key TEXT NOT NULL,
  groups_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  sweep_id BLOB NOT NULL REFERENCES sweeps (id),
  trial TEXT NOT NULL,
  block INTEGER NOT NULL CHECK (block >= 0),
  seed TEXT NOT NULL,
  began_unix_ms INTEGER NOT NULL,
  wall_ns INTEGER NOT NULL,
  noise_json TEXT NOT NULL,
  UNIQUE (sweep_id, trial, block)
) STRICT;
CREATE INDEX blocks_of_run ON blocks (run_id);

CREATE TABLE loads (
  block_id BLOB NOT NULL REFERENCES blocks (id),
  position INTEGER NOT NULL CHECK (position >= 0),
  arm TEXT NOT NULL,
  load_ns INTEGER,
  PRIMARY KEY (block_id, position),
  UNIQUE (block_id, arm)
) STRICT, WITHOUT ROWID;

CREATE TABLE activations (
  block_id BLOB NOT NULL,
  position INTEGER NOT NULL,
  group_text TEXT NOT NULL,
  activation_ns INTEGER NOT NULL,
  PRIMARY KEY (block_id, position, group_text),
  FOREIGN KEY (block_id, position) REFERENCES loads (block_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE cells (
  block_id BLOB NOT NULL REFERENCES blocks (id),
  round INTEGER NOT NULL CHECK (round >= 0),
  position INTEGER NOT NULL CHECK (position >= 0),
  arm_hash TEXT NOT NULL REFERENCES arms (hash),
  prefill_ns INTEGER,
  ids BLOB NOT NULL CHECK (length(ids) % 4 = 0),
  token_ns BLOB NOT NULL CHECK (length(token_ns) % 8 = 0),
  group_ns BLOB NOT NULL CHECK (length(group_ns) % 8 = 0),
  PRIMARY KEY (block_id, round, position),
  UNIQUE (block_id, round, arm_hash)
) STRICT;

CREATE TABLE cell_counters (
  block_id BLOB NOT NULL,
  round INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (block_id, round, position, name),
  FOREIGN KEY (block_id, round, position) REFERENCES cells (block_id, round, position)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE recorded_runs (
  hash TEXT NOT NULL PRIMARY KEY,
  run_id BLOB NOT NULL REFERENCES runs (id),
  facts TEXT NOT NULL,
  facts_hash TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 0),
  device TEXT NOT NULL,
  accelerator TEXT NOT NULL,
  os TEXT NOT NULL,
  model TEXT NOT NULL,
  n_layers INTEGER NOT NULL CHECK (n_layers >= 1),
  rope_dim INTEGER NOT NULL CHECK (rope_dim >= 1),
  encoding TEXT NOT NULL CHECK (
    encoding IN ('int8', 'uint8', 'shift-scale-tensor', 'shift-scale-channel', 'fp16')),
  split TEXT NOT NULL,
  tok_per_s REAL NOT NULL CHECK (tok_per_s >= 0),
  decode_tokens INTEGER CHECK (decode_tokens >= 1),
  layers_ms_per_token REAL,
  head_ms_per_token REAL,
  groups_json TEXT NOT NULL,
  prefill_tok_per_s REAL,
  request_s REAL,
  date_unix_ms INTEGER,
  source TEXT NOT NULL,
  source_title TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recorded_runs_of_run ON recorded_runs (run_id);
CREATE INDEX recorded_runs_of_facts ON recorded_runs (facts);
)sql",
    R"sql(
CREATE TABLE journal_entries (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  intent TEXT NOT NULL,
  setup TEXT,
  hypotheses_json TEXT NOT NULL,
  stop_rule TEXT,
  began_unix_ms INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_entries_of_run ON journal_entries (run_id);

CREATE TABLE journal_outcomes (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  run_id BLOB NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  entry_id BLOB REFERENCES journal_entries (id),
  sweep_id BLOB NOT NULL REFERENCES sweeps (id),
  ended_unix_ms INTEGER NOT NULL,
  lesson TEXT,
  next TEXT
) STRICT;
CREATE INDEX journal_outcomes_of_run ON journal_outcomes (run_id);
CREATE INDEX journal_outcomes_of_sweep ON journal_outcomes (sweep_id);
)sql",
    R"sql(
ALTER TABLE decodes ADD COLUMN decode_sum_json TEXT;
ALTER TABLE cells ADD COLUMN decode_sum_json TEXT;
)sql",
};

}  // namespace

Migrations all_migrations() { return kMigrations; }

}  // namespace fusesweep
