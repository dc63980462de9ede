// Runs a fuzz target without libFuzzer: every file of the corpus as it is, then seeded mutations of
// it. Finds less than a coverage-guided run, costs a second, and is the same everywhere.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr int kMutationsPerSeed = 300;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(std::string input, const std::vector<std::string>& corpus,
                    std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = input.empty() ? 0 : below(input.size());
    switch (below(6)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(below(256));
        break;
      case 1:
        input.insert(at, 1, "0123456789+x,:=.-\"{}[]\n"[below(23)]);
        break;
      case 2:
        if (!input.empty()) input.erase(at, 1 + below(16));
        break;
      case 3:
        input.resize(at);
        break;
      case 4:
        input.insert(at, input.substr(at, 1 + below(64)));
        break;
      case 5: {
        const std::string& other = corpus[below(corpus.size())];
        input = input.substr(0, at) + (other.empty() ? other : other.substr(below(other.size())));
        break;
      }
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  if (corpus.empty()) {
    std::fputs("no seed corpus; name its folders\n", stderr);
    return 1;
  }
  std::mt19937 random(1);
  run("");
  for (const std::string& seed : corpus) {
    run(seed);
    for (int i = 0; i < kMutationsPerSeed; ++i) run(mutated(seed, corpus, random));
  }
  std::printf("%zu seeds, %d mutations of each\n", corpus.size(), kMutationsPerSeed);
  return 0;
}
