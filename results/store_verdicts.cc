// What gates said.
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "harness/core/metric.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

constexpr GateOutcome kOutcomes[] = {GateOutcome::kPass, GateOutcome::kFail, GateOutcome::kNotRun,
                                     GateOutcome::kNotEnoughData};

Result<void> check_figures(const GateVerdict& verdict) {
  for (const GateFigure& figure : verdict.figures) {
    FUSESWEEP_CHECK(find_metric(figure.name) != nullptr);
    for (const std::optional<double>& number : {figure.value, figure.at_least, figure.at_most}) {
      if (!number || std::isfinite(*number)) continue;
      return invalid_input(fmt::format("gate {}: {}: found {}, want a finite number or none",
                                       verdict.gate, figure.name, *number));
    }
  }
  return {};
}

struct StoredVerdict {
  Uuid id;
  VerdictRow row;
};

constexpr const char* kVerdictColumns =
    "SELECT id, subject_kind, subject_key, subject_text, content_hash, runner, options_hash, "
    "verdicts.gate, outcome, reason FROM verdicts ";

StoredVerdict read_verdict(Row& row) {
  StoredVerdict stored{.id = row.id("id")};
  stored.row = {.subject = {.kind = row.text("subject_kind"),
                            .key = row.text("subject_key"),
                            .text = row.text("subject_text")},
                .content_hash = row.optional("content_hash", &Row::text).value_or(""),
                .conditions = read_conditions(row),
                .verdict = {.gate = row.text("gate"),
                            .outcome = row.named("outcome", kOutcomes),
                            .reason = row.text("reason")}};
  return stored;
}

GateFigure read_figure(Row& row) {
  return {.name = row.text("metric"),
          .value = row.optional("value", &Row::real),
          .at_least = row.optional("at_least", &Row::real),
          .at_most = row.optional("at_most", &Row::real)};
}

Result<std::vector<VerdictRow>> with_figures(Database& database,
                                             Result<std::vector<StoredVerdict>> stored) {
  if (!stored) return fail(std::move(stored).error());
  std::vector<VerdictRow> rows;
  for (StoredVerdict& verdict : *stored) {
    auto figures = read_all(database,
                            prepared(database.sqlite(),
                                     "SELECT metric, value, at_least, at_most FROM verdict_figures "
                                     "WHERE verdict_id = ? ORDER BY position",
                                     verdict.id),
                            "verdict_figures", read_figure);
    if (!figures) return fail(std::move(figures).error());
    verdict.row.verdict.figures = *std::move(figures);
    rows.push_back(std::move(verdict.row));
  }
  return rows;
}

}  // namespace

Result<void> Store::put_verdict(const Uuid& run, const VerdictRow& row) {
  FUSESWEEP_CHECK(is_one_of(row.subject.kind, {"model", "shard", "chain", "split", "package"}));
  if (auto checked = check_figures(row.verdict); !checked) return checked;
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    const Uuid id = store.next_id("verdicts");
    execute(store.sqlite(),
            "INSERT INTO verdicts (id, run_id, subject_kind, subject_key, subject_text, "
            "content_hash, runner, options_hash, gate, outcome, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, run, row.subject.kind, row.subject.key, row.subject.text,
            null_if_empty(row.content_hash), null_if_empty(row.conditions.runner),
            row.conditions.options_hash, row.verdict.gate, to_text(row.verdict.outcome),
            row.verdict.reason);
    int position = 0;
    for (const GateFigure& figure : row.verdict.figures) {
      execute(
          store.sqlite(),
          "INSERT INTO verdict_figures (verdict_id, position, metric, value, at_least, at_most) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          id, position++, figure.name, figure.value, figure.at_least, figure.at_most);
    }
    return {};
  });
}

Result<std::vector<VerdictRow>> Store::verdicts_of(const Subject& subject,
                                                   const Conditions& conditions) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql =
        std::string(kVerdictColumns) +
        "JOIN (SELECT min(id) AS first_id, max(id) AS newest_id FROM verdicts WHERE subject_kind = "
        "? "
        "AND subject_key = ? AND runner IS ? AND options_hash = ? GROUP BY gate) "
        "ON id = newest_id ORDER BY first_id";
    return with_figures(
        store.database,
        read_all(store.database,
                 prepared(store.sqlite(), sql.c_str(), subject.kind, subject.key,
                          null_if_empty(conditions.runner), conditions.options_hash),
                 "verdicts", read_verdict));
  });
}

Result<std::vector<VerdictRow>> Store::verdicts_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kVerdictColumns) + "WHERE run_id = ? ORDER BY id";
    return with_figures(store.database,
                        read_all(store.database, prepared(store.sqlite(), sql.c_str(), run),
                                 "verdicts", read_verdict));
  });
}

Result<std::vector<GatedRow>> Store::gated() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database,
                    prepared(store.sqlite(),
                             "SELECT DISTINCT subject_kind, subject_key, content_hash, gate, "
                             "outcome FROM verdicts ORDER BY subject_kind, subject_key, gate"),
                    "verdicts", [](Row& row) {
                      return GatedRow{
                          .subject_kind = row.text("subject_kind"),
                          .subject_key = row.text("subject_key"),
                          .content_hash = row.optional("content_hash", &Row::text).value_or(""),
                          .gate = row.text("gate"),
                          .outcome = row.named("outcome", kOutcomes)};
                    });
  });
}

}  // namespace fusesweep
