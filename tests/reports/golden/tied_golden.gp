set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '25 of 25 comparisons of outputs passed; the largest error is 88 % of its' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'limit' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 6
set bmargin 7
set lmargin 11
set rmargin 4
set errorbars 0
} else {
set label 1 '25 of 25 comparisons of outputs passed; the largest error is 88 % of its limit' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
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
set xlabel 'layers behind the output' noenhanced
set logscale y
set format y '%.0e'
set xrange [0:34.5]
set xtics ('12' 12, '16' 16, '20' 20, '24' 24, '30' 30, '32' 32, 'head' 33.5)
$l2_golden_quality << EOD
12 0.048
16 0.064
20 0.08
24 0.016
24 0.032
24 0.048
30 0.024
32 0.008
EOD
$l2_error_budget << EOD
12 0.0024
16 0.0032
20 0.004
24 0.0036
24 0.004
24 0.0044
30 0.0042
32 0.0044
EOD
$l2_golden_fidelity << EOD
12 0.0024
16 0.0032
20 0.004
24 0.0008
24 0.0016
24 0.0024
30 0.0012
32 0.0004
33.5 0.0004
EOD
$l2_local << EOD
12 0.0024
16 0.0032
20 0.004
24 0.0008
24 0.0016
24 0.0024
30 0.0012
32 0.0004
EOD
$cosine_golden_quality << EOD
12 0.001152
16 0.002048
20 0.0032
24 0.000128
24 0.000512
24 0.001152
30 0.000288
32 3.2e-05
EOD
$cosine_error_budget << EOD
EOD
$cosine_golden_fidelity << EOD
12 2.88e-06
16 5.12e-06
20 8e-06
24 3.200000001e-07
24 1.28e-06
24 2.88e-06
30 7.2e-07
32 7.999999996e-08
33.5 7.999999996e-08
EOD
$cosine_local << EOD
EOD
if (!is_text) {
set multiplot
set bmargin at screen 0.54
unset xlabel
set key at screen 0.5, screen 0.01 center bottom horizontal
}
set ylabel 'relative L2 (lower is better)' noenhanced
set yrange [0.0001:1]
if (is_text) {
  plot $l2_golden_quality using 1:2 with points linetype 7 pointtype 'Q' title 'shard, to original weights, limit 0.15', \
       [0:34.5] 0.15 with lines linetype 7 notitle, \
       $l2_error_budget using 1:2 with points linetype 7 pointtype 'C' title 'chain up to here, limit 0.005', \
       [0:34.5] 0.005 with lines linetype 7 notitle, \
       $l2_golden_fidelity using 1:2 with points linetype 7 pointtype 'F' title 'shard, to rounded weights, limit 0.005', \
       [0:34.5] 0.005 with lines linetype 7 notitle, \
       $l2_local using 1:2 with points linetype 7 pointtype 'f' title 'its own part in the chain'
} else {
  plot $l2_golden_quality using 1:2 with points pointtype 13 pointsize 1.2 linecolor rgb '#E69F00' linewidth 1.5 title 'shard, to original weights, limit 0.15', \
       [0:34.5] 0.15 with lines linecolor rgb '#E69F00' linewidth 1.5 dashtype 2 notitle, \
       $l2_error_budget using 1:2 with points pointtype 9 pointsize 1.2 linecolor rgb '#009E73' linewidth 1.5 title 'chain up to here, limit 0.005', \
       [0:34.5] 0.005 with lines linecolor rgb '#009E73' linewidth 1.5 dashtype 2 notitle, \
       $l2_golden_fidelity using 1:2 with points pointtype 7 pointsize 1.2 linecolor rgb '#0072B2' linewidth 1.5 title 'shard, to rounded weights, limit 0.005', \
       [0:34.5] 0.005 with lines linecolor rgb '#0072B2' linewidth 1.5 dashtype 2 notitle, \
       $l2_local using 1:2 with points pointtype 6 pointsize 1.8 linecolor rgb '#0072B2' linewidth 1.5 title 'its own part in the chain'
}
if (!is_text) {
do for [i=1:30] { unset label i }
set tmargin at screen 0.49
set bmargin at screen 0.14
unset key
set xlabel 'layers behind the output' noenhanced
set ylabel '1 - cosine (lower is better)' noenhanced
set yrange [1e-08:0.01]
if (is_text) {
  plot $cosine_golden_quality using 1:2 with points linetype 7 pointtype 'Q' title 'shard, to original weights, limit 0.005', \
       [0:34.5] 0.005 with lines linetype 7 notitle, \
       $cosine_golden_fidelity using 1:2 with points linetype 7 pointtype 'F' title 'shard, to rounded weights, limit 0.005', \
       [0:34.5] 0.005 with lines linetype 7 notitle
} else {
  plot $cosine_golden_quality using 1:2 with points pointtype 13 pointsize 1.2 linecolor rgb '#E69F00' linewidth 1.5 title 'shard, to original weights, limit 0.005', \
       [0:34.5] 0.005 with lines linecolor rgb '#E69F00' linewidth 1.5 dashtype 2 notitle, \
       $cosine_golden_fidelity using 1:2 with points pointtype 7 pointsize 1.2 linecolor rgb '#0072B2' linewidth 1.5 title 'shard, to rounded weights, limit 0.005', \
       [0:34.5] 0.005 with lines linecolor rgb '#0072B2' linewidth 1.5 dashtype 2 notitle
}
unset multiplot
}
