// A program of its own, because it counts every allocation that is made in it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "harness/base/clock.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/kernels.h"
#include "runners/mlprogram/shard_builder.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t bytes) {
  ++allocations;
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
// The standard library's own call the ones above; those of a sanitizer do not.
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return counted(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return counted(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }

namespace fusesweep {
namespace {

TEST(Executable, AllocatesNothingWhileItRuns) {
  const TemporaryFolder folder;
  write_small_model(folder.path() / "small.gguf");
  const ModelFile model = *open_model_file(folder.path() / "small.gguf", 1);
  const SystemClock clock;
  Progress progress({}, clock);
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    const ShardIdentity identity =
        shard_of(model, {.kind = Segment{0, 3}, .tokens = 4, .context = 16, .kv_form = kv_form});
    const Artifact artifact =
        *build_shard(model, identity, folder.path() / "artifacts", {.threads = 1}, progress);
    const Package package = *Package::open(artifact.path());
    ThreadPool pool(2);
    for (const Kernels* kernels :
         {&ref_kernels(), vector_kernels().empty() ? &ref_kernels() : &vector_kernels().front()}) {
      Executable executable = *Executable::load(package, {.kernels = kernels}, pool);
      ASSERT_TRUE(executable.run());
      const long before = allocations;
      ASSERT_TRUE(executable.run());
      EXPECT_EQ(allocations, before) << to_text(kv_form) << ' ' << kernels->name;
    }
  }
  EXPECT_GT(allocations, 0);  // they are counted
}

}  // namespace
}  // namespace fusesweep
