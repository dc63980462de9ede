set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'A delay of 1.4 % is found in 95 % of trials of 40 s (idle); equal arms told' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'apart in 0 of 400 trials' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'of 16+8+6+2; bars: Clopper and Pearson, 95 %' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 7
set lmargin 10
set rmargin 4
set errorbars 0
} else {
set label 1 'A delay of 1.4 % is found in 95 % of trials of 40 s (idle); equal arms told apart in 0 of 400 trials' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'of 16+8+6+2; bars: Clopper and Pearson, 95 %' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
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
set xlabel 'injected delay, % of a token (0: equal arms, false alarms)' noenhanced
set ylabel 'found, % of trials' noenhanced
set xrange [-0.25:5.25]
set yrange [-4:104]
set ytics 0,20,100
set arrow 1 from graph 0, first 95 to graph 1, first 95 nohead back dashtype 2 linecolor rgb '#6B6B6B'
$line0 << EOD
-0.03 0 0 3.621669265
0.47 17 10.226491 25.81754106
0.97 35 25.72937785 45.18493618
1.97 70 60.01853238 78.75935795
2.97 100 96.37833074 100
4.97 100 96.37833074 100
EOD
$line1 << EOD
-0.01 0 0 3.621669265
0.49 35 25.72937785 45.18493618
0.99 70 60.01853238 78.75935795
1.99 100 96.37833074 100
2.99 100 96.37833074 100
4.99 100 96.37833074 100
EOD
$line2 << EOD
0.01 0 0 3.621669265
0.51 8 3.517156252 15.15576359
1.01 17 10.226491 25.81754106
2.01 35 25.72937785 45.18493618
3.01 52 41.77897654 62.09945198
5.01 87 78.79593229 92.89269538
EOD
$line3 << EOD
0.03 0 0 3.621669265
0.53 17 10.226491 25.81754106
1.03 35 25.72937785 45.18493618
2.03 70 60.01853238 78.75935795
3.03 100 96.37833074 100
5.03 100 96.37833074 100
EOD
if (is_text) {
  plot $line0 using 1:2:3:4 with yerrorbars linetype 7 pointtype 'a' title '20 s, idle', \
       $line1 using 1:2:3:4 with yerrorbars linetype 7 pointtype 'b' title '40 s, idle', \
       $line2 using 1:2:3:4 with yerrorbars linetype 7 pointtype 'c' title '20 s, one core busy', \
       $line3 using 1:2:3:4 with yerrorbars linetype 7 pointtype 'd' title '40 s, one core busy'
} else {
  plot $line0 using 1:2 with lines linecolor rgb '#0072B2' linewidth 1.5 dashtype 1 notitle, \
       $line0 using 1:2:3:4 with yerrorbars pointtype 7 pointsize 1.2 linecolor rgb '#0072B2' linewidth 1.2 title '20 s, idle', \
       $line1 using 1:2 with lines linecolor rgb '#D55E00' linewidth 1.5 dashtype 1 notitle, \
       $line1 using 1:2:3:4 with yerrorbars pointtype 5 pointsize 1.2 linecolor rgb '#D55E00' linewidth 1.2 title '40 s, idle', \
       $line2 using 1:2 with lines linecolor rgb '#0072B2' linewidth 1.5 dashtype 2 notitle, \
       $line2 using 1:2:3:4 with yerrorbars pointtype 6 pointsize 1.2 linecolor rgb '#0072B2' linewidth 1.2 title '20 s, one core busy', \
       $line3 using 1:2 with lines linecolor rgb '#D55E00' linewidth 1.5 dashtype 2 notitle, \
       $line3 using 1:2:3:4 with yerrorbars pointtype 4 pointsize 1.2 linecolor rgb '#D55E00' linewidth 1.2 title '40 s, one core busy'
}
