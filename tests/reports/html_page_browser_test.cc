// The page in a real browser without a window: what its script does, what its policy forbids, what it
// looks like. Chromium is driven by its command line alone: a probe that is appended to the page does
// what a person would and writes what it saw into the document, which --dump-dom prints.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "reports/html_page.h"
#include "reports/page_parts.h"
#include "reports/sweep_document.h"
#include "reports/sweep_index.h"
#include "tests/reports/sample_sweep.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kDark = "--blink-settings=preferredColorScheme=0";
constexpr const char* kLight = "--blink-settings=preferredColorScheme=1";

SweepRows sweep_of(int splits) {
  SweepRows sweep = sample_sweep_rows();
  for (int i = 3; i < splits; ++i) {
    SplitRow split = measured_split(std::to_string(i) + "+" + std::to_string(32 - i), 49 - 0.3 * i);
    split.verdict = i % 3 == 0 ? "slower" : "inconclusive";
    split.size_rel = 0.01 * i;
    split.interval_rel = Interval{0.01 * i - 0.02, 0.01 * i + 0.02};
    sweep.splits.push_back(std::move(split));
  }
  sweep.selfcheck = sample_selfcheck();
  return sweep;
}

std::vector<PagePicture> a_picture() {
  return {{.name = "tok-s",
           .title = "16+16 leads by 5 %",
           .about = "Two splits with their intervals.",
           .svg = "<svg viewBox=\"0 0 100 40\"><rect width=\"100\" height=\"40\" fill=\"white\"/>"
                  "<g stroke=\"black\"><path d=\"M5,35 L95,5\"/></g></svg>"}};
}

struct Browsed {
  int exit_code = -1;
  std::string out;  // the document
  std::string log;  // what the page and the browser complained about
};

class HtmlPageBrowser : public testing::Test {
 protected:
  std::string write_page(const std::string& html) const {
    const std::filesystem::path file = folder_.path() / "page.html";
    std::ofstream(file, std::ios::binary) << html;
    return file;
  }

  Browsed browse(std::vector<std::string> options, const std::string& page) const {
    std::vector<std::string> typed = {FUSESWEEP_CHROMIUM,
                                      "--headless=new",
                                      "--no-sandbox",
                                      "--disable-gpu",
                                      "--disable-dev-shm-usage",
                                      "--no-first-run",
                                      "--hide-scrollbars",
                                      "--enable-logging=stderr",
                                      "--user-data-dir=" + (folder_.path() / "profile").string()};
    typed.insert(typed.end(), options.begin(), options.end());
    typed.push_back("file://" + page);
    std::vector<char*> words;
    for (std::string& word : typed) words.push_back(word.data());
    words.push_back(nullptr);
    const std::string out = folder_.path() / "out";
    const std::string log = folder_.path() / "log";
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), kNew, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(), kNew, 0600);
    pid_t child = -1;
    Browsed browsed;
    const int error = posix_spawnp(&child, words[0], &files, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
      ADD_FAILURE() << "found no " FUSESWEEP_CHROMIUM
                       ": the page was not tested (ctest -LE browser "
                       "leaves this test out)";
      return browsed;
    }
    int status = 0;
    waitpid(child, &status, 0);
    browsed.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    browsed.out = read_file(out, 1U << 26U).value_or("");
    browsed.log = read_file(log, 1U << 26U).value_or("");
    return browsed;
  }

  // The page with a script at its end that the policy is told of, as it is of the page's own.
  Browsed probe(const std::string& html, const std::string& script,
                const std::vector<std::string>& more = {}) const {
    std::string probed = html;
    const std::string policy = "script-src '";
    probed.insert(probed.find(policy) + policy.size() - 1, "'nonce-probe' ");
    probed.insert(probed.rfind("</body>"), "<script nonce=\"probe\">" + script + "</script>\n");
    std::vector<std::string> options = {"--dump-dom"};
    options.insert(options.end(), more.begin(), more.end());
    return browse(options, write_page(probed));
  }

  const TemporaryFolder folder_;
};

std::string page_of(const SweepRows& sweep) {
  return html_page(sweep_document(sweep, 1'700'000'100'000), a_picture());
}

// What the probe wrote: {"...": ...} in an element of its own.
nlohmann::json seen_in(const Browsed& browsed) {
  const std::string begin = "<pre id=\"seen\">";
  const std::size_t at = browsed.out.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return nlohmann::json::parse(browsed.out.substr(from, browsed.out.find("</pre>", from) - from),
                               nullptr, false);
}

