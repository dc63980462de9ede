#include "runners/protocol/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/text.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"
#include "tests/support/fake_runner.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What the server says to these lines, line by line, progress left out.
std::vector<std::string> answers(const std::string& requests, const std::filesystem::path& work) {
  std::FILE* in = std::tmpfile();
  std::FILE* out = std::tmpfile();
  std::fwrite(requests.data(), 1, requests.size(), in);
  std::rewind(in);
  FakeRunner runner;
  EXPECT_TRUE(serve(runner, work, fileno(in), fileno(out)));
  std::string text;
  std::array<char, 4096> buffer{};
  std::rewind(out);
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), out)) > 0;)
    text.append(buffer.data(), n);
  std::fclose(in);
  std::fclose(out);
  std::vector<std::string> lines;
  for (const std::string_view line : split_text(text, '\n')) {
    if (!line.empty() && line.find("\"method\":\"progress\"") == std::string_view::npos)
      lines.emplace_back(line);
  }
  return lines;
}

std::string shard_json() {
  return to_text(to_json(ShardIdentity{.model_hash = std::string(32, 'a'),
                                       .contract_hash = std::string(32, 'b'),
                                       .kind = Segment{0, 16},
                                       .builder_version = 1,
                                       .tokens = 1,
                                       .context = 8}));
}

std::string call(std::string_view method, std::string_view params) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"{}","params":{}}})", method, params);
}

