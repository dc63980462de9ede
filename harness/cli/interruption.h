// Ctrl-C, for commands that end what they are at before they end themselves: the first one asks them
// to, and says so to who watches; the second one ends the program at once.
#pragma once

namespace fusesweep {

// From here on, until the end of the program.
void watch_for_interruption();

bool is_interrupted();

}  // namespace fusesweep