constexpr const char* kSay = R"js(
const say = (seen) => {
  const pre = document.createElement("pre");
  pre.id = "seen";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
};
const table = document.getElementById("splits");
const names = () => [...table.tBodies[0].rows].filter((r) => !r.hidden).map((r) => r.cells[0].textContent);
const heads = [...(table?.tHead.rows[0].cells ?? [])];
)js";

TEST_F(HtmlPageBrowser, OpensWithoutAComplaintOrARequest) {
  const SweepRows sweep = sweep_of(40);
  std::vector<SweepReading> readings;
  readings.push_back({sweep.id, sweep});
  const struct {
    const char* name;
    std::string html;
  } rows[] = {{"sweep", page_of(sweep)},
              {"recorded", page_of(recorded_sweep_rows())},
              {"index", html_page(sweep_index(readings, ".html", 0), {})}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Browsed browsed = probe(row.html, std::string(kSay) + R"js(
      say({requests: performance.getEntriesByType("resource").length, mode: document.compatMode});)js");
    EXPECT_EQ(browsed.exit_code, 0);
    EXPECT_THAT(browsed.log, Not(HasSubstr("CONSOLE"))) << browsed.log;
    EXPECT_EQ(seen_in(browsed)["requests"], 0);
    EXPECT_EQ(seen_in(browsed)["mode"], "CSS1Compat");
  }
}

TEST_F(HtmlPageBrowser, SortsByClickAndKeyAndSaysSo) {
  const Browsed browsed = probe(page_of(sweep_of(3)), std::string(kSay) + R"js(
    const before = names();
    const speed = heads[2].querySelector("button");
    speed.click();
    const up = names(), upSays = heads[2].getAttribute("aria-sort");
    speed.focus();
    const isFocused = document.activeElement === speed;
    speed.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
    speed.click();  // what Enter does on a button
    const down = names(), downSays = heads[2].getAttribute("aria-sort");
    heads[0].querySelector("button").click();
    say({before, up, upSays, isFocused, down, downSays, byName: names(), then: heads[2].getAttribute("aria-sort")});)js");
  const nlohmann::json seen = seen_in(browsed);
  using Names = std::vector<std::string>;
  EXPECT_EQ(seen["before"], (Names{"16+16", "16+8+8", "32"}));
  EXPECT_EQ(seen["up"], (Names{"16+8+8", "16+16", "32"}));  // what is absent stays last
  EXPECT_EQ(seen["down"], (Names{"16+16", "16+8+8", "32"}));
  EXPECT_EQ(seen["byName"], (Names{"16+8+8", "16+16", "32"}));
  EXPECT_EQ(seen["upSays"], "ascending");
  EXPECT_EQ(seen["downSays"], "descending");
  EXPECT_EQ(seen["then"], "none");
  EXPECT_EQ(seen["isFocused"], true);
}

TEST_F(HtmlPageBrowser, FiltersLongTables) {
  const Browsed browsed = probe(page_of(sweep_of(40)), std::string(kSay) + R"js(
    const all = names().length;
    const field = table.closest("section").querySelector("label.filter input");
    field.value = "SLOWER";
    field.dispatchEvent(new Event("input"));
    const some = names(), said = table.closest("section").querySelector("output").textContent;
    field.value = "";
    field.dispatchEvent(new Event("input"));
    say({all, some: some.length, said, again: names().length});)js");
  const nlohmann::json seen = seen_in(browsed);
  EXPECT_EQ(seen["all"], 40);
  EXPECT_EQ(seen["some"], 13);
  EXPECT_EQ(seen["said"], "13 of 40");
  EXPECT_EQ(seen["again"], 40);
}

TEST_F(HtmlPageBrowser, IsWholeWithoutItsScript) {
  const std::string html = page_of(sweep_of(40));
  std::string unscripted = html;
  unscripted.replace(unscripted.find(page_script()), page_script().size(), "");
  const Browsed browsed = probe(unscripted, std::string(kSay) + R"js(
    say({rows: names().length, buttons: document.querySelectorAll("button, input").length});)js");
  EXPECT_EQ(seen_in(browsed)["rows"], 40);
  EXPECT_EQ(seen_in(browsed)["buttons"], 0);  // nothing that would do nothing
}

TEST_F(HtmlPageBrowser, RunsNoScriptButItsOwn) {
  std::string html = page_of(sweep_of(3));
  html.insert(html.find("<main"),
              "<script>document.title = 'broken'</script><img src=\"x\" "
              "onerror=\"document.title='broken'\">"
              "<img src=\"http://127.0.0.1:9/x.png\">");
  const Browsed browsed = probe(html, std::string(kSay) + "say({title: document.title});");
  ASSERT_TRUE(seen_in(browsed).is_object()) << browsed.log;
  EXPECT_NE(seen_in(browsed)["title"], "broken");
  EXPECT_THAT(browsed.log, HasSubstr("Content Security Policy"));
}

