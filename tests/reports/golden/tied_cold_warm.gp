set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'A cold start (load, first calls, first token) takes as long as 81 to 87 warm' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'tokens' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 6
set bmargin 7
set lmargin 23
set rmargin 3
set errorbars 0
} else {
set label 1 'A cold start (load, first calls, first token) takes as long as 81 to 87 warm tokens' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 22
set rmargin 3
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'milliseconds, logarithmic' noenhanced
set yrange [3.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '20+4+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 102 '12+12+6+2 (control)' at graph 0, first 2 right offset character -1, 0 noenhanced
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced
} else {
  set label 100 '20+4+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 1 rectangle from graph 0, first -0.5 to graph 1, first 0.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 2 rectangle from graph 0, first 0.5 to graph 1, first 1.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 102 '12+12+6+2 (control)' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 3 rectangle from graph 0, first 1.5 to graph 1, first 2.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
set logscale x
set xrange [5.399684658:812.16]
set format x '%g'
set xtics (10, 20, 50, 100, 200, 500)
$load << EOD
508.8 0
485.76 1
541.44 2
EOD
$activation << EOD
31.98 0
45.864 1
34.632 2
EOD
$ttft << EOD
130.5319769 0
127.6035743 1
136.8360656 2
EOD
$warm << EOD
8.099526988 0
8.123476848 1
8.196721311 2
EOD
$spans << EOD
8.099526988 0 500.700473 0
8.123476848 1 477.6365232 0
8.196721311 2 533.2432787 0
EOD
if (is_text) {
  plot $warm using 1:2 with points linetype 7 pointtype 'w' title 'a warm token', \
       $ttft using 1:2 with points linetype 7 pointtype 'T' title 'first token (TTFT, warm)', \
       $activation using 1:2 with points linetype 7 pointtype 'A' title 'first calls (activation)', \
       $load using 1:2 with points linetype 7 pointtype 'L' title 'loading'
} else {
  plot $spans using 1:2:3:4 with vectors nohead linecolor rgb '#B3B3B3' linewidth 1.5 notitle, \
       $warm using 1:2 with points pointtype 7 pointsize 1.5 linecolor rgb '#0072B2' linewidth 1.5 title 'a warm token', \
       $ttft using 1:2 with points pointtype 9 pointsize 1.5 linecolor rgb '#009E73' linewidth 1.5 title 'first token (TTFT, warm)', \
       $activation using 1:2 with points pointtype 5 pointsize 1.5 linecolor rgb '#E69F00' linewidth 1.5 title 'first calls (activation)', \
       $load using 1:2 with points pointtype 4 pointsize 1.5 linecolor rgb '#D55E00' linewidth 1.5 title 'loading'
}
