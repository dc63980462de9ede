#include "runners/coreml/plan_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PlannedOperation on(std::string place, std::string operator_name, double cost = 0.25) {
  return {.name = "o",
          .operator_name = std::move(operator_name),
          .preferred = place,
          .supported = {"cpu", place},
          .cost = cost};
}

PlannedOperation undetermined(std::string operator_name) {
  return {.name = "o", .operator_name = std::move(operator_name)};
}

TEST(DeviceClassification, KnowsAppleClassesAndNamesOthers) {
  EXPECT_EQ(place_of_device("MLNeuralEngineComputeDevice"), "ane");
  EXPECT_EQ(place_of_device("MLGPUComputeDevice"), "gpu");
  EXPECT_EQ(place_of_device("MLCPUComputeDevice"), "cpu");
  EXPECT_EQ(place_of_device("MLQuantumDevice"), "MLQuantumDevice");
}

TEST(PlanCounts, AreStrictlyResidentOnlyWhenEveryOperationIs) {
  const struct {
    const char* name;
    std::vector<PlannedOperation> operations;
    ResidentCount conv;
    ResidentCount compute;
    std::optional<bool> resident;
  } kRows[] = {
      {"all on the engine",
       {on("ane", "ios18.conv"), on("ane", "ios18.add")},
       {1, 1},
       {2, 2},
       true},
      {"one elsewhere", {on("ane", "ios18.conv"), on("cpu", "ios18.add")}, {1, 1}, {2, 1}, false},
      {"a convolution elsewhere", {on("gpu", "conv"), on("ane", "add")}, {1, 0}, {2, 1}, false},
      {"const and constexpr are not compute",
       {on("cpu", "ios18.const"), on("cpu", "ios18.constexpr_blockwise_shift_scale"),
        on("cpu", "ios16.constexpr_affine_dequantize"), undetermined("const"),
        on("ane", "ios17.conv")},
       {1, 1},
       {1, 1},
       true},
      {"what is not told is not counted",
       {on("ane", "ios18.conv"), undetermined("ios18.read_state")},
       {1, 1},
       {1, 1},
       true},
      {"a convolution that is not told is not resident",
       {on("ane", "ios18.conv"), undetermined("ios18.conv")},
       {2, 1},
       {2, 1},
       false},
      {"no convolution says nothing", {on("ane", "ios18.add")}, {0, 0}, {1, 1}, false},
      {"nothing at all", {}, {0, 0}, {0, 0}, false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const Placement placement = count_plan(row.operations, "ane");
    EXPECT_EQ(placement.evidence, PlacementEvidence::kPlan);
    EXPECT_EQ(placement.conv, row.conv);
    EXPECT_EQ(placement.compute, row.compute);
    EXPECT_EQ(strictly_resident(placement), row.resident);
  }
}

TEST(PlanCounts, NameWhatIsNotToldApart) {
  const Placement placement = count_plan(
      {on("ane", "ios18.conv"), undetermined("ios18.read_state"), undetermined("read_state")},
      "ane");
  EXPECT_THAT(placement.kinds, ElementsAre(PlacedKind{"conv", "ane", "", 1},
                                           PlacedKind{"read_state", "undetermined", "", 2}));
  EXPECT_THAT(placement.non_resident, IsEmpty());
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("2 operations of which the plan does not say"),
                                           HasSubstr("1 of the cost")));
}

TEST(PlanCounts, SayWhyAnOperationIsElsewhere) {
  PlannedOperation preferred = on("cpu", "ios18.cast");
  preferred.supported = {"cpu", "gpu", "ane"};
  const Placement placement =
      count_plan({preferred, on("cpu", "ios18.topk"), undetermined("conv")}, "ane");
  ASSERT_EQ(placement.non_resident.size(), 3U);
  EXPECT_EQ(placement.non_resident[0].reason, "ane can run it, but the plan prefers cpu");
  EXPECT_EQ(placement.non_resident[1].reason, "only cpu, cpu can run it");
  EXPECT_EQ(placement.non_resident[2].reason, "the plan does not say where it runs");
  EXPECT_EQ(placement.non_resident[2].place, "undetermined");
}

TEST(PlanCounts, WeighTheCostOfWhatIsResident) {
  const Placement placement =
      count_plan({on("ane", "conv", 0.5), on("cpu", "add", 0.125), undetermined("mul")}, "ane");
  EXPECT_THAT(placement.notes.back(),
              HasSubstr("0.8 of the cost that the plan estimates is on ane"));
}

TEST(PlanCounts, TakeTextFromOutsideAsOneLine) {
  PlannedOperation hostile = on("cpu", "ios18.a\nb");
  hostile.name = "x\x1b[31m";
  const Placement placement = count_plan({hostile}, "ane");
  EXPECT_EQ(placement.kinds.front().type, "a\\nb");
  EXPECT_THAT(placement.non_resident.front().operation, testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace fusesweep