TEST_F(HtmlPageBrowser, CanBeUsedWithoutEyesOrMouse) {
  const Browsed browsed = probe(page_of(sweep_of(40)), std::string(kSay) + R"js(
    const levels = [...document.querySelectorAll("h1, h2, h3")].map((h) => Number(h.tagName[1]));
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    const named = (e) => (e.getAttribute("aria-labelledby") ?? "").split(" ").every((id) => document.getElementById(id));
    say({
      first: levels[0], ones: levels.filter((l) => l === 1).length,
      jumps: levels.filter((l, i) => i > 0 && l > levels[i - 1] + 1).length,
      landmarks: ["header", "nav", "main", "footer"].map((n) => document.querySelectorAll("body > " + n + ", header > " + n).length),
      twice: ids.filter((id, i) => ids.indexOf(id) !== i),
      tables: [...document.querySelectorAll("table")].filter((t) => !t.caption || t.querySelector("th:not([scope])")).length,
      pictures: [...document.querySelectorAll("svg:not([aria-hidden])")].filter((s) => s.getAttribute("role") !== "img" || !named(s) || !s.querySelector("title").textContent).length,
      skip: document.querySelector("a.skip").getAttribute("href"),
      unnamed: [...document.querySelectorAll("section, .scroll")].filter((s) => !named(s)).length,
      lang: document.documentElement.lang,
    });)js");
  EXPECT_EQ(seen_in(browsed),
            nlohmann::json::parse(
                R"js({"first":1,"ones":1,"jumps":0,"landmarks":[1,1,1,1],"twice":[],"tables":0,
              "pictures":0,"skip":"#content","unnamed":0,"lang":"en"})js"));
}

// Contrast as WCAG 2.2 has it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio), of all text there is.
TEST_F(HtmlPageBrowser, CanBeReadInLightAndDark) {
  const std::string script = std::string(kSay) + R"js(
    const parse = (c) => { const n = c.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const back = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
    let worst = 99, where = "";
    for (const e of document.querySelectorAll("body *:not(script):not(svg *)")) {
      if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
      const [a, b] = [light(parse(getComputedStyle(e).color)), light(back(e))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < worst) { worst = ratio; where = e.outerHTML.slice(0, 80); }
    }
    say({worst, where, page: light(parse(getComputedStyle(document.body).backgroundColor)),
         picture: getComputedStyle(document.querySelector(".plot svg")).filter});)js";
  const Browsed light = probe(page_of(sweep_of(3)), script, {kLight});
  const Browsed dark = probe(page_of(sweep_of(3)), script, {kDark});
  nlohmann::json by_day = seen_in(light);
  nlohmann::json by_night = seen_in(dark);
  ASSERT_TRUE(by_day.is_object()) << light.log;
  ASSERT_TRUE(by_night.is_object()) << dark.log;
  EXPECT_GE(by_day["worst"], 4.5) << by_day.dump();
  EXPECT_GE(by_night["worst"], 4.5) << by_night.dump();
  EXPECT_GT(by_day["page"], 0.8);
  EXPECT_LT(by_night["page"], 0.1);
  EXPECT_EQ(by_day["picture"], "none");
  EXPECT_NE(by_night["picture"], "none");  // dark on light turned into light on dark
}

TEST_F(HtmlPageBrowser, LeavesScreenshotsToLookAt) {
  std::filesystem::create_directories(FUSESWEEP_SCREENSHOTS);
  const struct {
    const char* name;
    int splits;
    const char* scheme;
  } rows[] = {{"3-light", 3, kLight}, {"3-dark", 3, kDark}, {"40-light", 40, kLight}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::filesystem::path picture =
        std::filesystem::path(FUSESWEEP_SCREENSHOTS) / (std::string(row.name) + ".png");
    std::filesystem::remove(picture);
    const Browsed browsed =
        browse({"--window-size=1180,3200", row.scheme, "--screenshot=" + picture.string()},
               write_page(page_of(sweep_of(row.splits))));
    EXPECT_EQ(browsed.exit_code, 0) << browsed.log;
    EXPECT_TRUE(read_file(picture, 1U << 26U).value_or("").starts_with("\x89PNG"));
  }
}

}  // namespace
}  // namespace fusesweep
