// Any line either is refused in one line or is a message; whatever a message holds is read as
// everything that it might be, and what is read without an error is written and read again the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"

namespace fusesweep {
namespace {

template <typename Read>
void read_as(const Json& json, Read read) {
  JsonReader reader(json, "input");
  const auto value = read(reader.root());
  if (reader.error()) {
    FUSESWEEP_CHECK(reader.error()->message.find('\n') == std::string::npos);
    return;
  }
  const Json written = to_json(value);
  JsonReader again(written, "input");
  const Json twice = to_json(read(again.root()));
  FUSESWEEP_CHECK(!again.error());
  FUSESWEEP_CHECK(twice == written);
}

void read_as_everything(const Json& json) {
  read_as(json, read_runner_options);
  read_as(json, read_runner_description);
  read_as(json, read_build_request);
  read_as(json, read_built_shard);
  read_as(json, read_inspect_request);
  read_as(json, read_placement);
  read_as(json, read_open_request);
  read_as(json, read_opened_handle);
  read_as(json, read_run_request);
  read_as(json, read_group_outputs);
  read_as(json, read_decode_request);
  read_as(json, read_decode_result);
  read_as(json, read_time_request);
  read_as(json, read_progress_state);
}

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fusesweep;  // NOLINT(*-using-namespace): one function
  const auto json = parse_message({reinterpret_cast<const char*>(bytes), size});
  if (!json) {
    FUSESWEEP_CHECK(json.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto request = read_request(*json);
  if (const auto* good = std::get_if<Request>(&request)) read_as_everything(good->params);
  const auto message = read_server_message(*json);
  if (!message) return 0;
  if (const auto* response = std::get_if<Response>(&*message)) read_as_everything(response->result);
  if (const auto* told = std::get_if<Notification>(&*message)) read_as_everything(told->params);
  return 0;
}
