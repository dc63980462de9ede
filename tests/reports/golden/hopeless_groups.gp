set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'No time by layer group: No answer: every split is disqualified' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · EMULATED, no property of the' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 6
set lmargin 11
set rmargin 4
set errorbars 0
} else {
set label 1 'No time by layer group: No answer: every split is disqualified' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 10
set rmargin 4
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'milliseconds per token (lower is better); numbers: layers of a shard' noenhanced
unset key
unset tics
unset border
unset xlabel
unset ylabel
set label 30 'No split has figures by layer group.' at graph 0.5, graph 0.5 center noenhanced
set xrange [0:1]
set yrange [0:1]
plot NaN notitle
