// Fuzz entry of saved chats: what is read can be written, and is read again as the same.
#include "apps/plmm/files/chat_file.h"
#include "base/check.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto chat = plmm::files::parse_chat(json, "f");
  if (!chat) {
    plmm::fuzz::note(chat.error().what);
    return -1;
  }
  const std::string written = plmm::files::to_json(*chat);
  const auto again = plmm::files::parse_chat(written, "f");
  CHECK(again);
  CHECK(plmm::files::to_json(*again) == written);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  const std::string head =
      R"({"format":"plmm-chat","version":1,"model":"m","system":"s","messages":[)";
  return {head + "]}",
          head + R"({"role":"user","content":"a"},{"role":"assistant","content":"\u00e9"}]})",
          R"({"format":"plmm-chat","version":9})", "[[[[[[[[[[[["};
}
