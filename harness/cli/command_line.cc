#include "harness/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>
#include <string_view>

#include "harness/base/check.h"
#include "harness/base/result.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "harness/cli/answer.h"
#include "harness/cli/baseline_command.h"
#include "harness/cli/baseline_set_command.h"
#include "harness/cli/bench_command.h"
#include "harness/cli/cliff_command.h"
#include "harness/cli/doctor_command.h"
#include "harness/cli/export_command.h"
#include "harness/cli/gate_command.h"
#include "harness/cli/gc_command.h"
#include "harness/cli/generate_command.h"
#include "harness/cli/invocation.h"
#include "harness/cli/journal_command.h"
#include "harness/cli/model_build_command.h"
#include "harness/cli/model_check_command.h"
#include "harness/cli/model_command.h"
#include "harness/cli/model_inspect_command.h"
#include "harness/cli/optimize_command.h"
#include "harness/cli/plan_command.h"
#include "harness/cli/plot_command.h"
#include "harness/cli/report_command.h"
#include "harness/cli/rerun_command.h"
#include "harness/cli/runner_command.h"
#include "harness/cli/runs_command.h"
#include "harness/cli/selfcheck_command.h"
#include "harness/cli/speculate_command.h"
#include "harness/cli/sweep_command.h"
#include "harness/cli/sweep_file.h"
#include "harness/cli/trend_command.h"
#include "harness/gate/gate_names.h"
#include "harness/sweep/rerun.h"

namespace fusesweep {
namespace {

constexpr std::size_t kHelpColumn = 30;

void print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

ExitCode report_error(const Streams& streams, std::string_view command, const Error& error) {
  print(streams.err, fmt::format("{}: {}\n", command, error.message));
  return exit_code_of(error.code);
}

// Prints a command's result. Success that could not be written (a full disk, say) is no success.
ExitCode report(const Streams& streams, std::string_view command, const Result<Answer>& answer) {
  if (!answer) return report_error(streams, command, answer.error());
  print(streams.err, answer->remark);
  print(streams.out, answer->text);
  if (std::fflush(streams.out) != 0 || std::ferror(streams.out) != 0) {
    return report_error(streams, command, unavailable("could not write all of the output").value());
  }
  return answer->exit_code;
}

// A command that does something: its name as it is typed, and what runs it once its arguments are
// parsed.
struct Command {
  std::string name;
  CLI::App* app;
  std::function<Result<Answer>()> run;
};

// The arguments of every command, as they were typed; the commands hold references.
struct Arguments {
  PlanArguments plan;
  ExportArguments export_split;
  ModelSynthArguments model_synth;
  ModelBuildArguments model_build;
  ModelCheckArguments model_check;
  ModelInspectArguments model_inspect;
  ModelReferenceArguments model_reference;
  TrendArguments trend;
  DoctorArguments doctor;
  BenchArguments bench;
  GateArguments gate;
  SweepArguments sweep;
  OptimizeArguments optimize;
  CliffArguments cliff;
  SelfcheckArguments selfcheck;
  SpeculateArguments speculate;
  GenerateArguments generate;
  ReportArguments report;
  PlotArguments plot;
  BaselineSetArguments baseline_set;
  BaselineListArguments baseline_list;
  BaselineShowArguments baseline_show;
  BaselineRemoveArguments baseline_remove;
  BaselineExportArguments baseline_export;
  BaselineImportArguments baseline_import;
  RerunArguments rerun;
  JournalBeginArguments journal_begin;
  JournalEndArguments journal_end;
  JournalListArguments journal_list;
  JournalShowArguments journal_show;
  RunnerServeArguments runner_serve;
  RunnerListArguments runner_list;
  RunnerProgramArguments runner_describe;
  RunnerProgramArguments runner_check;
  GcArguments gc;
  RunsListArguments runs_list;
  RunsShowArguments runs_show;
  RunsMergeArguments runs_import;
  RunsMergeArguments runs_merge;
  RunsExportArguments runs_export;
  Invocation invocation;
};

void add_json(CLI::App* command, bool& json) {
  command->add_flag("--json", json, "print one JSON object");
}

void add_work(CLI::App* command, std::optional<std::string>& work) {
  command
      ->add_option("--work", work,
                   "folder of everything that is made\n(default: $FUSESWEEP_WORK, else "
                   "fusesweep-work)")
      ->type_name("DIR");
}

Command add_plan(CLI::App& app, PlanArguments& arguments) {
  CLI::App* plan =
      app.add_subcommand("plan", "show what a sweep would build and measure, without doing it");
  // Values are read as text and checked by us, so that every error says what was found, wanted and
  // where.
  plan->add_option("--layers", arguments.layers,
                   "number of layers; without a model there are no sizes")
      ->type_name("N");
  plan->add_option("--model", arguments.model, "a known shape (phi4-mini, nano) or a GGUF file")
      ->type_name("M");
  plan->add_option("--splits", arguments.splits,
                   "splits, separated by commas: 16+8+6+2,8x4 (repeatable)")
      ->type_name("LIST")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);  // or stray words and brackets would be taken for more values
  plan->add_option("--family", arguments.families,
                   "a family of splits (repeatable):\n"
                   "front-fused:tail=6+2,front=12..24,step=4\n"
                   "uniform:length=2..8,step=2\n"
                   "list:16+8+6+2,8x4\n"
                   "all:max-shard=20,max-shards=4 (and min-shard, min-shards, multiple)")
      ->type_name("F")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);  // or stray words and brackets would be taken for more values
  plan->add_option(
          "--encoding", arguments.encoding,
          "of the weights: int8 (default), uint8, fp16,\nshift-scale-tensor, shift-scale-channel")
      ->type_name("E");
  plan->add_option("--residency-limit", arguments.residency_limit,
                   "mark the shards whose weights are within this many bytes: 2GiB")
      ->type_name("BYTES");
  plan->add_option(
          "--limit", arguments.limit,
          fmt::format(
              "list at most this many splits; counts are of all\n(default: {}, with --json {})",
              kListedInTable, kListedInJson))
      ->type_name("N");
  add_json(plan, arguments.json);
  plan->footer(
      "Examples:\n"
      "  $ fusesweep plan --model phi4-mini --family front-fused --residency-limit 2GiB\n"
      "  $ fusesweep plan --layers 32 --family all:max-shard=20,max-shards=4 --limit 3 --json");
  return {"fusesweep plan", plan, [&arguments] { return run_plan(arguments); }};
}

Command add_model_synth(CLI::App& model, ModelSynthArguments& arguments) {
  CLI::App* synth = model.add_subcommand(
      "synth", "write a GGUF model with random weights, the same for the same seed");
  synth
      ->add_option("--shape", arguments.shape,
                   "nano (default), phi4-mini, or a JSON file with every dimension")
      ->type_name("S");
  synth->add_option("--dtype", arguments.dtype, "of the matrices: q8_0 (default), f16, f32")
      ->type_name("D");
  synth->add_option("--seed", arguments.seed, "an integer from 0 on (default: 1)")->type_name("N");
  synth->add_flag("--echo", arguments.echo,
                  "greedy decoding says the last id again, for ever: what speculation is best at");
  synth->add_option("-o,--output", arguments.output, "the file to write")
      ->type_name("FILE")
      ->required();
  add_json(synth, arguments.json);
  synth->footer("Examples:\n  $ fusesweep model synth --shape nano --seed 7 -o nano.gguf");
  return {"fusesweep model synth", synth, [&arguments] { return run_model_synth(arguments); }};
}

Command add_export(CLI::App& app, ExportArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("export", "write the runtime manifest of a split whose shards are built");
  command->add_option("--split", arguments.split, "such as 16+8+6+2")->type_name("S");
  command->add_option("--check", arguments.check, "read this manifest instead and check it")
      ->type_name("FILE");
  command->add_flag("--follow-outside", arguments.follow_outside,
                    "let a checked manifest name files outside its folder");
  command
      ->add_option("--model", arguments.model, "the GGUF file, where shards of several are built")
      ->type_name("FILE");
  command
      ->add_option("--head-shards", arguments.head_shards,
                   "slices of the LM head (default: the fewest that are complete)")
      ->type_name("N");
  command
      ->add_option("--verifier-tokens", arguments.verifier_tokens,
                   "add the speculative verifier: the split's shards of N tokens a call, 2 to 16")
      ->type_name("N");
  command->add_option("--context", arguments.context, "positions of the KV cache (default: 512)")
      ->type_name("S");
  command->add_option("--encoding", arguments.encoding, "of the weights (default: int8)")
      ->type_name("E");
  command->add_option("--kv", arguments.kv_form, "mask, the only form that the runtime feeds")
      ->type_name("K");
  command->add_option("--prefix", arguments.prefix, "of the file's name (default: the model's)")
      ->type_name("P");
  command
      ->add_option("-o,--output", arguments.output, "folder to write to (default: the work folder)")
      ->type_name("DIR");
  add_work(command, arguments.work);
  add_json(command, arguments.json);
  command->footer(
      "Examples:\n"
      "  $ fusesweep export --split 16+8+6+2\n"
      "  $ fusesweep export --split 16+8+6+2 --verifier-tokens 4\n"
      "  $ fusesweep export --check fusesweep-work/nano_runtime_meta_16_8_6_2.json");
  return {"fusesweep export", command, [&arguments] { return run_export(arguments); }};
}

