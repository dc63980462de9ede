set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'tiled prompt: T=4 is 1.50 times as fast as greedy decoding (faster)' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'of 16+8+6+2, exact on 20 prompts; bars: 99.9 %, simultaneous · EMULATED, no' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'property of the device: residency' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 6
set lmargin 10
set rmargin 4
set errorbars 0
} else {
set label 1 'tiled prompt: T=4 is 1.50 times as fast as greedy decoding (faster)' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'of 16+8+6+2, exact on 20 prompts; bars: 99.9 %, simultaneous · EMULATED, no property of the device: residency' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 9
set rmargin 4
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'tokens a call, T' noenhanced
set ylabel 'times greedy decoding' noenhanced
set xrange [1:17]
set xtics 2,2,16
set yrange [0:2.816]
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead back dashtype 2 linecolor rgb '#6B6B6B'
$bounds << EOD
2 1.684210526
4 2.56
EOD
$passes << EOD
2 1.666666667
4 2.5
EOD
$speeds << EOD
2 1.25 1.2 1.3
4 1.5 1.4 1.6
EOD
if (is_text) {
  plot $bounds using 1:2 with points linetype 7 pointtype 's' title 'tokens per pass, simulated', \
       $passes using 1:2 with points linetype 7 pointtype 'p' title 'tokens per pass', \
       $speeds using 1:2:3:4 with yerrorbars linetype 7 pointtype 'o' title 'speed-up'
} else {
  plot $bounds using 1:2 with points pointtype 6 pointsize 2.2 linecolor rgb '#E69F00' linewidth 1.5 title 'tokens per pass, simulated', \
       $passes using 1:2 with points pointtype 9 pointsize 1.2 linecolor rgb '#009E73' title 'tokens per pass', \
       $speeds using 1:2:3:4 with yerrorbars pointtype 7 pointsize 1.2 linecolor rgb '#0072B2' linewidth 1.5 title 'speed-up'
}