TEST(Server, ARequestIsALineAndSoIsItsAnswer) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work/shard");
  std::filesystem::create_directories(folder.path() / "work-too");
  std::filesystem::create_directory_symlink(folder.path() / "work-too", folder.path() / "work/out");
  const std::filesystem::path work = std::filesystem::canonical(folder.path() / "work");
  const std::string outside = fmt::format("want a path in the work folder '{}'", work.string());
  const struct {
    std::string name;
    std::string request;
    std::string answer;  // or a part of it
  } rows[] = {
      {"no JSON", "{", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"message: )"},
      {"bytes", "\"\xff\"", R"("code":-32700)"},
      {"too deep", std::string(70, '['),
       "-32700,\"message\":\"message: found values nested deeper"},
      {"empty line", "", R"("code":-32700)"},
      {"a batch", "[]", R"("id":null,"error":{"code":-32600,)"},
      {"no version", R"({"id":4,"method":"describe"})", R"("id":4,"error":{"code":-32600,)"},
      {"no method", R"({"jsonrpc":"2.0","id":4})", R"("id":4,"error":{"code":-32600,)"},
      {"an id that is none", R"({"jsonrpc":"2.0","id":[],"method":"describe"})",
       R"("id":null,"error":{"code":-32600,)"},
      {"a method that is none", call("descripe", "{}"),
       R"("code":-32601,"message":"method: found)"},
      {"text as id", R"({"jsonrpc":"2.0","id":"x","method":"describe"})", R"("id":"x","result":{)"},
      {"null as id", R"({"jsonrpc":"2.0","id":null,"method":"describe"})",
       R"("id":null,"result":{)"},
      {"options", call("describe", R"({"options":{"threads":2,"fake":1}})"),
       R"("toolchain":"threads 2 {\"fake\":1}")"},
      {"wrong options", call("describe", R"({"options":{"threads":-1}})"),
       R"("code":-32602,"message":"params.options.threads: found -1, want an integer from 0)"},
      {"params that are none", call("describe", "[]"), R"("code":-32602)"},
      {"build",
       call("build",
            fmt::format(R"({{"shard":{},"model":"/x/model.gguf","artifacts":"a"}})", shard_json())),
       R"("bytes":12,"build_ns":34,"content_hash":"content")"},
      {"a build that fails",
       call("build",
            fmt::format(R"({{"shard":{},"model":"/x/y.gguf","artifacts":"a"}})", shard_json())),
       R"("code":-32001,"message":"model: found y.gguf")"},
      {"a build outside",
       call("build", fmt::format(R"({{"shard":{},"model":"m","artifacts":"/tmp"}})", shard_json())),
       "params.artifacts: found '/tmp', " + outside},
      {"inspect", call("inspect", R"({"artifact":"shard"})"),
       R"("evidence":"plan","conv_total":2,"conv_resident":2,"compute_total":3)"},
      {"the folder itself", call("inspect", R"({"artifact":"."})"), R"("evidence":"plan")"},
      {"nothing there", call("inspect", R"({"artifact":"no"})"), R"("code":-32003)"},
      {"above", call("inspect", R"({"artifact":".."})"), "found '..', " + outside},
      {"through a link", call("inspect", R"({"artifact":"out/x"})"), "found 'out/x', " + outside},
      {"a name that begins alike", call("inspect", R"({"artifact":"../work-too"})"), outside},
      {"no path", call("inspect", R"({"artifact":""})"), "params.artifact: found '', want a path"},
      {"half a path", call("inspect", "{\"artifact\":\"shard\\u0000/x\"}"), "want a path"},
      {"open nothing", call("open", "{}"), "found neither manifest nor artifacts"},
      {"open fails", call("open", R"({"manifest":"m.json"})"), R"("code":-32002)"},
      {"open outside", call("open", R"({"artifacts":["shard","/"]})"), outside},
      {"a handle that is none", call("time", R"({"handle":1,"group":"a","calls":1})"),
       R"("code":-32602,"message":"params.handle: found 1, want that of an open session")"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(answers(row.request + '\n', work), ElementsAre(HasSubstr(row.answer)));
  }
}

TEST(Server, SessionsAreOpenSideBySideUntilTheyAreClosed) {
  const TemporaryFolder work;
  const std::string path = std::filesystem::canonical(work.path()).string();
  const std::string requests =
      call("open", R"({"artifacts":["a","b"]})") + '\n' + call("open", R"({"artifacts":["c"]})") +
      '\n' + call("run", R"({"handle":2,"ids":[1],"folder":"o"})") + '\n' +
      call("run", R"({"handle":2,"ids":[1],"folder":"/"})") + '\n' +
      call("close", R"({"handle":2})") + '\n' + call("close", R"({"handle":2})") + '\n' +
      call("decode", R"({"handle":1,"prompt":[],"decode_tokens":0})") + '\n' +
      call("time", R"({"handle":1,"group":"a","calls":2})") + '\n' +
      call("time", R"({"handle":1,"group":"a","calls":0})") + '\n';
  EXPECT_THAT(
      answers(requests, work.path()),
      ElementsAre(
          R"({"jsonrpc":"2.0","id":1,"result":{"handle":1,"load_ns":9,"groups":[{"group":"a","load_ns":4,"activation_ns":null},{"group":"b","load_ns":4,"activation_ns":null}]}})",
          HasSubstr(R"("handle":2)"), HasSubstr("\"file\":\"" + path + "/o/c.npy\""),
          HasSubstr("params.folder: found '/'"), R"({"jsonrpc":"2.0","id":1,"result":{}})",
          HasSubstr("-32602"), HasSubstr("-32001"), HasSubstr(R"("calls_ns":[7,7])"),
          HasSubstr("params.calls: found 0")));
}

TEST(Server, NotificationsAreNotAnswered) {
  const TemporaryFolder work;
  EXPECT_THAT(answers("{\"jsonrpc\":\"2.0\",\"method\":\"describe\"}\n", work.path()), IsEmpty());
}

TEST(Server, ALineThatIsTooLongIsRefusedOnceAndTheNextOneAnswered) {
  const TemporaryFolder work;
  const std::string requests =
      std::string(2 * kMaxMessageBytes + 5, 'x') + '\n' + call("describe", "{}") + '\n';
  EXPECT_THAT(answers(requests, work.path()),
              ElementsAre(HasSubstr("-32700,\"message\":\"message: found a line of more than"),
                          HasSubstr("\"result\"")));
}

TEST(Server, ALastLineWithoutItsEndIsNoRequest) {
  const TemporaryFolder work;
  EXPECT_THAT(answers(call("describe", "{}"), work.path()), IsEmpty());
}

TEST(Server, ProgressIsToldBeforeTheAnswer) {
  const TemporaryFolder work;
  std::FILE* in = std::tmpfile();
  std::FILE* out = std::tmpfile();
  std::fputs((call("build", fmt::format(R"({{"shard":{},"model":"model.gguf","artifacts":"a"}})",
                                        shard_json())) +
              '\n')
                 .c_str(),
             in);
  std::rewind(in);
  FakeRunner runner;
  EXPECT_TRUE(serve(runner, work.path(), fileno(in), fileno(out)));
  std::rewind(out);
  std::string first(4096, '\0');
  ASSERT_NE(std::fgets(first.data(), static_cast<int>(first.size()), out), nullptr);
  EXPECT_THAT(first,
              HasSubstr(R"({"jsonrpc":"2.0","method":"progress","params":{"stage":"building",)"));
  std::fclose(in);
  std::fclose(out);
}

TEST(Server, AWorkFolderThatIsNotThereIsAnError) {
  FakeRunner runner;
  const Result<void> served = serve(runner, "/no/such/folder", 0, 1);
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace fusesweep
