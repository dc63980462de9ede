// What tests of everything that measures one split have in common: the small model, with runners in this
// process that are counted.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/gate/gate_limits.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/prepared_split.h"
#include "results/store.h"
#include "runners/cpu/cpu_runner.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {

template <typename SetupOf>
class OneSplitTest : public testing::Test {
 protected:
  // The model takes as many positions as the cache has.
  OneSplitTest(SetupOf setup, int context) : setup_(std::move(setup)) {
    write_small_model_of(model_path_, context);
    setup_.description = *runner_.describe({});
    setup_.gates.model = *find_runnable_model({}, model_path_.string());
    setup_.gates.shape = {.tokens = 1, .context = context};
    setup_.gates.options.threads = 1;
    setup_.gates.work = folder_.path() / "work";
    setup_.gates.limits = default_limits("cpu");
    setup_.gates.stored = StoredVerdicts::kUse;
    setup_.gates.positions = 8;
    setup_.gates.prompts = 1;
    setup_.gates.prompt_tokens = 8;
    setup_.gates.greedy_tokens = 4;
    setup_.start_runner = [this]() -> Result<std::unique_ptr<Runner>> {
      ++started_;
      return std::make_unique<CpuRunner>();
    };
    setup_.is_interrupted = [] { return false; };
  }

  Uuid begin_run(const char* command) {
    return *store_.begin_run({.command = command, .arguments = {}, .provenance = {}});
  }

  TemporaryFolder folder_;
  std::filesystem::path model_path_ = folder_.path() / "small.gguf";
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  CpuRunner runner_;
  SetupOf setup_;
  int started_ = 0;  // runners of arms
};

}  // namespace fusesweep
