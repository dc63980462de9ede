// The other end of RunnerClient: offers a Runner to whoever writes requests, by the protocol of
// harness/docs/RUNNERS.md. Used by `fusesweep runner serve`.
#pragma once

#include <filesystem>
#include <functional>

#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// Answers what arrives on `in`, in its order, until it ends; answers go to `out`. Bad requests are
// answered too. Paths must lie in the work folder, but for the model's. An error when the streams
// fail.
Result<void> serve(Runner& runner, const std::filesystem::path& work, int in, int out);

// The same on this process's stdin and stdout. Whatever else prints to stdout meanwhile, a library
// say, goes to stderr instead, and whatever else reads stdin finds nothing. `deserted` is called, on a
// thread of its own, once nobody can read answers any more, be it in the middle of a call: over ssh no
// supervisor ends what a broken connection has left alone.
Result<void> serve_standard_streams(Runner& runner, const std::filesystem::path& work,
                                    std::function<void()> deserted);

}  // namespace fusesweep
