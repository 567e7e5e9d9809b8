# map_plot.gp - who wins, and by how much, over two keys. Cells are drawn by their number, so that
# one picture serves even and logarithmic axes; the black line is where both sides cost the same.
#
# `gnuplot map_plot.gp` draws map_plot.png and map_plot.svg from map_plot.csv and map_plot.set.
# Colours and fonts stand in common.gp, words and ranges in map_plot.set.
if (!exists('name')) name = 'map_plot'

do for [picture in 'png svg'] {
    load 'map_plot.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    set xrange [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    set xlabel x_title offset 0,-0.2
    set ylabel y_title offset -2.5,0
    unset grid

    # Colours diverge from zero, where both sides cost the same; too close to call is yellow, cells
    # in which a side has no bill are grey.
    white = '#f7f7f7'
    yellow = '#F0E442'
    set palette maxcolors 512 defined (-most blue, -close white, -close yellow, close yellow, close white, most orange)
    set cbrange [-most:most]
    set colorbox user origin screen 0.862, screen 0.14 size screen 0.018, screen 0.62
    set cbtics ()
    set for [i=1:cbtic_n] cbtics add (cbtic_text[i] cbtic_at[i] cbtic_minor[i])
    set object 1 rect from graph 0,0 to graph 1,1 behind fc rgb '#b0b0b0' fs solid noborder
    set label 'this build cheaper' at screen across(1207), screen 0.79 left font bold(11) tc rgb orange front
    set label 'buying cheaper' at screen across(1207), screen 0.105 left font bold(11) tc rgb blue front

    # The plan: a white disc with a black ring, and its name to that side where there is room.
    set for [i=1:plan_n] label '' at plan_x[i], plan_y[i] point pt 7 ps 2.2 lc rgb '#ffffff' front
    set for [i=1:plan_n] label '' at plan_x[i], plan_y[i] point pt 6 ps 2.2 lw 3 lc rgb black front
    set for [i=1:before_n] label before_text[i] at screen before_x[i], screen before_y[i] right \
        font bold(12) tc rgb black front
    set for [i=1:behind_n] label behind_text[i] at screen behind_x[i], screen behind_y[i] left \
        font bold(12) tc rgb black front

    set style fill solid 1 noborder
    plot 'map_plot.csv' using 'i':'j':(column('winner') == 2 ? NaN : column('saving_share')) with image pixels, \
         $frontier using 1:2 with lines lw 3 lc rgb '#111111'
}
unset output
