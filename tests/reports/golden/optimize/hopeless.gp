set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'No answer: no split is left of which every segment may be used' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano on cpu · 0 measured, 0 predicted, 528 excluded · EMULATED, no property' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 4
set lmargin 9
set rmargin 13
set errorbars 0
} else {
set label 1 'No answer: no split is left of which every segment may be used' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano on cpu · 0 measured, 0 predicted, 528 excluded · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 5.5
set lmargin 8
set rmargin 13
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 1 }
set xlabel 'first layer of the segment' noenhanced
set ylabel 'layers in it' noenhanced
set xrange [-0.5:31.5]
set yrange [0.5:32.5]
unset grid
unset colorbox
$measured << EOD
EOD
$predicted << EOD
EOD
$excluded << EOD
0 16.5 -0.5 0.5 0.5 32.5
1 16 0.5 1.5 0.5 31.5
2 15.5 1.5 2.5 0.5 30.5
3 15 2.5 3.5 0.5 29.5
4 14.5 3.5 4.5 0.5 28.5
5 14 4.5 5.5 0.5 27.5
6 13.5 5.5 6.5 0.5 26.5
7 13 6.5 7.5 0.5 25.5
8 12.5 7.5 8.5 0.5 24.5
9 12 8.5 9.5 0.5 23.5
10 11.5 9.5 10.5 0.5 22.5
11 11 10.5 11.5 0.5 21.5
12 10.5 11.5 12.5 0.5 20.5
13 10 12.5 13.5 0.5 19.5
14 9.5 13.5 14.5 0.5 18.5
15 9 14.5 15.5 0.5 17.5
16 8.5 15.5 16.5 0.5 16.5
17 8 16.5 17.5 0.5 15.5
18 7.5 17.5 18.5 0.5 14.5
19 7 18.5 19.5 0.5 13.5
20 6.5 19.5 20.5 0.5 12.5
21 6 20.5 21.5 0.5 11.5
22 5.5 21.5 22.5 0.5 10.5
23 5 22.5 23.5 0.5 9.5
24 4.5 23.5 24.5 0.5 8.5
25 4 24.5 25.5 0.5 7.5
26 3.5 25.5 26.5 0.5 6.5
27 3 26.5 27.5 0.5 5.5
28 2.5 27.5 28.5 0.5 4.5
29 2 28.5 29.5 0.5 3.5
30 1.5 29.5 30.5 0.5 2.5
31 1 30.5 31.5 0.5 1.5
EOD
$each_excluded << EOD
0 1
0 2
0 3
0 4
0 5
0 6
0 7
0 8
0 9
0 10
0 11
0 12
0 13
0 14
0 15
0 16
0 17
0 18
0 19
0 20
0 21
0 22
0 23
0 24
0 25
0 26
0 27
0 28
0 29
0 30
0 31
0 32
1 1
1 2
1 3
1 4
1 5
1 6
1 7
1 8
1 9
1 10
1 11
1 12
1 13
1 14
1 15
1 16
1 17
1 18
1 19
1 20
1 21
1 22
1 23
1 24
1 25
1 26
1 27
1 28
1 29
1 30
1 31
2 1
2 2
2 3
2 4
2 5
2 6
2 7
2 8
2 9
2 10
2 11
2 12
2 13
2 14
2 15
2 16
2 17
2 18
2 19
2 20
2 21
2 22
2 23
2 24
2 25
2 26
2 27
2 28
2 29
2 30
3 1
3 2
3 3
3 4
3 5
3 6
3 7
3 8
3 9
3 10
3 11
3 12
3 13
3 14
3 15
3 16
3 17
3 18
3 19
3 20
3 21
3 22
3 23
3 24
3 25
3 26
3 27
3 28
3 29
4 1
4 2
4 3
4 4
4 5
4 6
4 7
4 8
4 9
4 10
4 11
4 12
4 13
4 14
4 15
4 16
4 17
4 18
4 19
4 20
4 21
4 22
4 23
4 24
4 25
4 26
4 27
4 28
5 1
5 2
5 3
5 4
5 5
5 6
5 7
5 8
5 9
5 10
5 11
5 12
5 13
5 14
5 15
5 16
5 17
5 18
5 19
5 20
5 21
5 22
5 23
5 24
5 25
5 26
5 27
6 1
6 2
6 3
6 4
6 5
6 6
6 7
6 8
6 9
6 10
6 11
6 12
6 13
6 14
6 15
6 16
6 17
6 18
6 19
6 20
6 21
6 22
6 23
6 24
6 25
6 26
7 1
7 2
7 3
7 4
7 5
7 6
7 7
7 8
7 9
7 10
7 11
7 12
7 13
7 14
7 15
7 16
7 17
7 18
7 19
7 20
7 21
7 22
7 23
7 24
7 25
8 1
8 2
8 3
8 4
8 5
8 6
8 7
8 8
8 9
8 10
8 11
8 12
8 13
8 14
8 15
8 16
8 17
8 18
8 19
8 20
8 21
8 22
8 23
8 24
9 1
9 2
9 3
9 4
9 5
9 6
9 7
9 8
9 9
9 10
9 11
9 12
9 13
9 14
9 15
9 16
9 17
9 18
9 19
9 20
9 21
9 22
9 23
10 1
10 2
10 3
10 4
10 5
10 6
10 7
10 8
10 9
10 10
10 11
10 12
10 13
10 14
10 15
10 16
10 17
10 18
10 19
10 20
10 21
10 22
11 1
11 2
11 3
11 4
11 5
11 6
11 7
11 8
11 9
11 10
11 11
11 12
11 13
11 14
11 15
11 16
11 17
11 18
11 19
11 20
11 21
12 1
12 2
12 3
12 4
12 5
12 6
12 7
12 8
12 9
12 10
12 11
12 12
12 13
12 14
12 15
12 16
12 17
12 18
12 19
12 20
13 1
13 2
13 3
13 4
13 5
13 6
13 7
13 8
13 9
13 10
13 11
13 12
13 13
13 14
13 15
13 16
13 17
13 18
13 19
14 1
14 2
14 3
14 4
14 5
14 6
14 7
14 8
14 9
14 10
14 11
14 12
14 13
14 14
14 15
14 16
14 17
14 18
15 1
15 2
15 3
15 4
15 5
15 6
15 7
15 8
15 9
15 10
15 11
15 12
15 13
15 14
15 15
15 16
15 17
16 1
16 2
16 3
16 4
16 5
16 6
16 7
16 8
16 9
16 10
16 11
16 12
16 13
16 14
16 15
16 16
17 1
17 2
17 3
17 4
17 5
17 6
17 7
17 8
17 9
17 10
17 11
17 12
17 13
17 14
17 15
18 1
18 2
18 3
18 4
18 5
18 6
18 7
18 8
18 9
18 10
18 11
18 12
18 13
18 14
19 1
19 2
19 3
19 4
19 5
19 6
19 7
19 8
19 9
19 10
19 11
19 12
19 13
20 1
20 2
20 3
20 4
20 5
20 6
20 7
20 8
20 9
20 10
20 11
20 12
21 1
21 2
21 3
21 4
21 5
21 6
21 7
21 8
21 9
21 10
21 11
22 1
22 2
22 3
22 4
22 5
22 6
22 7
22 8
22 9
22 10
23 1
23 2
23 3
23 4
23 5
23 6
23 7
23 8
23 9
24 1
24 2
24 3
24 4
24 5
24 6
24 7
24 8
25 1
25 2
25 3
25 4
25 5
25 6
25 7
26 1
26 2
26 3
26 4
26 5
26 6
27 1
27 2
27 3
27 4
27 5
28 1
28 2
28 3
28 4
29 1
29 2
29 3
30 1
30 2
31 1
EOD
$unknown << EOD
EOD
$path << EOD
EOD
if (is_text) {
  plot $each_excluded using 1:2 with points linetype 7 pointtype 'x' title 'excluded'
} else {
  plot $excluded using 1:2:3:4:5:6 with boxxyerror linecolor rgb '#1A1A1A' fillstyle pattern 5 noborder notitle, \
       NaN with boxes linecolor rgb '#1A1A1A' fillstyle pattern 5 title 'excluded'
}
