#include "runners/cpu/cpu_executor.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "runners/mlprogram/package.h"
#include "runners/stack/stack_session.h"

namespace fusesweep {
namespace {

class CpuExecutor final : public ShardExecutor {
 public:
  CpuExecutor(Executable executable, const Program& program) : executable_(std::move(executable)) {
    for (const NamedType& output : program.outputs) outputs_.push_back(output.name);
  }

  std::span<std::byte> port(std::string_view name) override {
    const bool is_output = std::find(outputs_.begin(), outputs_.end(), name) != outputs_.end();
    return is_output ? executable_.output(name) : executable_.input(name);
  }
  Result<void> run() override { return executable_.run(); }
  Result<void> reset() override {
    executable_.reset();
    return {};
  }
  void add_run(PlacementSum& sum) const override { executable_.add_run(sum); }

 private:
  Executable executable_;
  std::vector<std::string> outputs_;
};

Result<LoadedShard> load_shard(const std::filesystem::path& path, const ExecutionChoice& choice,
                               ThreadPool& pool) {
  const Result<Package> package = Package::open(path);
  if (!package) return fail(package.error());
  const Program& program = package->model().program;
  Result<Executable> executable = Executable::load(*package, choice, pool);
  if (!executable) return fail_with_context(std::move(executable).error(), one_line(path.string()));
  return LoadedShard{{program.inputs, program.outputs, program.states},
                     std::make_unique<CpuExecutor>(*std::move(executable), program)};
}

class CpuSession final : public Session {
 public:
  CpuSession(std::unique_ptr<ThreadPool> pool, std::unique_ptr<Session> stack)
      : pool_(std::move(pool)), stack_(std::move(stack)) {}

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
    const PinnedCaller pinned;
    return stack_->run(request);
  }
  Result<DecodeResult> decode(const DecodeRequest& request) override {
    const PinnedCaller pinned;
    return stack_->decode(request);
  }
  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    const PinnedCaller pinned;
    return stack_->time(request);
  }

 private:
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<Session> stack_;  // uses the pool
};

}  // namespace

Result<Opened> open_cpu_session(const Stack& stack, const ExecutionChoice& choice,
                                const RunnerOptions& options, Progress& progress) {
  auto pool =
      std::make_unique<ThreadPool>(options.threads > 0 ? options.threads : available_threads());
  const PinnedCaller pinned;
  const LoadShard load = [choice, pool = pool.get()](const StackedShard& shard) {
    return load_shard(shard.package, choice, *pool);
  };
  Result<Opened> opened = StackSession::open(stack, {.options = options, .load = load}, progress);
  if (!opened) return opened;
  opened->session = std::make_unique<CpuSession>(std::move(pool), std::move(opened->session));
  return opened;
}

}  // namespace fusesweep
