set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'No answer: every split is disqualified' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · EMULATED, no property of the' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 3
set lmargin 10
set rmargin 3
set errorbars 0
} else {
set label 1 'No answer: every split is disqualified' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 4.2
set lmargin 9
set rmargin 3
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
set xlabel 'decode tokens per second (higher is better)' noenhanced
set yrange [1.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '24+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 0 left offset character 1, 0 noenhanced
  set label 102 '16+16' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 103 'out: build of [16,32): the compiler died' at graph 0, first 1 left offset character 1, 0 noenhanced
} else {
  set label 100 '24+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 101 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 0 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
  set label 102 '16+16' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 103 'out: build of [16,32): the compiler died' at graph 0, first 1 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
unset key
unset xtics
unset xlabel
set xrange [0:1]
plot NaN notitle