Command add_model_check(CLI::App& model, ModelCheckArguments& arguments) {
  CLI::App* check =
      model.add_subcommand("check", "compare a GGUF file with a profile, field by field");
  check->add_option("FILE", arguments.file, "a GGUF file")->type_name("")->required();
  check
      ->add_option(
          "--profile", arguments.profile,
          "phi4-mini, nano, or a JSON file with every dimension\n(default: the built-in one "
          "with the file's width and depth)")
      ->type_name("P");
  add_json(check, arguments.json);
  check->footer(
      "Exit code 1 when anything differs.\n"
      "Examples:\n  $ fusesweep model check phi-4-mini-q8_0.gguf --profile phi4-mini");
  return {"fusesweep model check", check, [&arguments] { return run_model_check(arguments); }};
}

Command add_model_inspect(CLI::App& model, ModelInspectArguments& arguments) {
  CLI::App* inspect =
      model.add_subcommand("inspect", "show what is in a GGUF file or in an .mlpackage");
  inspect->add_option("FILE", arguments.file, "a GGUF file or a package")
      ->type_name("")
      ->required();
  add_json(inspect, arguments.json);
  inspect->footer("Examples:\n  $ fusesweep model inspect nano.gguf --json");
  return {"fusesweep model inspect", inspect,
          [&arguments] { return run_model_inspect(arguments); }};
}

void add_tokens_option(CLI::App* command, std::string& tokens) {
  command->add_option("--tokens", tokens, "tokens per call, T (default: 1)")->type_name("T");
}

void add_form_options(CLI::App* command, std::string& context, std::string& encoding,
                      std::string& kv_form) {
  command->add_option("--context", context, "positions of the KV cache, S (default: 512)")
      ->type_name("S");
  command
      ->add_option("--encoding", encoding,
                   "of the weights: int8 (default), uint8, fp16,\nshift-scale-tensor, "
                   "shift-scale-channel")
      ->type_name("E");
  command
      ->add_option(
          "--kv", kv_form,
          "how the KV cache is written: mask (default, as the existing runtime\nfeeds it) or "
          "slice (at an index)")
      ->type_name("K");
}

// The flags of shard_arguments.h.
void add_shard_options(CLI::App* command, std::string& tokens, std::string& context,
                       std::string& encoding, std::string& kv_form) {
  add_tokens_option(command, tokens);
  add_form_options(command, context, encoding, kv_form);
}

