set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '20+4+6+2 is the fastest: 128.1 tok/s, 4.1 % ahead of the next; 24+6+2 is not' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'resident' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 6
set bmargin 6
set lmargin 23
set rmargin 3
set errorbars 0
} else {
set label 1 '20+4+6+2 is the fastest: 128.1 tok/s, 4.1 % ahead of the next; 24+6+2 is not resident' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
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
set xlabel 'decode tokens per second (higher is better)' noenhanced
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
  set label 102 '12+12+6+2 (control)' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
$tied << EOD
128.1 0 126.2442101 130.0111641
EOD
$other << EOD
123.1 1 121.26463 124.9917813
122 2 122 122
EOD
$processes << EOD
127.300656 -0.2
128.56116 0
126.71652 0.2
127.977024 -0.1
129.237528 0.1
127.392888 -0.2
128.653392 0
126.808752 0.2
128.069256 -0.1
129.32976 0.1
127.48512 -0.2
128.745624 0
121.977328 0.8
123.188632 1
124.399936 1.2
122.627296 0.9
123.8386 1.1
122.06596 0.8
123.277264 1
124.488568 1.2
122.715928 0.9
123.927232 1.1
122.154592 0.8
123.365896 1
121.73648 1.8
122.93696 2
121.18016 2.2
122.38064 1.9
120.62384 2.1
121.82432 1.8
123.0248 2
121.268 2.2
122.46848 1.9
120.71168 2.1
121.91216 1.8
123.11264 2
EOD
$recorded << EOD
EOD
$old << EOD
EOD
set xrange [120.0606006:130.5744036]
if (!is_text) { set arrow 1 from first 122, graph 0 to first 122, graph 1 nohead back linewidth 1 dashtype 2 linecolor rgb '#6B6B6B' }
if (is_text) {
  plot $processes using 1:2 with points linetype 7 pointtype '.' title 'one process each', \
       $other using 1:2:3:4 with xerrorbars linetype 7 pointtype 'o' title 'not in the tie; 99.9 % interval', \
       $tied using 1:2:3:4 with xerrorbars linetype 7 pointtype '*' title 'the fastest'
} else {
  plot $processes using 1:2 with points pointtype 6 pointsize 0.6 linecolor rgb '#6B6B6B' title 'one process each', \
       $other using 1:2:3:4 with xerrorbars pointtype 5 pointsize 1.1 linecolor rgb '#D55E00' linewidth 1.5 title 'not in the tie; 99.9 % interval', \
       $tied using 1:2:3:4 with xerrorbars pointtype 7 pointsize 1.4 linecolor rgb '#0072B2' linewidth 2 title 'the fastest'
}
