# common.gp - what all pictures share: the page, fonts, colours, dashes.
#
# Every NAME.gp reads its NAME.set, which holds what the data decide, and then this file, once for
# each kind of picture. Change a colour, a font or a dash here, type `gnuplot NAME.gp`, and the
# picture is drawn again. Places of labels are worked out for a page of 1400 x 900 pixels and for
# DejaVu Sans; another size scales them.
reset
set encoding utf8
page_width = 1400.0
page_height = 900.0
face = 'DejaVu Sans'

if (picture eq 'png') {
    set terminal pngcairo noenhanced size page_width,page_height font face.',12'
} else {
    set terminal svg noenhanced size page_width,page_height font face.',12' fontscale 1.333 background '#ffffff'
}
set output name.'.'.picture

# Pixels as parts of the page, and fonts by their points.
across(pixels) = pixels / page_width
up(pixels) = pixels / page_height
plain(points) = sprintf('%s,%g', face, points)
bold(points) = sprintf('%s:Bold,%g', face, points)

# Okabe and Ito's colours, told apart by the colour-blind; dashes tell the same in grey.
blue = '#0072B2'
green = '#009E73'
orange = '#D55E00'
black = '#222222'
dark = '#444444'
grey = '#666666'
pale = '#888888'
purple = '#CC79A7'
colour(of) = of eq 'buy' ? blue : of eq 'same' ? green : of eq 'build' ? orange \
           : of eq 'napkin' ? '#777777' : purple

BUY = 1; SAME = 2; BUILD = 3; NAPKIN = 4; OVER_LIMIT = 5; PLAN = 6; LATER = 7
set style line BUY lc rgb colour('buy') dt (16,5) lw 2.6
set style line SAME lc rgb colour('same') dt (7,4,2,4) lw 2.4
set style line BUILD lc rgb colour('build') dt solid lw 3.4
set style line NAPKIN lc rgb colour('napkin') dt (2,4) lw 2.2
set style line OVER_LIMIT lc rgb pale dt (4,4) lw 2.4
set style line LATER lc rgb purple dt (10,4) lw 2.8
set style line PLAN lc rgb dark dt (6,5) lw 1.2
style(of) = of eq 'buy' ? BUY : of eq 'same' ? SAME : of eq 'build' ? BUILD \
          : of eq 'napkin' ? NAPKIN : of eq 'buy_over_limit' ? OVER_LIMIT : LATER

# Axes and bands.
set datafile separator ','
unset key
set border 3 lw 1.2 lc rgb '#555555'
set tics nomirror out scale 0.7, 0.35
set grid xtics ytics lt 1 dt solid lw 0.7 lc rgb '#e4e4e4'
set style fill transparent solid 0.16 noborder

# The page: what was found, what is drawn, and below what it comes from.
set for [i=1:title_n] label title_text[i] at screen across(42), screen title_y[i] left \
    font bold(18) tc rgb black front
set for [i=1:subtitle_n] label subtitle_text[i] at screen across(42), screen subtitle_y[i] left \
    font plain(11.5) tc rgb grey front
set label source at screen across(42), screen up(22) left font plain(10) tc rgb grey front
