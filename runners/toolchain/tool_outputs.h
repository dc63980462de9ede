// What the user's own tools print, read: pure functions from text to the structs of the seam. The tools are
// other people's programs, so that all of it is taken for hostile; lines that are none of these are chatter and
// passed over. Counts are what holds: a tool's own word (`pass`) is kept beside them and decides nothing.
// harness/docs/TOOLCHAIN.md has each form by example.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/runner.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

// Python writes NaN and Infinity into its JSON; they become null, which is absent.
Result<Json> parse_tool_json(std::string_view text, std::string_view where);

// The residency report: conv_total, conv_ane, compute_total, compute_ane, pass, op_device_counts and
// non_ane_compute_rows of a JSON object. Counts that are not there are absent in the placement. Errors: no count
// and no word, a count beyond its total, rows of operations elsewhere beside counts that know of none.
Result<Placement> parse_residency_report(std::string_view text, std::string_view where);

// The same from the lines of the tool: `conv_total=48 conv_ane=48 conv_non_ane=0`, `PASS=True`.
Result<Placement> parse_residency_lines(std::string_view text, std::string_view where);

// `cos=0.999197 rmse=0.039475 max_abs=0.228516`, of several such lines the worst of every figure. A value that
// is not finite makes all of it non_finite.  Errors: no cosine, or one beyond 1.
Result<RecordedComparison> parse_golden_lines(std::string_view text, std::string_view where);

// A runtime that decodes once and tells in text: `Generated IDs: [..]`, `Timing: decode_tokens=63 decode_s=4.85`,
// `ProfileDecodePerToken: layers_ms=..`, `ProfileDecodeLayers: layer_shards=4 top5=L0-16=..ms ..`. Times come as a
// DecodeSum.  Errors: no ids; a time that is negative or not finite.
Result<DecodeResult> parse_one_shot(std::string_view text, std::string_view where);

// The resident runtime, which answers requests in lines.
enum class ReadyLine { kChatter, kReady };
// Errors: READY of another protocol.
Result<ReadyLine> parse_ready(std::string_view line, std::string_view where);

// Without a newline. `tokens` are generated, the first among them.
std::string resident_request(const std::vector<int>& prompt, int tokens);

// Nothing where the line is chatter: no JSON object that says `ok`. The error is the service's own (kUnavailable),
// or what does not fit.
Result<std::optional<DecodeResult>> parse_resident_answer(std::string_view line,
                                                          std::string_view where);

}  // namespace fusesweep
