#include "reports/sweep_pictures.h"

namespace fusesweep {

SweepPictures draw_pictures(const SweepRows&) { return {.not_drawn = "this build has no plots"}; }

}  // namespace fusesweep