Command add_model_build(CLI::App& model, ModelBuildArguments& arguments) {
  CLI::App* build =
      model.add_subcommand("build", "build shards of a GGUF model as CoreML packages");
  build->add_option("FILE", arguments.file, "a GGUF file")->type_name("")->required();
  build->add_option("--segment", arguments.segments, "layers A to B-1 as one shard (repeatable)")
      ->type_name("A:B")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  build->add_flag("--head", arguments.head, "the LM head, with the final norm");
  build->add_option("--head-shards", arguments.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  build->add_flag("--embedding", arguments.embedding, "the embedding table, fp16");
  add_shard_options(build, arguments.tokens, arguments.context, arguments.encoding,
                    arguments.kv_form);
  build
      ->add_option("-o,--output", arguments.output,
                   "folder for artifacts, one folder each\n(default: artifacts in the work folder)")
      ->type_name("DIR");
  add_work(build, arguments.work);
  add_json(build, arguments.json);
  build->footer(
      "Examples:\n"
      "  $ fusesweep model build nano.gguf --segment 0:16 --segment 16:32 --head --embedding\n"
      "  $ fusesweep model build nano.gguf --segment 0:4 --tokens 4 --encoding fp16 -o out");
  return {"fusesweep model build", build, [&arguments] { return run_model_build(arguments); }};
}

Command add_model_reference(CLI::App& model, ModelReferenceArguments& arguments) {
  CLI::App* reference =
      model.add_subcommand("reference", "run a GGUF model in plain fp32 and print greedy ids");
  reference->add_option("FILE", arguments.file, "a GGUF file")->type_name("")->required();
  reference->add_option("--ids", arguments.ids, "the prompt: token ids, separated by commas")
      ->type_name("LIST")
      ->required();
  reference->add_option("--generate", arguments.generate, "how many ids to generate (default: 0)")
      ->type_name("N");
  reference
      ->add_option("--weights", arguments.weights,
                   "original (default), or rounded as an encoding rounds them:\n"
                   "int8-per-tensor, int8-per-channel, fp16")
      ->type_name("W");
  reference->add_option("--context", arguments.context, "positions to allocate (default: 512)")
      ->type_name("S");
  reference
      ->add_option("--head-shards", arguments.head_shards,
                   "slices of the LM head, each with its scale (default: 1)")
      ->type_name("N");
  reference
      ->add_option("--logits", arguments.logits, "write the prompt's logits, float32 [n, vocab]")
      ->type_name("FILE.npy");
  reference
      ->add_option("--hidden-dir", arguments.hidden_folder,
                   "write every layer boundary, hidden_<i>.npy, float32 [n, d_model]")
      ->type_name("DIR");
  add_json(reference, arguments.json);
  reference->footer(
      "Examples:\n  $ fusesweep model reference nano.gguf --ids 1,2,3 --generate 16 --json");
  return {"fusesweep model reference", reference,
          [&arguments] { return run_model_reference(arguments); }};
}

// Of the commands that run shards.
void add_run_options(CLI::App* command, std::string& runner, std::optional<std::string>& threads,
                     std::optional<std::string>& residency_limit) {
  command
      ->add_option("--runner", runner,
                   "what builds and runs (default: cpu): a kind of runner list,\n"
                   "or \"-- CMD ARGS\", any program that is a runner")
      ->type_name("R");
  command->add_option("--threads", threads, "of the runner (default: one for each core)")
      ->type_name("N");
  command
      ->add_option("--residency-limit", residency_limit,
                   "weights of one shard beyond which it is not resident: 32MiB\n"
                   "(default: the runner's own; the cpu runner emulates it)")
      ->type_name("BYTES");
}

Command add_bench(CLI::App& app, Arguments& arguments) {
  BenchArguments& typed = arguments.bench;
  CLI::App* bench = app.add_subcommand("bench", "time one split, cold and warm, by layer group");
  bench->add_option("--split", typed.split, "such as 16+8+6+2")->type_name("S")->required();
  bench
      ->add_option("--model", typed.model,
                   "the GGUF file; shards that are missing are built of it\n"
                   "(a runner that replays a record has a model of its own)")
      ->type_name("FILE");
  add_shard_options(bench, typed.tokens, typed.context, typed.encoding, typed.kv_form);
  bench->add_option("--head-shards", typed.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  add_run_options(bench, typed.runner, typed.threads, typed.residency_limit);
  bench
      ->add_option("--prompts", typed.prompts,
                   "a JSON list of lists of token ids (default: a built-in set)")
      ->type_name("FILE");
  bench->add_option("--prompt-tokens", typed.prompt_tokens, "of a generated prompt (default: 16)")
      ->type_name("N");
  bench
      ->add_option("-n,--decode-tokens", typed.decode_tokens,
                   "steps after the first token (default: 64)")
      ->type_name("N");
  bench->add_option("--repeat", typed.repeat, "times each prompt is run (default: 3)")
      ->type_name("N");
  add_work(bench, typed.work);
  add_json(bench, typed.json);
  bench->footer(
      "Nothing is gated or compared here: the figures are of one process. A split that has failed "
      "a\n"
      "gate is not measured (exit code 1).\n"
      "Examples:\n"
      "  $ fusesweep bench --model nano.gguf --split 16+8+6+2 --residency-limit 32MiB\n"
      "  $ fusesweep bench --model phi4.gguf --split 32 --kv slice --threads 2 --json\n"
      "  $ fusesweep bench --runner replay:phi4-mini-m4max --split 16+8+6+2");
  return {"fusesweep bench", bench,
          [&arguments] { return run_bench(arguments.bench, arguments.invocation); }};
}

std::string gates_help() {
  std::string text = "gates to run, separated by commas (default: all):";
  for (const GateName& gate : all_gates())
    text += fmt::format("\n{:<16} {}", gate.name, gate.about);
  return text;
}

Command add_gate(CLI::App& app, Arguments& arguments) {
  GateArguments& typed = arguments.gate;
  CLI::App* gate = app.add_subcommand(
      "gate", "prove that a split, a shard or somebody's package may be believed");
  gate->add_option("--split", typed.split, "all shards of it, then all of it: 16+8+6+2")
      ->type_name("S");
  gate->add_option("--segment", typed.segments, "layers A to B-1 (repeatable)")
      ->type_name("A:B")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);  // or stray words and brackets would be taken for more values
  gate->add_flag("--head", typed.head, "the slices of the LM head");
  gate->add_option("--package", typed.package,
                   "an .mlpackage that another tool wrote, as --segment or --head-slice")
      ->type_name("P");
  gate->add_option("--head-slice", typed.head_slice, "the package's rows of the LM head")
      ->type_name("V0:V1");
  gate->add_option("--model", typed.model, "the GGUF file that it is, or was, made of")
      ->type_name("FILE");
  gate->add_option("--profile", typed.profile,
                   "what the model must be: phi4-mini, nano, or a JSON file\n"
                   "(default: the built-in one of its width and depth)")
      ->type_name("P");
  gate->add_option("--only", typed.only, gates_help())->type_name("LIST");
  gate->add_option("--limits", typed.limits,
                   "other limits, as JSON: {\"fidelity\": {\"relative_l2_at_most\": 0.01}}")
      ->type_name("FILE");
  gate->add_flag("--keep-going", typed.keep_going, "run a shard's other gates after one failed");
  gate->add_flag("--retry-failed", typed.retry_failed,
                 "forget which shards of the model failed to build or run");
  gate->add_option("--tokens", typed.tokens, "per call (default: 1; of a package its own)")
      ->type_name("N");
  gate->add_option("--context", typed.context,
                   "positions of the KV cache\n(default: 512; of a package its own)")
      ->type_name("S");
  gate->add_option("--encoding", typed.encoding,
                   "of the weights (default: int8; of a package its own)")
      ->type_name("E");
  gate->add_option("--kv", typed.kv_form, "mask or slice (default: mask; of a package its own)")
      ->type_name("K");
  gate->add_option("--head-shards", typed.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  add_run_options(gate, typed.runner, typed.threads, typed.residency_limit);
  gate->add_option("--positions", typed.positions, "that golden compares, from 0 on (default: 16)")
      ->type_name("N");
  gate->add_option("--prompts", typed.prompts,
                   "of the full stack, and as many that calibrate it (default: 4)")
      ->type_name("N");
  gate->add_option("--prompt-tokens", typed.prompt_tokens, "of each prompt (default: 32)")
      ->type_name("N");
  gate->add_option("--greedy-tokens", typed.greedy_tokens,
                   "decoded after each prompt, and compared (default: 32)")
      ->type_name("N");
  add_work(gate, typed.work);
  add_json(gate, typed.json);
  gate->footer(
      "Exit code 1 when a gate failed; 4 when none did, but some were not run.\n"
      "Examples:\n"
      "  $ fusesweep gate --model nano.gguf --split 16+8+6+2 --residency-limit 32MiB\n"
      "  $ fusesweep gate --model nano.gguf --segment 0:24 --only residency --residency-limit "
      "32MiB\n"
      "  $ fusesweep gate --model phi4.gguf --package layers_0_16.mlpackage --segment 0:16\n"
      "  $ fusesweep gate --runner replay:phi4-mini-m4max --segment 24:32");
  return {"fusesweep gate", gate,
          [&arguments] { return run_gate(arguments.gate, arguments.invocation); }};
}

Command add_cliff(CLI::App& app, Arguments& arguments) {
  CliffArguments& typed = arguments.cliff;
  CLI::App* cliff = app.add_subcommand(
      "cliff", "find how many layers fit into one shard before residency is lost");
  cliff
      ->add_option("--model", typed.model,
                   "the GGUF file (a runner that replays a record has a model of its own)")
      ->type_name("FILE");
  add_shard_options(cliff, typed.tokens, typed.context, typed.encoding, typed.kv_form);
  add_run_options(cliff, typed.runner, typed.threads, typed.residency_limit);
  cliff
      ->add_option("--first-guess", typed.first_guess,
                   "length to begin with (default: from the weight bytes)")
      ->type_name("N");
  cliff->add_flag("--exhaustive", typed.exhaustive, "inspect every length of front shards");
  cliff->add_flag("--again", typed.again, "ask anew what the database already knows");
  cliff->add_flag("--retry-failed", typed.retry_failed,
                  "ask anew what failed to build or run, and forget that it did");
  add_work(cliff, typed.work);
  add_json(cliff, typed.json);
  cliff->footer(
      "Exit code 4 when no edge is known, or answers contradict it.\n"
      "Examples:\n"
      "  $ fusesweep cliff --model nano.gguf --residency-limit 32MiB\n"
      "  $ fusesweep cliff --runner replay:phi4-mini-m4max --json");
  return {"fusesweep cliff", cliff,
          [&arguments] { return run_cliff(arguments.cliff, arguments.invocation); }};
}

// What an arm decodes in a block.
template <typename Typed>
void add_decoding_options(CLI::App* command, Typed& typed) {
  command->add_option("--prompt-tokens", typed.prompt_tokens, "of the prompt (default: 16)")
      ->type_name("N");
  command
      ->add_option("-n,--decode-tokens", typed.decode_tokens,
                   "steps after the first token (default: 64)")
      ->type_name("N");
  command->add_option("--decodings", typed.decodings, "of every arm in a block (default: 4)")
      ->type_name("N");
  command
      ->add_option("--turn-tokens", typed.turn_tokens,
                   "that a split decodes before the next one has its turn\n(default: 16; 0: all)")
      ->type_name("N");
}

// What the gates run.
template <typename Typed>
void add_gating_options(CLI::App* command, Typed& typed) {
  command->add_option("--positions", typed.positions, "that golden compares (default: 16)")
      ->type_name("N");
  command
      ->add_option("--gate-prompts", typed.prompts,
                   "of the full stack, and as many that calibrate it (default: 4)")
      ->type_name("N");
  command
      ->add_option("--gate-prompt-tokens", typed.gate_prompt_tokens,
                   "of each of them (default: 32)")
      ->type_name("N");
  command
      ->add_option("--greedy-tokens", typed.greedy_tokens,
                   "decoded after each of them, and compared (default: 32)")
      ->type_name("N");
}

Command add_sweep(CLI::App& app, Arguments& arguments) {
  SweepArguments& typed = arguments.sweep;
  CLI::App* sweep = app.add_subcommand(
      "sweep", "find the fastest split: gate every candidate, measure the qualified together");
  sweep
      ->add_option("--model", typed.model,
                   "the GGUF file (default: a miniature with random weights, made once;\n"
                   "a runner that replays a record has a model of its own)")
      ->type_name("FILE");
  sweep->add_option("--profile", typed.profile, "what the model must be (as in gate)")
      ->type_name("P");
  sweep
      ->add_option("--splits", typed.splits,
                   "splits, separated by commas: 16+8+6+2,8x4 (repeatable)")
      ->type_name("LIST")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  sweep
      ->add_option("--family", typed.families,
                   "a family of splits, as in plan (repeatable; default:\n"
                   "front-fused:tail=6+2,front=12..24,step=4)")
      ->type_name("F")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_shard_options(sweep, typed.tokens, typed.context, typed.encoding, typed.kv_form);
  sweep->add_option("--head-shards", typed.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  add_run_options(sweep, typed.runner, typed.threads, typed.residency_limit);
  sweep->add_option("--limits", typed.limits, "other limits of gates (as in gate)")
      ->type_name("FILE");
  add_decoding_options(sweep, typed);
  sweep
      ->add_option("--target-rel", typed.target_rel,
                   "half width of the interval that is aimed at (default: 0.01, 1 %)")
      ->type_name("R");
  sweep
      ->add_option("--margin-rel", typed.margin_rel,
                   "within which two splits are as good as equal (default: 0.01)")
      ->type_name("R");
  sweep->add_option("--budget-s", typed.budget_s, "seconds for measuring (default: 40)")
      ->type_name("S");
  sweep->add_option("--seed", typed.seed, "of all orders (default: 1)")->type_name("N");
  add_gating_options(sweep, typed);
  sweep
      ->add_option_function<std::string>(
          "--spec",
          [&typed](const std::string& file) {
            const Result<void> read = read_sweep_file(file, typed);
            if (!read) throw CLI::ValidationError(read.error().message);
          },
          "a JSON file with these flags as members, without their dashes;\n"
          "what is typed beside it goes before it")
      ->trigger_on_parse()
      ->type_name("FILE");
  sweep
      ->add_option("--memory", typed.memory,
                   "that a block may take; more than that is measured in groups\n"
                   "(default: three quarters of the device's)")
      ->type_name("BYTES");
  sweep->add_flag("--dry-run", typed.dry_run, "plan, without doing it");
  sweep->add_flag("--fresh", typed.fresh, "ask everything anew, whatever is known from before");
  sweep->add_flag("--retry-failed", typed.retry_failed,
                  "forget which shards of the model failed to build or run");
  add_work(sweep, typed.work);
  add_json(sweep, typed.json);
  sweep->footer(
      "--tokens, --context, --encoding, --kv, --head-shards and --threads take lists, separated "
      "by\n"
      "commas: each combination is a candidate. A sweep that was cut short goes on when the same "
      "is\n"
      "asked for again. Exit code 0 for an answer, a tie among them; 1 when every candidate is\n"
      "disqualified; 4 when the trial is dirty or too short; 130 when it was interrupted.\n"
      "Examples:\n"
      "  $ fusesweep sweep\n"
      "  $ fusesweep sweep --model phi4.gguf --kv slice --splits 16+8+6+2,20+4+6+2 --budget-s 600\n"
      "  $ fusesweep sweep --spec sweep.json --seed 2\n"
      "  $ fusesweep sweep --runner replay:phi4-mini-m4max\n"
      "  $ fusesweep sweep --runner toolchain:tools.json --model phi4.gguf --limits limits.json");
  return {"fusesweep sweep", sweep,
          [&arguments] { return run_sweep_command(arguments.sweep, arguments.invocation); }};
}

Command add_optimize(CLI::App& app, Arguments& arguments) {
  OptimizeArguments& typed = arguments.optimize;
  SweepArguments& common = typed.common;
  CLI::App* optimize = app.add_subcommand(
      "optimize", "find the fastest of all splits, and prove how near to the fastest it is");
  optimize
      ->add_option("--model", common.model,
                   "the GGUF file (default: a miniature with random weights, made once;\n"
                   "a runner that replays a record has a model of its own)")
      ->type_name("FILE");
  optimize->add_option("--profile", common.profile, "what the model must be (as in gate)")
      ->type_name("P");
  optimize
      ->add_option("--regret", typed.regret,
                   "that no other split may be faster by (default: 1%, of a token's time)")
      ->type_name("R");
  optimize
      ->add_option("--max-builds", typed.max_builds,
                   "segments that may be built, those for the cliff among them\n(default: 64)")
      ->type_name("N");
  optimize
      ->add_option("--budget", typed.budget_s,
                   "seconds for all measuring; building and gating come on top\n(default: 300)")
      ->type_name("T");
  optimize
      ->add_option("--verify", typed.verify,
                   "of the best splits that are measured whole in the end (default: 3)")
      ->type_name("K");
  optimize
      ->add_option("--tail", typed.tail,
                   "of front-fused splits, of which the best is verified too\n(default: 6+2)")
      ->type_name("SPLIT");
  optimize->add_option("--longest-shard", typed.longest_shard, "layers of a shard, at most")
      ->type_name("N");
  optimize->add_option("--max-shards", typed.max_shards, "shards of a split, at most")
      ->type_name("N");
  optimize
      ->add_option("--forbid", typed.forbidden,
                   "segments that no split may have: '[24,32)' (repeatable, or a list)")
      ->type_name("LIST")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_shard_options(optimize, common.tokens, common.context, common.encoding, common.kv_form);
  optimize->add_option("--head-shards", common.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  add_run_options(optimize, common.runner, common.threads, common.residency_limit);
  optimize->add_option("--limits", common.limits, "other limits of gates (as in gate)")
      ->type_name("FILE");
  add_decoding_options(optimize, common);
  optimize->add_option("--seed", common.seed, "of all orders and draws (default: 1)")
      ->type_name("N");
  add_gating_options(optimize, common);
  optimize
      ->add_option("--memory", common.memory,
                   "that a block may take; more than that is measured in groups\n"
                   "(default: three quarters of the device's)")
      ->type_name("BYTES");
  optimize->add_flag("--fresh", common.fresh, "ask everything anew, whatever is known from before");
  optimize->add_flag("--retry-failed", common.retry_failed,
                     "forget which shards of the model failed to build or run");
  add_work(optimize, common.work);
  add_json(optimize, common.json);
  optimize->footer(
      "Shards run one after another, so a split's time is the sum of its segments' times and a "
      "cost "
      "for\n"
      "every boundary: few segments decide among all splits. Those that tell most are built, gated "
      "and\n"
      "measured until no other split can be faster by more than --regret at 95 %; the best are "
      "then\n"
      "measured whole, as in a sweep. A search that was cut short goes on when the same is asked "
      "for\n"
      "again. Exit code 0 when the bound was reached and a split was chosen; 1 when no split is "
      "left; "
      "4\n"
      "when the bound was not reached or the verification ranks nothing; 130 when it was "
      "interrupted.\n"
      "Examples:\n"
      "  $ fusesweep optimize\n"
      "  $ fusesweep optimize --model phi4.gguf --kv slice --regret 2% --budget 3600\n"
      "  $ fusesweep optimize --max-shards 4 --forbid '[24,32)' --json\n"
      "  $ fusesweep optimize --runner replay:phi4-mini-m4max");
  return {"fusesweep optimize", optimize,
          [&arguments] { return run_optimize_command(arguments.optimize, arguments.invocation); }};
}

// Of the commands that measure one split: what it is, and how it is run.
void add_one_split_options(CLI::App* command, OneSplitArguments& typed, const char* about) {
  command
      ->add_option("--model", typed.model,
                   "the GGUF file (default: a miniature with random weights, made once)")
      ->type_name("FILE");
  command->add_option("--split", typed.split, about)->type_name("SPLIT");
  add_form_options(command, typed.context, typed.encoding, typed.kv_form);
  command->add_option("--head-shards", typed.head_shards, "slices of the LM head (default: 1)")
      ->type_name("N");
  add_run_options(command, typed.runner, typed.threads, typed.residency_limit);
}

Command add_speculate(CLI::App& app, Arguments& arguments) {
  SpeculateArguments& typed = arguments.speculate;
  CLI::App* speculate = app.add_subcommand(
      "speculate", "decode a split speculatively: exact or not, and how much faster than greedily");
  const auto option = [&](const char* name, auto& value, const char* about, const char* type) {
    speculate->add_option(name, value, about)->type_name(type);
  };
  add_one_split_options(speculate, typed, "of the shards and of the verifier (default: 16+8+6+2)");
  option("--verifier-tokens", typed.verifier_tokens,
         "tokens a call, T, of each verifier, 2 to 16 (default: 2,4,8)", "T,T,...");
  option("--verifier", typed.verifier,
         "beside (default): loaded with the shards that take one token, or\n"
         "alone: half the weights, single tokens with padding",
         "HOW");
  option("--workload", typed.workload,
         "tiled (default): a prompt that repeats itself; random; or\n"
         "oracle: random, and a draft that is always right",
         "W");
  option("--ngram-min", typed.ngram_min, "shortest n-gram that is looked up (default: 2)", "N");
  option("--ngram-max", typed.ngram_max, "longest (default: 4)", "N");
  option("--guard", typed.guard,
         "decide by a call of one token where the two best logits are closer than this,\n"
         "or than twice the measured difference between calls of T and of one: measured",
         "LOGITS");
  option("--log", typed.log,
         "run nothing: count the passes that ids in FILE would have taken, as generate --json\n"
         "prints them, or an array of such",
         "FILE");
  option("--prompt-tokens", typed.prompt_tokens, "of the prompt (default: 32)", "N");
  option("-n,--decode-tokens", typed.decode_tokens, "steps after the first token (default: 64)",
         "N");
  option("--decodings", typed.decodings, "of every arm in a block (default: 2)", "N");
  option("--blocks", typed.blocks,
         "each with fresh processes; 6 or more for a verdict (default: 8)", "N");
  option("--seed", typed.seed, "of all orders (default: 1)", "N");
  add_gating_options(speculate, typed);
  speculate->add_flag("--fresh", typed.fresh, "ask everything anew, whatever is known from before");
  add_work(speculate, typed.work);
  add_json(speculate, typed.json);
  speculate->footer(
      "A verifier is measured only where its ids are those of greedy decoding on 20 prompts. Of a\n"
      "runner that replays a record it is said what was recorded. Exit code 1 when none is exact, "
      "4\n"
      "when the trial is dirty.\n"
      "Examples:\n"
      "  $ fusesweep speculate\n"
      "  $ fusesweep speculate --model phi4.gguf --kv slice --verifier-tokens 4 --workload random\n"
      "  $ fusesweep speculate --log greedy.json --ngram-min 1");
  return {"fusesweep speculate", speculate, [&arguments] {
            return run_speculate_command(arguments.speculate, arguments.invocation);
          }};
}

Command add_selfcheck(CLI::App& app, Arguments& arguments) {
  SelfcheckArguments& typed = arguments.selfcheck;
  CLI::App* selfcheck = app.add_subcommand(
      "selfcheck", "measure the harness itself: how often it cries wolf, how little it finds");
  add_one_split_options(selfcheck, typed, "that is measured (default: 16+8+6+2)");
  add_tokens_option(selfcheck, typed.tokens);
  add_decoding_options(selfcheck, typed);
  selfcheck
      ->add_option("--blocks", typed.blocks,
                   "of each bank that trials are cut from (default: 300, quick: 60)")
      ->type_name("N");
  selfcheck->add_option("--seed", typed.seed, "of all orders (default: 1)")->type_name("N");
  selfcheck->add_flag("--quick", typed.quick, "one bank of an idle machine, some two minutes");
  selfcheck->add_flag("--fresh", typed.fresh, "ask everything anew, whatever is known from before");
  add_work(selfcheck, typed.work);
  add_json(selfcheck, typed.json);
  selfcheck->footer(
      "It says beforehand how long it takes. One that was cut short goes on when the same is asked "
      "for\n"
      "again. Exit code 0 when it has been measured, whatever was found.\n"
      "Examples:\n"
      "  $ fusesweep selfcheck --quick\n"
      "  $ fusesweep selfcheck --model phi4.gguf --kv slice --json");
  return {"fusesweep selfcheck", selfcheck, [&arguments] {
            return run_selfcheck_command(arguments.selfcheck, arguments.invocation);
          }};
}

Command add_report(CLI::App& app, ReportArguments& arguments) {
  CLI::App* report = app.add_subcommand("report", "write what a sweep came to, as a page to read");
  report
      ->add_option("--sweep", arguments.sweep,
                   "how its id begins (default: the newest that has ended)")
      ->type_name("ID");
  report->add_flag("--all", arguments.all, "a list of all sweeps, and the page of each");
  report
      ->add_option("--format", arguments.format,
                   "html, md, csv, json, separated by commas (default: html)")
      ->type_name("LIST");
  report
      ->add_option("-o,--output", arguments.output, "folder (default: reports in the work folder)")
      ->type_name("DIR");
  add_work(report, arguments.work);
  add_json(report, arguments.json);
  report->footer(
      "A page opens from the disk, without a network. --all keeps pages that are newer than their\n"
      "sweep, and draws no pictures.\n"
      "Examples:\n"
      "  $ fusesweep report\n"
      "  $ fusesweep report --sweep 01a2002d --format html,md,csv,json -o out\n"
      "  $ fusesweep report --all -o out");
  return {"fusesweep report", report, [&arguments] { return run_report(arguments); }};
}

Command add_generate(CLI::App& app, Arguments& arguments) {
  GenerateArguments& typed = arguments.generate;
  CLI::App* generate =
      app.add_subcommand("generate", "decode greedily with the shards of a manifest");
  generate
      ->add_option("--manifest", typed.manifest, "a runtime manifest, as bench and export write it")
      ->type_name("FILE")
      ->required();
  generate->add_option("--ids", typed.ids, "the prompt: token ids, separated by commas")
      ->type_name("LIST")
      ->required();
  generate->add_option("-n", typed.count, "ids to generate (default: 32)")->type_name("N");
  generate->add_flag("--stop-at-eos", typed.stop_at_eos, "end with the model's end-of-text id");
  add_run_options(generate, typed.runner, typed.threads, typed.residency_limit);
  generate
      ->add_option("--work", typed.work,
                   "folder that the runner works in (default: the manifest's)")
      ->type_name("DIR");
  add_json(generate, typed.json);
  generate->footer(
      "Ids go to stdout, how long it took to stderr.\n"
      "Examples:\n"
      "  $ fusesweep generate --manifest work/nano_runtime_meta_16_8_6_2.json --ids 1,2,3 -n 32");
  return {"fusesweep generate", generate, [&arguments] {
            return run_generate(arguments.generate, arguments.invocation.own_program);
          }};
}

Command add_plot(CLI::App& app, PlotArguments& arguments) {
  CLI::App* plot = app.add_subcommand("plot", "draw what a sweep found");
  plot->add_option("KIND", arguments.kind, plot_kinds_help())->type_name("")->required();
  plot->add_option("--sweep", arguments.sweep,
                   "the first digits of its id (default: the newest that has ended)")
      ->type_name("ID");
  plot->add_option("--recorded", arguments.recorded,
                   "of a trend: the record of that name alone, without a store")
      ->type_name("NAME");
  plot->add_option("-o,--output", arguments.output, "picture to write: .svg, .png or .pdf")
      ->type_name("FILE");
  plot->add_flag("--term", arguments.terminal, "draw in characters, to the terminal itself");
  plot->add_flag(
      "--keep-script", arguments.keep_script,
      "leave FILE.gp and FILE.csv beside the picture:\n`gnuplot FILE.gp` draws it again");
  plot->add_flag("--csv", arguments.csv, "print the data instead");
  plot->add_flag("--json", arguments.json, "print what was drawn, and where, as JSON");
  add_work(plot, arguments.work);
  plot->footer(
      "Needs gnuplot. Recorded data and emulated limits are marked as such. PLOTS.md shows each.\n"
      "Examples:\n"
      "  $ fusesweep plot tok-s -o tok-s.svg\n"
      "  $ fusesweep plot groups --term\n"
      "  $ fusesweep plot cliff --sweep 01a2 -o cliff.png --keep-script\n"
      "  $ fusesweep plot cold-warm --csv\n"
      "  $ fusesweep plot golden -o golden.pdf\n"
      "  $ fusesweep plot segments -o segments.svg\n"
      "  $ fusesweep plot trend --recorded phi4-mini-m4max -o trend.svg\n"
      "  $ fusesweep plot power --term");
  return {"fusesweep plot", plot, [&arguments] { return run_plot(arguments); }};
}

Command add_doctor(CLI::App& app, DoctorArguments& arguments) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "show what this machine offers, and what will make its numbers noisy");
  doctor->add_flag("--quick", arguments.quick, "leave out what takes a second: reading memory");
  add_work(doctor, arguments.work);
  add_json(doctor, arguments.json);
  doctor->footer(
      "Noise is an answer: the exit code is 0. Each line of it comes with what to do about it.\n"
      "Examples:\n"
      "  $ fusesweep doctor\n"
      "  $ fusesweep doctor --quick --json");
  return {"fusesweep doctor", doctor, [&arguments] { return run_doctor(arguments); }};
}

Command add_gc(CLI::App& app, GcArguments& arguments) {
  CLI::App* gc = app.add_subcommand(
      "gc", "remove artifacts that nothing needs, and what killed commands left behind");
  gc->add_flag("--intermediates", arguments.intermediates,
               "also packages of which the compiled form is gated");
  gc->add_flag("--dry-run", arguments.dry_run, "list what would go, and how many bytes");
  add_work(gc, arguments.work);
  add_json(gc, arguments.json);
  gc->footer(
      "Kept are the artifacts of baselines, of sweeps that have not ended, of the best split of "
      "each "
      "that\n"
      "has, and all that no gate has looked at. The store, models, fixtures, reports and the "
      "journal "
      "stay.\n"
      "Nothing outside the work folder is touched; links are not followed. Exit code 3 while "
      "another\n"
      "fusesweep is at work there.\n"
      "Examples:\n"
      "  $ fusesweep gc --dry-run\n"
      "  $ fusesweep gc --intermediates --work mac-work");
  return {"fusesweep gc", gc, [&arguments] { return run_gc(arguments); }};
}

Command add_trend(CLI::App& app, TrendArguments& arguments) {
  CLI::App* trend = app.add_subcommand(
      "trend", "show speed over time: what changed, and whether it was the split or the machine");
  trend
      ->add_option("--metric", arguments.metric,
                   "tok_per_s (default), ms_per_token, ttft_ms or\ngroup_ms")
      ->type_name("M");
  trend->add_option("--split", arguments.split, "only this one, such as 16+8+6+2")->type_name("S");
  trend->add_option("--model", arguments.model, "only the model of this name")->type_name("NAME");
  trend->add_option("--host", arguments.host, "only this machine")->type_name("NAME");
  trend->add_option("--since", arguments.since, "only from this day on (UTC)")
      ->type_name("YYYY-MM-DD");
  trend
      ->add_option("--recorded", arguments.recorded,
                   "a record by itself, by its name or its .json file")
      ->type_name("NAME");
  add_work(trend, arguments.work);
  add_json(trend, arguments.json);
  trend->add_flag("--csv", arguments.csv, "print one line for each point");
  trend->footer(
      "A change needs ten points, about five of them after it; one spike is none.\n"
      "Examples:\n"
      "  $ fusesweep trend --recorded phi4-mini-m4max\n"
      "  $ fusesweep trend --split 16+8+6+2 --metric ms_per_token --since 2026-04-01");
  return {"fusesweep trend", trend, [&arguments] { return run_trend(arguments); }};
}

void add_baseline_name(CLI::App* command, std::string& name) {
  command->add_option("NAME", name, "of the baseline")->type_name("")->required();
}

Command add_baseline_set(CLI::App& baseline, Arguments& arguments) {
  BaselineSetArguments& typed = arguments.baseline_set;
  CLI::App* set = baseline.add_subcommand(
      "set", "freeze what a sweep measured and gated: splits, shards, samples, the program");
  add_baseline_name(set, typed.name);
  set->add_option("--sweep", typed.sweep,
                  "the beginning of its id (default: the newest that has ended)")
      ->type_name("ID");
  set->add_option("--split", typed.splits,
                  "a candidate of the sweep (repeatable; default: the one that it chose)")
      ->type_name("S")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  set->add_option("--model", typed.model,
                  "the GGUF file that was swept (default: the miniature of a plain sweep)")
      ->type_name("FILE");
  set->add_option("--runner", typed.runner,
                  "what measured it: a kind of runner list, or \"-- CMD ARGS\"\n"
                  "(default: the kind that the sweep names)")
      ->type_name("R");
  add_work(set, typed.work);
  add_json(set, typed.json);
  set->footer(
      "Examples:\n"
      "  $ fusesweep baseline set july\n"
      "  $ fusesweep baseline set july --split 16+8+6+2 --split 24+6+2 --model phi4.gguf");
  return {"fusesweep baseline set", set,
          [&arguments] { return run_baseline_set(arguments.baseline_set, arguments.invocation); }};
}

Command add_rerun(CLI::App& app, Arguments& arguments) {
  RerunArguments& typed = arguments.rerun;
  CLI::App* rerun = app.add_subcommand(
      "rerun", "build, gate and measure a baseline once more, beside what it was");
  add_baseline_name(rerun, typed.name);
  rerun
      ->add_option("--model", typed.model,
                   "the GGUF file (default: that of which the baseline was set)")
      ->type_name("FILE");
  rerun
      ->add_option("--runner", typed.runner,
                   "what builds and runs now (default: called as the baseline's,\nof this program)")
      ->type_name("R");
  rerun->add_option("--budget-s", typed.budget_s, "seconds for measuring (default: 30)")
      ->type_name("N");
  rerun
      ->add_option("--margin", typed.margin_rel,
                   "a loss below it is no regression (default: 0.005)")
      ->type_name("SHARE");
  rerun
      ->add_option("--rule-out", typed.rule_out_rel,
                   "a loss that must be excluded, or the answer is inconclusive\n(default: 0.02)")
      ->type_name("SHARE");
  rerun
      ->add_option("--target-rel", typed.target_rel,
                   "half width of the 95 % interval that is aimed at (default: 0.01)")
      ->type_name("SHARE");
  rerun->add_option("--seed", typed.seed, "of all orders (default: 1)")->type_name("N");
  std::string known;
  for (const std::string& metric : rerun_metrics()) known += (known.empty() ? "" : ", ") + metric;
  rerun
      ->add_option("--metric", typed.metrics,
                   "what is judged, separated by commas (default: all): " + known)
      ->type_name("LIST");
  rerun->add_option("--prompt-tokens", typed.prompt_tokens, "another workload: with --cross-host")
      ->type_name("N");
  rerun
      ->add_option("-n,--decode-tokens", typed.decode_tokens, "another workload: with --cross-host")
      ->type_name("N");
  rerun->add_option("--context", typed.context, "another context: with --cross-host")
      ->type_name("S");
  rerun->add_flag("--cross-host", typed.cross_host,
                  "compare ratios to another split where machine, model or workload differ");
  rerun->add_flag("--require-strong", typed.require_strong,
                  "inconclusive unless old and new program ran side by side");
  rerun->add_flag("--fresh", typed.fresh, "do not go on with one that was cut short");
  rerun
      ->add_option("--inconclusive-exit", typed.inconclusive_exit,
                   "exit code where nothing can be said (default: 4; 125 for git bisect run)")
      ->type_name("CODE");
  rerun->add_option("--junit", typed.junit, "write JUnit XML for CI systems")->type_name("FILE");
  rerun->add_option("--markdown", typed.markdown, "write a summary in Markdown")->type_name("FILE");
  add_work(rerun, typed.work);
  add_json(rerun, typed.json);
  rerun->footer(
      "Exit code 0: no regression; 1: one was found; 4: inconclusive, or the trial was dirty.\n"
      "Examples:\n"
      "  $ fusesweep rerun july\n"
      "  $ fusesweep rerun july --junit rerun.xml --markdown rerun.md\n"
      "  $ git bisect run sh -c 'make || exit 125; fusesweep rerun july --inconclusive-exit 125'");
  return {"fusesweep rerun", rerun,
          [&arguments] { return run_rerun_command(arguments.rerun, arguments.invocation); }};
}

Command add_baseline_list(CLI::App& baseline, BaselineListArguments& arguments) {
  CLI::App* list = baseline.add_subcommand("list", "list all baselines, by name");
  add_work(list, arguments.work);
  add_json(list, arguments.json);
  list->footer("Examples:\n  $ fusesweep baseline list");
  return {"fusesweep baseline list", list, [&arguments] { return run_baseline_list(arguments); }};
}

Command add_baseline_show(CLI::App& baseline, BaselineShowArguments& arguments) {
  CLI::App* show = baseline.add_subcommand(
      "show", "show all of a baseline: splits, shards, what the gates said, what measured it");
  add_baseline_name(show, arguments.name);
  add_work(show, arguments.work);
  add_json(show, arguments.json);
  show->footer("Examples:\n  $ fusesweep baseline show july --json");
  return {"fusesweep baseline show", show, [&arguments] { return run_baseline_show(arguments); }};
}

Command add_baseline_remove(CLI::App& baseline, BaselineRemoveArguments& arguments) {
  CLI::App* command =
      baseline.add_subcommand("rm", "remove a baseline, with all that nothing else links to");
  add_baseline_name(command, arguments.name);
  add_work(command, arguments.work);
  add_json(command, arguments.json);
  command->footer("Examples:\n  $ fusesweep baseline rm july");
  return {"fusesweep baseline rm", command,
          [&arguments] { return run_baseline_remove(arguments); }};
}

Command add_baseline_export(CLI::App& baseline, BaselineExportArguments& arguments) {
  CLI::App* command =
      baseline.add_subcommand("export", "check a baseline, and write all of it to one file");
  add_baseline_name(command, arguments.name);
  command->add_option("-o,--output", arguments.output, "a new file, tar with zstd: NAME.tar.zst")
      ->type_name("FILE")
      ->required();
  add_work(command, arguments.work);
  add_json(command, arguments.json);
  command->footer("Examples:\n  $ fusesweep baseline export july -o july.tar.zst");
  return {"fusesweep baseline export", command,
          [&arguments] { return run_baseline_export(arguments); }};
}

Command add_baseline_import(CLI::App& baseline, BaselineImportArguments& arguments) {
  CLI::App* import =
      baseline.add_subcommand("import", "check a file that export wrote, and take it in");
  import->add_option("FILE", arguments.file, "what baseline export wrote")
      ->type_name("")
      ->required();
  import->add_option("--as", arguments.name, "another name (default: as it was called)")
      ->type_name("NAME");
  import->add_flag("--trust-program", arguments.trust_program,
                   "take its program in too, and let rerun start it, or its command");
  import
      ->add_option("--max-bytes", arguments.max_bytes,
                   "that it may unpack to (default: 64GiB, and what is free)")
      ->type_name("BYTES");
  add_work(import, arguments.work);
  add_json(import, arguments.json);
  import->footer(
      "Nothing is started. Whoever made the file can do with you what its program can: trust it as "
      "you\nwould trust that.\n"
      "Examples:\n"
      "  $ fusesweep baseline import july.tar.zst\n"
      "  $ fusesweep baseline import july.tar.zst --as july-lab --trust-program");
  return {"fusesweep baseline import", import,
          [&arguments] { return run_baseline_import(arguments); }};
}

void add_journal_name(CLI::App* command, std::string& name) {
  command->add_option("NAME", name, "of the entry: letters, digits, '-', '_' and '.'")
      ->type_name("")
      ->required();
}

Command add_journal_begin(CLI::App& journal, Arguments& all) {
  JournalBeginArguments& arguments = all.journal_begin;
  CLI::App* begin =
      journal.add_subcommand("begin", "store an intent, with its time and the hash of both");
  add_journal_name(begin, arguments.name);
  begin->add_option("--intent", arguments.intent, "what is to be found out, and why")
      ->type_name("TEXT");
  begin
      ->add_option("--hypothesis", arguments.hypotheses,
                   "what is expected (repeatable):\n"
                   "tok_s(20+4+6+2) > tok_s(16+8+6+2), or a number\n"
                   "(also ms_per_token, ttft_ms, load_ms, activation_ms)\n"
                   "cliff in [20,24], cliff confirmed\n"
                   "qualified(16+16), disqualified(24+6+2)\n"
                   "best = 16+8+6+2, tie(16+8+6+2, 20+4+6+2)")
      ->type_name("H")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  begin->add_option("--setup", arguments.setup, "what it is to be measured with")
      ->type_name("TEXT");
  begin->add_option("--stop-rule", arguments.stop_rule, "when it is over")->type_name("TEXT");
  begin
      ->add_option("--file", arguments.file,
                   "all of it instead, as JSON: intent, setup, hypotheses, stop_rule")
      ->type_name("ENTRY.json");
  add_work(begin, arguments.work);
  add_json(begin, arguments.json);
  begin->footer(
      "Examples:\n"
      "  $ fusesweep journal begin front-fused --intent 'Is a longer front faster?' \\\n"
      "      --hypothesis 'tok_s(20+4+6+2) > tok_s(16+8+6+2)' --hypothesis 'cliff in [20,24]'");
  return {"fusesweep journal begin", begin,
          [&all] { return run_journal_begin(all.journal_begin, all.invocation); }};
}

Command add_journal_end(CLI::App& journal, Arguments& all) {
  JournalEndArguments& arguments = all.journal_end;
  CLI::App* end = journal.add_subcommand("end", "write what a sweep says of an intent");
  add_journal_name(end, arguments.name);
  end->add_option("--sweep", arguments.sweep,
                  "how its id begins (default: as before, else the newest\nthat has ended)")
      ->type_name("ID");
  end->add_option("--lesson", arguments.lesson, "what was learned")->type_name("TEXT");
  end->add_option("--next", arguments.next, "what is to be done")->type_name("TEXT");
  add_work(end, arguments.work);
  add_json(end, arguments.json);
  end->footer(
      "What you write into the page under Lesson and Next stays there when it is made anew.\n"
      "Examples:\n"
      "  $ fusesweep journal end front-fused --sweep 0199a3f2 --lesson 'A tie is no order.'");
  return {"fusesweep journal end", end,
          [&all] { return run_journal_end(all.journal_end, all.invocation); }};
}

Command add_journal_list(CLI::App& journal, JournalListArguments& arguments) {
  CLI::App* list = journal.add_subcommand("list", "list all entries, oldest first");
  add_work(list, arguments.work);
  add_json(list, arguments.json);
  list->footer("Examples:\n  $ fusesweep journal list");
  return {"fusesweep journal list", list, [&arguments] { return run_journal_list(arguments); }};
}

Command add_journal_show(CLI::App& journal, JournalShowArguments& arguments) {
  CLI::App* show = journal.add_subcommand("show", "print an entry as it stands");
  add_journal_name(show, arguments.name);
  add_work(show, arguments.work);
  add_json(show, arguments.json);
  show->footer("Examples:\n  $ fusesweep journal show front-fused");
  return {"fusesweep journal show", show, [&arguments] { return run_journal_show(arguments); }};
}

Command add_runner_serve(CLI::App& runner, RunnerServeArguments& arguments) {
  CLI::App* serve = runner.add_subcommand(
      "serve", "be a runner: answer JSON-RPC requests on stdin until it ends");
  serve->add_option("KIND", arguments.kind, "what fusesweep runner list lists")
      ->type_name("")
      ->required();
  serve->add_option("--work", arguments.work, "the work folder (default: the current one)")
      ->type_name("DIR");
  serve->footer(
      "Examples:\n"
      "  $ echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"describe\"}' | fusesweep runner serve "
      "cpu");
  return {"fusesweep runner serve", serve, [&arguments] { return run_runner_serve(arguments); }};
}

Command add_runner_list(CLI::App& runner, RunnerListArguments& arguments) {
  CLI::App* list = runner.add_subcommand("list", "list the runners that are built in");
  add_json(list, arguments.json);
  list->footer("Examples:\n  $ fusesweep runner list");
  return {"fusesweep runner list", list, [&arguments] { return run_runner_list(arguments); }};
}

// A KIND, or the command that cut_words found after "--".
void add_runner_program(CLI::App* command, RunnerProgramArguments& arguments) {
  command
      ->add_option("KIND", arguments.kind,
                   "what fusesweep runner list lists, or else\n-- CMD ARGS: any program")
      ->type_name("");
  command->add_option("--work", arguments.work, "folder to start it in (default: the current one)")
      ->type_name("DIR");
  command->add_option("--limit-ms", arguments.limit_ms, "for each answer (default: 30000)")
      ->type_name("N");
  add_json(command, arguments.json);
}

Command add_runner_describe(CLI::App& runner, Arguments& arguments) {
  CLI::App* describe = runner.add_subcommand("describe", "ask a runner what it is and can do");
  add_runner_program(describe, arguments.runner_describe);
  describe->footer(
      "Examples:\n"
      "  $ fusesweep runner describe cpu\n"
      "  $ fusesweep runner describe -- ssh mac-studio fusesweep runner serve cpu");
  return {"fusesweep runner describe", describe, [&arguments] {
            return run_runner_describe(arguments.runner_describe, arguments.invocation.own_program);
          }};
}

Command add_runner_check(CLI::App& runner, Arguments& arguments) {
  CLI::App* check =
      runner.add_subcommand("check", "try whether a program keeps the protocol, rule by rule");
  add_runner_program(check, arguments.runner_check);
  check->footer(
      "Exit code 1 when a rule failed, 3 when the program could not be started.\n"
      "Examples:\n"
      "  $ fusesweep runner check -- python3 my_runner.py");
  return {"fusesweep runner check", check, [&arguments] {
            return run_runner_check(arguments.runner_check, arguments.invocation.own_program);
          }};
}

Command add_runs_list(CLI::App& runs, RunsListArguments& arguments) {
  CLI::App* list = runs.add_subcommand("list", "list what was done and stored, oldest first");
  list->add_option("--command", arguments.command, "only runs of this command")->type_name("C");
  list->add_option("--since", arguments.since, "only runs from then on (UTC): 2026-01-31")
      ->type_name("DATE");
  list->add_flag("--csv", arguments.csv, "print comma-separated values");
  add_work(list, arguments.work);
  add_json(list, arguments.json);
  list->footer("Examples:\n  $ fusesweep runs list --command sweep --since 2026-01-31");
  return {"fusesweep runs list", list, [&arguments] { return run_runs_list(arguments); }};
}

Command add_runs_show(CLI::App& runs, RunsShowArguments& arguments) {
  CLI::App* show = runs.add_subcommand("show", "show everything that a run leads to");
  show->add_option("ID", arguments.id, "the beginning of a run's id")->type_name("")->required();
  add_work(show, arguments.work);
  add_json(show, arguments.json);
  show->footer("Examples:\n  $ fusesweep runs show 0199a3f2");
  return {"fusesweep runs show", show, [&arguments] { return run_runs_show(arguments); }};
}

// What import and merge share: they differ in how many files they take.
void add_merge_options(CLI::App* command, RunsMergeArguments& arguments) {
  command->add_flag("--dry-run", arguments.dry_run, "look at everything and keep nothing");
  add_work(command, arguments.work);
  add_json(command, arguments.json);
}

Command add_runs_import(CLI::App& runs, Arguments& all) {
  RunsMergeArguments& arguments = all.runs_import;
  CLI::App* import = runs.add_subcommand(
      "import", "take in a file that runs export wrote, or runs that others recorded");
  import->add_option("FILE", arguments.files, "a .db file, or recorded:NAME")
      ->type_name("")
      ->required()
      ->expected(1)
      ->allow_extra_args(false);
  add_merge_options(import, arguments);
  import->footer(
      "Examples:\n"
      "  $ fusesweep runs import sweep.db --dry-run\n"
      "  $ fusesweep runs import recorded:phi4-mini-m4max");
  return {"fusesweep runs import", import,
          [&all] { return run_runs_import(all.runs_import, all.invocation); }};
}

Command add_runs_merge(CLI::App& runs, RunsMergeArguments& arguments) {
  CLI::App* merge = runs.add_subcommand("merge", "take in the stores of other machines");
  merge->add_option("FILE", arguments.files, "their fusesweep.db, all of them or none")
      ->type_name("")
      ->required();
  add_merge_options(merge, arguments);
  merge->footer(
      "Files are only read. Rows that are here already are passed over; different ones are "
      "refused.\n"
      "Examples:\n  $ fusesweep runs merge mac/fusesweep.db lab/fusesweep.db");
  return {"fusesweep runs merge", merge, [&arguments] { return run_runs_merge(arguments); }};
}

Command add_runs_export(CLI::App& runs, RunsExportArguments& arguments) {
  CLI::App* command =
      runs.add_subcommand("export", "write runs to a file, to take elsewhere or to look at");
  command
      ->add_option("--sweep", arguments.sweeps, "a sweep, by the beginning of its id (repeatable)")
      ->type_name("ID")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--run", arguments.runs, "a run, by the beginning of its id (repeatable)")
      ->type_name("ID")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--since", arguments.since, "runs from then on (UTC): 2026-01-31")
      ->type_name("DATE");
  command
      ->add_option("-o,--output", arguments.output,
                   "a new file: .db (for runs import), .json, .csv, or\n"
                   ".gbench.json (google-benchmark's format, of one sweep)")
      ->type_name("FILE")
      ->required();
  command->add_flag("--gbench", arguments.gbench, "google-benchmark's format, whatever its name");
  add_work(command, arguments.work);
  add_json(command, arguments.json);
  command->footer(
      "Without --sweep, --run and --since everything is written.\n"
      "Examples:\n"
      "  $ fusesweep runs export --since 2026-01-31 -o january.db\n"
      "  $ fusesweep runs export --sweep 0199a3f2 -o sweep.gbench.json");
  return {"fusesweep runs export", command, [&arguments] { return run_runs_export(arguments); }};
}

// `fusesweep runner ... -- CMD ARGS`: takes CMD ARGS, which are not ours to parse, off what was typed.
std::vector<std::string> cut_words(std::vector<std::string>& typed) {
  const auto dashes = std::find(typed.begin(), typed.end(), "--");
  const bool takes_words =
      typed.size() > 1 && typed[0] == "runner" && (typed[1] == "describe" || typed[1] == "check");
  if (!takes_words || dashes == typed.end()) return {};
  std::vector<std::string> words(dashes + 1, typed.end());
  typed.erase(dashes, typed.end());
  return words;
}

std::vector<Command> add_commands(CLI::App& app, Arguments& arguments) {
  std::vector<Command> commands;
  commands.push_back(add_plan(app, arguments.plan));
  commands.push_back(add_sweep(app, arguments));
  commands.push_back(add_optimize(app, arguments));
  commands.push_back(add_export(app, arguments.export_split));
  CLI::App* model = app.add_subcommand("model", "make model files and look into them");
  model->require_subcommand(1);
  commands.push_back(add_model_synth(*model, arguments.model_synth));
  commands.push_back(add_model_build(*model, arguments.model_build));
  commands.push_back(add_model_check(*model, arguments.model_check));
  commands.push_back(add_model_inspect(*model, arguments.model_inspect));
  commands.push_back(add_model_reference(*model, arguments.model_reference));
  commands.push_back(add_gate(app, arguments));
  commands.push_back(add_cliff(app, arguments));
  commands.push_back(add_bench(app, arguments));
  commands.push_back(add_selfcheck(app, arguments));
  commands.push_back(add_speculate(app, arguments));
  commands.push_back(add_generate(app, arguments));
  commands.push_back(add_report(app, arguments.report));
  commands.push_back(add_plot(app, arguments.plot));
  commands.push_back(add_trend(app, arguments.trend));
  CLI::App* baseline = app.add_subcommand(
      "baseline", "what was measured once, frozen under a name to be measured against");
  baseline->require_subcommand(1);
  commands.push_back(add_baseline_set(*baseline, arguments));
  commands.push_back(add_baseline_list(*baseline, arguments.baseline_list));
  commands.push_back(add_baseline_show(*baseline, arguments.baseline_show));
  commands.push_back(add_baseline_remove(*baseline, arguments.baseline_remove));
  commands.push_back(add_baseline_export(*baseline, arguments.baseline_export));
  commands.push_back(add_baseline_import(*baseline, arguments.baseline_import));
  commands.push_back(add_rerun(app, arguments));
  CLI::App* journal = app.add_subcommand(
      "journal", "write down what is to be found out before it is measured, and what came of it");
  journal->require_subcommand(1);
  commands.push_back(add_journal_begin(*journal, arguments));
  commands.push_back(add_journal_end(*journal, arguments));
  commands.push_back(add_journal_list(*journal, arguments.journal_list));
  commands.push_back(add_journal_show(*journal, arguments.journal_show));
  commands.push_back(add_doctor(app, arguments.doctor));
  commands.push_back(add_gc(app, arguments.gc));
  CLI::App* runs =
      app.add_subcommand("runs", "look at what is stored, and move it between machines");
  runs->require_subcommand(1);
  commands.push_back(add_runs_list(*runs, arguments.runs_list));
  commands.push_back(add_runs_show(*runs, arguments.runs_show));
  commands.push_back(add_runs_export(*runs, arguments.runs_export));
  commands.push_back(add_runs_import(*runs, arguments));
  commands.push_back(add_runs_merge(*runs, arguments.runs_merge));
  CLI::App* runner = app.add_subcommand("runner", "run, ask and check what builds and runs shards");
  runner->require_subcommand(1);
  commands.push_back(add_runner_serve(*runner, arguments.runner_serve));
  commands.push_back(add_runner_list(*runner, arguments.runner_list));
  commands.push_back(add_runner_describe(*runner, arguments));
  commands.push_back(add_runner_check(*runner, arguments));
  return commands;
}

// The help of everything, in the form that help2man makes a man page of: "*NAME*" begins a section,
// a heading "Options:" would lead back to the first one.
std::string help_of_all(const CLI::App& app, const std::vector<Command>& commands) {
  CLI::Formatter formatter;
  formatter.column_width(kHelpColumn);
  std::string text = app.help();
  for (const Command& command : commands) {
    std::string options = formatter.make_positionals(command.app) +
                          formatter.make_groups(command.app, CLI::AppFormatMode::Normal);
    for (const std::string_view heading : {"Positionals:\n", "Options:\n"}) {
      const std::size_t at = options.find(heading);
      if (at != std::string::npos) options.erase(at, heading.size());
    }
    text += fmt::format("\n*{}*\n\n{}.\n{}\n{}\n", command.name, command.app->get_description(),
                        options, command.app->get_footer());
  }
  return text;
}

// What CLI11 found wrong, said our way where a word is unknown or a command is missing.
ExitCode report_usage_error(const Streams& streams, const CLI::App& app,
                            const CLI::ParseError& error) {
  const CLI::App* reached = &app;  // the innermost sub-command that was understood
  std::string name = "fusesweep";
  while (!reached->get_subcommands().empty()) {
    reached = reached->get_subcommands().front();
    name += ' ' + reached->get_name();
  }
  std::vector<std::string> commands;
  for (const CLI::App* command : reached->get_subcommands(nullptr))
    commands.push_back(command->get_name());
  const std::string wanted = commands.empty() ? "what " + name + " --help lists"
                                              : fmt::format("one of {}", fmt::join(commands, ", "));
  const std::vector<std::string> unknown = app.remaining(true);
  std::string message = one_line(error.what());
  if (!unknown.empty()) {
    message = fmt::format("found {}, want {}", quote(unknown.front()), wanted);
  } else if (!commands.empty()) {
    message = fmt::format("found no command, want {}", wanted);
  }
  return report_error(streams, name, {ErrorCode::kInvalidInput, message});
}

}  // namespace

ExitCode run_command_line(std::vector<std::string> typed, const Streams& streams,
                          const std::filesystem::path& own_program) {
  CLI::App app(
      "Finds the fastest way to split a transformer into fused, accelerator-resident shards.",
      "fusesweep");
  app.get_formatter()->column_width(kHelpColumn);
  app.set_version_flag("--version", fmt::format("fusesweep {}", version()));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 a gate failed or a regression was found, 2 wrong usage or input,\n"
      "3 the environment or a runner failed, 4 inconclusive, 70 a bug, 130 interrupted.");

  Arguments arguments;
  arguments.invocation = {.own_program = own_program, .words = typed};
  arguments.runner_describe.words = arguments.runner_check.words = cut_words(typed);
  const std::vector<Command> commands = add_commands(app, arguments);
  // After the sub-commands, or each would inherit it.
  app.set_help_all_flag("--help-all", "Print the help of every sub-command and exit");

  try {
    std::reverse(typed.begin(), typed.end());  // CLI11 takes them from the back
    app.parse(typed);
  } catch (const CLI::CallForAllHelp&) {
    return report(streams, "fusesweep", help_of_all(app, commands));
  } catch (const CLI::Success& asked) {  // --help, --version
    std::ostringstream text;
    app.exit(asked, text, text);
    return report(streams, "fusesweep", text.str());
  } catch (const CLI::ParseError& error) {
    return report_usage_error(streams, app, error);
  }
  const auto asked = std::find_if(commands.begin(), commands.end(),
                                  [](const Command& c) { return c.app->parsed(); });
  FUSESWEEP_CHECK(asked != commands.end());
  return report(streams, asked->name, asked->run());
}

}  // namespace fusesweep
